import { describe, expect, it } from "vitest";
import { ServerClock } from "./clock";

describe("ServerClock", () => {
  it("knows nothing before the server has spoken", () => {
    expect(new ServerClock(() => 0).now()).toBeUndefined();
  });

  it("takes the middle of a round trip as the moment of the answer", () => {
    const clock = new ServerClock(() => 1200);
    clock.sampleRoundTrip(50_000, 1000, 1100);
    expect(clock.now()).toBe(50_150);
  });

  it("prefers the shorter round trip, and an event does not displace it", () => {
    let now = 2000;
    const clock = new ServerClock(() => now);
    clock.sampleRoundTrip(10_000, 1900, 2000);
    clock.sampleRoundTrip(99_000, 1000, 2000);
    clock.sampleOneWay(98_000);
    now = 3000;
    expect(clock.now()).toBe(11_050);
  });

  it("takes an event when nothing better is known", () => {
    const clock = new ServerClock(() => 500);
    clock.sampleOneWay(7000);
    expect(clock.now()).toBe(7000);
  });

  it("reads the Date header to the half second", () => {
    const clock = new ServerClock(() => 0);
    clock.sampleDateHeader("Thu, 01 Jan 1970 00:01:40 GMT", 0, 0);
    expect(clock.now()).toBe(100_500);
  });

  it("lets an old reading go for a fresh one of like quality", () => {
    let now = 100;
    const clock = new ServerClock(() => now);
    clock.sampleRoundTrip(10_000, 0, 100);
    now = 1_000_100;
    clock.sampleRoundTrip(2_000_000, 1_000_000, 1_000_102);
    expect(clock.now()).toBeCloseTo(2_000_049, 0);
  });

  it("ignores a time that is not a number", () => {
    const clock = new ServerClock(() => 0);
    clock.sampleOneWay(Number.NaN);
    clock.sampleDateHeader("yesterday", 0, 1);
    expect(clock.now()).toBeUndefined();
  });
});
