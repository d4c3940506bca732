import type { Channel } from "./types";

/** What the state leaves open: whether somebody holds the channel, and whether there is a picture. */
export function situation({ state, onAir, currentSessionId, video }: Pick<Channel, "state" | "onAir" | "currentSessionId" | "video">): string {
  if (state === "OFFLINE") return onAir ? "Switched off, still on air" : "Switched off";
  if (video.state === "interrupted") return "The stream broke off";
  if (onAir) return currentSessionId === null ? "On air without a session" : "On air";
  if (state === "LIVE") return "In use, no picture yet";
  return "Nobody is on air";
}

/** Time on air as people say it: `0 min`, `25 h 30 min`. */
export function minutesText(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (hours === 0) return `${rest} min`;
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`;
}

const HEALTH = { healthy: "Arrives well", starving: "Media is missing", unknown: "Not measured yet" } as const;

/** How the encoder's stream arrives. */
export function healthText(health: keyof typeof HEALTH): string {
  return HEALTH[health];
}

const END_CAUSES: Record<string, string> = {
  ended: "The encoder stopped",
  failed: "The stream failed",
  superseded: "Another stream took over",
  gone: "The provider lost it",
};

/** Why a broadcast ended; a cause that this page does not know is told as it is. */
export function endCauseText(cause: string | null): string {
  return cause === null ? "On air now" : (END_CAUSES[cause] ?? cause);
}

/** What an administrator's record says: `channels.set_state` with its detail is `Set state: LIVE`. */
export function auditText({ kind, text }: { kind: string; text: string }): string {
  const words = kind.slice(kind.lastIndexOf(".") + 1).replaceAll("_", " ");
  const said = words.charAt(0).toUpperCase() + words.slice(1);
  return text ? `${said}: ${text}` : said;
}

const UUID = /\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-([0-9a-f]{12})\b/g;

/** The text with people's names for their ids, and other ids cut to what tells them apart. */
export function withNames(text: string, people: readonly { hostUserId: string; name: string }[]): string {
  return text.replace(UUID, (id: string, tail: string) => people.find(({ hostUserId }) => hostUserId === id)?.name ?? `…${tail.slice(-6)}`);
}
