import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { Filters } from "./filters";
import type { ChannelState } from "./types";

/** Cache keys; `all` covers everything that a change of a channel may change. */
export const channelKeys = {
  all: ["channels"] as const,
  lists: ["channels", "lists"] as const,
  capacity: ["channels", "capacity"] as const,
  one: (id: string) => ["channels", "one", id] as const,
  part: (id: string, part: string) => ["channels", "one", id, part] as const,
  open: (id: string) => ["channels", "open", id] as const,
  host: (userId: string) => ["channels", "host", userId] as const,
};

const PAGE_SIZE = 24;
// Minutes on air grow without anybody saying so.
const MINUTE_MS = 60_000;
const HEALTH_PERIOD_MS = 3000;
const COST_PERIOD_MS = 5000;

/** The channels that fit the filters, page after page. */
export function useChannels({ state, search }: Filters) {
  return useInfiniteQuery({
    queryKey: [...channelKeys.lists, state, search],
    placeholderData: keepPreviousData,
    initialPageParam: undefined as string | undefined,
    refetchInterval: MINUTE_MS,
    queryFn: ({ pageParam }) =>
      unwrap(api.GET("/admin/channels", {
        params: {
          query: {
            limit: PAGE_SIZE,
            ...(state ? { state } : {}),
            ...(search ? { q: search } : {}),
            ...(pageParam === undefined ? {} : { nextToken: pageParam }),
          },
        },
      })),
    getNextPageParam: (page) => page.nextToken ?? undefined,
  });
}

export function useCapacity() {
  return useQuery({ queryKey: channelKeys.capacity, queryFn: () => unwrap(api.GET("/admin/channels/capacity")) });
}

export function useChannel(id: string) {
  return useQuery({
    queryKey: channelKeys.one(id),
    refetchInterval: MINUTE_MS,
    queryFn: async () => (await unwrap(api.GET("/admin/channels/{id}", { params: { path: { id } } }))).channel,
  });
}

export function useStats(id: string) {
  return useQuery({
    queryKey: channelKeys.part(id, "stats"),
    refetchInterval: MINUTE_MS,
    queryFn: () => unwrap(api.GET("/admin/channels/{id}/stats", { params: { path: { id } } })),
  });
}

export function useChannelHealth(id: string, isOnAir: boolean) {
  return useQuery({
    queryKey: channelKeys.part(id, "health"),
    queryFn: () => unwrap(api.GET("/admin/channels/{id}/health", { params: { path: { id } } })),
    refetchInterval: isOnAir ? HEALTH_PERIOD_MS : false,
  });
}

export function useChannelCost(id: string, isOnAir: boolean) {
  return useQuery({
    queryKey: channelKeys.part(id, "cost"),
    queryFn: () => unwrap(api.GET("/admin/channels/{id}/cost", { params: { path: { id } } })),
    refetchInterval: isOnAir ? COST_PERIOD_MS : false,
  });
}

/** Everything about channels is asked for again. */
export function useForgetChannels() {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: channelKeys.all });
}

export function useCreateChannel() {
  const forget = useForgetChannels();
  return useMutation({
    mutationFn: (body: { name: string; recordingEnabled: boolean }) => unwrap(api.POST("/admin/channels", { body })),
    onSettled: forget,
  });
}

export function useDeleteChannel(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.DELETE("/admin/channels/{id}", { params: { path: { id } } })),
    onSuccess: () => {
      // What was on its page is gone, and must not be asked for again.
      queries.removeQueries({ queryKey: channelKeys.one(id) });
      return Promise.all([channelKeys.lists, channelKeys.capacity].map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
  });
}

export interface NewState {
  newState: ChannelState;
  sessionId?: string;
  force?: boolean;
}

/** An operator's hand on a channel: claim it, free and enable it, or switch it off. */
export function useSetState(id: string) {
  const forget = useForgetChannels();
  return useMutation({
    mutationFn: (body: NewState) => unwrap(api.PUT("/admin/channels/{id}/state", { params: { path: { id } }, body })),
    onSettled: forget,
  });
}

export function useLookup() {
  return useMutation({
    mutationFn: (email: string) => unwrap(api.GET("/admin/users/lookup", { params: { query: { email } } })),
  });
}

export function useAssign(id: string) {
  const forget = useForgetChannels();
  return useMutation({
    mutationFn: (hostUserId: string) =>
      unwrap(api.POST("/admin/channels/{id}/assign", { params: { path: { id } }, body: { hostUserId } })),
    onSettled: forget,
  });
}

export function useUnassign(id: string) {
  const forget = useForgetChannels();
  return useMutation({
    mutationFn: (userId: string) =>
      unwrap(api.DELETE("/admin/channels/{id}/assign/{user_id}", { params: { path: { id, user_id: userId } } })),
    onSettled: forget,
  });
}
