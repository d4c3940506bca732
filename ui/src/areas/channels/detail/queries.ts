import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../../api/client";
import { channelKeys } from "../queries";

export const BROADCASTS_PAGE = 10;
const TIMELINE_PAGE = 30;
export const AUDIT_PAGE = 20;

export function useBroadcasts(id: string, offset: number) {
  return useQuery({
    queryKey: [...channelKeys.part(id, "broadcasts"), offset],
    placeholderData: keepPreviousData,
    queryFn: () =>
      unwrap(api.GET("/admin/channels/{id}/broadcasts", { params: { path: { id }, query: { limit: BROADCASTS_PAGE, offset } } })),
  });
}

/** What happened on the channel, newest first; older entries page by page. */
export function useTimeline(id: string) {
  return useInfiniteQuery({
    queryKey: channelKeys.part(id, "timeline"),
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) =>
      unwrap(api.GET("/admin/channels/{id}/timeline", {
        params: { path: { id }, query: { limit: TIMELINE_PAGE, ...(pageParam === undefined ? {} : { before: pageParam }) } },
      })),
    getNextPageParam: ({ entries }) => (entries.length < TIMELINE_PAGE ? undefined : entries.at(-1)?.at_ms),
  });
}

export function useAudit(id: string, offset: number) {
  return useQuery({
    queryKey: [...channelKeys.part(id, "audit"), offset],
    placeholderData: keepPreviousData,
    queryFn: () => unwrap(api.GET("/admin/channels/{id}/audit", { params: { path: { id }, query: { limit: AUDIT_PAGE, offset } } })),
  });
}
