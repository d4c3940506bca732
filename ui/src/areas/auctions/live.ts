import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useReducer } from "react";
import { followTopic, type TopicEvent } from "../../api/events";
import { isRecord } from "../../api/error";
import type { AuctionState, Video } from "../../api/types";
import { serverClock } from "../../api/clock";
import { auctionKeys } from "./queries";

export type EndReason = "time" | "host" | "admin";

/** What the server has said about an auction since the page opened. */
export interface LiveAuction {
  state: AuctionState | undefined;
  endReason: EndReason | undefined;
}

export const NOTHING_SAID: LiveAuction = { state: undefined, endReason: undefined };

/** Applies one event of the topic `auction:{id}`. Events before the snapshot have nothing to apply to. */
export function applyEvent(live: LiveAuction, event: TopicEvent): LiveAuction {
  if (event.kind === "snapshot") return { ...live, state: event.data as unknown as AuctionState };
  const { state } = live;
  if (!state) return live;
  const next = { ...state, seq: event.seq };
  switch (event.kind) {
    case "video_update":
      return isRecord(event.data["video"]) ? { ...live, state: { ...next, video: event.data["video"] as unknown as Video } } : live;
    case "auction_ended":
      return {
        state: { ...next, status: "closed", ended_at: String(event.data["end_time"] ?? event.data["at"]) },
        endReason: endReason(event.data["reason"]),
      };
    default:
      return { ...live, state: next };
  }
}

function endReason(reason: unknown): EndReason | undefined {
  return reason === "time" || reason === "host" || reason === "admin" ? reason : undefined;
}

/** Follows one auction from its snapshot on, while `isFollowed`. */
export function useLiveAuction(id: string, isFollowed: boolean): LiveAuction {
  const [live, dispatch] = useReducer(applyEvent, NOTHING_SAID);
  const queries = useQueryClient();
  useEffect(() => {
    if (!isFollowed) return;
    return followTopic({
      topic: `auction:${id}`,
      onEvent: (event) => {
        learnTime(event);
        dispatch(event);
        if (event.kind === "auction_ended") void queries.invalidateQueries({ queryKey: auctionKeys.one(id) });
      },
    });
  }, [id, isFollowed, queries]);
  return live;
}

// A busy house says many things in a second; one question after them is enough.
const SETTLE_MS = 400;

/** Asks the lists again when anything happened to any auction. */
export function useAuctionsChanged(): void {
  const queries = useQueryClient();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isFirst = true;
    const stop = followTopic({
      topic: "auctions",
      onEvent: (event) => {
        learnTime(event);
        // The lists are asked for when the page opens; a later snapshot means that events were missed.
        const isNews = event.kind !== "snapshot" || !isFirst;
        isFirst = false;
        if (!isNews || timer !== undefined) return;
        timer = setTimeout(() => {
          timer = undefined;
          void queries.invalidateQueries({ queryKey: auctionKeys.lists });
        }, SETTLE_MS);
      },
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [queries]);
}

function learnTime(event: TopicEvent): void {
  const serverMs = event.data["server_time_ms"];
  if (typeof serverMs === "number") serverClock.sampleOneWay(serverMs);
}
