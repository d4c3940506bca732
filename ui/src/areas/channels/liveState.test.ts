import { describe, expect, it } from "vitest";
import type { TopicEvent } from "../../api/events";
import { applyNews, NewsFilter, type Told } from "./liveState";

const channel: Told = {
  channelId: "c1", state: "IDLE", onAir: false, currentSessionId: null, viewers: 0,
  video: { state: "waiting", since_ms: 1, viewers: 0, stream_id: null },
};
const event = (kind: string, data: Record<string, unknown>): TopicEvent => ({ kind, seq: 1, data });
const video = (state: string, viewers: number, channelId = "c1") =>
  event("video_update", { channelId, video: { state, since_ms: 2, viewers, stream_id: "s" } });

describe("a channel", () => {
  it("is what the server says it is", () => {
    const claimed = applyNews(channel, event("channel_update", { channelId: "c1", state: "LIVE", onAir: true, currentSessionId: "x" }));
    expect(claimed).toMatchObject({ state: "LIVE", onAir: true, currentSessionId: "x" });
    expect(applyNews(claimed, event("channel_update", { channelId: "c1", state: "IDLE", currentSessionId: null }))).toMatchObject({
      state: "IDLE", onAir: true, currentSessionId: null,
    });
  });

  it("takes its viewers from its video", () => {
    expect(applyNews(channel, video("live", 7))).toMatchObject({ viewers: 7, video: { state: "live" } });
  });

  it("does not listen to news of another, nor to states that do not exist", () => {
    expect(applyNews(channel, video("live", 7, "c2"))).toBe(channel);
    expect(applyNews(channel, event("channel_update", { channelId: "c1", state: "PAUSED" })).state).toBe("IDLE");
  });

  it("is told no session where nobody may know it", () => {
    const { currentSessionId, ...open } = channel;
    expect(currentSessionId).toBeNull();
    expect(applyNews(open, event("channel_update", { channelId: "c1", currentSessionId: "x" }))).not.toHaveProperty("currentSessionId");
  });
});

describe("the server is asked again", () => {
  it("after a missed stretch, and not for the snapshot at the start", () => {
    const filter = new NewsFilter();
    expect(filter.asksAgain(event("snapshot", {}))).toBe(false);
    expect(filter.asksAgain(event("snapshot", {}))).toBe(true);
  });

  it("when the video changes, and not when only its viewers do", () => {
    const filter = new NewsFilter();
    expect([video("live", 1), video("live", 2), video("live", 2, "c2"), video("interrupted", 2)].map((e) => filter.asksAgain(e)))
      .toEqual([true, false, true, true]);
    expect(filter.asksAgain(event("channel_update", { channelId: "c1" }))).toBe(true);
    expect(filter.asksAgain(event("presence", {}))).toBe(false);
  });
});
