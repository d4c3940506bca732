import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { components } from "../../api/schema";
import { refresh } from "../../api/session";
import { done } from "./operations";

export type Session = components["schemas"]["AccountSession"];

const KEYS = {
  me: ["account", "me"] as const,
  sessions: ["account", "sessions"] as const,
};

export function useMe() {
  return useQuery({ queryKey: KEYS.me, queryFn: () => unwrap(api.GET("/api/auth/me")) });
}

export function useSessions() {
  return useQuery({ queryKey: KEYS.sessions, queryFn: () => unwrap(api.GET("/api/auth/sessions")) });
}

export function useRename() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (name: string) => {
      await unwrap(api.POST("/api/auth/me", { body: { name } }));
      // The new name stands on every page: with the next token.
      await refresh();
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: KEYS.me }),
  });
}

export function useEndSession() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => done(api.DELETE("/api/auth/sessions/{id}", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.sessions }),
  });
}

export function useEndOtherSessions() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => done(api.POST("/api/auth/sessions/revoke-others")),
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.sessions }),
  });
}

/** To be run when sessions changed by something else, such as a new password. */
export function useForgetSessions() {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: ["account"] });
}
