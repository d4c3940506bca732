import type { ChannelRequest } from "../../api/types";

/** The server's limits, characters. */
export const PROPOSED_NAME_MAX = 100;
export const NOTE_MAX = 1000;

/** The form's own values. */
export interface RequestFields {
  proposedName: string;
  note: string;
}

/** What a new request starts from: the words of the one that was rejected, else the group's name. */
export function firstFields(groupName: string, before: Pick<ChannelRequest, "proposedName" | "note" | "status"> | null): RequestFields {
  if (before?.status === "REJECTED") return { proposedName: before.proposedName, note: before.note ?? "" };
  return { proposedName: Array.from(groupName).slice(0, PROPOSED_NAME_MAX).join("").trimEnd(), note: "" };
}

/** The request as it is sent: texts trimmed, an empty note left out. */
export function toRequest({ proposedName, note }: RequestFields) {
  return { proposedName: proposedName.trim(), ...(note.trim() ? { note: note.trim() } : {}) };
}
