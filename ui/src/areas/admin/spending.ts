import type { CostItem } from "./reports";

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
