import { describe, expect, it } from "vitest";
import type { Booking } from "../types";
import { fromField, nextHour, pieceText, piecesOf, toField, weekOf } from "./week";

const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();
const booking = (startMs: number, endMs: number, bookingId = "b"): Booking => ({
  bookingId, channelId: "c", hostUserId: "h", hostName: "Ada", note: null, createdBy: "a",
  startsAt: new Date(startMs).toISOString(), endsAt: new Date(endMs).toISOString(),
});
// 2026-11-21 is a Saturday.
const NOW = at(21, 15, 30);
const saturday = { startMs: at(21, 0), endMs: at(22, 0) };

describe("a week", () => {
  it("goes from Monday to Sunday without a gap", () => {
    const week = weekOf(NOW, 0);
    expect(week).toHaveLength(7);
    expect(week[0]?.startMs).toBe(at(16, 0));
    expect(week.slice(1).every((day, index) => day.startMs === week[index]?.endMs)).toBe(true);
    expect(weekOf(at(22, 23, 59), 0)[0]).toEqual(week[0]);
  });

  it("can be the next one or the one before, over the end of a month and a year", () => {
    expect(weekOf(NOW, 1)[0]?.startMs).toBe(at(23, 0));
    expect(weekOf(NOW, -3)[0]?.startMs).toBe(new Date(2026, 9, 26).getTime());
    expect(weekOf(NOW, 6)[0]?.startMs).toBe(new Date(2026, 11, 28).getTime());
  });
});

describe("a day", () => {
  it("holds its windows in order, and those of other days not", () => {
    const late = booking(at(21, 18), at(21, 24), "late");
    const early = booking(at(21, 6), at(21, 12), "early");
    const pieces = piecesOf([late, booking(at(20, 6), at(21, 0)), booking(at(22, 0), at(22, 1)), early], saturday);
    expect(pieces.map((piece) => [piece.booking.bookingId, piece.from, piece.to])).toEqual([["early", 0.25, 0.5], ["late", 0.75, 1]]);
  });

  it("shows its share of a window that is longer", () => {
    const [piece] = piecesOf([booking(at(20, 22), at(22, 2))], saturday);
    expect(piece).toMatchObject({ from: 0, to: 1, isFromBefore: true, isGoingOn: true });
  });
});

describe("a window reads", () => {
  const text = (startMs: number, endMs: number) => {
    const [piece] = piecesOf([booking(startMs, endMs)], saturday);
    return piece && pieceText(piece, "en-GB");
  };
  it("as its times of the day", () => {
    expect(text(at(21, 10), at(21, 12, 30))).toBe("10:00–12:30");
    expect(text(at(20, 10), at(21, 2))).toBe("from the day before until 02:00");
    expect(text(at(21, 22), at(22, 2))).toBe("from 22:00 into the next day");
    expect(text(at(20, 22), at(22, 2))).toBe("all day");
  });
});

describe("a date field", () => {
  it("says the same moment back", () => {
    expect(toField(NOW)).toBe("2026-11-21T15:30");
    expect(fromField(toField(NOW))).toBe(new Date(NOW).toISOString());
    expect(fromField("")).toBeUndefined();
  });

  it("starts at a full hour ahead", () => {
    expect(nextHour(NOW)).toBe(at(21, 16));
    expect(nextHour(at(21, 23, 10))).toBe(at(22, 0));
  });
});
