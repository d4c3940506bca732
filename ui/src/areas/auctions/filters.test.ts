import { describe, expect, it } from "vitest";
import { isFiltered, readFilters, toQuery } from "./filters";

const read = (address: string) => readFilters(new URLSearchParams(address));

describe("readFilters", () => {
  it("shows the first page of running auctions by default", () => {
    const filters = read("");
    expect(filters).toMatchObject({ status: "live", limit: 24, offset: 0 });
    expect(isFiltered(filters)).toBe(false);
  });

  it("reads a page, a band of the price and a time", () => {
    const filters = read("page=3&price=1000-5000&within=6&category=watches&q=omega");
    expect(filters).toMatchObject({ offset: 48, priceMin: 1000, priceMax: 5000, endsWithinHours: 6, search: "omega" });
    expect(isFiltered(filters)).toBe(true);
  });

  it("does not trust the address", () => {
    expect(read("page=-2&status=x&within=soon&price=5-drop")).toMatchObject({
      offset: 0, status: "live", endsWithinHours: 0, priceMin: 0, priceMax: 0,
    });
  });
});

describe("toQuery", () => {
  it("asks the server for everything that narrows the list", () => {
    expect(toQuery(read("price=10000-0&within=1&q=%20lamp%20"))).toEqual({
      status: "live", q: "lamp", price_min: 10_000, ends_within: 3600, limit: 24, offset: 0,
    });
  });

  it("asks no time of what has ended", () => {
    expect(toQuery(read("status=closed&within=1&price=0-1000"))).toEqual({
      status: "closed", price_below: 1000, limit: 24, offset: 0,
    });
  });
});
