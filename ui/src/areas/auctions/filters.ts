import type { Auction } from "../../api/types";

export type StatusFilter = "live" | "closed" | "all";

/** What the list shows. The first five are the server's filters; search and time left act on what it sent. */
export interface Filters {
  status: StatusFilter;
  category: string;
  isMine: boolean;
  limit: number;
  offset: number;
}

export interface LocalFilters {
  search: string;
  /** Hours; 0 means any. */
  endsWithinHours: number;
}

const PAGE_SIZE = 24;
// The most that one request may ask for; searching looks at this many of the newest.
export const SEARCH_SIZE = 100;
const HOUR_MS = 3_600_000;

/** Reads the filters from the address, so that a filtered list can be linked and survives a reload. */
export function readFilters(query: URLSearchParams): Filters & LocalFilters & { page: number } {
  const status = query.get("status");
  const search = query.get("q") ?? "";
  const endsWithinHours = positive(query.get("within"));
  const page = Math.max(1, positive(query.get("page")));
  const isLocal = search !== "" || endsWithinHours > 0;
  return {
    status: status === "closed" || status === "all" ? status : "live",
    category: query.get("category") ?? "",
    isMine: query.get("mine") === "true",
    search,
    endsWithinHours,
    page,
    limit: isLocal ? SEARCH_SIZE : PAGE_SIZE,
    offset: isLocal ? 0 : (page - 1) * PAGE_SIZE,
  };
}

/** Keeps what matches the search words and ends soon enough. */
export function applyLocalFilters(
  auctions: readonly Auction[],
  { search, endsWithinHours }: LocalFilters,
  nowMs: number | undefined,
): Auction[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return auctions.filter((auction) => {
    const text = `${auction.title} ${auction.seller_name}`.toLocaleLowerCase();
    if (!words.every((word) => text.includes(word))) return false;
    if (endsWithinHours === 0) return true;
    const leftMs = auction.end_time_ms - (nowMs ?? auction.server_time_ms);
    return auction.status === "live" && leftMs > 0 && leftMs <= endsWithinHours * HOUR_MS;
  });
}

function positive(text: string | null): number {
  const number = Number.parseInt(text ?? "", 10);
  return Number.isFinite(number) && number > 0 ? number : 0;
}
