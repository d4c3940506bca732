const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** An amount in major units, as the reader's locale writes it. */
export function money(amount: number, currency: string, locale?: string): string {
  return new Intl.NumberFormat(locale, { style: "currency", currency }).format(amount);
}

/** The sum of two amounts in major units, exact to the currency's smallest coin. */
export function addMoney(a: number, b: number, currency: string): number {
  const digits = moneyDigits(currency);
  return Number((a + b).toFixed(digits));
}

/** Decimals of a currency's amounts: 2 for USD, 0 for JPY. */
export function moneyDigits(currency: string): number {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
}

/** Time left as a clock: `1 d 04:05:06`, `2:05:06`, `05:06`. Never negative. */
export function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const tail = `${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}`;
  if (days > 0) return `${days} d ${pad(hours)}:${tail}`;
  return hours > 0 ? `${hours}:${tail}` : tail;
}

/** Time left in words, for lists and screen readers: the two largest units. */
export function timeLeft(leftMs: number): string {
  if (leftMs <= 0) return "ending now";
  if (leftMs < MINUTE_MS) return "under a minute";
  return duration(leftMs);
}

/** A length of time in its two largest units: `2 d 3 h`, `3 h 20 min`, `5 min`, `42 s`. */
export function duration(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  const hours = Math.floor((ms % DAY_MS) / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  if (days > 0) return hours > 0 ? `${days} d ${hours} h` : `${days} d`;
  if (hours > 0) return minutes > 0 ? `${hours} h ${minutes} min` : `${hours} h`;
  return minutes > 0 ? `${minutes} min` : `${Math.floor(ms / 1000)} s`;
}

/** A date and time in the reader's locale and zone. */
export function dateTime(rfc3339: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(rfc3339));
}

/** From when until when, in the reader's locale and zone; what both have in common stands once. */
export function timeRange(fromRfc3339: string, toRfc3339: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" })
    .formatRange(new Date(fromRfc3339), new Date(toRfc3339));
}

/** A time of day to the second, in the reader's locale and zone. */
export function clockTime(epochMs: number, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: "medium" }).format(epochMs);
}

/** A date in the reader's locale and zone. */
export function date(rfc3339: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(new Date(rfc3339));
}

/** Bits per second as `2.4 Mbit/s` or `640 kbit/s`. */
export function bitrate(bps: number): string {
  return bps >= 1e6 ? `${(bps / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bps / 1000)} kbit/s`;
}

/** `1 viewer`, `2 viewers`. */
export function count(n: number, noun: string): string {
  return `${new Intl.NumberFormat().format(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** A text as it is while it is short, else its beginning and an ellipsis. */
export function shorten(text: string, charactersMax = 80): string {
  const characters = Array.from(text);
  return characters.length <= charactersMax ? text : `${characters.slice(0, charactersMax - 1).join("").trimEnd()}…`;
}

function pad(n: number): string {
  return String(n).padStart(2, "0");
}
