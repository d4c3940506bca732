import type { components } from "../../api/schema";
import type { Broadcast, Sample, Video } from "../../api/types";
import type { Cost } from "../broadcasts/costs/CostMeter";
import type { Health } from "../broadcasts/HealthPanel";

type Schemas = components["schemas"];

export type ChannelState = Schemas["PersistentChannelState"];

export type ChannelHost = Schemas["ChannelHost"];

export type Channel = Schemas["PersistentChannel"];

export type Channels = Schemas["PersistentChannels"];

export type Capacity = Schemas["ChannelCapacity"];

export type Booking = Schemas["ChannelBooking"];

export interface BroadcastRow {
  streamId: string;
  startedAt: string;
  endedAt: string | null;
  minutes: number;
  peakViewers: number;
  health: Broadcast["health"];
  endCause: string | null;
}

export interface TimelineEntry { at: string; at_ms: number; kind: string; text: string; streamId: string | null; actor: string | null }
export interface AuditEntry { at: string; at_ms: number; kind: string; text: string; actor: string | null }

export interface ChannelRequest {
  requestId: string;
  groupId: string;
  groupName: string;
  ownerId: string;
  ownerName: string;
  ownerEmail: string;
  proposedName: string;
  note: string | null;
  imageUrl: string | null;
  status: "PENDING" | "APPROVED" | "REJECTED";
  reason: string | null;
  channelId: string | null;
  requestedAt: string;
  decidedAt: string | null;
  decidedBy: string | null;
}

export type HostChannel = Schemas["HostChannel"];

export type FoundUser = Schemas["FoundUser"];
export type StreamKey = Schemas["ChannelStreamKey"];

export type Session = Schemas["ChannelSession"];

export interface PublicChannel {
  channelId: string;
  name: string;
  imageUrl: string | null;
  playbackUrl: string;
  state: ChannelState;
  onAir: boolean;
  video: Video;
  nextWindow: { startsAt: string; endsAt: string } | null;
  server_time_ms: number;
}

export type ChannelHealth = Health & { samples: Sample[] };
export type ChannelCost = Cost;
