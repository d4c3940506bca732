//! What is known of a channel's video, wherever it is shown.

use serde::Serialize;
use utoipa::ToSchema;

/// The video of one channel at a moment.
#[derive(Serialize, ToSchema)]
pub(crate) struct Video {
    /// Whether anything can be watched.
    pub(crate) state: VideoState,
    /// Since when it has been so, epoch ms; null when it never changed.
    #[schema(required)]
    pub(crate) since_ms: Option<i64>,
    /// People watching through the provider.
    pub(crate) viewers: i64,
    /// The provider's id of the current or last stream.
    #[schema(required)]
    pub(crate) stream_id: Option<String>,
}

/// `waiting` for the broadcaster, `live`, `interrupted` and expected back, or `ended`.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum VideoState {
    Waiting,
    Live,
    Interrupted,
    Ended,
}
