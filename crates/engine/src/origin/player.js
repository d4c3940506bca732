// Plays the stream of this page's own address: waits while it is offline, starts by itself, and waits again at its end.
"use strict";

const RETRY_MS = 2000;
const video = document.getElementById("video");
const state = document.getElementById("state");
const playlist = location.pathname + location.search;
const type = "application/vnd.apple.mpegurl";

async function wait() {
  for (;;) {
    try {
      const answer = await fetch(playlist, { headers: { accept: type }, method: "HEAD", cache: "no-store" });
      if (answer.ok) return;
      state.textContent = answer.status === 403 ? "Playback is not allowed." : "Waiting for the broadcaster…";
    } catch {
      state.textContent = "The server cannot be reached. Trying again…";
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

async function play() {
  await wait();
  state.textContent = "";
  video.src = playlist;
  // Browsers may want a click first; the controls offer it.
  video.play().catch(() => {});
}

function restart() {
  video.removeAttribute("src");
  play();
}

if (video.canPlayType(type)) {
  video.addEventListener("ended", restart);
  video.addEventListener("error", () => {
    if (video.hasAttribute("src")) restart();
  });
  play();
} else {
  state.textContent = "This browser cannot play HLS by itself. Open this address in a player such as VLC.";
}
