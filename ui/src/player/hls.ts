import Hls from "hls.js/light";
import workerPath from "hls.js/dist/hls.worker.js?url";

export { Hls };

/**
 * hls.js as this product uses it. The distance to the live edge is the server's word (PART-HOLD-BACK, three parts);
 * what is tuned here is how the player comes back to it.
 */
export function createHls(): Hls {
  return new Hls({
    lowLatencyMode: true,
    // 15 % faster is not heard as a change of voice.
    maxLiveSyncPlaybackRate: 1.15,
    // A stall moves the target back a little, not by the whole second that is the default.
    liveSyncOnStallIncrease: 0.15,
    backBufferLength: 20,
    maxBufferLength: 12,
    // A file of our own instead of a blob, which the content security policy would refuse.
    workerPath,
    manifestLoadPolicy: {
      // Asking again is our own work, with its own backoff.
      default: {
        maxTimeToFirstByteMs: 8000,
        maxLoadTimeMs: 10_000,
        timeoutRetry: null,
        errorRetry: null,
      },
    },
  });
}
