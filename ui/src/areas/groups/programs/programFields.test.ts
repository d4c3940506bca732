import { describe, expect, it } from "vitest";
import type { Program } from "../../../api/types";
import { lengthOf, lengthText, type ProgramFields, toFields, toProgram, validate } from "./programFields";

const fields: ProgramFields = { ...toFields(undefined), title: "News at seven" };

describe("a length", () => {
  it("is read as people write it", () => {
    const read = ["45", "45:30", "1:30:00", "90:00", " 5 ", "0"].map(lengthOf);
    expect(read).toEqual([2700, 2730, 5400, 5400, 300, 0]);
  });

  it("is refused when it could mean two things or none", () => {
    for (const text of ["", "1:2", "1:75:00", "45:75", "1:2:3", "an hour", "-5", "1.5"]) expect(lengthOf(text)).toBeUndefined();
  });

  it("is shown so that it is read the same", () => {
    for (const seconds of [0, 59, 60, 2730, 3600, 5400, 604_800]) expect(lengthOf(lengthText(seconds))).toBe(seconds);
    expect(lengthText(null)).toBe("");
  });
});

describe("a programme", () => {
  it("is sent trimmed; what is empty has no value", () => {
    expect(toProgram({ ...fields, title: " News ", length: "30", program_url: " https://example.org/a.m3u8 " }, "g")).toEqual({
      groupId: "g", title: "News", description: null, duration: 1800, program_url: "https://example.org/a.m3u8",
      program_image: null, tags: [], premium: false,
    });
  });

  it("comes back from the form as it went in", () => {
    const program = { title: "News", description: null, duration: 1800, program_url: null, program_image: null, tags: ["a"], premium: true } as unknown as Program;
    expect(toProgram(toFields(program), "g")).toEqual({ ...program, groupId: "g" });
  });

  it("says what is wrong before the server does", () => {
    expect(validate(fields)).toEqual({});
    expect(Object.keys(validate({ ...fields, title: " ", length: "soon", program_url: "javascript:alert(1)", program_image: "example.org" })))
      .toEqual(["title", "length", "program_url", "program_image"]);
    expect(validate({ ...fields, length: "10081" })["length"]).toContain("week");
    expect(validate({ ...fields, tags: ["a".repeat(51)] })["tags"]).toContain("50");
  });
});
