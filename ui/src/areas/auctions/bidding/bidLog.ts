import type { PublicBid, ToldBid } from "../../../api/types";

/** A bid to show: from the list, from an event, or from both. */
export type Bid = ToldBid & Partial<Pick<PublicBid, "status">>;

/** One list from what was fetched and what was told since: newest first, each bid once. */
export function mergeBids(fetched: readonly Bid[], told: readonly Bid[]): Bid[] {
  const bySeq = new Map<number, Bid>();
  for (const bid of [...fetched, ...told]) bySeq.set(bid.seq, { ...bySeq.get(bid.seq), ...bid });
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq);
}

/** How a bid stands. Who leads is told with every change; of the list's words only "retracted" is still true later. */
export function statusOf(bid: Bid, bids: readonly Bid[], leaderId: string | null): PublicBid["status"] {
  if (bid.status === "retracted") return "retracted";
  const best = bids.find(({ bidder_id, status }) => bidder_id === leaderId && status !== "retracted");
  return best?.seq === bid.seq ? "leading" : "outbid";
}

/** A corner of the price's step line. */
export interface PricePoint {
  atMs: number;
  price: number;
  isYou: boolean;
}

/** The price after each bid, oldest first. A bid that was taken back has no part in it. */
export function priceSteps(bids: readonly Bid[], ownId: string | undefined): PricePoint[] {
  return [...bids].reverse()
    .filter(({ status }) => status !== "retracted")
    .map(({ at_ms, price, amount, bidder_id }) => ({ atMs: at_ms, price: price ?? amount, isYou: bidder_id === ownId }));
}
