//! What clients read about an auction.

use serde::Serialize;
use utoipa::ToSchema;

use crate::rest::money::Amount;
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
    pub(super) image_url: Option<String>,
    pub(super) gallery_images: Vec<String>,
    #[schema(required)]
    pub(super) winner_id: Option<String>,
    #[schema(required)]
    pub(super) winning_bid: Option<Amount>,
    #[schema(required)]
    pub(super) winner_username: Option<String>,
    /// RFC 3339; null while live.
    #[schema(required)]
    pub(super) ended_at: Option<String>,
    /// When it ends or should have ended, RFC 3339.
    pub(super) end_time: String,
    /// The same in epoch milliseconds.
    pub(super) end_time_ms: i64,
    /// Whole seconds left at `server_time_ms`; 0 once closed.
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
    #[schema(required)]
    pub(super) ivs_channel_arn: Option<String>,
    /// HLS playlist for players; answers browsers with a page.
    #[schema(required)]
    pub(super) ivs_playback_url: Option<String>,
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
    /// How often a late bid has moved the end.
    pub(super) anti_snipe_count: i64,
    #[schema(value_type = Vec<Object>)]
    pub(super) top_bids: Vec<serde_json::Value>,
    #[schema(value_type = Vec<Object>)]
    pub(super) recent_bids: Vec<serde_json::Value>,
    #[schema(value_type = Vec<Object>)]
    pub(super) chat_messages: Vec<serde_json::Value>,
    /// RFC 3339; null while live.
    #[schema(required)]
    pub(super) ended_at: Option<String>,
    pub(super) video: Video,
    /// Number of the newest event this state includes.
    pub(super) seq: i64,
}

/// `live` from creation to the end, then `closed`.
#[derive(Clone, Copy, Serialize, serde::Deserialize, ToSchema)]
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

/// How an auction's video does, for its seller.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuctionHealth {
    pub(super) auction_id: String,
    /// The current or last period on air; null before the first.
    #[schema(required)]
    pub(super) broadcast: Option<Broadcast>,
    /// Measurements of that period, oldest first.
    pub(super) samples: Vec<Sample>,
    /// What to change, worst first.
    pub(super) advice: Vec<Advice>,
}

/// One period on air.
#[derive(Serialize, ToSchema)]
pub(crate) struct Broadcast {
    /// The provider's id of the stream.
    pub(super) stream_id: String,
    /// RFC 3339.
    pub(super) started_at: String,
    /// RFC 3339; null while on air.
    #[schema(required)]
    pub(super) ended_at: Option<String>,
    /// Null while on air.
    #[schema(required)]
    pub(super) end_cause: Option<EndCause>,
    pub(super) health: Health,
    /// People watching through the provider at the last count.
    pub(super) viewers: i64,
    /// Most people who watched at one time.
    pub(super) peak_viewers: i64,
    /// What the encoder sends; null until known.
    #[schema(required)]
    pub(super) ingest: Option<IngestInfo>,
}

/// Whether media arrives from the encoder; `unknown` until the provider can tell.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = BroadcastHealth)]
pub(crate) enum Health {
    Healthy,
    Starving,
    Unknown,
}

/// Why a broadcast ended: the encoder stopped, the provider reported a failure, another stream took the channel, or the
/// provider knew it no more when asked.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = BroadcastEndCause)]
pub(crate) enum EndCause {
    Ended,
    Failed,
    Superseded,
    Gone,
}

/// What the encoder sends.
#[derive(Serialize, ToSchema)]
pub(crate) struct IngestInfo {
    /// Pixels.
    #[schema(required)]
    pub(super) width: Option<i64>,
    /// Pixels.
    #[schema(required)]
    pub(super) height: Option<i64>,
    /// For instance `avc1.64001f`.
    #[schema(required)]
    pub(super) video_codec: Option<String>,
    /// For instance `mp4a.40.2`.
    #[schema(required)]
    pub(super) audio_codec: Option<String>,
    /// The encoder's own name.
    #[schema(required)]
    pub(super) encoder: Option<String>,
}

/// One measurement.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sample {
    pub(super) at_ms: i64,
    pub(super) video_bitrate_bps: i64,
    pub(super) audio_bitrate_bps: i64,
    pub(super) frame_rate: f64,
    /// Between the last two keyframes; null before the second.
    #[schema(required)]
    pub(super) keyframe_interval_ms: Option<i64>,
    pub(super) viewers: i64,
}

/// One remark for the seller.
#[derive(Serialize, ToSchema)]
pub(crate) struct Advice {
    pub(super) level: AdviceLevel,
    pub(super) text: String,
}

/// How bad it is.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AdviceLevel {
    Info,
    Warn,
    Error,
}
