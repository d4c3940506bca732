import { describe, expect, it } from "vitest";
import { FILE_BYTES_MAX, moved, refusal } from "./order";

describe("moved", () => {
  it("puts one item at another place and keeps the others in order", () => {
    expect(moved(["a", "b", "c", "d"], 0, 2)).toEqual(["b", "c", "a", "d"]);
    expect(moved(["a", "b", "c", "d"], 3, 0)).toEqual(["d", "a", "b", "c"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  });

  it("stays within the list", () => {
    expect(moved(["a", "b", "c"], 0, -5)).toEqual(["a", "b", "c"]);
    expect(moved(["a", "b", "c"], 0, 9)).toEqual(["b", "c", "a"]);
    expect(moved(["a"], 4, 0)).toEqual(["a"]);
  });
});

describe("refusal", () => {
  it("says what the server would say, without sending it", () => {
    expect(refusal({ size: 10, type: "image/jpeg" })).toBeUndefined();
    expect(refusal({ size: 10, type: "" })).toBeUndefined();
    expect(refusal({ size: FILE_BYTES_MAX, type: "image/png" })).toBeUndefined();
    expect(refusal({ size: FILE_BYTES_MAX + 1, type: "image/png" })).toContain("12 MB");
    expect(refusal({ size: 10, type: "image/svg+xml" })).toContain("JPEG");
    expect(refusal({ size: 10, type: "image/heic" })).toContain("JPEG");
  });
});
