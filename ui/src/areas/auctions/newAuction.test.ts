import { describe, expect, it } from "vitest";
import { NO_FIELDS, toDurationS, toNewAuction, validate } from "./newAuction";

const LOT = { ...NO_FIELDS, title: " Watch ", starting_bid: 12.5 };

describe("the form of a new auction", () => {
  it("leaves empty fields to the server's defaults", () => {
    expect(toNewAuction(LOT)).toEqual({ title: "Watch", duration: 3600, starting_bid: 12.5 });
  });

  it("reads a custom duration", () => {
    expect(toDurationS({ ...LOT, preset: "custom", hours: 2, minutes: "30" })).toBe(9000);
    expect(validate({ ...LOT, preset: "custom", hours: "", minutes: 0 })).toHaveProperty("duration");
  });

  it("tells the server's rules before the request", () => {
    expect(validate(LOT)).toEqual({});
    expect(Object.keys(validate(NO_FIELDS))).toEqual(["title", "starting_bid"]);
    expect(validate({ ...LOT, title: "x".repeat(501) })).toHaveProperty("title");
  });
});
