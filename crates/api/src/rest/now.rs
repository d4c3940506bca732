//! What is on air.

use platform::channels::{self, insight};
use platform::{Context, Error, auctions, broadcasts};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::Json;
use crate::rest::auctions::Phase;
use crate::rest::money::Amount;
use crate::rest::time::rfc3339;
use crate::rest::video::Video;

/// Everything that is live.
#[derive(Serialize, ToSchema)]
pub(crate) struct Now {
    /// On air first, then those that end first; at most a hundred.
    live: Vec<LiveItem>,
    /// Persistent channels with a session on air, the most watched first; at most a hundred.
    channels: Vec<LiveChannel>,
    counts: Counts,
}

/// A persistent channel on air.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveChannel {
    id: String,
    name: String,
    /// A picture of what is on air.
    thumbnail_url: String,
    playback_url: String,
    video: Video,
}

/// One live thing.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveItem {
    kind: LiveKind,
    id: String,
    title: String,
    seller_name: String,
    #[schema(required)]
    image_url: Option<String>,
    #[schema(required)]
    thumbnail_url: Option<String>,
    playback_url: String,
    video: Video,
    #[schema(required)]
    current_high_bid: Option<Amount>,
    currency: String,
    phase: Phase,
    /// RFC 3339; null when it began as it was created.
    #[schema(required)]
    starts_at: Option<String>,
    /// RFC 3339.
    ends_at: String,
}

/// What kind of thing is live.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LiveKind {
    Auction,
}

/// How much is going on.
#[derive(Serialize, ToSchema)]
pub(crate) struct Counts {
    /// Live auctions.
    auctions: i64,
    /// Of these, with video on air.
    on_air: i64,
    /// People watching through the provider, all together.
    viewers: i64,
}

/// What is live now.
#[utoipa::path(get, path = "/api/now", operation_id = "now", tag = "now",
    responses((status = 200, description = "Everything live.", body = Now)))]
pub(crate) async fn now(Admitted(ctx): Admitted) -> Result<Json<Now>, Problem> {
    Ok(Json(Now::of(&ctx).await?))
}

impl Now {
    /// What is live at this moment.
    pub(crate) async fn of(ctx: &Context) -> Result<Self, Error> {
        let channels = insight::now(ctx).await?;
        Ok(Self::new(auctions::now(ctx).await?, channels))
    }

    fn new(now: auctions::Now, channels: Vec<(channels::Channel, broadcasts::Video)>) -> Self {
        let counts = Counts {
            auctions: now.auctions,
            on_air: now.on_air,
            viewers: now.viewers,
        };
        Self {
            live: now.live.into_iter().map(LiveItem::from).collect(),
            channels: channels.into_iter().map(LiveChannel::from).collect(),
            counts,
        }
    }
}

impl From<(channels::Channel, broadcasts::Video)> for LiveChannel {
    fn from((channel, video): (channels::Channel, broadcasts::Video)) -> Self {
        Self {
            thumbnail_url: format!("/api/channels/{}/thumbnail.jpg", channel.id),
            video: video.into(),
            id: channel.id,
            name: channel.name,
            playback_url: channel.playback_url,
        }
    }
}

impl From<auctions::View> for LiveItem {
    fn from(view: auctions::View) -> Self {
        let (image_url, thumbnail_url) = (view.image_url(), view.thumbnail_url());
        let auction = view.auction;
        let (current_high_bid, ends_at_ms) = (auction.high_bid().map(Amount::from), auction.ends_at_ms());
        Self {
            kind: LiveKind::Auction,
            id: auction.id,
            title: auction.listing.title,
            seller_name: auction.listing.seller_name,
            image_url,
            thumbnail_url,
            playback_url: auction.channel.playback_url,
            video: view.video.into(),
            currency: auction.listing.starting_bid.currency.code().to_owned(),
            current_high_bid,
            phase: auction.lot.phase.into(),
            starts_at: auction.terms.starts_at_ms.map(rfc3339),
            ends_at: rfc3339(ends_at_ms),
        }
    }
}
