import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import { toApiError } from "../../api/error";
import { refresh } from "../../api/session";
import type { NewServiceKey, NewUser, Role } from "../../api/types";

const KEYS = {
  people: ["admin", "people"] as const,
  serviceKeys: ["admin", "service-keys"] as const,
  leaks: ["admin", "leaks"] as const,
  mails: ["admin", "mails"] as const,
};

/** People on one page of the list. */
export const PAGE_SIZE = 20;

/** People with all words of `text` in their name or address, newest first. */
export function usePeople(text: string, offset: number) {
  const q = text.trim();
  return useQuery({
    queryKey: [...KEYS.people, q, offset],
    placeholderData: keepPreviousData,
    queryFn: () =>
      unwrap(api.GET("/api/users", { params: { query: { limit: PAGE_SIZE, offset, ...(q ? { q } : {}) } } })),
  });
}

export function useSetRoles() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, roles }: { id: string; roles: Role[]; isMyself: boolean }) =>
      unwrap(api.POST("/api/users/{id}/roles", { params: { path: { id } }, body: { roles } })),
    onSuccess: async (_, { isMyself }) => {
      // What this browser may show is a part of the session.
      if (isMyself) await refresh();
      await queries.invalidateQueries({ queryKey: KEYS.people });
    },
  });
}

export function useAddPerson() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewUser) => unwrap(api.POST("/api/users", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEYS.people }),
  });
}

export function useServiceKeys() {
  return useQuery({ queryKey: KEYS.serviceKeys, queryFn: () => unwrap(api.GET("/api/service-keys")) });
}

export function useCreateServiceKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewServiceKey) => unwrap(api.POST("/api/service-keys", { body })),
    // The answer carries the key: nothing keeps it once its dialog is closed.
    gcTime: 0,
    onSuccess: () => queries.invalidateQueries({ queryKey: KEYS.serviceKeys }),
  });
}

export function useDeleteServiceKey() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      const { error, response } = await api.DELETE("/api/service-keys/{id}", { params: { path: { id } } });
      if (!response.ok) throw toApiError(response, error);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: KEYS.serviceKeys }),
  });
}

/** Compares the ledger with the provider, which takes the provider's time: asked for, never repeated by itself. */
export function useLeaks() {
  return useQuery({
    queryKey: KEYS.leaks,
    queryFn: () => unwrap(api.GET("/api/leaks")),
    staleTime: Infinity,
    refetchOnReconnect: false,
  });
}

export function useFailedMails() {
  return useQuery({
    queryKey: KEYS.mails,
    queryFn: () => unwrap(api.GET("/api/mails", { params: { query: { state: "failed" } } })),
  });
}
