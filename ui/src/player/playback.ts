import type Hls from "hls.js";
import type { ErrorData } from "hls.js";
import { backoffMs } from "../api/events";
import { serverClock } from "../api/clock";

/**
 * What the picture is doing: `waiting` for a playlist, `loading` its first frames, `playing`, `stalled` for want of
 * data, `lost` when that lasts, `paused` by the viewer, `blocked` until the viewer allows playback, or `unsupported` by
 * this browser.
 */
export type Phase = "waiting" | "loading" | "playing" | "stalled" | "lost" | "paused" | "blocked" | "unsupported";

export interface PlaybackState {
  phase: Phase;
  isMuted: boolean;
  /** Seconds between the live edge and the picture on screen. */
  latencyS: number | undefined;
}

type HlsModule = typeof import("./hls");

// A pause this long is no longer a hiccup: the viewer is told.
const STALL_MS_MAX = 3000;
const LATENCY_PERIOD_MS = 500;
// How late a waiting page may notice that a broadcast began; a refused playlist costs the server next to nothing.
const RETRY_MAX_MS = 5000;
// hls.js catches up by itself within about this distance; beyond it a jump is kinder than minutes of haste.
const CATCH_UP_DISTANCE_MAX_S = 3;
// hls.js keeps more distance after each stall and never less; after this long without one, the distance is the server's again.
const STALL_FORGIVEN_MS = 20_000;
// Two recoveries of the decoder in a row are worth trying; more would loop on a broken stream.
const MEDIA_RECOVERIES_MAX = 2;
// A difference beyond this is a wrong clock somewhere, not a latency.
const PLAUSIBLE_LATENCY_S = 60;

/**
 * Plays one live playlist in one video element and keeps trying: while there is nothing to play it asks again with
 * backoff, after errors it recovers or starts over, and it stays near the live edge. `hold` stops the asking.
 */
