import { describe, expect, it } from "vitest";
import { bitrate, count, countdown, duration, money, shorten, timeLeft, timeRange } from "./format";

describe("format", () => {
  it.each([
    [0, "00:00"],
    [-5, "00:00"],
    [1, "00:01"],
    [59_001, "01:00"],
    [3_661_000, "1:01:01"],
    [90_061_000, "1 d 01:01:01"],
  ])("counts %i ms down as %s", (ms, text) => expect(countdown(ms)).toBe(text));

  it.each([
    [42_000, "42 s"],
    [3_600_000, "1 h"],
    [12_000_000, "3 h 20 min"],
    [183_600_000, "2 d 3 h"],
  ])("says %i ms as %s", (ms, text) => expect(duration(ms)).toBe(text));

  it("says the time left in words", () => {
    expect(timeLeft(0)).toBe("ending now");
    expect(timeLeft(30_000)).toBe("under a minute");
    expect(timeLeft(120_000)).toBe("2 min");
  });

  it("writes money, rates and counts", () => {
    expect(money(12.5, "USD", "en-US")).toBe("$12.50");
    expect(bitrate(2_440_000)).toBe("2.4 Mbit/s");
    expect(bitrate(640_000)).toBe("640 kbit/s");
    expect(count(1, "viewer")).toBe("1 viewer");
    expect(count(2, "viewer")).toBe("2 viewers");
  });

  it("says the date of a stretch of time once, where it is the same", () => {
    const at = (day: number, hour: number) => new Date(2026, 10, day, hour).toISOString();
    expect(timeRange(at(21, 10), at(21, 12), "en-GB").match(/2026/g)).toHaveLength(1);
    expect(timeRange(at(21, 10), at(22, 12), "en-GB").match(/21 Nov 2026.*22 Nov 2026/)).not.toBeNull();
  });

  it("cuts long texts between characters, not inside them", () => {
    expect(shorten("short", 5)).toBe("short");
    expect(shorten("🏺🏺🏺", 3)).toBe("🏺🏺🏺");
    expect(shorten("🏺🏺🏺", 2)).toBe("🏺…");
  });
});
