export type StatusFilter = "live" | "closed";

/** What a list shows. The server applies all of it, so that pages and totals are right. */
export interface Filters {
  status: StatusFilter;
  category: string;
  search: string;
  /** A band of the price, in major units; a bound of 0 means none. */
  priceMin: number;
  priceMax: number;
  /** Hours; 0 means any. */
  endsWithinHours: number;
  limit: number;
  offset: number;
}

export const PAGE_SIZE = 24;

/** The bands of the price that the list offers; the last has no upper bound. */
export const PRICE_BANDS = [
  { value: "0-1000", label: "Under 1,000" },
  { value: "1000-5000", label: "1,000 to 5,000" },
  { value: "5000-10000", label: "5,000 to 10,000" },
  { value: "10000-0", label: "10,000 and more" },
];

/** Reads the filters from the address, so that a filtered list can be linked and survives a reload. */
export function readFilters(query: URLSearchParams): Filters & { page: number } {
  const page = Math.max(1, positive(query.get("page")));
  const band = PRICE_BANDS.find(({ value }) => value === query.get("price"))?.value ?? "0-0";
  const [priceMin = 0, priceMax = 0] = band.split("-").map(Number);
  return {
    status: query.get("status") === "closed" ? "closed" : "live",
    category: query.get("category") ?? "",
    search: query.get("q") ?? "",
    priceMin,
    priceMax,
    endsWithinHours: positive(query.get("within")),
    page,
    limit: PAGE_SIZE,
    offset: (page - 1) * PAGE_SIZE,
  };
}

/** Whether anything narrows the list. */
export function isFiltered({ category, search, priceMin, priceMax, endsWithinHours }: Filters): boolean {
  return category !== "" || search !== "" || priceMin > 0 || priceMax > 0 || endsWithinHours > 0;
}

/** The query of one page of auctions, as the API names it. */
export function toQuery(filters: Filters) {
  const { status, category, search, priceMin, priceMax, endsWithinHours, limit, offset } = filters;
  return {
    status,
    ...(category ? { category } : {}),
    ...(search.trim() ? { q: search.trim() } : {}),
    ...(priceMin > 0 ? { price_min: priceMin } : {}),
    ...(priceMax > 0 ? { price_below: priceMax } : {}),
    ...(endsWithinHours > 0 && status === "live" ? { ends_within: endsWithinHours * 3600 } : {}),
    limit,
    offset,
  };
}

function positive(text: string | null): number {
  const number = Number.parseInt(text ?? "", 10);
  return Number.isFinite(number) && number > 0 ? number : 0;
}
