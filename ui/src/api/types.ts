import type { components } from "./schema";

type Schemas = components["schemas"];

export type Account = Schemas["User"];
export type Role = Schemas["Role"];
export type NewUser = Schemas["CreateUser"];
export type ServiceKey = Schemas["ServiceKey"];
export type NewServiceKey = Schemas["CreateServiceKey"];
export type CreatedServiceKey = Schemas["CreatedServiceKey"];
export type SignedIn = Schemas["SignedIn"];
export type Auction = Schemas["Auction"];
export type AuctionImage = Schemas["AuctionImage"];
export type Phase = Auction["phase"];
/** The snapshot, and what later events make of it: they also tell the outcome. */
export type AuctionState = Schemas["AuctionState"] & Partial<Pick<Auction, "winner_id" | "winner_username" | "winning_bid">>;
export type PublicBid = Schemas["Bid"];
/** A bid as an event tells it: without what is different for each reader. */
export type ToldBid = Pick<PublicBid, "bid_id" | "seq" | "bidder_id" | "bidder" | "amount" | "price" | "at_ms" | "kind">;
export type TopBid = Schemas["TopBid"];
export type NewBid = Schemas["PlaceBid"];
export type BidAnswer = Schemas["BidAnswer"];
export type MyBid = Schemas["MyBid"];
export type NewAuction = Schemas["CreateAuction"];
export type Video = Schemas["Video"];
export type VideoState = Video["state"];
export type StreamKey = Schemas["Ingest"];
export type Health = Schemas["AuctionHealth"];
export type Sample = Schemas["Sample"];
export type Broadcast = Schemas["Broadcast"];
export type Notification = Schemas["Notification"];
export type Now = Schemas["Now"];
export type LiveTile = Schemas["LiveItem"];
export type LiveChannel = Schemas["LiveChannel"];
export type Cost = Schemas["Cost"];
export type CostLine = Schemas["CostLine"];
export type ChatMessage = Schemas["ChatMessage"];
export type ChatToken = Schemas["ChatToken"];
export type Group = Schemas["Group"];
export type GroupAnswer = Schemas["GroupAnswer"];
export type NewGroup = Schemas["NewGroup"];
export type GroupChanges = Schemas["GroupChanges"];
export type Program = Schemas["Program"];
export type NewProgram = Schemas["NewProgram"];
export type ProgramChanges = Schemas["ProgramChanges"];
export type ChannelRequest = Schemas["ChannelRequest"];
export type NewChannelRequest = Schemas["NewChannelRequest"];
export type ChatRestriction = Schemas["ChatRestriction"];
