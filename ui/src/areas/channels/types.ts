import type { components } from "../../api/schema";

type Schemas = components["schemas"];

export type ChannelState = Schemas["PersistentChannelState"];

export type ChannelHost = Schemas["ChannelHost"];

export type Channel = Schemas["PersistentChannel"];

export type Channels = Schemas["PersistentChannels"];

export type Capacity = Schemas["ChannelCapacity"];

export type Booking = Schemas["ChannelBooking"];

export type ChannelRequest = Schemas["ChannelRequest"];

export type HostChannel = Schemas["HostChannel"];

export type FoundUser = Schemas["FoundUser"];
export type StreamKey = Schemas["ChannelStreamKey"];

export type Session = Schemas["ChannelSession"];

export type PublicChannel = Schemas["PublicChannel"];

