import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import { toApiError } from "../../api/error";

/** Every question about notifications begins with this. */
export const NOTIFICATIONS = ["notifications"] as const;

/** Notifications under the bell. */
const RECENT = 8;
/** Notifications on one page of the list. */
export const PAGE_SIZE = 20;

/** What the bell shows: the newest, and how many of all are unread. */
export function useRecentNotifications() {
  return useNotifications(RECENT, 0);
}

export function useNotifications(limit: number, offset: number) {
  return useQuery({
    queryKey: [...NOTIFICATIONS, limit, offset],
    placeholderData: keepPreviousData,
    queryFn: () => unwrap(api.GET("/api/notifications", { params: { query: { limit, offset } } })),
  });
}

export function useRead() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      const { error, response } = await api.POST("/api/notifications/{id}/read", { params: { path: { id } } });
      if (!response.ok) throw toApiError(response, error);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: NOTIFICATIONS }),
  });
}

export function useReadAll() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const { error, response } = await api.POST("/api/notifications/read-all");
      if (!response.ok) throw toApiError(response, error);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: NOTIFICATIONS }),
  });
}
