import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { unwrap } from "../../../api/client";
import { api } from "../contract";
import { channelKeys, useForgetChannels } from "../queries";

const PAGE_SIZE = 20;
// Requests come a few a week; the administrators' bell rings at once.
const PERIOD_MS = 30_000;

/** The requests that wait for a decision, oldest word of the server first. */
export function usePendingRequests() {
  return useInfiniteQuery({
    queryKey: [...channelKeys.all, "requests"],
    initialPageParam: undefined as string | undefined,
    refetchInterval: PERIOD_MS,
    queryFn: ({ pageParam }) =>
      unwrap(api.GET("/admin/channel-requests", {
        params: { query: { status: "PENDING", limit: PAGE_SIZE, ...(pageParam === undefined ? {} : { nextToken: pageParam }) } },
      })),
    getNextPageParam: (page) => page.nextToken ?? undefined,
  });
}

export function useApprove(id: string) {
  const forget = useForgetChannels();
  return useMutation({
    mutationFn: (recordingEnabled: boolean) =>
      unwrap(api.POST("/admin/channel-requests/{id}/approve", { params: { path: { id } }, body: { recordingEnabled } })),
    // Also after a failure: "already decided" means that this page is behind.
    onSettled: forget,
  });
}

export function useReject(id: string) {
  const forget = useForgetChannels();
  return useMutation({
    mutationFn: (reason: string) =>
      unwrap(api.POST("/admin/channel-requests/{id}/reject", { params: { path: { id } }, body: { reason } })),
    onSettled: forget,
  });
}
