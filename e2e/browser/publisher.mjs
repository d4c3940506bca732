import { spawn } from "node:child_process";
import { once } from "node:events";
import { drawFrame, HEIGHT, WIDTH } from "./barcode.mjs";

const FRAME_RATE = 25;
const FRAME_MS = 1000 / FRAME_RATE;

/** Publishes frames that carry the wall clock, and a tone, to an RTMP address with ffmpeg. */
export class Publisher {
  #ffmpeg;
  #timer;
  #errors = "";

  constructor(url) {
    this.#ffmpeg = spawn(process.env.FFMPEG ?? "ffmpeg", [
      "-hide_banner", "-loglevel", "error",
      "-probesize", "32", "-analyzeduration", "0",
      "-f", "rawvideo", "-pixel_format", "gray", "-video_size", `${WIDTH}x${HEIGHT}`, "-framerate", String(FRAME_RATE), "-i", "pipe:0",
      "-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000",
      "-map", "0:v", "-map", "1:a",
      "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", String(FRAME_RATE * 2), "-b:v", "800k",
      "-c:a", "aac", "-b:a", "96k", "-flush_packets", "1", "-f", "flv", url,
    ], { stdio: ["pipe", "ignore", "pipe"] });
    this.ended = once(this.#ffmpeg, "close");
    this.#ffmpeg.stderr.on("data", (text) => (this.#errors += text));
    // The server ends the connection when the auction closes; the pipe then breaks, as it should.
    this.#ffmpeg.stdin.on("error", () => this.#stopFrames());
    const start = Date.now();
    let index = 0;
    this.#timer = setInterval(() => {
      // A late timer is made up for at once: the picture's time must not drift from the clock it shows.
      while (start + index * FRAME_MS <= Date.now()) {
        this.#ffmpeg.stdin.write(drawFrame(Date.now(), index));
        index += 1;
      }
    }, FRAME_MS / 4);
  }

  /** What ffmpeg complained about. */
  get errors() {
    return this.#errors;
  }

  /** Breaks off as a lost network does: without a word to the server. */
  async breakOff() {
    this.#stopFrames();
    this.#ffmpeg.kill("SIGKILL");
    await this.ended;
  }

  async stop() {
    this.#stopFrames();
    this.#ffmpeg.stdin.end();
    if (this.#ffmpeg.exitCode === null) this.#ffmpeg.kill("SIGINT");
    await this.ended;
  }

  #stopFrames() {
    clearInterval(this.#timer);
  }
}
