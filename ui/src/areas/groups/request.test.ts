import { describe, expect, it } from "vitest";
import { firstFields, PROPOSED_NAME_MAX, toRequest } from "./request";

describe("a request for a channel", () => {
  it("proposes the group's name, no longer than a channel's may be", () => {
    expect(firstFields("Morning", null)).toEqual({ proposedName: "Morning", note: "" });
    expect(Array.from(firstFields("🎙".repeat(150), null).proposedName)).toHaveLength(PROPOSED_NAME_MAX);
  });

  it("after a rejection starts from what was said before", () => {
    const before = { proposedName: "Dawn", note: "Every day at six", status: "REJECTED" as const };
    expect(firstFields("Morning", before)).toEqual({ proposedName: "Dawn", note: "Every day at six" });
    expect(firstFields("Morning", { ...before, status: "APPROVED" })).toEqual({ proposedName: "Morning", note: "" });
  });

  it("is sent trimmed, without an empty note", () => {
    expect(toRequest({ proposedName: " Dawn ", note: "  " })).toEqual({ proposedName: "Dawn" });
    expect(toRequest({ proposedName: "Dawn", note: " Daily " })).toEqual({ proposedName: "Dawn", note: "Daily" });
  });
});