export class Playback {
  private hls: Hls | undefined;
  private attempt = 0;
  private generation = 0;
  private recoveries = 0;
  private stalledAt: number | undefined;
  private stall: ReturnType<typeof setTimeout> | undefined;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private readonly ticker: ReturnType<typeof setInterval>;
  private readonly listeners = new AbortController();
  private state: PlaybackState;
  private isHeld = true;
  private isAttached = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly url: string,
    private readonly onState: (state: PlaybackState) => void,
  ) {
    this.state = { phase: "waiting", isMuted: video.muted, latencyS: undefined };
    this.listen();
    this.ticker = setInterval(() => this.tick(), LATENCY_PERIOD_MS);
  }

  /** Begins to look for the picture, or looks again at once. Does nothing while a picture is there. */
  wake(): void {
    this.isHeld = false;
    if (this.isAttached) return;
    this.attempt = 0;
    void this.load();
  }

  /** Stops looking for a picture. What is on screen plays to its end. */
  hold(): void {
    this.isHeld = true;
    clearTimeout(this.retry);
  }

  /** Starts the picture on the viewer's word, at the live edge. */
  play(): void {
    this.jumpToLiveEdge();
    void this.startVideo();
  }

  /** Releases everything. */
  destroy(): void {
    this.hold();
    this.detach();
    clearTimeout(this.stall);
    clearInterval(this.ticker);
    this.listeners.abort();
  }

  private async load(): Promise<void> {
    clearTimeout(this.retry);
    this.detach();
    this.isAttached = true;
    const { generation } = this;
    const { Hls, createHls } = await import("./hls");
    if (generation !== this.generation) return;
    if (Hls.isSupported()) this.loadWithHls(Hls, createHls());
    else if (this.video.canPlayType("application/vnd.apple.mpegurl")) this.video.src = this.url;
    else this.update({ phase: "unsupported" });
  }

  private loadWithHls(module: HlsModule["Hls"], hls: Hls): void {
    this.hls = hls;
    hls.on(module.Events.MANIFEST_PARSED, () => {
      this.update({ phase: "loading" });
      hls.attachMedia(this.video);
    });
    hls.on(module.Events.LEVEL_LOADED, (_, { details }) => {
      // The last broadcast's playlist may stay readable for a while; only a running one is worth showing.
      if (!details.live && this.video.currentTime === 0) this.startOver();
    });
    hls.on(module.Events.FRAG_BUFFERED, () => (this.attempt = 0));
    hls.on(module.Events.ERROR, (_, error) => {
      if (error.details === module.ErrorDetails.BUFFER_STALLED_ERROR) this.stalledAt = performance.now();
      this.recover(module, hls, error);
    });
    hls.loadSource(this.url);
  }

  private recover(module: HlsModule["Hls"], hls: Hls, error: ErrorData): void {
    if (!error.fatal) return;
    if (error.type === module.ErrorTypes.MEDIA_ERROR && this.recoveries < MEDIA_RECOVERIES_MAX) {
      this.recoveries += 1;
      hls.recoverMediaError();
      void this.startVideo();
      return;
    }
    this.startOver();
  }

  // Leaves the broken or finished picture and asks again later.
  private startOver(): void {
    this.detach();
    this.update({ phase: "waiting", latencyS: undefined });
    if (this.isHeld) return;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => void this.load(), backoffMs(this.attempt, Math.random(), RETRY_MAX_MS));
    this.attempt += 1;
  }

  private detach(): void {
    this.isAttached = false;
    this.generation += 1;
    this.recoveries = 0;
    if (this.hls) {
      this.hls.destroy();
      this.hls = undefined;
    } else if (this.video.hasAttribute("src")) {
      this.video.removeAttribute("src");
      this.video.load();
    }
  }

  private listen(): void {
    const on = (event: string, listener: () => void) =>
      this.video.addEventListener(event, listener, { signal: this.listeners.signal });
    on("loadeddata", () => void this.startVideo());
    on("playing", () => this.update({ phase: "playing" }));
    on("waiting", () => this.stalled());
    on("pause", () => this.isAttached && !this.video.ended && this.update({ phase: "paused" }));
    on("volumechange", () => this.update({ isMuted: this.video.muted }));
    on("ended", () => this.startOver());
    on("error", () => {
      // With hls.js its own error event decides; this is the native path.
      if (!this.hls && this.isAttached) this.startOver();
    });
  }

  private stalled(): void {
    if (!this.isAttached) return;
    this.update({ phase: "stalled", latencyS: undefined });
    clearTimeout(this.stall);
    this.stall = setTimeout(() => {
      if (this.state.phase === "stalled") this.update({ phase: "lost" });
    }, STALL_MS_MAX);
  }

  private async startVideo(): Promise<void> {
    try {
      await this.video.play();
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError") return;
      if (this.video.muted) {
        this.update({ phase: "blocked" });
        return;
      }
      // Browsers let a silent picture start by itself; the viewer switches the sound on.
      this.video.muted = true;
      await this.startVideo();
    }
  }

  private tick(): void {
    if (this.state.phase !== "playing") return;
    this.forgiveStalls();
    const target = this.hls?.targetLatency ?? 0;
    const behind = this.behindEdge();
    if (behind !== undefined && target > 0 && behind - target > CATCH_UP_DISTANCE_MAX_S) this.jumpToLiveEdge();
    this.update({ latencyS: this.latency() });
  }

  private forgiveStalls(): void {
    if (this.stalledAt === undefined || performance.now() - this.stalledAt < STALL_FORGIVEN_MS) return;
    const details = this.hls?.latestLevelDetails;
    const distance = details?.partHoldBack || details?.holdBack;
    if (!this.hls || !distance) return;
    this.hls.targetLatency = distance;
    this.stalledAt = undefined;
  }

  private jumpToLiveEdge(): void {
    const position = this.hls?.liveSyncPosition;
    if (typeof position === "number" && position > this.video.currentTime) this.video.currentTime = position;
  }

  // The stream's own dates against the server's clock say the most; without them, the distance to the live edge.
  private latency(): number | undefined {
    const now = serverClock.now();
    const date = this.hls?.playingDate;
    if (now !== undefined && date) {
      const seconds = (now - date.getTime()) / 1000;
      if (seconds >= 0 && seconds < PLAUSIBLE_LATENCY_S) return seconds;
    }
    return this.behindEdge();
  }

  private behindEdge(): number | undefined {
    if (this.hls) return this.hls.latency > 0 ? this.hls.latency : undefined;
    const { seekable, currentTime } = this.video;
    return seekable.length > 0 ? Math.max(0, seekable.end(seekable.length - 1) - currentTime) : undefined;
  }

  private update(change: Partial<PlaybackState>): void {
    const next = { ...this.state, ...change };
    const isSame = (Object.keys(next) as (keyof PlaybackState)[]).every((key) => next[key] === this.state[key]);
    if (isSame) return;
    this.state = next;
    this.onState(next);
  }
}
