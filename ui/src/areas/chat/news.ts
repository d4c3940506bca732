import type { TopicEvent } from "../../api/events";

type Listener = (event: TopicEvent) => void;

const listeners = new Map<string, Set<Listener>>();
const KINDS = new Set(["snapshot", "chat_messages", "chat_room", "auction_ended"]);

/** Hands what the topic of an auction says about its chat to whoever shows the chat: one stream serves the whole room. */
export function tellChat(auctionId: string, event: TopicEvent): void {
  if (KINDS.has(event.kind)) listeners.get(auctionId)?.forEach((listener) => listener(event));
}

/**
 * Hears what {@link tellChat} tells; the answer ends it. A part of the page begins to listen before the page opens the stream,
 * so it misses no snapshot.
 */
export function followChat(auctionId: string, listener: Listener): () => void {
  const known = listeners.get(auctionId) ?? new Set();
  listeners.set(auctionId, known.add(listener));
  return () => {
    known.delete(listener);
    if (known.size === 0 && listeners.get(auctionId) === known) listeners.delete(auctionId);
  };
}
