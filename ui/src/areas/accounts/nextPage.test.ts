import { expect, it } from "vitest";
import { nextPage } from "./nextPage";

it.each([
  ["/auctions/1/desk", "/auctions/1/desk"],
  ["//evil.example", "/now"],
  ["/\\evil.example", "/now"],
  ["https://evil.example", "/now"],
  ["", "/now"],
])("after signing in, %s leads to %s", (next, page) => expect(nextPage(new URLSearchParams({ next }))).toBe(page));
