import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { Auction, BidAnswer, NewAuction, NewBid, StreamKey } from "../../api/types";
import { timed } from "../../api/clock";
import { type Filters, toQuery } from "./filters";

/** Cache keys. `lists` covers everything that shows several auctions, the Now page included. */
export const auctionKeys = {
  lists: ["auctions", "lists"] as const,
  list: (filters: Filters) => ["auctions", "lists", filters] as const,
  now: ["auctions", "lists", "now"] as const,
  one: (id: string) => ["auctions", "one", id] as const,
  streamKey: (id: string) => ["auctions", "stream-key", id] as const,
  health: (id: string) => ["auctions", "health", id] as const,
  bids: (id: string) => ["auctions", "bids", id] as const,
  myBids: (offset: number) => ["auctions", "my-bids", offset] as const,
};

const HEALTH_PERIOD_MS = 3000;

export function useAuction(id: string) {
  return useQuery({
    queryKey: auctionKeys.one(id),
    queryFn: () =>
      timed(
        () => unwrap(api.GET("/api/auctions/{id}", { params: { path: { id } } })),
        (auction) => auction.server_time_ms,
      ),
  });
}

export function useAuctions(filters: Filters) {
  return useQuery({
    queryKey: auctionKeys.list(filters),
    placeholderData: keepPreviousData,
    queryFn: () =>
      timed(
        () => unwrap(api.GET("/api/auctions", { params: { query: toQuery(filters) } })),
        (list) => list.auctions[0]?.server_time_ms,
      ),
  });
}

const SALES_MAX = 100;

/** The caller's own auctions: those that run, or those that were sold or not. */
export function useMySales(status: "live" | "closed") {
  return useQuery({
    queryKey: [...auctionKeys.lists, "mine", status],
    queryFn: () =>
      timed(
        () => unwrap(api.GET("/api/auctions", { params: { query: { mine: true, status, limit: SALES_MAX } } })),
        (list) => list.auctions[0]?.server_time_ms,
      ),
  });
}

/** What is live. Auctions tell when they change; channels tell only their own watchers, so it is asked for now and then. */
export function useNow() {
  return useQuery({ queryKey: auctionKeys.now, queryFn: () => unwrap(api.GET("/api/now")), refetchInterval: NOW_EVERY_MS });
}

const NOW_EVERY_MS = 10_000;

export function useCreateAuction() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewAuction) => unwrap(api.POST("/api/auctions", { body })),
    onSuccess: (auction) => {
      const { ivs_stream_key, ivs_ingest_endpoint, rtmp_url, rtmps_url, ...shown } = auction;
      // The creator's answer carries the key: the desk shows it without asking for a reveal.
      if (ivs_stream_key && ivs_ingest_endpoint && rtmps_url) {
        const key: StreamKey = { ivs_stream_key, ivs_ingest_endpoint, rtmps_url, ...(rtmp_url ? { rtmp_url } : {}) };
        queries.setQueryData(auctionKeys.streamKey(auction.auction_id), key);
      }
      queries.setQueryData(auctionKeys.one(auction.auction_id), shown);
      void queries.invalidateQueries({ queryKey: auctionKeys.lists });
    },
  });
}

export function useCloseAuction(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.POST("/api/auctions/{id}/close", { params: { path: { id } } })),
    // Also after a failure: "closed already" means that this page is behind.
    onSettled: () => queries.invalidateQueries({ queryKey: ["auctions"] }),
  });
}

/** Sends one bid under its key: the same key again is the same bid. */
export function placeBid(body: NewBid, key: string): Promise<BidAnswer> {
  return timed(
    () => unwrap(api.POST("/api/bids", { body, params: { header: { "Idempotency-Key": key } } })),
    (answer) => answer.server_time_ms,
  );
}

/** The most that one request may ask for: the plot and the table show this much of the past. */
const BIDS_MAX = 100;

export function useBids(id: string) {
  return useQuery({
    queryKey: auctionKeys.bids(id),
    queryFn: () => unwrap(api.GET("/api/auctions/{id}/bids", { params: { path: { id }, query: { limit: BIDS_MAX } } })),
  });
}

export const MY_BIDS_PAGE = 24;

export function useMyBids(offset: number) {
  return useQuery({
    queryKey: auctionKeys.myBids(offset),
    placeholderData: keepPreviousData,
    queryFn: () =>
      timed(
        () => unwrap(api.GET("/api/bids", { params: { query: { limit: MY_BIDS_PAGE, offset, latest: true } } })),
        (list) => list.server_time_ms,
      ),
  });
}

export function useBuyNow(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.POST("/api/auctions/{id}/buy-now", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["auctions"] }),
  });
}

export type Control =
  | { kind: "pause" }
  | { kind: "resume" }
  | { kind: "extend"; seconds: number }
  | { kind: "withdraw"; reason: string };

/** The seller's hand on a running auction. What it changed comes back as an event, to the seller as to everyone. */
export function useControl(id: string) {
  const queries = useQueryClient();
  const params = { path: { id } };
  const send = (control: Control): Promise<Auction> => {
    switch (control.kind) {
      case "pause":
        return unwrap(api.POST("/api/auctions/{id}/pause", { params }));
      case "resume":
        return unwrap(api.POST("/api/auctions/{id}/resume", { params }));
      case "extend":
        return unwrap(api.POST("/api/auctions/{id}/extend", { params, body: { seconds: control.seconds } }));
      case "withdraw":
        return unwrap(api.POST("/api/auctions/{id}/withdraw", { params, body: { reason: control.reason } }));
    }
  };
  return useMutation({ mutationFn: send, onSettled: () => queries.invalidateQueries({ queryKey: ["auctions"] }) });
}

/** The stream key, once it was created or revealed in this tab. It lives in memory only. */
export function useStreamKey(id: string) {
  const queries = useQueryClient();
  const known = useQuery<StreamKey>({ queryKey: auctionKeys.streamKey(id), enabled: false, staleTime: Infinity });
  const reveal = useMutation({
    mutationFn: () => unwrap(api.POST("/api/auctions/{id}/stream-key/reveal", { params: { path: { id } } })),
    onSuccess: (key) => queries.setQueryData(auctionKeys.streamKey(id), key),
  });
  return { key: known.data, reveal };
}

export function useHealth(id: string, isLive: boolean) {
  return useQuery({
    queryKey: auctionKeys.health(id),
    queryFn: () => unwrap(api.GET("/api/auctions/{id}/health", { params: { path: { id } } })),
    refetchInterval: isLive ? HEALTH_PERIOD_MS : false,
  });
}
