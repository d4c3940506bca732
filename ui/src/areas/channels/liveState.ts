import { isRecord } from "../../api/error";
import type { TopicEvent } from "../../api/events";
import type { Video } from "../../api/types";
import { STATES } from "./filters";
import type { ChannelState } from "./types";

/** What every description of a channel has in common and events tell anew. */
export interface Told {
  channelId: string;
  state: ChannelState;
  onAir: boolean;
  currentSessionId?: string | null;
  video: Video;
  viewers?: number;
}

/** The channel with what an event says of it; unchanged when the event is about another one. */
export function applyNews<C extends Told>(channel: C, { data }: TopicEvent): C {
  if (data["channelId"] !== channel.channelId) return channel;
  const state = STATES.find((known) => known === data["state"]);
  const { onAir, currentSessionId, video } = data;
  const hasSession = "currentSessionId" in channel && (typeof currentSessionId === "string" || currentSessionId === null);
  return {
    ...channel,
    ...(state ? { state } : {}),
    ...(typeof onAir === "boolean" ? { onAir } : {}),
    ...(hasSession ? { currentSessionId } : {}),
    ...(isRecord(video) ? toldVideo(channel, video as unknown as Video) : {}),
  };
}

function toldVideo(channel: Told, video: Video): Partial<Told> {
  return { video, ...(channel.viewers === undefined ? {} : { viewers: video.viewers }) };
}

/**
 * Remembers what the video of each channel did, and tells whether an event is worth asking the server again: a count of
 * viewers is complete in itself, anything else changes more than the event says.
 */
export class NewsFilter {
  private readonly videos = new Map<unknown, unknown>();
  private isFirst = true;

  asksAgain({ kind, data }: TopicEvent): boolean {
    if (kind === "snapshot") {
      // The page has just asked; a later snapshot means that events were missed.
      const isLater = !this.isFirst;
      this.isFirst = false;
      return isLater;
    }
    if (kind === "presence") return false;
    const video = data["video"];
    if (kind !== "video_update" || !isRecord(video)) return true;
    const now = `${String(video["state"])} ${String(video["stream_id"])}`;
    const isNew = this.videos.get(data["channelId"]) !== now;
    this.videos.set(data["channelId"], now);
    return isNew;
  }
}
