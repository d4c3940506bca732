//! What is known of a channel's video, wherever it is shown.

use platform::broadcasts;
use serde::Serialize;
use utoipa::ToSchema;

/// The video of one channel at a moment.
#[derive(Serialize, ToSchema)]
pub(crate) struct Video {
    /// Whether anything can be watched.
    state: VideoState,
    /// Since when it has been so, epoch ms.
    since_ms: i64,
    /// People watching through the provider.
    viewers: i64,
    /// The provider's id of the stream while there is one.
    #[schema(required)]
    stream_id: Option<String>,
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

impl From<broadcasts::Video> for Video {
    fn from(video: broadcasts::Video) -> Self {
        Self {
            state: video.state.into(),
            since_ms: video.since_ms,
            viewers: video.viewers,
            stream_id: video.stream_id,
        }
    }
}

impl From<broadcasts::VideoState> for VideoState {
    fn from(state: broadcasts::VideoState) -> Self {
        match state {
            broadcasts::VideoState::Waiting => Self::Waiting,
            broadcasts::VideoState::Live => Self::Live,
            broadcasts::VideoState::Interrupted => Self::Interrupted,
            broadcasts::VideoState::Ended => Self::Ended,
        }
    }
}
