import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { api, unwrap } from "../../../api/client";
import { TOLD } from "../../notifications/live";
import { channelKeys, useForgetChannels } from "../queries";

const PAGE_SIZE = 20;
/** The requests that wait for a decision, oldest word of the server first. */
export function usePendingRequests() {
  return useInfiniteQuery({
    queryKey: [...channelKeys.all, "requests"],
    initialPageParam: undefined as string | undefined,
    // The administrators' bell rings for each.
    meta: TOLD,
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
