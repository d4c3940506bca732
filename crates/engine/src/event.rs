//! What happened in the media plane, told to one reader in order.
//!
//! The engine sends these over a bounded channel. When it is full the ingest task that has news waits for room: events
//! are few (a handful per broadcast) and none may be lost, while media of other feeds flows on.

use crate::status::{IngestInfo, Sample};

/// One fact about one live period of one feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Feed name.
    pub feed: String,
    /// Identity of the live period.
    pub stream_id: String,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
    /// What.
    pub kind: EventKind,
}

/// The kinds, in the order a healthy broadcast has them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// A key was accepted; no picture yet.
    SessionCreated,
    /// Codec headers are known, or changed.
    IngestConfigured(IngestInfo),
    /// The first part can be played.
    StreamStarted,
    /// No media for the starvation limit while connected, or the connection was lost and the reconnect window runs.
    StarvationStarted,
    /// Media flows again.
    StarvationEnded,
    /// Another encoder with a valid key took over.
    TakenOver,
    /// Health figures of the last seconds. Droppable: a later one supersedes it.
    Measured(Sample),
    /// The encoder is gone for good.
    SessionEnded,
    /// The playlist has ended.
    StreamEnded(EndReason),
}

/// Why a live period ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndReason {
    /// The encoder said goodbye.
    Unpublished,
    /// The connection was lost and nobody came back within the reconnect window.
    ConnectionLost,
    /// An operator stopped it.
    Stopped,
    /// The encoder broke the protocol or a limit.
    Failed,
    /// The server shuts down.
    Drained,
}
