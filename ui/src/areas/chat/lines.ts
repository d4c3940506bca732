import { isRecord } from "../../api/error";
import type { ChatMessage } from "../../api/types";

/** What is known of a conversation, oldest first. */
export interface Lines {
  lines: ChatMessage[];
  /** Ids that were taken back, also of lines that come later by a slower way. */
  deleted: ReadonlySet<string>;
}

export const NO_LINES: Lines = { lines: [], deleted: new Set() };

/** Longest message, in code points as the room counts. */
export const MESSAGE_CHARS_MAX = 500;
/** From here on the writer is told how much is left. */
export const COUNT_FROM = 400;
// A long evening must not fill the memory; what is older is on the server.
const LINES_MAX = 1_000;

/** Adds lines that are not known yet. The same line comes by three ways: the room, the events and the history. */
export function addLines(known: Lines, added: ChatMessage[]): Lines {
  const ids = new Set(known.lines.map((line) => line.message_id));
  const fresh = added.filter((line) => !ids.has(line.message_id) && ids.add(line.message_id));
  const gone = added.filter((line) => line.is_deleted).map((line) => line.message_id);
  if (fresh.length === 0) return deleteLines(known, gone);
  const lines = [...known.lines, ...fresh.map((line) => hideIf(known.deleted.has(line.message_id), line))];
  // Sorting keeps the order of arrival where the times are equal.
  lines.sort((a, b) => a.timestamp - b.timestamp);
  return deleteLines({ ...known, lines: lines.slice(-LINES_MAX) }, gone);
}

/** Takes lines back. */
export function deleteLines(known: Lines, ids: readonly string[]): Lines {
  const fresh = ids.filter((id) => !known.deleted.has(id));
  if (fresh.length === 0) return known;
  const deleted = new Set([...known.deleted, ...fresh]);
  return { deleted, lines: known.lines.map((line) => hideIf(deleted.has(line.message_id), line)) };
}

function hideIf(isGone: boolean, line: ChatMessage): ChatMessage {
  return isGone && !line.is_deleted ? { ...line, is_deleted: true, message: "" } : line;
}

/** Something that was heard in the room itself. */
export type Frame =
  | { kind: "said"; line: ChatMessage }
  | { kind: "deleted"; messageId: string }
  | { kind: "shown-out"; userId: string }
  | { kind: "refused"; requestId: string; code: number };

/** Reads a frame of the messaging WebSocket; what we have no use for is undefined. */
export function readFrame(text: string, auctionId: string, nowMs: number): Frame | undefined {
  const frame = parse(text);
  if (!frame) return undefined;
  switch (frame["Type"]) {
    case "MESSAGE":
      return readMessage(frame, auctionId, nowMs);
    case "EVENT":
      return readEvent(textOf(frame["EventName"]), isRecord(frame["Attributes"]) ? frame["Attributes"] : {});
    case "ERROR":
      return { kind: "refused", requestId: textOf(frame["RequestId"]), code: Number(frame["ErrorCode"]) };
    default:
      return undefined;
  }
}

function readMessage(frame: Record<string, unknown>, auctionId: string, nowMs: number): Frame | undefined {
  const sender = isRecord(frame["Sender"]) ? frame["Sender"] : {};
  // Of the token. A message's own attributes are its sender's to choose and are not read.
  const attributes = isRecord(sender["Attributes"]) ? sender["Attributes"] : {};
  const [messageId, userId] = [textOf(frame["Id"]), textOf(sender["UserId"])];
  if (!messageId || !userId) return undefined;
  const sentAt = Date.parse(textOf(frame["SendTime"]));
  const line: ChatMessage = {
    message_id: messageId,
    auction_id: auctionId,
    user_id: userId,
    username: textOf(attributes["username"]) || "Somebody",
    message: textOf(frame["Content"]),
    timestamp: Number.isFinite(sentAt) ? sentAt : nowMs,
    type: "chat",
    is_host: userId === "host",
    is_deleted: false,
  };
  return { kind: "said", line };
}

function readEvent(name: string, attributes: Record<string, unknown>): Frame | undefined {
  if (name === "aws:DELETE_MESSAGE") {
    const messageId = textOf(attributes["MessageID"]) || textOf(attributes["MessageId"]);
    return messageId ? { kind: "deleted", messageId } : undefined;
  }
  return name === "aws:DISCONNECT_USER" ? { kind: "shown-out", userId: textOf(attributes["UserId"]) } : undefined;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Code points: what a room counts. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** A hue that is always the same for one person, far from the neighbours'. */
export function hueOf(userId: string): number {
  let hash = 0;
  for (const char of userId) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) >>> 0;
  // Steps of the golden angle: similar ids get distant colours.
  return Math.round((hash % 360) * 137.508) % 360;
}

/** Hours and minutes, as the reader writes them. */
export function timeOf(epochMs: number): string {
  return new Date(epochMs).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
}
