/** A reading of the server's clock, and the local monotonic times around it. */
interface Reading {
  offsetMs: number;
  uncertaintyMs: number;
  takenAt: number;
}

// The local oscillator drifts: an old reading loses a little trust with time (50 ppm is a poor crystal).
const DRIFT = 50e-6;
// An event carries no round trip: it may have been this long on its way.
const ONE_WAY_UNCERTAINTY_MS = 300;

/**
 * The server's time as far as this page can know it: the monotonic local clock plus the offset of the best
 * reading so far. The wall clock of the machine is never used, it may be wrong or jump.
 */
export class ServerClock {
  private best: Reading | undefined;

  constructor(private readonly monotonic: () => number = () => performance.now()) {}

  /** Takes the `server_time_ms` of an answer, with the monotonic times at which it was asked and received. */
  sampleRoundTrip(serverMs: number, sentAt: number, receivedAt: number): void {
    const uncertaintyMs = Math.max(0, receivedAt - sentAt) / 2;
    this.take({ offsetMs: serverMs - (sentAt + uncertaintyMs), uncertaintyMs, takenAt: receivedAt });
  }

  /** Takes the `Date` header of an answer: whole seconds, cut off, so half a second is added and not trusted. */
  sampleDateHeader(date: string, sentAt: number, receivedAt: number): void {
    const trip = Math.max(0, receivedAt - sentAt) / 2;
    const offsetMs = Date.parse(date) + 500 - (sentAt + trip);
    this.take({ offsetMs, uncertaintyMs: trip + 500, takenAt: receivedAt });
  }

  /** Takes the `server_time_ms` of an event that the server sent by itself. */
  sampleOneWay(serverMs: number): void {
    const now = this.monotonic();
    this.take({ offsetMs: serverMs - now, uncertaintyMs: ONE_WAY_UNCERTAINTY_MS, takenAt: now });
  }

  /** Epoch milliseconds on the server, or undefined while the server has said nothing. */
  now(): number | undefined {
    return this.best && this.monotonic() + this.best.offsetMs;
  }

  private take(reading: Reading): void {
    if (!Number.isFinite(reading.offsetMs)) return;
    const age = this.best ? this.monotonic() - this.best.takenAt : 0;
    if (!this.best || reading.uncertaintyMs <= this.best.uncertaintyMs + age * DRIFT) this.best = reading;
  }
}

/** The one clock of the page. */
export const serverClock = new ServerClock();

/** Runs a request and learns the server's time from the `server_time_ms` of its answer. */
export async function timed<T>(request: () => Promise<T>, serverTimeMs: (answer: T) => number | undefined): Promise<T> {
  const sentAt = performance.now();
  const answer = await request();
  const serverMs = serverTimeMs(answer);
  if (serverMs !== undefined) serverClock.sampleRoundTrip(serverMs, sentAt, performance.now());
  return answer;
}
