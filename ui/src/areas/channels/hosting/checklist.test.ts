import { describe, expect, it } from "vitest";
import type { Booking, HostChannel, Session } from "../types";
import { goLiveSteps, type Known, windowsAt } from "./checklist";

const NOW = Date.parse("2026-11-21T12:00:00Z");
const channel: HostChannel = {
  channelId: "c", channelArn: "arn", channelName: "Morning", playbackUrl: "u", ingestEndpoint: "i", state: "IDLE",
  assignedAt: "2026-11-01T00:00:00Z", currentSessionId: null, bookings: [], onAir: false,
  video: { state: "waiting", since_ms: 0, viewers: 0, stream_id: null },
};
const booking = (bookingId: string, startsAt: string, endsAt: string): Booking => ({
  bookingId, channelId: "c", hostUserId: "h", hostName: "Ada", note: null, createdBy: "a", startsAt, endsAt,
});
const session = { sessionId: "s", hostUserId: "h" } as Session;
const sample = { at_ms: 1, video_bitrate_bps: 1, audio_bitrate_bps: 1, frame_rate: 30, keyframe_interval_ms: 2000, viewers: 0 };
const live = { ...channel, state: "LIVE", onAir: true, video: { ...channel.video, state: "live" } } as const;

function states(known: Partial<Known>): Record<string, string> {
  const steps = goLiveSteps({ channel, session: null, health: undefined, nowMs: NOW, ...known });
  return Object.fromEntries(steps.map(({ key, state }) => [key, state]));
}

describe("the way to the audience", () => {
  it("begins with an encoder and a session to start", () => {
    expect(states({})).toEqual({ channel: "done", time: "done", free: "done", stream: "open", picture: "open", session: "open" });
  });

  it("is complete when the server says so of every step", () => {
    const health = { broadcast: null, samples: [sample], advice: [{ level: "info" as const, text: "Fine." }] };
    expect(new Set(Object.values(states({ channel: { ...live, currentSessionId: "s" }, session, health })))).toEqual(new Set(["done"]));
  });

  it("stops at a channel that is switched off", () => {
    expect(states({ channel: { ...channel, state: "OFFLINE" } })["channel"]).toBe("problem");
  });

  it("stops where somebody else has the channel, and not at one's own session", () => {
    const taken = { ...channel, state: "LIVE", currentSessionId: "x" } as const;
    expect(states({ channel: taken })["free"]).toBe("problem");
    expect(states({ channel: { ...taken, currentSessionId: null } })["free"]).toBe("problem");
    expect(states({ channel: taken, session })["free"]).toBe("done");
  });

  it("does not stop at a stream of one's own that began before the session", () => {
    expect(states({ channel: live })).toMatchObject({ free: "done", stream: "done", session: "open" });
  });

  it("tells a broken stream and a bad picture in the server's words", () => {
    expect(states({ channel: { ...live, video: { ...live.video, state: "interrupted" } } })["stream"]).toBe("problem");
    const health = { broadcast: null, samples: [sample], advice: [{ level: "warn" as const, text: "Send a keyframe every 2 s." }] };
    const step = goLiveSteps({ channel: live, session, health, nowMs: NOW }).find(({ key }) => key === "picture");
    expect(step).toMatchObject({ state: "problem", text: "Send a keyframe every 2 s." });
  });

  it("waits for the next window", () => {
    const bookings = [booking("later", "2026-11-21T14:00:00Z", "2026-11-21T15:00:00Z")];
    expect(states({ channel: { ...channel, bookings } })["time"]).toBe("open");
    expect(states({ channel: { ...channel, bookings }, nowMs: NOW + 2.5 * 3_600_000 })["time"]).toBe("done");
  });
});

describe("windows", () => {
  it("are found by their time, whatever their order; the end belongs to nobody", () => {
    const first = booking("first", "2026-11-21T10:00:00Z", "2026-11-21T12:00:00Z");
    const second = booking("second", "2026-11-21T13:00:00Z", "2026-11-21T14:00:00Z");
    const third = booking("third", "2026-11-22T13:00:00Z", "2026-11-22T14:00:00Z");
    expect(windowsAt([third, second, first], NOW)).toEqual({ current: undefined, next: second });
    expect(windowsAt([third, second, first], NOW - 1)).toEqual({ current: first, next: second });
  });
});
