import { expect, test } from "vitest";
import { pagePath } from "./pagePath";

test("a notification leads to a page of this server and nowhere else", () => {
  expect(pagePath("/ui/auctions/018f")).toBe("/auctions/018f");
  for (const href of ["https://evil.example", "//evil.example", "/ui//evil.example", "/api/x", "javascript:alert(1)", ""]) {
    expect(pagePath(href)).toBe("/");
  }
});
