import { describe, expect, it } from "vitest";
import { applyEvent, NOTHING_SAID } from "./live";

const STATE = { auction_id: "1", status: "live", ended_at: null, video: { state: "waiting", viewers: 0 }, seq: 4 };
const snapshot = { kind: "snapshot", seq: 4, data: STATE };
const opened = applyEvent(NOTHING_SAID, snapshot);

describe("applyEvent", () => {
  it("ignores what comes before the snapshot", () => {
    expect(applyEvent(NOTHING_SAID, { kind: "video_update", seq: 1, data: { video: {} } })).toBe(NOTHING_SAID);
  });

  it("shows the picture's state as the server says it", () => {
    const live = applyEvent(opened, { kind: "video_update", seq: 5, data: { video: { state: "live", viewers: 2 } } });
    expect(live.state?.video).toEqual({ state: "live", viewers: 2 });
    expect(live.state?.seq).toBe(5);
  });

  it("closes with the reason and the server's time, and claims nothing about the picture", () => {
    const live = applyEvent(opened, {
      kind: "auction_ended",
      seq: 5,
      data: { reason: "host", end_time: "2026-01-01T00:00:00Z" },
    });
    expect(live.endReason).toBe("host");
    expect(live.state).toMatchObject({ status: "closed", ended_at: "2026-01-01T00:00:00Z", video: STATE.video });
  });

  it("counts an event it does not know", () => {
    expect(applyEvent(opened, { kind: "bid_placed", seq: 5, data: {} }).state).toMatchObject({ status: "live", seq: 5 });
  });

  it("starts over from a later snapshot", () => {
    expect(applyEvent(opened, { ...snapshot, seq: 9, data: { ...STATE, seq: 9 } }).state?.seq).toBe(9);
  });
});
