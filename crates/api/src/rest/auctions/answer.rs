//! What clients read about an auction.

use platform::auctions;
use platform::auctions::pictures::Picture;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::chat::ChatMessage;
use super::pictures::AuctionImage;
use super::terms::{Bidding, TopBid};
use crate::rest::bids::Bid;
use crate::rest::money::Amount;
use crate::rest::time::rfc3339;
use crate::rest::video::Video;

/// An auction as everybody may see it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Auction {
    /// UUID.
    pub(super) auction_id: String,
    /// Account or service key that sells.
    pub(super) host_user_id: String,
    pub(super) title: String,
    #[schema(required)]
    pub(super) description: Option<String>,
    /// Length in seconds, as it was created.
    pub(super) duration: i64,
    #[schema(required)]
    pub(super) category: Option<String>,
    pub(super) starting_bid: Amount,
    /// ISO 4217 code of every amount here.
    pub(super) currency: String,
    /// RFC 3339.
    pub(super) created_at: String,
    pub(super) status: Status,
    pub(super) seller_name: String,
    /// For instance `used`.
    pub(super) condition: String,
    #[schema(required)]
    /// Address of the first picture; relative to this site when it was uploaded.
    pub(super) image_url: Option<String>,
    /// The same, small: at most 480 pixels on its longer side when it was uploaded.
    #[schema(required)]
    pub(super) thumbnail_url: Option<String>,
    /// Addresses of all pictures, in order.
    pub(super) gallery_images: Vec<String>,
    /// All pictures, in order.
    pub(super) images: Vec<AuctionImage>,
    #[schema(required)]
    pub(super) winner_id: Option<String>,
    #[schema(required)]
    pub(super) winning_bid: Option<Amount>,
    #[schema(required)]
    pub(super) winner_username: Option<String>,
    /// Who won: for the seller and administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) winner_name: Option<String>,
    /// As `winner_name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) winner_email: Option<String>,
    /// RFC 3339; null while live.
    #[schema(required)]
    pub(super) ended_at: Option<String>,
    /// When it ends or should have ended, RFC 3339.
    pub(super) end_time: String,
    /// The same in epoch milliseconds.
    pub(super) end_time_ms: i64,
    /// Whole seconds left at `server_time_ms`; frozen while paused, 0 once closed.
    pub(super) time_remaining_seconds: i64,
    /// The server's clock when it answered, for a countdown that does not trust the reader's clock.
    pub(super) server_time_ms: i64,
    /// People who watch the room now.
    pub(super) participant_count: i64,
    pub(super) bid_count: i64,
    #[schema(required)]
    pub(super) current_high_bid: Option<Amount>,
    #[schema(required)]
    pub(super) high_bidder_id: Option<String>,
    #[schema(required)]
    pub(super) high_bidder_username: Option<String>,
    #[serde(flatten)]
    pub(super) bidding: Bidding,
    /// Its chat room at the provider; null until there is one.
    #[schema(required)]
    pub(super) chat_room_arn: Option<String>,
    pub(super) ivs_channel_arn: String,
    /// HLS playlist for players; answers browsers with a page.
    pub(super) ivs_playback_url: String,
    pub(super) video: Video,
    /// Whether the caller sells it; absent when the caller is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) is_mine: Option<bool>,
}

/// A new auction with what its seller needs to go on air.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedAuction {
    #[serde(flatten)]
    pub(super) auction: Auction,
    #[serde(flatten)]
    pub(super) ingest: Ingest,
}

/// Where and with which key to publish. Only the seller and administrators ever get it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ingest {
    /// The secret that lets an encoder publish.
    pub(super) ivs_stream_key: String,
    /// Host name of the ingest server.
    pub(super) ivs_ingest_endpoint: String,
    /// Server and key in one, for ffmpeg; absent unless unencrypted ingest is allowed. Encoders with two fields take
    /// everything up to the last `/` as server and the rest as key.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) rtmp_url: Option<String>,
    /// The same, encrypted.
    pub(super) rtmps_url: String,
}

/// A page of auctions, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Auctions {
    pub(super) auctions: Vec<Auction>,
    pub(super) limit: i64,
    pub(super) offset: i64,
    /// Auctions that match, on all pages.
    pub(super) total: i64,
}

/// The moving part of an auction, as of event number `seq` of topic `auction:{id}`.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuctionState {
    pub(super) auction_id: String,
    pub(super) status: Status,
    #[schema(required)]
    pub(super) current_high_bid: Option<Amount>,
    #[schema(required)]
    pub(super) high_bidder_id: Option<String>,
    #[schema(required)]
    pub(super) high_bidder_username: Option<String>,
    /// People who watch the room now.
    pub(super) participant_count: i64,
    pub(super) bid_count: i64,
    /// Whole seconds left; kept for clients of the earlier API.
    pub(super) time_remaining: i64,
    /// Whole seconds left at `server_time_ms`; 0 once closed.
    pub(super) time_remaining_seconds: i64,
    pub(super) end_time_ms: i64,
    pub(super) server_time_ms: i64,
    #[serde(flatten)]
    pub(super) bidding: Bidding,
    /// The best three bidders, one entry each, the leader first.
    pub(super) top_bids: Vec<TopBid>,
    /// The newest twenty bids that counted, newest first.
    pub(super) recent_bids: Vec<Bid>,
    /// What was said lately, oldest first, at most 50.
    pub(super) chat_messages: Vec<ChatMessage>,
    /// RFC 3339; null while live.
    #[schema(required)]
    pub(super) ended_at: Option<String>,
    pub(super) video: Video,
    /// Number of the newest event this state includes.
    pub(super) seq: i64,
}

