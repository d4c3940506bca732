import { describe, expect, it } from "vitest";
import type { Auction } from "../../api/types";
import { applyLocalFilters, readFilters } from "./filters";

const HOUR_MS = 3_600_000;
const lot = (title: string, hoursLeft: number, status = "live") =>
  ({ title, seller_name: "Ada", status, end_time_ms: hoursLeft * HOUR_MS, server_time_ms: 0 }) as Auction;

describe("readFilters", () => {
  it("shows the first page of running auctions by default", () => {
    expect(readFilters(new URLSearchParams())).toMatchObject({ status: "live", limit: 24, offset: 0, isMine: false });
  });

  it("pages, and searches from the newest on", () => {
    expect(readFilters(new URLSearchParams("page=3&status=all"))).toMatchObject({ offset: 48, status: "all" });
    expect(readFilters(new URLSearchParams("page=3&q=watch"))).toMatchObject({ offset: 0, limit: 100 });
  });

  it("does not trust the address", () => {
    expect(readFilters(new URLSearchParams("page=-2&status=x&within=soon"))).toMatchObject({
      offset: 0, status: "live", endsWithinHours: 0,
    });
  });
});

describe("applyLocalFilters", () => {
  it("finds every word in title or seller", () => {
    const lots = [lot("Omega watch", 1), lot("Pearl brooch", 1)];
    expect(applyLocalFilters(lots, { search: "ADA omega", endsWithinHours: 0 }, 0)).toEqual([lots[0]]);
  });

  it("keeps what ends soon by the server's time", () => {
    const lots = [lot("a", 1), lot("b", 5), lot("c", 1, "closed")];
    expect(applyLocalFilters(lots, { search: "", endsWithinHours: 3 }, 0)).toEqual([lots[0]]);
    expect(applyLocalFilters(lots, { search: "", endsWithinHours: 3 }, 3 * HOUR_MS)).toEqual([lots[1]]);
  });
});
