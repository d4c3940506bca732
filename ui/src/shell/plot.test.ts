import { describe, expect, it } from "vitest";
import { niceMax, segments } from "./plot";

describe("plot", () => {
  it.each([[0, 1], [0.9, 1], [1, 1], [19, 20], [33, 40], [2_640_000, 3_000_000]])("rounds %d up to %d", (value, top) =>
    expect(niceMax(value)).toBeCloseTo(top, 6),
  );

  it("breaks the line where a measurement is missing", () => {
    const points = [1, null, null, 2, 3].map((value, at) => ({ at, value }));
    expect(segments(points)).toEqual([[{ at: 0, value: 1 }], [{ at: 3, value: 2 }, { at: 4, value: 3 }]]);
  });
});
