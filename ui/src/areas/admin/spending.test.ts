import { expect, it } from "vitest";
import type { CostItem } from "./reports";
import { dearestFirst, everyDay, kindName, ownerPage } from "./spending";

const item = (owner_kind: string, owner_id: string, total_cost: number): CostItem => ({
  owner_kind, owner_id, name: `${owner_kind} ${owner_id}`, input_hours: 1, viewer_hours: 2, total_cost,
});

it("puts what costs most first", () => {
  const items = [item("auction", "b", 1), item("channel", "c", 2), item("auction", "a", 1)];
  expect(dearestFirst(items).map(({ owner_id }) => owner_id)).toEqual(["c", "a", "b"]);
});

it("leads to whatever the money went to", () => {
  expect(ownerPage(item("auction", "7", 1))).toBe("/auctions/7/desk");
  expect(ownerPage(item("channel", "7", 1))).toBe("/channels/7");
  expect(ownerPage(item("class", "7", 1))).toBeUndefined();
  expect(kindName("channel")).toBe("Channel");
});

it("plots days without a broadcast as days that cost nothing", () => {
  const days = [{ date: "2026-10-30", total_cost: 2 }, { date: "2026-11-02", total_cost: 1 }];
  expect(everyDay(days).map(({ at, value }) => [new Date(at).toISOString().slice(0, 10), value])).toEqual([
    ["2026-10-30", 2], ["2026-10-31", 0], ["2026-11-01", 0], ["2026-11-02", 1],
  ]);
  expect(everyDay([])).toEqual([]);
});
