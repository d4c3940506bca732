import type { Booking } from "../types";

/** One day in the reader's zone; 23 or 25 hours long when clocks change. */
export interface Day {
  startMs: number;
  endMs: number;
}

/** The part of a window that lies in one day. */
export interface Piece {
  booking: Booking;
  /** Where it begins and ends in the day, from 0 to 1. */
  from: number;
  to: number;
  /** Whether it began on an earlier day or goes on the next one. */
  isFromBefore: boolean;
  isGoingOn: boolean;
}

const DAYS = 7;

/** The week, Monday to Sunday, that `shift` weeks after the one of `nowMs` is. */
export function weekOf(nowMs: number, shift: number): Day[] {
  const now = new Date(nowMs);
  const sinceMonday = (now.getDay() + 6) % 7;
  const startOf = (index: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() - sinceMonday + shift * DAYS + index).getTime();
  return Array.from({ length: DAYS }, (_, index) => ({ startMs: startOf(index), endMs: startOf(index + 1) }));
}

/** The windows of one day, earliest first. */
export function piecesOf(bookings: readonly Booking[], { startMs, endMs }: Day): Piece[] {
  const share = (ms: number) => Math.min(1, Math.max(0, (ms - startMs) / (endMs - startMs)));
  return bookings
    .map((booking) => ({ booking, start: Date.parse(booking.startsAt), end: Date.parse(booking.endsAt) }))
    .filter(({ start, end }) => start < endMs && end > startMs)
    .sort((a, b) => a.start - b.start)
    .map(({ booking, start, end }) => ({
      booking, from: share(start), to: share(end), isFromBefore: start < startMs, isGoingOn: end > endMs,
    }));
}

/** How a piece reads: `10:00–12:00`, `from before until 02:00`. */
export function pieceText({ booking, isFromBefore, isGoingOn }: Piece, locale?: string): string {
  const time = (rfc3339: string) =>
    new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(new Date(rfc3339));
  if (isFromBefore && isGoingOn) return "all day";
  if (isFromBefore) return `from the day before until ${time(booking.endsAt)}`;
  if (isGoingOn) return `from ${time(booking.startsAt)} into the next day`;
  return `${time(booking.startsAt)}–${time(booking.endsAt)}`;
}

/** A moment as a date field of the browser writes it, in the reader's zone. */
export function toField(ms: number): string {
  const date = new Date(ms);
  const pad = (n: number) => String(n).padStart(2, "0");
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}T${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** What such a field holds as RFC 3339; undefined while it is incomplete. */
export function fromField(text: string): string | undefined {
  const ms = text ? new Date(text).getTime() : Number.NaN;
  return Number.isFinite(ms) ? new Date(ms).toISOString() : undefined;
}

/** The next full hour. */
export function nextHour(nowMs: number): number {
  const date = new Date(nowMs);
  date.setHours(date.getHours() + 1, 0, 0, 0);
  return date.getTime();
}
