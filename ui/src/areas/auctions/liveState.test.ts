import { describe, expect, it } from "vitest";
import type { BidAnswer } from "../../api/types";
import { applyEvent, hear, type LiveAuction, NOTHING_SAID } from "./liveState";

const STATE = {
  auction_id: "1", status: "live", phase: "open", ended_at: null, video: { state: "waiting", viewers: 0 }, seq: 4,
  current_high_bid: 10, high_bidder_id: "bidder_AAAA", bid_count: 1, next_minimum_bid: 11, end_time_ms: 90_000,
  anti_snipe: { max_extensions: 5 }, anti_snipe_count: 0, your_bidder_id: "bidder_MINE",
};
const snapshot = { kind: "snapshot", seq: 4, data: STATE };
const opened = applyEvent(NOTHING_SAID, snapshot);

const update = (seq: number, leader: string, high_bid: number, bid_count: number, more = {}) => ({
  kind: "bid_update", seq,
  data: { high_bid, high_bidder_id: leader, high_bidder_username: leader, bid_count, next_minimum_bid: high_bid + 1, ...more },
});
const answer = (change: Partial<BidAnswer>) =>
  ({ is_highest: true, current_high_bid: 11, bid_count: 2, next_minimum_bid: 12, ends_at_ms: 90_000, your_max_bid: 30, ...change }) as BidAnswer;
const bid = (live: LiveAuction, change: Partial<BidAnswer> = {}) => hear(live, { from: "answer", answer: answer(change) });

describe("the room", () => {
  it("ignores what comes before the snapshot", () => {
    expect(applyEvent(NOTHING_SAID, { kind: "video_update", seq: 1, data: { video: {} } })).toBe(NOTHING_SAID);
    expect(bid(NOTHING_SAID)).toBe(NOTHING_SAID);
  });

  it("shows the picture's state as the server says it", () => {
    const live = applyEvent(opened, { kind: "video_update", seq: 5, data: { video: { state: "live", viewers: 2 } } });
    expect(live.state?.video).toEqual({ state: "live", viewers: 2 });
    expect(live.state?.seq).toBe(5);
  });

  it("counts an event it does not know, and not the presence of people", () => {
    expect(applyEvent(opened, { kind: "chat_room", seq: 5, data: {} }).state).toMatchObject({ status: "live", seq: 5 });
    expect(applyEvent(opened, { kind: "presence", seq: 4, data: { participant_count: 7 } }).state).toMatchObject({
      participant_count: 7, seq: 4,
    });
  });

  it("starts over from a later snapshot", () => {
    expect(applyEvent(opened, { ...snapshot, seq: 9, data: { ...STATE, seq: 9 } }).state?.seq).toBe(9);
  });
});

describe("bids", () => {
  it("are what the server says, and nobody's standing who has not bid", () => {
    const live = applyEvent(opened, update(5, "bidder_BBBB", 12, 2));
    expect(live.state).toMatchObject({ current_high_bid: 12, bid_count: 2, next_minimum_bid: 13 });
    expect(live.state?.you_are_winning).toBeUndefined();
  });

  it("make the reader winning, then outbid", () => {
    const winning = applyEvent(opened, update(5, "bidder_MINE", 11, 2));
    expect(winning.state?.you_are_winning).toBe(true);
    expect(applyEvent(winning, update(6, "bidder_BBBB", 12, 3)).state?.you_are_winning).toBe(false);
  });

  it("take the answer's word while the topic has not spoken", () => {
    expect(bid(opened).state).toMatchObject({ you_are_winning: true, current_high_bid: 11, next_minimum_bid: 12, your_max_bid: 30 });
  });

  it("take the topic's newer word over a late answer", () => {
    const later = applyEvent(opened, update(5, "bidder_BBBB", 20, 3));
    expect(bid(later).state).toMatchObject({ you_are_winning: false, current_high_bid: 20, next_minimum_bid: 21, your_max_bid: 30 });
  });

  it("are collected once each", () => {
    const told = { seq: 2, kind: "bid", bidder_id: "bidder_MINE", amount: 11 };
    const once = applyEvent(opened, update(5, "bidder_MINE", 11, 2, { recent_bids: [told] }));
    const again = applyEvent(once, update(6, "bidder_MINE", 11, 2, { recent_bids: [told] }));
    expect(again.bids).toEqual([told]);
  });
});

describe("the clock", () => {
  const timer = (seq: number, data: Record<string, unknown>) => ({ kind: "timer_update", seq, data: { server_time_ms: 50, ...data } });

  it("shows how often late bids have moved the end", () => {
    const live = applyEvent(opened, timer(5, {
      type: "anti_snipe", ends_at_ms: 120_000, extended_by: 30_000, extension_count: 2, max_extensions: 5,
    }));
    expect(live.state).toMatchObject({ end_time_ms: 120_000, anti_snipe_count: 2 });
    expect(live.clockChanges).toEqual([{ atMs: 50, kind: "anti_snipe", extendedByMs: 30_000, count: 2, countMax: 5 }]);
  });

  it("begins to run when bidding opens", () => {
    const scheduled = applyEvent(NOTHING_SAID, { ...snapshot, data: { ...STATE, phase: "scheduled" } });
    expect(applyEvent(scheduled, timer(5, { type: "timer_sync", phase: "open" })).state?.phase).toBe("open");
  });

  it("stands still while paused and goes on from where it was", () => {
    const paused = applyEvent(opened, timer(5, { type: "paused", phase: "paused", time_remaining_ms: 61_500 }));
    expect(paused.state).toMatchObject({ phase: "paused", time_remaining_seconds: 62 });
    const running = applyEvent(paused, timer(6, { type: "resumed", phase: "open", ends_at_ms: 200_000 }));
    expect(running.state).toMatchObject({ phase: "open", end_time_ms: 200_000 });
    expect(running.clockChanges.map(({ kind }) => kind)).toEqual(["resumed", "paused"]);
  });
});

describe("the end", () => {
  const ended = (data: Record<string, unknown>) =>
    applyEvent(opened, { kind: "auction_ended", seq: 5, data: { end_time: "2026-01-01T00:00:00Z", ...data } });

  it("has the reason and the server's time, and claims nothing about the picture", () => {
    const live = ended({ reason: "host", phase: "unsold" });
    expect(live.endReason).toBe("host");
    expect(live.state).toMatchObject({ status: "closed", phase: "unsold", ended_at: "2026-01-01T00:00:00Z", video: STATE.video });
  });

  it("names the winner, or says that the lot was withdrawn", () => {
    expect(ended({ reason: "time", phase: "sold", winner_id: "bidder_MINE", winning_bid: 50 }).state).toMatchObject({
      phase: "sold", winner_id: "bidder_MINE", winning_bid: 50,
    });
    expect(ended({ reason: "withdrawn", phase: "withdrawn", winner_id: null }).state?.phase).toBe("withdrawn");
  });
});