/// `live` from creation to the end, then `closed`.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AuctionStatus)]
pub(crate) enum Status {
    Live,
    Closed,
}

/// Answer to closing.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClosedAuction {
    /// A sentence for people.
    pub(super) message: &'static str,
    pub(super) auction_id: String,
    pub(super) status: Status,
    #[schema(required)]
    pub(super) winner_id: Option<String>,
    #[schema(required)]
    pub(super) winning_bid: Option<Amount>,
}

impl From<auctions::View> for Auction {
    fn from(view: auctions::View) -> Self {
        let time_remaining_seconds = view.time_remaining_seconds();
        let (image_url, thumbnail_url) = (view.image_url(), view.thumbnail_url());
        let (high_bid, ends_at_ms) = (view.auction.high_bid(), view.auction.ends_at_ms());
        let bidding = Bidding::from(&view);
        let (winner_name, winner_email) = view.winner_contact.map(|contact| (contact.name, contact.email)).unzip();
        let auctions::View {
            auction,
            video,
            pictures,
            chat_room_arn,
            participant_count,
            is_mine,
            high_bidder,
            winner,
            server_time_ms,
            ..
        } = view;
        let auctions::Auction {
            listing, channel, lot, ..
        } = auction;
        let winning_bid = lot.ended.as_ref().and_then(|end| end.winner.as_ref());
        let winning_bid = winning_bid.map(|winner| auction.terms.money(winner.price));
        let (high_bidder_id, high_bidder_username) = high_bidder.map(|person| (person.id, person.name)).unzip();
        let (winner_id, winner_username) = winner.map(|person| (person.id, person.name)).unzip();
        Self {
            auction_id: auction.id,
            host_user_id: auction.host_user_id,
            title: listing.title,
            description: listing.description,
            duration: listing.duration_s,
            category: listing.category,
            starting_bid: listing.starting_bid.into(),
            currency: listing.starting_bid.currency.code().to_owned(),
            created_at: rfc3339(auction.created_at_ms),
            status: auction.status.into(),
            seller_name: listing.seller_name,
            condition: listing.condition,
            image_url,
            thumbnail_url,
            gallery_images: pictures.iter().map(Picture::url).collect(),
            images: pictures.iter().map(AuctionImage::from).collect(),
            winner_id,
            winning_bid: winning_bid.map(Amount::from),
            winner_username,
            winner_name,
            winner_email,
            ended_at: lot.ended.as_ref().map(|ended| rfc3339(ended.at_ms)),
            end_time: rfc3339(ends_at_ms),
            end_time_ms: ends_at_ms,
            time_remaining_seconds,
            server_time_ms,
            participant_count,
            bid_count: lot.bid_count,
            current_high_bid: high_bid.map(Amount::from),
            high_bidder_id,
            high_bidder_username,
            bidding,
            chat_room_arn,
            ivs_channel_arn: channel.arn,
            ivs_playback_url: channel.playback_url,
            video: video.into(),
            is_mine,
        }
    }
}

impl From<auctions::Ingest> for Ingest {
    fn from(ingest: auctions::Ingest) -> Self {
        Self {
            rtmp_url: ingest.rtmp_url().map(|url| url.reveal().to_owned()),
            rtmps_url: ingest.rtmps_url().reveal().to_owned(),
            ivs_stream_key: ingest.stream_key.reveal().to_owned(),
            ivs_ingest_endpoint: ingest.endpoint,
        }
    }
}

impl From<auctions::Created> for CreatedAuction {
    fn from(created: auctions::Created) -> Self {
        Self {
            auction: created.view.into(),
            ingest: created.ingest.into(),
        }
    }
}

impl From<auctions::List> for Auctions {
    fn from(list: auctions::List) -> Self {
        let auctions = list.auctions.into_iter().map(Auction::from).collect();
        Self {
            auctions,
            limit: list.page.limit,
            offset: list.page.offset,
            total: list.total,
        }
    }
}

impl From<auctions::State> for AuctionState {
    fn from(state: auctions::State) -> Self {
        let auction = Auction::from(state.view);
        Self {
            auction_id: auction.auction_id,
            status: auction.status,
            current_high_bid: auction.current_high_bid,
            high_bidder_id: auction.high_bidder_id,
            high_bidder_username: auction.high_bidder_username,
            participant_count: auction.participant_count,
            bid_count: auction.bid_count,
            time_remaining: auction.time_remaining_seconds,
            time_remaining_seconds: auction.time_remaining_seconds,
            end_time_ms: auction.end_time_ms,
            server_time_ms: auction.server_time_ms,
            bidding: auction.bidding,
            top_bids: state.top_bids.into_iter().map(TopBid::from).collect(),
            recent_bids: state.recent_bids.into_iter().map(Bid::from).collect(),
            chat_messages: state.chat_lines.into_iter().map(ChatMessage::from).collect(),
            ended_at: auction.ended_at,
            video: auction.video,
            seq: state.seq,
        }
    }
}

impl From<auctions::View> for ClosedAuction {
    fn from(view: auctions::View) -> Self {
        let auction = Auction::from(view);
        Self {
            message: "Auction closed successfully",
            auction_id: auction.auction_id,
            status: auction.status,
            winner_id: auction.winner_id,
            winning_bid: auction.winning_bid,
        }
    }
}

impl From<auctions::Status> for Status {
    fn from(status: auctions::Status) -> Self {
        match status {
            auctions::Status::Live => Self::Live,
            auctions::Status::Closed => Self::Closed,
        }
    }
}

impl From<Status> for auctions::Status {
    fn from(status: Status) -> Self {
        match status {
            Status::Live => Self::Live,
            Status::Closed => Self::Closed,
        }
    }
}
