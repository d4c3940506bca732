import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import type { Session } from "../../api/session";
import type { Auction, ChatMessage } from "../../api/types";
import { ChatConnection, type ChatState, type Sent } from "./connection";
import { addLines, deleteLines, type Lines, NO_LINES } from "./lines";
import { followChat } from "./news";
import { fetchLines, fetchTicket } from "./queries";

export interface Chat {
  lines: ChatMessage[];
  /** How it stands for a signed-in reader; undefined for those who only read. */
  state: ChatState | undefined;
  isEnded: boolean;
  /** Older lines are on the server. */
  hasEarlier: boolean;
  isLoading: boolean;
  loadEarlier: () => void;
  send: (content: string) => Promise<Sent>;
  deleted: (messageId: string) => void;
}

type Change = { kind: "said"; lines: ChatMessage[] } | { kind: "deleted"; ids: string[] };

function change(known: Lines, news: Change): Lines {
  return news.kind === "said" ? addLines(known, news.lines) : deleteLines(known, news.ids);
}

const NO_CONNECTION: Promise<Sent> = Promise.resolve("failed");
const PAGE = 50;

/** The conversation of an auction: what the server keeps, what its events tell, and for members the room itself. */
export function useChat(auction: Auction, session: Session): Chat {
  const id = auction.auction_id;
  const [known, tell] = useReducer(change, NO_LINES);
  const [heardEnd, setHeardEnd] = useState(false);
  const isEnded = heardEnd || auction.status === "closed";
  const earlier = useEarlier(id, isEnded, known, tell);
  const room = useRoom(id, session.status === "signed-in" && !isEnded ? session.account.id : undefined, tell);

  useEffect(() => followChat(id, ({ kind, data }) => {
    if (kind === "auction_ended") setHeardEnd(true);
    const said = (kind === "snapshot" ? data["chat_messages"] : data["messages"]) as ChatMessage[] | undefined;
    if (said && said.length > 0) tell({ kind: "said", lines: said });
    const ids = data["deleted"] as string[] | undefined;
    if (ids && ids.length > 0) tell({ kind: "deleted", ids });
  }), [id]);

  const deleted = useCallback((messageId: string) => tell({ kind: "deleted", ids: [messageId] }), []);
  return { isEnded, deleted, ...room, ...earlier };
}

/** The connection to the room, for as long as the same person is here. */
function useRoom(id: string, accountId: string | undefined, tell: (news: Change) => void) {
  const [state, setState] = useState<ChatState>();
  const connection = useRef<ChatConnection>(undefined);
  useEffect(() => {
    if (accountId === undefined) return;
    const opened = new ChatConnection({
      auctionId: id,
      fetchTicket: () => fetchTicket(id),
      onState: setState,
      onSaid: (line) => tell({ kind: "said", lines: [line] }),
      onDeleted: (messageId) => tell({ kind: "deleted", ids: [messageId] }),
    });
    connection.current = opened;
    return () => {
      connection.current = undefined;
      opened.close();
      setState(undefined);
    };
  }, [id, accountId, tell]);
  const send = useCallback((content: string) => connection.current?.send(content) ?? NO_CONNECTION, []);
  return { state, send };
}

/** Paging back. An auction that has ended tells nothing any more, so its last page is asked for. */
function useEarlier(id: string, isEnded: boolean, known: Lines, tell: (news: Change) => void) {
  const last = useQuery({ queryKey: ["chat", id, "last"], enabled: isEnded, queryFn: () => fetchLines(id) });
  const [isAll, setIsAll] = useState(false);
  const [isLoading, setIsLoading] = useState(false);
  const lines = useMemo(() => addLines(known, last.data?.lines ?? []).lines, [known, last.data]);
  const load = useCallback(async (before: string | undefined) => {
    setIsLoading(true);
    try {
      const page = await fetchLines(id, before);
      tell({ kind: "said", lines: page.lines });
      setIsAll(page.isAll);
    } catch {
      // The button stays, to be pressed again.
    } finally {
      setIsLoading(false);
    }
  }, [id, tell]);
  const oldest = lines[0]?.message_id;
  const loadEarlier = useCallback(() => void load(oldest), [load, oldest]);
  return { lines, isLoading: isLoading || last.isLoading, loadEarlier, hasEarlier: !isAll && lines.length >= PAGE };
}
