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
}

export const PRESETS = [
  { value: "1", label: "1 h" },
  { value: "3", label: "3 h" },
  { value: "6", label: "6 h" },
  { value: "12", label: "12 h" },
  { value: "custom", label: "Custom" },
];

export const NO_FIELDS: NewAuctionFields = {
  title: "", description: "", category: null, condition: "", starting_bid: "", seller_name: "",
  preset: "1", hours: 0, minutes: 30,
};

const TITLE_CHARACTERS_MAX = 500;

export function toDurationS({ preset, hours, minutes }: NewAuctionFields): number {
  if (preset !== "custom") return Number(preset) * 3600;
  return (Number(hours) || 0) * 3600 + (Number(minutes) || 0) * 60;
}

/** The request; a field left empty is left out, so that the server's default applies. */
export function toNewAuction(fields: NewAuctionFields): NewAuction {
  const optional = {
    description: fields.description.trim(),
    category: fields.category ?? "",
    condition: fields.condition.trim(),
    seller_name: fields.seller_name.trim(),
  };
  return {
    title: fields.title.trim(),
    duration: toDurationS(fields),
    starting_bid: Number(fields.starting_bid) || 0,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== "")),
  };
}

/** The server's rules, told before the request. The server has the last word. */
export function validate(fields: NewAuctionFields): Record<string, string> {
  const errors: Record<string, string> = {};
  const title = fields.title.trim();
  if (!title) errors["title"] = "Give the lot a title";
  else if (title.length > TITLE_CHARACTERS_MAX) errors["title"] = `At most ${TITLE_CHARACTERS_MAX} characters`;
  if (!(Number(fields.starting_bid) > 0)) errors["starting_bid"] = "The starting bid must be more than 0";
  if (toDurationS(fields) <= 0) errors["duration"] = "Choose how long the auction runs";
  return errors;
}
