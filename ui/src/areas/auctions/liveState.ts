import type { TopicEvent } from "../../api/events";
import { type Bid, mergeBids } from "./bidding/bidLog";
import { isRecord } from "../../api/error";
import type { AuctionState, BidAnswer, Phase, ToldBid, Video } from "../../api/types";

export type EndReason = "time" | "host" | "admin" | "buy_now" | "withdrawn";

/** A change of the clock that this page has seen. */
export interface ClockChange {
  atMs: number;
  kind: "anti_snipe" | "extended" | "paused" | "resumed";
  extendedByMs: number;
  /** Which extension of how many a late bid caused. */
  count: number;
  countMax: number;
}

/** What the server has said about an auction since the page opened. */
export interface LiveAuction {
  state: AuctionState | undefined;
  endReason: EndReason | undefined;
  /** Newest first. */
  clockChanges: ClockChange[];
  /** The bids told since the page opened, newest first. */
  bids: Bid[];
}

export const NOTHING_SAID: LiveAuction = { state: undefined, endReason: undefined, clockChanges: [], bids: [] };

// Enough to see how an ending was fought over.
const CLOCK_CHANGES_MAX = 20;
// A long evening in one room must not fill the memory; what is older is on the server.
const BIDS_MAX = 1000;

/** Something heard: an event of the topic `auction:{id}`, or the answer to the reader's own bid. */
export type Heard = { from: "topic"; event: TopicEvent } | { from: "answer"; answer: BidAnswer };

/** Applies what was heard. Before the snapshot there is nothing to apply it to. */
export function hear(live: LiveAuction, heard: Heard): LiveAuction {
  return heard.from === "topic" ? applyEvent(live, heard.event) : applyAnswer(live, heard.answer);
}

export function applyEvent(live: LiveAuction, { kind, seq, data }: TopicEvent): LiveAuction {
  if (kind === "snapshot") return { ...live, state: data as unknown as AuctionState };
  if (!live.state) return live;
  const state = { ...live.state, seq };
  switch (kind) {
    case "video_update":
      return isRecord(data["video"]) ? { ...live, state: { ...state, video: data["video"] as unknown as Video } } : live;
    case "presence":
      // Not one of the numbered events: the state stays as of the last of those.
      return { ...live, state: { ...live.state, participant_count: numberOr(data["participant_count"], state.participant_count) } };
    case "bid_update":
      return applyBids({ ...live, state }, data);
    case "timer_update":
      return applyTimer({ ...live, state }, data);
    case "auction_ended":
      return applyEnd({ ...live, state }, data);
    default:
      return { ...live, state };
  }
}

function applyBids(live: Known, data: Data): LiveAuction {
  const { state } = live;
  const leaderId = typeof data["high_bidder_id"] === "string" ? data["high_bidder_id"] : null;
  const isLeading = leaderId !== null && leaderId === state.your_bidder_id;
  const tookPart = state.you_are_winning !== undefined || isLeading;
  const said = data as Partial<AuctionState>;
  const told: ToldBid[] = said.recent_bids ?? [];
  return {
    ...live,
    bids: mergeBids(live.bids, told).slice(0, BIDS_MAX),
    state: {
      ...state,
      phase: phaseOf(data, state),
      current_high_bid: typeof data["high_bid"] === "number" ? data["high_bid"] : null,
      high_bidder_id: leaderId,
      high_bidder_username: said.high_bidder_username ?? null,
      top_bids: said.top_bids ?? state.top_bids,
      bid_count: said.bid_count ?? state.bid_count,
      participant_count: said.participant_count ?? state.participant_count,
      next_minimum_bid: said.next_minimum_bid ?? state.next_minimum_bid,
      reserve_met: said.reserve_met === undefined ? state.reserve_met : said.reserve_met,
      buy_now_price: said.buy_now_price ?? null,
      end_time_ms: numberOr(data["ends_at_ms"], state.end_time_ms),
      ...(tookPart ? { you_are_winning: isLeading } : {}),
    },
  };
}

function applyTimer(live: Known, data: Data): LiveAuction {
  const state: AuctionState = {
    ...live.state,
    phase: phaseOf(data, live.state),
    end_time_ms: numberOr(data["ends_at_ms"], live.state.end_time_ms),
    // Only a paused auction shows these; a running clock is counted from its end.
    time_remaining_seconds: Math.ceil(numberOr(data["time_remaining_ms"], live.state.time_remaining_seconds * 1000) / 1000),
    anti_snipe_count: numberOr(data["extension_count"], live.state.anti_snipe_count),
  };
  const kind = CLOCK_CHANGES.find((known) => known === data["type"]);
  if (!kind) return { ...live, state };
  const change: ClockChange = {
    kind,
    atMs: numberOr(data["server_time_ms"], 0),
    extendedByMs: numberOr(data["extended_by"], 0),
    count: state.anti_snipe_count,
    countMax: numberOr(data["max_extensions"], state.anti_snipe.max_extensions),
  };
  return { ...live, state, clockChanges: [change, ...live.clockChanges].slice(0, CLOCK_CHANGES_MAX) };
}

const CLOCK_CHANGES: ClockChange["kind"][] = ["anti_snipe", "extended", "paused", "resumed"];

function applyEnd(live: Known, data: Data): LiveAuction {
  const winnerId = typeof data["winner_id"] === "string" ? data["winner_id"] : null;
  return {
    ...live,
    endReason: REASONS.find((known) => known === data["reason"]),
    state: {
      ...live.state,
      status: "closed",
      phase: phaseOf(data, live.state),
      ended_at: String(data["end_time"] ?? data["at"]),
      winner_id: winnerId,
      winner_username: typeof data["winner_username"] === "string" ? data["winner_username"] : null,
      winning_bid: typeof data["winning_bid"] === "number" ? data["winning_bid"] : null,
    },
  };
}

/**
 * The answer to the reader's own bid. It is a fact of its moment, told by the count of bids: what the topic has said
 * since then is newer, and only tells whether the reader still leads.
 */
function applyAnswer(live: LiveAuction, answer: BidAnswer): LiveAuction {
  const { state } = live;
  if (!state) return live;
  const { your_max_bid } = answer;
  if (answer.bid_count < state.bid_count) {
    const isLeading = state.high_bidder_id !== null && state.high_bidder_id === state.your_bidder_id;
    return { ...live, state: { ...state, your_max_bid, you_are_winning: isLeading } };
  }
  return {
    ...live,
    state: {
      ...state,
      your_max_bid,
      you_are_winning: answer.is_highest,
      current_high_bid: answer.current_high_bid,
      next_minimum_bid: answer.next_minimum_bid,
      bid_count: answer.bid_count,
      end_time_ms: answer.ends_at_ms,
    },
  };
}

type Known = LiveAuction & { state: AuctionState };
type Data = Record<string, unknown>;

function phaseOf(data: Data, state: AuctionState): Phase {
  return PHASES.find((known) => known === data["phase"]) ?? state.phase;
}

const PHASES: Phase[] = ["scheduled", "open", "paused", "sold", "unsold", "withdrawn"];

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : otherwise;
}

const REASONS: EndReason[] = ["time", "host", "admin", "buy_now", "withdrawn"];
