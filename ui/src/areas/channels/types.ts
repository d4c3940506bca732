import type { components } from "../../api/schema";
import type { Broadcast, Sample, Video } from "../../api/types";
import type { Cost } from "../broadcasts/costs/CostMeter";
import type { Health } from "../broadcasts/HealthPanel";

type Schemas = components["schemas"];

export type ChannelState = "IDLE" | "LIVE" | "OFFLINE";

export interface ChannelHost {
  hostUserId: string;
  name: string;
  email: string;
  assignedAt: string;
  assignedBy: string;
}

export interface Channel {
  channelId: string;
  channelArn: string;
  channelName: string;
  playbackUrl: string;
  ingestEndpoint: string;
  state: ChannelState;
  onAir: boolean;
  disabled: boolean;
  recordingEnabled: boolean;
  recordingConfigurationArn: string | null;
  currentSessionId: string | null;
  totalBroadcasts: number;
  totalStreamingMinutes: number;
  lastBroadcastAt: string | null;
  createdAt: string;
  updatedAt: string;
  hosts: ChannelHost[];
  video: Video;
  health: Broadcast["health"] | null;
  viewers: number;
  thumbnailUrl: string | null;
}

export interface Channels { channels: Channel[]; count: number; nextToken?: string | null }

export interface Capacity {
  currentChannelCount: number;
  maxChannelLimit: number;
  remainingCapacity: number;
  utilizationPercentage: string;
}

export interface Stats {
  channelId: string;
  channelName: string;
  totalBroadcasts: number;
  totalStreamingHours: string;
  totalStreamingMinutes: number;
  lastBroadcastAt: string | null;
  currentState: ChannelState;
  createdAt: string;
}

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

/** `state` is one of three words. */
export type HostChannel = Omit<Schemas["HostChannel"], "state"> & { state: ChannelState };

export type StreamKey = Schemas["ChannelStreamKey"];

export interface FoundUser { userId: string; sub: string; email: string; emailVerified: boolean; name: string; userStatus: string; enabled: boolean; createdAt: string; updatedAt: string }

export interface Show { id: string; title: string; description: string | null; host_user_id: string; status: string; created_at: string; updated_at: string }

export interface Session {
  sessionId: string;
  hostUserId: string;
  showId: string;
  episodeId: string | null;
  status: "ACTIVE" | "ENDED";
  ivs: { persistentChannelId: string };
  streaming: { isLive: boolean; startedAt: string | null };
  createdAt: string;
  updatedAt: string;
}

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
