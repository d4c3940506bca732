import { describe, expect, it } from "vitest";
import type { CostLine } from "../../../api/types";
import { explain, hoursText, itemName, smallMoney } from "./words";

const line: CostLine = {
  item: "output", resolution: "FULL_HD", hours: 2.5, price_per_hour: 0.15, cost: 0.375,
  price_is_verified: false, price_source: "somebody", price_date: "2026-11-21",
};

describe("amounts", () => {
  it("have the digits they need and no more", () => {
    const shown = [0, 0.000012, 0.0375, 1.5, 12.345678].map((amount) => smallMoney(amount, "USD", "en-US"));
    expect(shown).toEqual(["$0.00", "$0.000012", "$0.0375", "$1.50", "$12.35"]);
  });
});

describe("hours", () => {
  it("are told in the unit that fits", () => {
    expect([0, 0.005, 0.5, 3.25].map(hoursText)).toEqual(["0 s", "18 s", "30 min", "3.25 h"]);
  });
});

describe("a line", () => {
  it("says what was used and at which price", () => {
    expect(itemName(line)).toBe("Viewers, Full HD");
    expect(itemName({ ...line, item: "input", resolution: null })).toBe("On air");
    expect(explain(line, "BASIC", "USD")).toContain("2.5 h watched by all viewers together");
    expect(explain({ ...line, item: "input" }, "BASIC", "USD")).toContain("of a BASIC channel");
  });
});
