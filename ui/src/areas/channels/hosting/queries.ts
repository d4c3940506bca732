import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../../api/client";
import { ApiError } from "../../../api/error";
import { TOLD } from "../../notifications/live";
import { channelKeys, useForgetChannels } from "../queries";
import type { Session, StreamKey } from "../types";

const HEALTH_PERIOD_MS = 3000;
/** How often the page says that its host is still there; the server's lease is several times as long. */
const HEARTBEAT_PERIOD_MS = 60_000;
const SHOWS_MAX = 100;

export function useHostChannel(userId: string) {
  return useQuery({
    queryKey: channelKeys.host(userId),
    // Being assigned, unassigned or booked is told as a notification.
    meta: TOLD,
    queryFn: () => unwrap(api.GET("/hosts/{user_id}/channel", { params: { path: { user_id: userId } } })),
  });
}

export function useHostHealth(userId: string, isOnAir: boolean) {
  return useQuery({
    queryKey: [...channelKeys.host(userId), "health"],
    queryFn: () => unwrap(api.GET("/hosts/{user_id}/channel/health", { params: { path: { user_id: userId } } })),
    refetchInterval: isOnAir ? HEALTH_PERIOD_MS : false,
  });
}

/** The stream key, once it was revealed or made in this tab. It lives in memory only. */
export function useHostKey(userId: string) {
  const queries = useQueryClient();
  const queryKey = [...channelKeys.all, "host-key", userId];
  const known = useQuery<StreamKey>({ queryKey, enabled: false, staleTime: Infinity });
  const keep = (key: StreamKey) => queries.setQueryData(queryKey, key);
  const params = { path: { user_id: userId } };
  const reveal = useMutation({
    mutationFn: () => unwrap(api.POST("/hosts/{user_id}/channel/stream-key/reveal", { params })), onSuccess: keep,
  });
  const rotate = useMutation({
    mutationFn: () => unwrap(api.POST("/hosts/{user_id}/channel/stream-key/rotate", { params })), onSuccess: keep,
  });
  return { key: known.data, reveal, rotate };
}

/** The session that the reader runs on the channel now, or null. */
export function useOwnSession(userId: string, channelId: string) {
  return useQuery({
    queryKey: [...channelKeys.host(userId), "session"],
    queryFn: async (): Promise<Session | null> => {
      const { sessions } = await unwrap(api.GET("/sessions", { params: { query: { status: "ACTIVE", channelId } } }));
      return sessions.find((session) => session.hostUserId === userId) ?? null;
    },
  });
}

/** Says every minute that the host is still there; the answer tells until when the session lasts by itself. */
export function useHeartbeat({ sessionId }: Session) {
  const forget = useForgetChannels();
  return useQuery({
    // Not among the channels' keys: what is asked again of them must not count as a sign of life, nor its refusal ask again.
    queryKey: ["session-heartbeat", sessionId],
    refetchInterval: ({ state }) => (isOver(state.error) ? false : HEARTBEAT_PERIOD_MS),
    refetchIntervalInBackground: true,
    staleTime: HEARTBEAT_PERIOD_MS / 2,
    queryFn: async () => {
      try {
        return await unwrap(api.POST("/sessions/{id}/heartbeat", { params: { path: { id: sessionId } } }));
      } catch (error) {
        // It ended without this page: the page asks what is true now.
        if (isOver(error)) void forget();
        throw error;
      }
    },
  });
}

function isOver(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500;
}

export function useShows() {
  return useQuery({
    queryKey: ["shows", "mine"],
    queryFn: async () => (await unwrap(api.GET("/api/shows", { params: { query: { mine: true, limit: SHOWS_MAX } } }))).shows,
  });
}

export function useCreateShow() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { title: string; description?: string }) => unwrap(api.POST("/api/shows", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["shows"] }),
  });
}

export function useStartSession() {
  const forget = useForgetChannels();
  return useMutation({
    mutationFn: (showId: string) => unwrap(api.POST("/sessions", { body: { showId } })),
    onSettled: forget,
  });
}

export function useEndSession(sessionId: string) {
  const forget = useForgetChannels();
  return useMutation({
    mutationFn: (stop: boolean) =>
      unwrap(api.DELETE("/sessions/{id}", { params: { path: { id: sessionId }, ...(stop ? { query: { stop } } : {}) } })),
    onSettled: forget,
  });
}
