import type { NewAuction } from "../../api/types";

/** The form's own values: what people type, before it is a request. */
export interface NewAuctionFields {
  title: string;
  description: string;
  category: string | null;
  condition: string;
  starting_bid: number | string;
  seller_name: string;
  /** Hours of a preset, or `custom` with hours and minutes. */
  preset: string;
  hours: number | string;
  minutes: number | string;
  bid_increment: number | string;
  reserve_price: number | string;
  buy_now_price: number | string;
  isProxyAllowed: boolean;
  /** Seconds before the end in which a bid moves it; 0 for never. */
  window_seconds: number | string;
  extension_seconds: number | string;
  max_extensions: number | string;
  /** A local date and time, as `datetime-local` writes it; empty for at once. */
  starts_at: string;
}

export const PRESETS = [
  { value: "1", label: "1 h" },
  { value: "3", label: "3 h" },
  { value: "6", label: "6 h" },
  { value: "12", label: "12 h" },
  { value: "custom", label: "Custom" },
];

export const ANTI_SNIPE = { window_seconds: 30, extension_seconds: 30, max_extensions: 5 };

export const NO_FIELDS: NewAuctionFields = {
  title: "", description: "", category: null, condition: "", starting_bid: "", seller_name: "",
  preset: "1", hours: 0, minutes: 30,
  bid_increment: "", reserve_price: "", buy_now_price: "", isProxyAllowed: true, ...ANTI_SNIPE, starts_at: "",
};

const TITLE_CHARACTERS_MAX = 500;
const START_DAYS_MAX = 90;
const DAY_MS = 86_400_000;

export function toDurationS({ preset, hours, minutes }: NewAuctionFields): number {
  if (preset !== "custom") return Number(preset) * 3600;
  return (Number(hours) || 0) * 3600 + (Number(minutes) || 0) * 60;
}

/** The request; a field left empty or at the server's default is left out, so that the default applies. */
export function toNewAuction(fields: NewAuctionFields): NewAuction {
  const texts = {
    description: fields.description.trim(),
    category: fields.category ?? "",
    condition: fields.condition.trim(),
    seller_name: fields.seller_name.trim(),
  };
  const amounts = { bid_increment: fields.bid_increment, reserve_price: fields.reserve_price, buy_now_price: fields.buy_now_price };
  const given = <T>(members: Record<string, T>) => Object.entries(members).filter(([, value]) => value !== "");
  return {
    title: fields.title.trim(),
    duration: toDurationS(fields),
    starting_bid: Number(fields.starting_bid) || 0,
    ...Object.fromEntries(given(texts)),
    ...Object.fromEntries(given(amounts).map(([name, value]) => [name, Number(value)])),
    ...(fields.isProxyAllowed ? {} : { proxy_bidding: false }),
    ...antiSnipe(fields),
    ...(fields.starts_at ? { starts_at: new Date(fields.starts_at).toISOString() } : {}),
  };
}

function antiSnipe(fields: NewAuctionFields): Pick<NewAuction, "anti_snipe"> {
  const chosen = {
    window_seconds: Number(fields.window_seconds) || 0,
    extension_seconds: Number(fields.extension_seconds) || ANTI_SNIPE.extension_seconds,
    max_extensions: Number(fields.max_extensions) || 0,
  };
  const isDefault = JSON.stringify(chosen) === JSON.stringify(ANTI_SNIPE);
  return isDefault ? {} : { anti_snipe: chosen };
}

/** The server's rules, told before the request. The server has the last word. */
export function validate(fields: NewAuctionFields, nowMs = Date.now()): Record<string, string> {
  const errors: Record<string, string> = {};
  const title = fields.title.trim();
  const startingBid = Number(fields.starting_bid);
  if (!title) errors["title"] = "Give the lot a title";
  else if (title.length > TITLE_CHARACTERS_MAX) errors["title"] = `At most ${TITLE_CHARACTERS_MAX} characters`;
  if (!(startingBid > 0)) errors["starting_bid"] = "The starting bid must be more than 0";
  if (fields.bid_increment !== "" && !(Number(fields.bid_increment) > 0)) errors["bid_increment"] = "The increment must be more than 0";
  if (fields.reserve_price !== "" && !(Number(fields.reserve_price) >= startingBid)) {
    errors["reserve_price"] = "The reserve is at least the starting bid";
  }
  if (fields.buy_now_price !== "" && !(Number(fields.buy_now_price) >= Math.max(startingBid, Number(fields.reserve_price)))) {
    errors["buy_now_price"] = "The price is at least the starting bid and the reserve";
  }
  if (toDurationS(fields) <= 0) errors["duration"] = "Choose how long the auction runs";
  const startMs = fields.starts_at ? Date.parse(fields.starts_at) : undefined;
  if (startMs !== undefined && !(startMs > nowMs)) errors["starts_at"] = "Choose a time that is still to come";
  else if (startMs !== undefined && startMs > nowMs + START_DAYS_MAX * DAY_MS) errors["starts_at"] = `At most ${START_DAYS_MAX} days from now`;
  return errors;
}
