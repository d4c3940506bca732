import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { ChatMessage, ChatRestriction, ChatToken } from "../../api/types";

const PAGE = 50;

const path = (id: string) => ({ params: { path: { id } } });
const restrictionsKey = (id: string) => ["chat", id, "restrictions"];

export function fetchTicket(id: string): Promise<ChatToken> {
  return unwrap(api.POST("/api/auctions/{id}/chat/token", path(id)));
}

/** The lines before one of them, or the newest; fewer than a page means that these are the first. */
export async function fetchLines(id: string, before?: string): Promise<{ lines: ChatMessage[]; isAll: boolean }> {
  const query = { limit: PAGE, ...(before === undefined ? {} : { before }) };
  const { messages } = await unwrap(api.GET("/api/auctions/{id}/chat/messages", { params: { path: { id }, query } }));
  return { lines: messages, isAll: messages.length < PAGE };
}

export function useRestrictions(id: string, isAsked: boolean) {
  return useQuery({
    queryKey: restrictionsKey(id),
    enabled: isAsked,
    queryFn: async () => (await unwrap(api.GET("/api/auctions/{id}/chat/restrictions", path(id)))).restrictions,
  });
}

export function useDeleteLine(id: string) {
  return useMutation({
    mutationFn: (messageId: string) => {
      const at = { params: { path: { id, message_id: messageId } } };
      return unwrap(api.POST("/api/auctions/{id}/chat/messages/{message_id}/delete", at));
    },
  });
}

/** A measure against somebody; `minutes` absent is for good. */
export type Measure =
  | { kind: "mute" | "ban"; user_id: string; minutes?: number }
  | { kind: "unmute" | "unban"; user_id: string };

export function useModerate(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: async (measure: Measure): Promise<ChatRestriction[]> => {
      const { kind, ...body } = measure;
      const answer = { ...path(id), body };
      switch (kind) {
        case "mute":
          return (await unwrap(api.POST("/api/auctions/{id}/chat/mute", answer))).restrictions;
        case "unmute":
          return (await unwrap(api.POST("/api/auctions/{id}/chat/unmute", answer))).restrictions;
        case "ban":
          return (await unwrap(api.POST("/api/auctions/{id}/chat/ban", answer))).restrictions;
        case "unban":
          return (await unwrap(api.POST("/api/auctions/{id}/chat/unban", answer))).restrictions;
      }
    },
    onSuccess: (restrictions) => queries.setQueryData(restrictionsKey(id), restrictions),
    // Also a refused measure may have been written down.
    onError: () => queries.invalidateQueries({ queryKey: restrictionsKey(id) }),
  });
}
