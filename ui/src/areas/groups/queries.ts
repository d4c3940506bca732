import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import { toApiError } from "../../api/error";
import type { Group, GroupChanges, NewChannelRequest, NewGroup } from "../../api/types";
import { TOLD } from "../notifications/live";

/** Cache keys; `all` begins every other. */
export const groupKeys = {
  all: ["groups"] as const,
  list: (userId: string) => ["groups", userId, "list"] as const,
  one: (userId: string, groupId: string) => ["groups", userId, "one", groupId] as const,
  programs: (userId: string, groupId: string) => ["groups", userId, "programs", groupId] as const,
};

export function useGroups(userId: string) {
  return useQuery({
    queryKey: groupKeys.list(userId),
    queryFn: () => unwrap(api.GET("/users/{user_id}/groups", { params: { path: { user_id: userId } } })),
    meta: TOLD,
  });
}

export function useGroup(userId: string, groupId: string) {
  return useQuery({
    queryKey: groupKeys.one(userId, groupId),
    queryFn: async () => {
      const path = { user_id: userId, group_id: groupId };
      return (await unwrap(api.GET("/users/{user_id}/groups/{group_id}", { params: { path } }))).group;
    },
    meta: TOLD,
  });
}

/** Writes what the server answered about a group into what the pages show. */
export function useShowGroup() {
  const queries = useQueryClient();
  return (group: Group) => {
    queries.setQueryData(groupKeys.one(group.ownerId, group.groupId), group);
    void queries.invalidateQueries({ queryKey: groupKeys.list(group.ownerId) });
  };
}

export function useCreateGroup(userId: string) {
  const show = useShowGroup();
  return useMutation({
    mutationFn: (body: NewGroup) => unwrap(api.POST("/users/{user_id}/groups", { params: { path: { user_id: userId } }, body })),
    onSuccess: ({ group }) => show(group),
  });
}

export function useEditGroup({ ownerId: userId, groupId }: Group) {
  const show = useShowGroup();
  return useMutation({
    mutationFn: (body: GroupChanges) =>
      unwrap(api.PATCH("/users/{user_id}/groups/{group_id}", { params: { path: { user_id: userId, group_id: groupId } }, body })),
    onSuccess: ({ group }) => show(group),
  });
}

export function useDeleteGroup({ ownerId: userId, groupId }: Group) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const { error, response } = await api.DELETE("/users/{user_id}/groups/{group_id}", { params: { path: { user_id: userId, group_id: groupId } } });
      // Gone already is what was wanted.
      if (!response.ok && response.status !== 404) throw toApiError(response, error);
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: groupKeys.list(userId) }),
  });
}

export function useRemovePicture({ ownerId: userId, groupId }: Group) {
  const show = useShowGroup();
  return useMutation({
    mutationFn: () =>
      unwrap(api.DELETE("/users/{user_id}/groups/{group_id}/image", { params: { path: { user_id: userId, group_id: groupId } } })),
    onSuccess: ({ group }) => show(group),
  });
}

/** Asks an administrator for a channel for the group. */
export function useRequestChannel({ ownerId: userId, groupId }: Group) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: NewChannelRequest) =>
      unwrap(api.POST("/users/{user_id}/groups/{group_id}/channel-requests", { params: { path: { user_id: userId, group_id: groupId } }, body })),
    // Also after a failure: "pending already" means that this page is behind.
    onSettled: () => queries.invalidateQueries({ queryKey: groupKeys.all }),
  });
}

/** Takes a pending request back. */
export function useWithdrawRequest(userId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (requestId: string) => {
      const path = { user_id: userId, request_id: requestId };
      const { error, response } = await api.DELETE("/users/{user_id}/channel-requests/{request_id}", { params: { path } });
      if (!response.ok) throw toApiError(response, error);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: groupKeys.all }),
  });
}
