import { describe, expect, it } from "vitest";
import { isFiltered, readFilters } from "./filters";

const read = (query: string) => readFilters(new URLSearchParams(query));

describe("the filters of channels", () => {
  it("are read from the address, whatever the case", () => {
    expect(read("state=live&q=%20ada%20")).toEqual({ state: "LIVE", search: "ada" });
    expect(read("state=OFFLINE").state).toBe("OFFLINE");
  });

  it("forget a state that does not exist", () => {
    expect(read("state=paused")).toEqual({ state: undefined, search: "" });
    expect(isFiltered(read("state=paused"))).toBe(false);
    expect(isFiltered(read("q=x"))).toBe(true);
  });
});
