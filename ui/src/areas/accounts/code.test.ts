import { expect, it } from "vitest";
import { codeDigits } from "./code";

it.each([
  ["123456", "123456"],
  [" 123 456 ", "123456"],
  ["123-456", "123456"],
  ["Your code is 004217.", "004217"],
  ["1234567", "123456"],
  ["12", "12"],
  ["none", ""],
])("%j is read as %j", (text, code) => expect(codeDigits(text)).toBe(code));
