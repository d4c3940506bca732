import { reportLost } from "./reachability";
import { accessToken, refresh } from "./session";
import { type SseMessage, SseParser } from "./sse";
import { isRecord } from "./error";

/**
 * Something the server said on a topic: the snapshot at `seq`, or the event number `seq`. What has no number of its own,
 * such as presence, comes with the number of the event before it.
 */
export interface TopicEvent {
  kind: string;
  seq: number;
  data: Record<string, unknown>;
}

export interface TopicOptions {
  topic: string;
  onEvent: (event: TopicEvent) => void;
}

const VIEWER_KEY = "rostrum.viewer";
const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 15_000;
// The server says something at least every 20 s; a connection that is silent for longer is dead.
const SILENCE_MAX_MS = 35_000;

/** Waiting time before reconnect number `attempt` (from 0): doubling, capped, half of it by chance. */
export function backoffMs(attempt: number, random: number, maxMs = BACKOFF_MAX_MS): number {
  const full = Math.min(maxMs, BACKOFF_FIRST_MS * 2 ** attempt);
  return full / 2 + (full / 2) * random;
}

/**
 * Follows a topic until the returned function is called. Reconnects by itself and resumes after the last
 * number seen; a gap in the numbers asks for a new snapshot instead of guessing. A server that does not come
 * back is reported to the banner.
 */
export function followTopic(options: TopicOptions): () => void {
  const stop = new AbortController();
  void follow(options, stop.signal).finally(() => reportLost(options, false));
  return () => stop.abort();
}

async function follow(options: TopicOptions, stop: AbortSignal): Promise<void> {
  let after: number | undefined;
  let attempt = 0;
  const take = (message: SseMessage): boolean => {
    const event = toTopicEvent(message);
    if (!event) return true;
    attempt = 0;
    if (event.kind === "resume") {
      after = Number(event.data["after"] ?? after);
      return false;
    }
    if (!Number.isFinite(event.seq)) {
      if (after !== undefined) options.onEvent({ ...event, seq: after });
      return true;
    }
    if (event.kind !== "snapshot" && after !== undefined) {
      if (event.seq <= after) return true;
      if (event.seq > after + 1) {
        after = undefined;
        return false;
      }
    }
    after = event.seq;
    options.onEvent(event);
    return true;
  };
  const isStopped = () => stop.aborted;
  while (!isStopped()) {
    const outcome = await readOnce(options, after, stop, take).catch(() => "failed" as const);
    if (outcome === "gone") return;
    if (outcome === "again") {
      await pause(backoffMs(0, Math.random()), stop);
      continue;
    }
    if (outcome === "expired") await refresh().catch(() => false);
    if (isStopped()) return;
    // A stream that ends is usually back at once; only a second failure in a row is worth a word.
    if (attempt > 0) reportLost(options, true);
    await pause(backoffMs(attempt, Math.random()), stop);
    attempt += 1;
  }
}

type Outcome = "again" | "ended" | "expired" | "gone";

async function readOnce(
  options: TopicOptions,
  after: number | undefined,
  stop: AbortSignal,
  take: (message: SseMessage) => boolean,
): Promise<Outcome> {
  const connection = new AbortController();
  const abort = () => connection.abort();
  stop.addEventListener("abort", abort, { once: true });
  let watchdog = setTimeout(abort, SILENCE_MAX_MS);
  try {
    const query = new URLSearchParams({ topic: options.topic, viewer: viewerId(), ...(after === undefined ? {} : { after: String(after) }) });
    const token = await accessToken();
    const response = await fetch(`/api/events?${query.toString()}`, {
      headers: { accept: "text/event-stream", ...(token ? { authorization: `Bearer ${token}` } : {}) },
      signal: connection.signal,
      cache: "no-store",
    });
    if (response.status === 401) return "expired";
    // Not there, or not for this reader: asking again would not change the answer.
    if (response.status === 403 || response.status === 404) return "gone";
    if (!response.ok || !response.body) return "ended";
    reportLost(options, false);
    const parser = new SseParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return "ended";
      clearTimeout(watchdog);
      watchdog = setTimeout(abort, SILENCE_MAX_MS);
      if (!parser.push(value).every(take)) {
        connection.abort();
        return "again";
      }
    }
  } finally {
    clearTimeout(watchdog);
    stop.removeEventListener("abort", abort);
    connection.abort();
  }
}

// Counts one person with several tabs once. It names nobody and is forgotten with the browser's data.
function viewerId(): string {
  const known = localStorage.getItem(VIEWER_KEY);
  if (known !== null) return known;
  const fresh = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  localStorage.setItem(VIEWER_KEY, fresh);
  return fresh;
}

function toTopicEvent(message: SseMessage): TopicEvent | undefined {
  const data: unknown = JSON.parse(message.data);
  if (!isRecord(data)) return undefined;
  return { kind: message.event, seq: Number(message.id ?? data["seq"]), data };
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      stop.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    // No reason to wait once the network is back.
    window.addEventListener("online", done);
    stop.addEventListener("abort", done);
  });
}
