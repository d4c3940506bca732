import type { Phase } from "../../../api/types";

/** Where the reader stands in an auction, in one word. */
export type Standing =
  | "ready" | "winning" | "outbid" | "scheduled" | "paused" | "won" | "sold" | "unsold" | "withdrawn";

export interface StandingFacts {
  phase: Phase;
  /** Absent while the reader has not bid. */
  isWinning: boolean | undefined;
  /** Whether the auction is over and the reader has it. */
  hasWon: boolean;
}

export function standingOf({ phase, isWinning, hasWon }: StandingFacts): Standing {
  switch (phase) {
    case "open":
      return isWinning === undefined ? "ready" : isWinning ? "winning" : "outbid";
    case "sold":
      return hasWon ? "won" : "sold";
    default:
      return phase;
  }
}

/** Whether a bid can be made now. */
export function isBiddable(standing: Standing): boolean {
  return standing === "ready" || standing === "winning" || standing === "outbid";
}

export const STANDING_WORDS: Record<Standing, string> = {
  ready: "Ready to bid",
  winning: "You’re winning",
  outbid: "You’ve been outbid",
  scheduled: "Not started yet",
  paused: "Paused",
  won: "You won",
  sold: "Auction closed",
  unsold: "Auction closed",
  withdrawn: "Withdrawn",
};
