//! What is on air.

use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::Json;
use crate::rest::money::Amount;
use crate::rest::video::Video;

/// Everything that is live.
#[derive(Serialize, ToSchema)]
pub(crate) struct Now {
    /// Newest first.
    live: Vec<LiveItem>,
    counts: Counts,
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
    playback_url: Option<String>,
    video: Video,
    #[schema(required)]
    current_high_bid: Option<Amount>,
    currency: String,
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
    responses((status = 200, description = "Everything live, newest first.", body = Now)))]
pub(crate) async fn now(Admitted(ctx): Admitted) -> Result<Json<Now>, Problem> {
    todo!()
}
