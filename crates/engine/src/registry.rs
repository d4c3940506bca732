//! Which feeds are live, by name, and which have just ended.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::feed::{Feed, Producer};
use crate::metrics::Metrics;
use crate::{Config, EndReason, Environment, Event, PublishGrant};

/// Feeds live at a time. 2,000 streams of 1.4 Mbit/s are 5 GiB of windows; more do not fit an ordinary machine. When full,
/// further publishers are told to try again.
pub(crate) const FEEDS_MAX: usize = 2_000;
/// An ended feed can be read for this long, so that players see the end of the playlist and play what they have.
const RETIRED_FOR: Duration = Duration::from_secs(30);

/// Why nobody may publish now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    #[error("the server is full: try again later")]
    Full,
    #[error("the server is shutting down: try again")]
    Draining,
}

/// All feeds of an engine; the owner of their tasks.
pub(crate) struct Registry {
    /// Read by every request of a viewer for one lookup, written when a feed begins or ends.
    tables: RwLock<Tables>,
    config: Arc<Config>,
    environment: Environment,
    events: mpsc::Sender<Event>,
    metrics: Metrics,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

#[derive(Default)]
struct Tables {
    /// By feed name.
    live: HashMap<String, Arc<Feed>>,
    /// By stream id: a name can be live again while its earlier stream is still read.
    retired: HashMap<String, Arc<Feed>>,
    is_draining: bool,
}

impl Registry {
    pub(crate) fn new(
        config: Arc<Config>,
        environment: Environment,
        events: mpsc::Sender<Event>,
        metrics: Metrics,
        tasks: TaskTracker,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            tables: RwLock::default(),
            config,
            environment,
            events,
            metrics,
            tasks,
            shutdown,
        }
    }

    /// The right to write the feed of this grant: the live one's if there is one (reconnect or takeover), else a new one's.
    pub(crate) fn publish(self: &Arc<Self>, grant: PublishGrant) -> Result<Producer, Refused> {
        let mut tables = self.write();
        if tables.is_draining {
            return Err(Refused::Draining);
        }
        if let Some(producer) = tables.live.get(&grant.feed).and_then(Feed::join) {
            return Ok(producer);
        }
        if tables.live.len() >= FEEDS_MAX {
            return Err(Refused::Full);
        }
        let feed = Feed::new(grant, &self.config, self.environment.clone(), &self.metrics);
        let producer = feed.join().ok_or(Refused::Draining)?;
        // A predecessor that ended a moment ago makes room; its own task finds that out.
        if let Some(predecessor) = tables.live.insert(feed.name.clone(), feed.clone()) {
            tables.retired.insert(predecessor.stream_id.clone(), predecessor);
        }
        drop(tables);
        let registry = self.clone();
        self.tasks.spawn(async move { registry.run(feed).await });
        Ok(producer)
    }

    /// The live feed of this name.
    pub(crate) fn live(&self, name: &str) -> Option<Arc<Feed>> {
        self.read().live.get(name).cloned()
    }

    /// The feed of this name and stream id, live or just ended.
    pub(crate) fn stream(&self, name: &str, stream_id: &str) -> Option<Arc<Feed>> {
        let tables = self.read();
        let is_it = |feed: &&Arc<Feed>| feed.name == name && feed.stream_id == stream_id;
        tables
            .live
            .get(name)
            .filter(is_it)
            .or_else(|| tables.retired.get(stream_id).filter(is_it))
            .cloned()
    }

    /// All live feeds, in no order.
    pub(crate) fn all(&self) -> Vec<Arc<Feed>> {
        self.read().live.values().cloned().collect()
    }

    /// Ends all feeds and lets no new one begin.
    pub(crate) fn drain(&self) {
        self.write().is_draining = true;
        for feed in self.all() {
            feed.end(EndReason::Drained);
        }
    }

    /// A feed's life in the tables.
    async fn run(&self, feed: Arc<Feed>) {
        self.metrics.feeds_live.increment(1);
        tracing::info!(
            feed = feed.name,
            stream.id = feed.stream_id,
            "stream {} of {} begins",
            feed.stream_id,
            feed.name
        );
        feed.clone().run(self.events.clone(), self.metrics.clone()).await;
        tracing::info!(
            feed = feed.name,
            stream.id = feed.stream_id,
            "stream {} of {} ended",
            feed.stream_id,
            feed.name
        );
        self.metrics.feeds_live.decrement(1);
        self.retire(&feed);
        self.shutdown.run_until_cancelled(tokio::time::sleep(RETIRED_FOR)).await;
        let mut tables = self.write();
        if tables
            .retired
            .get(&feed.stream_id)
            .is_some_and(|held| Arc::ptr_eq(held, &feed))
        {
            tables.retired.remove(&feed.stream_id);
        }
    }

    fn retire(&self, feed: &Arc<Feed>) {
        let mut tables = self.write();
        if tables.live.get(&feed.name).is_some_and(|held| Arc::ptr_eq(held, feed)) {
            tables.live.remove(&feed.name);
        }
        tables.retired.insert(feed.stream_id.clone(), feed.clone());
    }

    fn read(&self) -> RwLockReadGuard<'_, Tables> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Tables> {
        self.tables.write().unwrap_or_else(PoisonError::into_inner)
    }
}
