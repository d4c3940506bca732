import type { Auction, TopBid } from "../../api/types";
import type { LiveAuction } from "./liveState";

/** An auction with the newest word on everything that moves. */
export type Lot = Auction & { top_bids: TopBid[] };

/** The auction as it was fetched, overlaid with what the server said since. */
export function lotOf(auction: Auction, { state }: LiveAuction): Lot {
  if (!state) return { ...auction, top_bids: [] };
  // An outcome that was fetched after the end knows more than the event that told of it.
  const isOlder = auction.status === "closed" && state.status === "live";
  return isOlder ? { ...auction, top_bids: state.top_bids } : { ...auction, ...state };
}

/** The price of the moment: what it went for, the highest bid, or where it starts. */
export function priceOf({ winning_bid, current_high_bid, starting_bid }: Auction): number {
  return winning_bid ?? current_high_bid ?? starting_bid;
}

/** Whether the reader has it. */
export function hasWon(lot: Auction): boolean {
  return lot.phase === "sold" && lot.winner_id !== null && lot.winner_id === lot.your_bidder_id;
}
