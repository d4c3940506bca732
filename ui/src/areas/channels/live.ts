import { type InfiniteData, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { serverClock } from "../../api/clock";
import { followTopic, type TopicEvent } from "../../api/events";
import { applyNews, NewsFilter } from "./liveState";
import { channelKeys } from "./queries";
import type { Channel, Channels, HostChannel, PublicChannel } from "./types";

// Many events at once are one question.
const SETTLE_MS = 400;

/**
 * Follows a topic about channels while `isFollowed`: what an event says stands on the page at once, and what it changed
 * besides is asked for.
 */
export function useChannelNews(topic: string, isFollowed = true): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!isFollowed) return;
    const filter = new NewsFilter();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = (event: TopicEvent) => {
      queries.setQueriesData<InfiniteData<Channels>>({ queryKey: channelKeys.lists }, (list) => list && {
        ...list,
        pages: list.pages.map((page) => ({ ...page, channels: page.channels.map((channel) => applyNews(channel, event)) })),
      });
      const id = event.data["channelId"];
      if (typeof id !== "string") return;
      queries.setQueryData<Channel>(channelKeys.one(id), (channel) => channel && applyNews(channel, event));
      queries.setQueryData<PublicChannel>(channelKeys.open(id), (channel) => channel && applyNews(channel, event));
      queries.setQueriesData<HostChannel>({ queryKey: ["channels", "host"], predicate: ({ queryKey }) => queryKey.length === 3 },
        (channel) => channel && applyNews(channel, event));
    };
    const stop = followTopic({
      topic,
      onEvent: (event) => {
        const serverMs = event.data["server_time_ms"];
        if (typeof serverMs === "number") serverClock.sampleOneWay(serverMs);
        tell(event);
        if (!filter.asksAgain(event)) return;
        timer ??= setTimeout(() => {
          timer = undefined;
          void queries.invalidateQueries({ queryKey: channelKeys.all });
        }, SETTLE_MS);
      },
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [topic, isFollowed, queries]);
}

/** What administrators hear: every channel. */
export const CHANNELS_TOPIC = "channels";
