import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useReducer } from "react";
import { followTopic, type TopicEvent } from "../../api/events";
import type { BidAnswer } from "../../api/types";
import { serverClock } from "../../api/clock";
import { tellChat } from "../chat/news";
import { hear, type LiveAuction, NOTHING_SAID } from "./liveState";
import { auctionKeys } from "./queries";

/** Follows one auction from its snapshot on, while `isFollowed`; `onAnswer` takes the answer to the reader's own bid. */
export function useLiveAuction(id: string, isFollowed: boolean): LiveAuction & { onAnswer: (answer: BidAnswer) => void } {
  const [live, dispatch] = useReducer(hear, NOTHING_SAID);
  const queries = useQueryClient();
  useEffect(() => {
    if (!isFollowed) return;
    let isFirst = true;
    return followTopic({
      topic: `auction:${id}`,
      onEvent: (event) => {
        learnTime(event);
        dispatch({ from: "topic", event });
        tellChat(id, event);
        // A later snapshot means that bids were missed; an update without bids, that one was taken back.
        const isRewritten = event.kind === "snapshot" ? !isFirst : event.data["bids_in_update"] === 0;
        if (isRewritten) void queries.invalidateQueries({ queryKey: auctionKeys.bids(id) });
        isFirst = false;
        if (event.kind === "auction_ended") void queries.invalidateQueries({ queryKey: auctionKeys.one(id) });
      },
    });
  }, [id, isFollowed, queries]);
  const onAnswer = useCallback((answer: BidAnswer) => dispatch({ from: "answer", answer }), []);
  return { ...live, onAnswer };
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
