import type { ChannelState } from "./types";

/** What the list shows; the server applies it, so that pages and counts are right. */
export interface Filters {
  state: ChannelState | undefined;
  search: string;
}

export const STATES: ChannelState[] = ["LIVE", "IDLE", "OFFLINE"];

/** Reads the filters from the address, so that a filtered list can be linked and survives a reload. */
export function readFilters(query: URLSearchParams): Filters {
  const wanted = query.get("state")?.toUpperCase();
  return { state: STATES.find((state) => state === wanted), search: (query.get("q") ?? "").trim() };
}

export function isFiltered({ state, search }: Filters): boolean {
  return state !== undefined || search !== "";
}
