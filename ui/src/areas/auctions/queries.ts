import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { NewAuction, StreamKey } from "../../api/types";
import { timed } from "../../api/clock";
import type { Filters } from "./filters";

/** Cache keys. `lists` covers everything that shows several auctions, the Now page included. */
export const auctionKeys = {
  lists: ["auctions", "lists"] as const,
  list: (filters: Filters) => ["auctions", "lists", filters] as const,
  now: ["auctions", "lists", "now"] as const,
  one: (id: string) => ["auctions", "one", id] as const,
  streamKey: (id: string) => ["auctions", "stream-key", id] as const,
  health: (id: string) => ["auctions", "health", id] as const,
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

export function toQuery({ status, category, isMine, limit, offset }: Filters) {
  return {
    ...(status === "all" ? {} : { status }),
    ...(category ? { category } : {}),
    ...(isMine ? { mine: true } : {}),
    limit,
    offset,
  };
}

export function useNow() {
  return useQuery({ queryKey: auctionKeys.now, queryFn: () => unwrap(api.GET("/api/now")) });
}

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
