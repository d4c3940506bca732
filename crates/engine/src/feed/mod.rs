//! A feed: the in-memory broadcast of one live period. One producer at a time writes, any number of viewers read.
//!
//! ```text
//!             join            lost                 until passed
//! (created) ───────► Connected ───► Lost ─────────────────────► Ended(ConnectionLost)
//!                    │  ▲  ▲ │       │
//!                    └──┘  └─┼───────┘ join: same stream goes on, with a discontinuity
//!              join: takeover└────────────────────────────────► Ended(reason)
//! ```
//! Nothing leaves `Ended`: whoever publishes next gets a new feed with its own stream id.

mod news;
mod producer;
mod task;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

pub(crate) use self::producer::Producer;
use crate::health::Meter;
use crate::ingest::info::Gathered;
use crate::metrics::Metrics;
use crate::origin::viewers::Viewers;
use crate::origin::window::Window;
use crate::packager::Packager;
use crate::status::IngestInfo;
use crate::{Config, EndReason, Environment, Health, PublishGrant, Status};

/// No media for this long while connected is starvation. Longer than any pause an encoder makes between keyframes of a
/// still picture, shorter than what viewers have buffered.
pub(crate) const STARVATION_LIMIT: Duration = Duration::from_secs(3);

/// One live period of one feed.
pub(crate) struct Feed {
    pub name: String,
    pub stream_id: String,
    /// What viewers read; never needs the lock below.
    pub window: Arc<Window>,
    pub viewers: Viewers,
    /// The producing side. Locked by the connection for one frame at a time (microseconds: cut, append, take a
    /// snapshot) and by the feed's task once a second; viewers never wait for it.
    live: Mutex<Live>,
    /// Wakes the feed's task when something it may have to tell has changed.
    changed: Notify,
    /// After the last event was sent.
    finished: CancellationToken,
    environment: Environment,
    reconnect_window: Duration,
}

struct Live {
    /// Which producer may write: a dead connection carries an older number.
    generation: u64,
    source: Source,
    packager: Packager,
    meter: Meter,
    gathered: Gathered,
    /// The same, for people.
    ingest: Arc<IngestInfo>,
    /// When the newest frame came; `None` before the first of a stream, and after the connection that sent it was lost.
    media_at: Option<Instant>,
    has_media: bool,
    started_at_ms: Option<i64>,
    takeovers: u64,
}

enum Source {
    Connected { superseded: CancellationToken },
    Lost { until: Instant },
    Ended(EndReason),
}

impl Feed {
    /// A feed that nobody produces yet: it waits for its first [`Feed::join`] as it would for a reconnect.
    pub(crate) fn new(grant: PublishGrant, config: &Config, environment: Environment, metrics: &Metrics) -> Arc<Self> {
        let now = Instant::now();
        let window = Arc::new(Window::new(&grant.stream_id));
        let live = Live {
            generation: 0,
            source: Source::Lost {
                until: now + config.reconnect_window,
            },
            packager: Packager::new(config, window.clone(), environment.clone(), metrics),
            meter: Meter::new(now),
            gathered: Gathered::default(),
            ingest: Arc::default(),
            media_at: None,
            has_media: false,
            started_at_ms: None,
            takeovers: 0,
        };
        Arc::new(Self {
            name: grant.feed,
            stream_id: grant.stream_id,
            window,
            viewers: Viewers::default(),
            live: Mutex::new(live),
            changed: Notify::new(),
            finished: CancellationToken::new(),
            environment,
            reconnect_window: config.reconnect_window,
        })
    }

    /// Makes the caller the producer. The earlier one, if it is still connected, is told to close (the newer wins: it is
    /// how a host whose encoder hangs gets back on air). `None` when the feed has ended.
    pub(crate) fn join(self: &Arc<Self>) -> Option<Producer> {
        let mut live = self.lock();
        let superseded = CancellationToken::new();
        let source = Source::Connected {
            superseded: superseded.clone(),
        };
        if let Source::Ended(_) = live.source {
            return None;
        }
        if let Source::Connected { superseded: earlier } = std::mem::replace(&mut live.source, source) {
            earlier.cancel();
            live.takeovers += 1;
        }
        if live.generation > 0 {
            live.gathered = Gathered::default();
            live.meter.discontinuity();
            live.packager.discontinuity();
        }
        live.generation += 1;
        let generation = live.generation;
        drop(live);
        self.changed.notify_one();
        Some(Producer::new(self.clone(), generation, superseded))
    }

    /// Ends the live period; the first reason stays. The playlist ends, a connected producer is told to close.
    pub(crate) fn end(&self, reason: EndReason) {
        self.lock().end(reason);
        self.changed.notify_one();
    }

    /// Resolves after `StreamEnded` was sent.
    pub(crate) async fn finished(&self) {
        self.finished.cancelled().await;
    }

    pub(crate) fn status(&self) -> Status {
        let now = Instant::now();
        let live = self.lock();
        Status {
            feed: self.name.clone(),
            stream_id: self.stream_id.clone(),
            started_at_ms: live.started_at_ms,
            health: live.health(now),
            viewers: self.viewers.count(now),
            ingest: IngestInfo::clone(&live.ingest),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Live> {
        // A panic while it was held leaves a feed that may be cut oddly, and viewers who can be told so.
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn end(&mut self, reason: EndReason) {
        if let Source::Ended(_) = self.source {
            return;
        }
        if let Source::Connected { superseded } = std::mem::replace(&mut self.source, Source::Ended(reason)) {
            superseded.cancel();
        }
        self.packager.end();
    }

    fn health(&self, now: Instant) -> Health {
        match self.source {
            _ if self.started_at_ms.is_none() => Health::Unknown,
            Source::Connected { .. } if !self.is_pause(now) => Health::Healthy,
            _ => Health::Starving,
        }
    }

    /// True when no media came for so long, or since the connection was lost, that the source starves.
    fn is_pause(&self, now: Instant) -> bool {
        self.media_at
            .is_none_or(|at| now.saturating_duration_since(at) >= STARVATION_LIMIT)
    }
}
