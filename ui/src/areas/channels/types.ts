import type { components } from "../../api/schema";

type Schemas = components["schemas"];

export type ChannelState = Schemas["PersistentChannelState"];

export type ChannelHost = Schemas["ChannelHost"];

export type Channel = Schemas["PersistentChannel"];

export type Channels = Schemas["PersistentChannels"];

export type Capacity = Schemas["ChannelCapacity"];

export type Booking = Schemas["ChannelBooking"];

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

export type PublicChannel = Schemas["PublicChannel"];

