import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../../api/client";
import { toApiError } from "../../../api/error";
import type { Group, NewProgram, Program, ProgramChanges } from "../../../api/types";
import { groupKeys } from "../queries";

/** The programmes of a group, in its order. */
export function usePrograms({ ownerId: userId, groupId }: Group) {
  return useQuery({
    queryKey: groupKeys.programs(userId, groupId),
    queryFn: () => unwrap(api.GET("/users/{user_id}/groups/{group_id}/programs", { params: { path: { user_id: userId, group_id: groupId } } })),
  });
}

/** Adds a programme, or changes the one with `programId`. */
export function useSaveProgram(group: Group, programId: string | undefined) {
  const { ownerId: userId } = group;
  const again = useAskAgain(group);
  return useMutation({
    mutationFn: (body: NewProgram & ProgramChanges) =>
      programId === undefined
        ? unwrap(api.POST("/users/{user_id}/programs", { params: { path: { user_id: userId } }, body }))
        : unwrap(api.PATCH("/users/{user_id}/programs/{program_id}", { params: { path: { user_id: userId, program_id: programId } }, body })),
    onSuccess: again,
  });
}

export function useRemoveProgram(group: Group) {
  const { ownerId: userId } = group;
  const again = useAskAgain(group);
  return useMutation({
    mutationFn: async (programId: string) => {
      const { error, response } = await api.DELETE("/users/{user_id}/programs/{program_id}", { params: { path: { user_id: userId, program_id: programId } } });
      // Gone already is what was wanted.
      if (!response.ok && response.status !== 404) throw toApiError(response, error);
    },
    onSuccess: again,
  });
}

/** Puts the programmes into another order. */
export function useOrderPrograms(group: Group) {
  const { ownerId: userId, groupId } = group;
  const queries = useQueryClient();
  const again = useAskAgain(group);
  return useMutation({
    mutationFn: (ids: string[]) =>
      unwrap(api.POST("/users/{user_id}/groups/{group_id}/programs/order", { params: { path: { user_id: userId, group_id: groupId } }, body: { ids } })),
    onSuccess: (list) => queries.setQueryData(groupKeys.programs(userId, groupId), list),
    // Another tab may have added or removed one meanwhile.
    onError: again,
  });
}

/** After a change: the programmes, and how many the group says it has. */
function useAskAgain({ ownerId, groupId }: Pick<Program, "ownerId"> & Pick<Group, "groupId">) {
  const queries = useQueryClient();
  return () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: groupKeys.programs(ownerId, groupId) }),
      queries.invalidateQueries({ queryKey: groupKeys.one(ownerId, groupId) }),
      queries.invalidateQueries({ queryKey: groupKeys.list(ownerId) }),
    ]);
}
