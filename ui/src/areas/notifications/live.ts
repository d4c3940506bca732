import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { followTopic } from "../../api/events";
import { NOTIFICATIONS } from "./queries";

/** What one tab tells the others: something about this account's notifications changed; `title` when one is new. */
export interface News {
  accountId: string;
  title?: string;
}

/** For a query whose answer changes when the account is told something: it is asked again then. */
export const TOLD = { isTold: true } as const;

/** Where the tabs of a browser speak to each other. */
const CHANNEL = "rostrum-notifications";
// Many events at once, after an auction with many lots say, are one question.
const SETTLE_MS = 300;

/**
 * Keeps what the page knows of notifications current; returns the title of the newest that arrived.
 *
 * A browser opens six connections to a server without TLS, and every room holds one for its own events: so one tab
 * alone listens for the account and tells the others.
 */
export function useOwnNews(accountId: string): string | undefined {
  const queries = useQueryClient();
  const [arrived, setArrived] = useState<string>();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hear = (news: News) => {
      if (news.accountId !== accountId) return;
      if (news.title !== undefined) setArrived(news.title);
      timer ??= setTimeout(() => {
        timer = undefined;
        void queries.invalidateQueries({ queryKey: NOTIFICATIONS });
        void queries.invalidateQueries({ predicate: ({ meta }) => meta?.["isTold"] === true });
      }, SETTLE_MS);
    };
    const stop = shareNews(accountId, hear);
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [accountId, queries]);
  return arrived;
}

/** Listens for `accountId` in one tab of the browser, and hears it in all; until the returned function is called. */
function shareNews(accountId: string, hear: (news: News) => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = ({ data }: MessageEvent<News>) => hear(data);
  const tell = (news: News) => {
    hear(news);
    channel.postMessage(news);
  };
  const left = new AbortController();
  // Missing on insecure origins other than localhost: there each tab listens for itself.
  const locks = (navigator as { locks?: LockManager }).locks;
  if (!locks) {
    left.signal.addEventListener("abort", listen(accountId, hear));
  } else {
    const whileHere = () =>
      new Promise<void>((resolve) => {
        const stop = listen(accountId, tell);
        left.signal.addEventListener("abort", () => {
          stop();
          resolve();
        });
      });
    locks.request(`${CHANNEL}:${accountId}`, { signal: left.signal }, whileHere).catch(() => undefined);
  }
  return () => {
    left.abort();
    channel.close();
  };
}

function listen(accountId: string, tell: (news: News) => void): () => void {
  return followTopic({
    topic: `account:${accountId}`,
    onEvent: ({ kind, data }) => {
      const title = kind === "notification" ? data["title"] : undefined;
      tell({ accountId, ...(typeof title === "string" ? { title } : {}) });
    },
  });
}
