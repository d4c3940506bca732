import type { CostLine } from "../../../api/types";

const RESOLUTIONS: Record<string, string> = { SD: "SD", HD: "HD", FULL_HD: "Full HD" };

/** A small amount with the digits that it needs: cents from a dollar on, up to a millionth below a cent. */
export function smallMoney(amount: number, currency: string, locale?: string): string {
  const digits = amount === 0 || amount >= 1 ? 2 : amount >= 0.01 ? 4 : 6;
  return new Intl.NumberFormat(locale, {
    style: "currency", currency, minimumFractionDigits: 2, maximumFractionDigits: digits,
  }).format(amount);
}

/** Hours as people read them: `42 min`, `3.25 h`. */
export function hoursText(hours: number): string {
  if (hours < 1 / 60) return `${Math.round(hours * 3600)} s`;
  if (hours < 1) return `${Math.round(hours * 60)} min`;
  return `${new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 }).format(hours)} h`;
}

/** What a line is about. */
export function itemName({ item, resolution }: CostLine): string {
  return item === "input" ? "On air" : `Viewers, ${RESOLUTIONS[resolution ?? ""] ?? ""}`.replace(/, $/, "");
}

/** How a line was reckoned. */
export function explain(line: CostLine, channelType: string, currency: string): string {
  const used = hoursText(line.hours);
  const price = smallMoney(line.price_per_hour, currency);
  return line.item === "input"
    ? `${used} of a ${channelType} channel at ${price} an hour`
    : `${used} watched by all viewers together at ${price} an hour`;
}
