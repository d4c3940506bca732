import type { PlotPoint } from "../../shell/plot";
import type { CostItem, DayCost } from "./reports";

const DAY_MS = 86_400_000;

/** What costs most comes first; equals by name. */
export function dearestFirst(items: readonly CostItem[]): CostItem[] {
  return [...items].sort((a, b) => b.total_cost - a.total_cost || a.name.localeCompare(b.name));
}

/** Where to look at what the money went to. */
export function ownerPage({ owner_kind, owner_id }: CostItem): string | undefined {
  if (owner_kind === "auction") return `/auctions/${owner_id}/desk`;
  return owner_kind === "channel" ? `/channels/${owner_id}` : undefined;
}

/** `auction` as people read it. */
export function kindName(kind: string): string {
  return kind.charAt(0).toUpperCase() + kind.slice(1);
}

/** Every day from the first to the last that cost something; a day without a broadcast cost nothing. */
export function everyDay(days: readonly DayCost[]): PlotPoint[] {
  const known = new Map(days.map(({ date, total_cost }) => [Date.parse(date), total_cost]));
  const first = Math.min(...known.keys());
  const count = known.size > 0 ? (Math.max(...known.keys()) - first) / DAY_MS + 1 : 0;
  return Array.from({ length: count }, (_, index) => first + index * DAY_MS).map((at) => ({ at, value: known.get(at) ?? 0 }));
}
