//! The media plane: listeners, live feeds, packager, HLS origin.

pub mod event;
pub mod policy;
pub mod status;

use std::sync::Arc;

pub use event::{EndReason, Event, EventKind};
pub use policy::{PlaybackDenied, PlaybackRequest, Policy, PublishDenied, PublishGrant, PublishRequest, StreamKey};
pub use status::{Health, Status};

/// The wall clock and the source of randomness, passed in by the binary (or a test).
#[derive(Clone)]
pub struct Environment {
    /// Milliseconds since the Unix epoch.
    pub now_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Fills a buffer with cryptographically secure random bytes.
    pub random: Arc<dyn Fn(&mut [u8]) + Send + Sync>,
}

/// Handle to a running media plane; cheap to clone.
#[derive(Clone)]
pub struct Engine {}

impl Engine {
    /// The live feed of this name.
    pub fn status(&self, _feed: &str) -> Option<Status> {
        None
    }

    /// All live feeds, by name.
    pub fn live(&self) -> Vec<Status> {
        Vec::new()
    }

    /// Disconnects the encoder and ends the live period at once, without waiting for a reconnect.
    ///
    /// False when nothing of that name is live. Resolves after `StreamEnded` was sent.
    pub async fn stop(&self, _feed: &str) -> bool {
        false
    }
}
