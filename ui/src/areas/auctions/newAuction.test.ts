import { describe, expect, it } from "vitest";
import { NO_FIELDS, toDurationS, toNewAuction, validate } from "./newAuction";

const LOT = { ...NO_FIELDS, title: " Watch ", starting_bid: 12.5 };

describe("the form of a new auction", () => {
  it("leaves empty fields to the server's defaults", () => {
    expect(toNewAuction(LOT)).toEqual({ title: "Watch", duration: 3600, starting_bid: 12.5 });
  });

  it("sends the terms that were chosen", () => {
    const terms = {
      ...LOT, bid_increment: 5, reserve_price: 100, buy_now_price: "400", isProxyAllowed: false, window_seconds: 0,
      starts_at: "2030-01-02T03:04",
    };
    expect(toNewAuction(terms)).toEqual({
      title: "Watch", duration: 3600, starting_bid: 12.5, bid_increment: 5, reserve_price: 100, buy_now_price: 400,
      proxy_bidding: false, anti_snipe: { window_seconds: 0, extension_seconds: 30, max_extensions: 5 },
      starts_at: new Date("2030-01-02T03:04").toISOString(),
    });
  });

  it("reads a custom duration", () => {
    expect(toDurationS({ ...LOT, preset: "custom", hours: 2, minutes: "30" })).toBe(9000);
    expect(validate({ ...LOT, preset: "custom", hours: "", minutes: 0 })).toHaveProperty("duration");
  });

  it("tells the server's rules before the request", () => {
    expect(validate(LOT)).toEqual({});
    expect(Object.keys(validate(NO_FIELDS))).toEqual(["title", "starting_bid"]);
    expect(validate({ ...LOT, title: "x".repeat(501) })).toHaveProperty("title");
    expect(Object.keys(validate({ ...LOT, bid_increment: 0, reserve_price: 12, buy_now_price: 12 }))).toEqual([
      "bid_increment", "reserve_price", "buy_now_price",
    ]);
  });

  it("starts in the future, and not too far in it", () => {
    const nowMs = Date.parse("2030-01-01T12:00");
    expect(validate({ ...LOT, starts_at: "2030-01-01T11:59" }, nowMs)).toHaveProperty("starts_at");
    expect(validate({ ...LOT, starts_at: "2030-05-01T12:00" }, nowMs)).toHaveProperty("starts_at");
    expect(validate({ ...LOT, starts_at: "2030-03-01T12:00" }, nowMs)).toEqual({});
  });
});
