import { expect, test } from "vitest";
import { placeOf } from "./place";

test.each([
  ["/auctions", "buy"],
  ["/auctions/", "buy"],
  ["/auctions/018f0000-0000-7000-8000-000000000001", "buy"],
  ["/auctions/new", "sell"],
  ["/auctions/018f0000-0000-7000-8000-000000000001/desk", "sell"],
  ["/sell", "sell"],
  ["/auctionsx", undefined],
  ["/sellers", undefined],
  ["/now", undefined],
])("%s belongs to %s", (pathname, place) => {
  expect(placeOf(pathname)).toBe(place);
});
