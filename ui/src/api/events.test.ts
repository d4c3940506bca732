import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { backoffMs, followTopic, type TopicEvent } from "./events";
import { isServerLost } from "./reachability";
import { signedOut } from "./session";

function memoryStorage() {
  const values = new Map<string, string>();
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => values.set(key, value),
    removeItem: (key: string) => values.delete(key),
  };
}

const message = (kind: string, seq: number) => `event: ${kind}\nid: ${seq}\ndata: {"seq":${seq}}\n\n`;

/** Answers the requests one after the other, then never again; returns the queries it was asked. */
function serve(...answers: (string | Response)[]) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (url: string) => {
    asked.push(url);
    const answer = answers.shift();
    if (answer === undefined) return new Promise(() => undefined);
    return Promise.resolve(typeof answer === "string" ? new Response(answer) : answer);
  });
  return asked;
}

async function follow(untilRequests: number, asked: string[]) {
  const events: TopicEvent[] = [];
  const stop = followTopic({ topic: "auction:1", onEvent: (event) => events.push(event) });
  for (let step = 0; step < 50 && asked.length < untilRequests; step += 1) await vi.advanceTimersByTimeAsync(1000);
  stop();
  return events.map(({ kind, seq }) => `${kind} ${seq}`);
}

const afterOf = (url: string | undefined) => new URL(url ?? "", "http://x").searchParams.get("after");

describe("followTopic", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("localStorage", memoryStorage());
    vi.stubGlobal("window", new EventTarget());
    signedOut();
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  it("resumes after the last number when the connection ends", async () => {
    const asked = serve(message("snapshot", 3) + message("video_update", 4), message("video_update", 5));
    expect(await follow(3, asked)).toEqual(["snapshot 3", "video_update 4", "video_update 5"]);
    expect(asked.map(afterOf)).toEqual([null, "4", "5"]);
  });

  it("asks for a snapshot when a number is missing, and drops what it has seen", async () => {
    const asked = serve(
      message("snapshot", 3) + message("video_update", 3) + message("video_update", 5),
      message("snapshot", 5),
    );
    expect(await follow(3, asked)).toEqual(["snapshot 3", "snapshot 5"]);
    expect(asked.map(afterOf)).toEqual([null, null, "5"]);
  });

  it("passes on what has no number, and resumes as if it had not come", async () => {
    const asked = serve(message("snapshot", 3) + 'event: presence\ndata: {"participant_count":2}\n\n', message("video_update", 4));
    expect(await follow(3, asked)).toEqual(["snapshot 3", "presence 3", "video_update 4"]);
    expect(asked.map(afterOf)).toEqual([null, "3", "4"]);
  });

  it("resumes where a lagging reader is told to", async () => {
    const asked = serve(message("snapshot", 3), 'event: resume\ndata: {"after":9}\n\n', message("video_update", 10));
    expect(await follow(4, asked)).toEqual(["snapshot 3", "video_update 10"]);
    expect(asked.map(afterOf)).toEqual([null, "3", "9", "10"]);
  });

  it("reports a server that stays away, and its return", async () => {
    const refused = () => new Response(null, { status: 502 });
    const asked = serve(message("snapshot", 3), refused(), refused());
    const stop = followTopic({ topic: "auction:1", onEvent: () => undefined });
    while (asked.length < 3) await vi.advanceTimersByTimeAsync(100);
    expect(isServerLost()).toBe(true);
    vi.stubGlobal("fetch", () => Promise.resolve(new Response(new ReadableStream())));
    await vi.advanceTimersByTimeAsync(16_000);
    expect(isServerLost()).toBe(false);
    stop();
  });

  it("stops asking for a topic that is not there", async () => {
    const asked = serve(new Response(null, { status: 404 }), message("snapshot", 1));
    expect(await follow(2, asked)).toEqual([]);
    expect(asked).toHaveLength(1);
  });
});

describe("backoffMs", () => {
  it("doubles up to a bound, at least half of it certain", () => {
    expect(backoffMs(0, 0)).toBe(250);
    expect(backoffMs(0, 1)).toBe(500);
    expect(backoffMs(3, 1)).toBe(4000);
    expect(backoffMs(50, 1)).toBe(15_000);
  });
});
