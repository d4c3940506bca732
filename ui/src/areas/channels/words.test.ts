import { describe, expect, it } from "vitest";
import { auditText, endCauseText, minutesText, situation } from "./words";

const idle = {
  state: "IDLE", onAir: false, currentSessionId: null, video: { state: "waiting", since_ms: 0, viewers: 0, stream_id: null },
} as const;

describe("a channel's situation", () => {
  it("tells what the state leaves open", () => {
    expect(situation(idle)).toBe("Nobody is on air");
    expect(situation({ ...idle, state: "LIVE", currentSessionId: "s" })).toBe("In use, no picture yet");
    expect(situation({ ...idle, state: "LIVE", onAir: true, currentSessionId: "s" })).toBe("On air");
    expect(situation({ ...idle, state: "LIVE", onAir: true })).toBe("On air without a session");
    expect(situation({ ...idle, state: "LIVE", onAir: true, video: { ...idle.video, state: "interrupted" } })).toBe("The stream broke off");
    expect(situation({ ...idle, state: "OFFLINE", onAir: true })).toBe("Switched off, still on air");
  });
});

describe("broadcasts", () => {
  it("are counted in hours and whole minutes", () => {
    expect([0, 59, 60, 1530].map(minutesText)).toEqual(["0 min", "59 min", "1 h", "25 h 30 min"]);
  });

  it("end for a reason in plain words, known or not", () => {
    expect([null, "ended", "meteor"].map(endCauseText)).toEqual(["On air now", "The encoder stopped", "meteor"]);
  });
});

describe("a record of the audit", () => {
  it("reads as words, with its detail where there is one", () => {
    expect(auditText({ kind: "channels.set_state", text: "LIVE" })).toBe("Set state: LIVE");
    expect(auditText({ kind: "assigned", text: "" })).toBe("Assigned");
  });
});
