import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import { toApiError } from "../../api/error";
import type { NewServiceKey, NewUser } from "../../api/types";

const KEYS = {
  people: ["admin", "people"] as const,
  serviceKeys: ["admin", "service-keys"] as const,
  leaks: ["admin", "leaks"] as const,
  mails: ["admin", "mails"] as const,
};

/** People on one page of the list. */
export const PAGE_SIZE = 20;

export function usePeople(offset: number) {
  return useQuery({
    queryKey: [...KEYS.people, offset],
    placeholderData: keepPreviousData,
    queryFn: () => unwrap(api.GET("/api/users", { params: { query: { limit: PAGE_SIZE, offset } } })),
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
