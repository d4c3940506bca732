import { describe, expect, it } from "vitest";
import type { Group } from "../../api/types";
import { nameError, tagsError, toChanges, toFields } from "./groupFields";

const group: Group = {
  groupId: "g", ownerId: "u", name: "Morning", description: "At seven", category: null, visibility: "private", tags: ["news"],
  imageUrl: null, thumbnailUrl: null, programsCount: 0, channelRequest: null, createdAt: "", updatedAt: "",
};

describe("the changes of a group", () => {
  it("are nothing while nothing differs, whatever space is typed around it", () => {
    expect(toChanges(group, toFields(group))).toEqual({});
    expect(toChanges(group, { ...toFields(group), name: " Morning ", category: "  " })).toEqual({});
  });

  it("name what differs and nothing else; emptied texts go away", () => {
    const fields = { ...toFields(group), description: " ", category: "News ", visibility: "public" as const };
    expect(toChanges(group, fields)).toEqual({ description: null, category: "News", visibility: "public" });
  });

  it("carry all tags when one differs, also when only their order does", () => {
    expect(toChanges(group, { ...toFields(group), tags: ["news", "talk"] })).toEqual({ tags: ["news", "talk"] });
    const two = { ...group, tags: ["a", "b"] };
    expect(toChanges(two, { ...toFields(two), tags: ["b", "a"] })).toEqual({ tags: ["b", "a"] });
    expect(toChanges(two, { ...toFields(two), tags: [] })).toEqual({ tags: [] });
  });
});

it("says what is wrong before the server does", () => {
  expect(nameError("  ")).toContain("name");
  expect(nameError("Morning")).toBeNull();
  expect(tagsError(["a"])).toBeNull();
  expect(tagsError(["a".repeat(51)])).toContain("50");
  expect(tagsError(Array.from({ length: 21 }, String))).toContain("20");
});
