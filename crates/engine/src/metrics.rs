//! Figures for the operator. The handles are looked up once; counting is an atomic add.

use metrics::{Counter, Gauge, counter, gauge};

/// All figures of one engine. Clones count into the same ones.
#[derive(Clone)]
pub(crate) struct Metrics {
    pub ingest_bytes: Counter,
    pub ingest_frames: Counter,
    /// Frames the packager could not use.
    pub frames_dropped: Counter,
    pub ingest_connections: Gauge,
    /// Half-open connections closed to make room, and connections refused because there was none.
    pub ingest_refused: Counter,
    pub publishes_denied: Counter,
    pub feeds_live: Gauge,
    pub viewers: Gauge,
    /// Health samples nobody had room for.
    pub samples_dropped: Counter,
    pub requests_held: Gauge,
    /// Requests answered 503 because too many were held, or nothing came.
    pub requests_given_up: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            ingest_bytes: counter!("rostrum_ingest_bytes_total"),
            ingest_frames: counter!("rostrum_ingest_frames_total"),
            frames_dropped: counter!("rostrum_ingest_frames_dropped_total"),
            ingest_connections: gauge!("rostrum_ingest_connections"),
            ingest_refused: counter!("rostrum_ingest_refused_total"),
            publishes_denied: counter!("rostrum_publishes_denied_total"),
            feeds_live: gauge!("rostrum_feeds_live"),
            viewers: gauge!("rostrum_viewers"),
            samples_dropped: counter!("rostrum_samples_dropped_total"),
            requests_held: gauge!("rostrum_requests_held"),
            requests_given_up: counter!("rostrum_requests_given_up_total"),
        }
    }
}

/// All figures of one chat hub. Clones count into the same ones.
#[derive(Clone)]
pub(crate) struct ChatMetrics {
    pub connections: Gauge,
    /// Messages that members sent; events are not counted.
    pub messages: Counter,
    /// Frames put into members' queues.
    pub deliveries: Counter,
    /// Connections ended because they did not read.
    pub slow: Counter,
    /// Connections refused because there were too many.
    pub refused: Counter,
}

impl ChatMetrics {
    pub(crate) fn new() -> Self {
        Self {
            connections: gauge!("rostrum_chat_connections"),
            messages: counter!("rostrum_chat_messages_total"),
            deliveries: counter!("rostrum_chat_deliveries_total"),
            slow: counter!("rostrum_chat_slow_total"),
            refused: counter!("rostrum_chat_refused_total"),
        }
    }
}
