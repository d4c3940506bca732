import { expect, it } from "vitest";
import { byTrouble, verdict } from "./findings";
import type { Check } from "./reports";

const check = (name: string, status: Check["status"]): Check => ({ name, status, detail: "", fix: null });

it("puts what needs somebody first and keeps the rest in order", () => {
  const checks = [check("a", "ok"), check("b", "warn"), check("c", "fail"), check("d", "ok"), check("e", "fail")];
  expect(byTrouble(checks).map(({ name }) => name)).toEqual(["c", "e", "b", "a", "d"]);
});

it("says the whole in a sentence", () => {
  expect(verdict([check("a", "ok"), check("b", "ok")])).toBe("All is well: 2 checks, nothing to do.");
  expect(verdict([check("a", "ok"), check("b", "warn")])).toBe("1 gives a warning, of 2.");
  expect(verdict([check("a", "fail"), check("b", "warn"), check("c", "warn")])).toBe("1 check fails, 2 give a warning, of 3.");
  expect(verdict([check("a", "fail"), check("b", "fail")])).toBe("2 checks fail, of 2.");
});
