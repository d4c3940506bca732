import { describe, expect, it } from "vitest";
import { auditText, endCauseText, minutesText, situation, withNames } from "./words";

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

describe("ids in a sentence", () => {
  it("are names where the page knows them, else short", () => {
    const ada = { hostUserId: "01a1fee9-ca36-7f54-a37f-547cc68de773", name: "Ada" };
    expect(withNames(`Assign: ${ada.hostUserId}`, [ada])).toBe("Assign: Ada");
    expect(withNames("Session 01a1fee9-e47a-7d6f-980a-abded1ac0bde started", [ada])).toBe("Session …ac0bde started");
    expect(withNames("Book: Ada from 2026-11-21 17:00 UTC", [])).toBe("Book: Ada from 2026-11-21 17:00 UTC");
  });
});
