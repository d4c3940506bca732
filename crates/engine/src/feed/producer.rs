//! The right to write into a feed, held by one connection.

use std::sync::Arc;

use media::{CodecConfig, Frame, rtmp};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Feed, Live, Source};
use crate::EndReason;
use crate::ingest::info::Gathered;

/// This producer is not the feed's any more: another took over, or the feed has ended. The connection closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Superseded;

/// Writes a feed. Dropping it means that the connection was lost: the reconnect window begins.
pub(crate) struct Producer {
    feed: Arc<Feed>,
    generation: u64,
    superseded: CancellationToken,
}

impl Producer {
    pub(super) fn new(feed: Arc<Feed>, generation: u64, superseded: CancellationToken) -> Self {
        Self {
            feed,
            generation,
            superseded,
        }
    }

    pub(crate) fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Cancelled when somebody else took over or the feed ended.
    pub(crate) fn superseded(&self) -> &CancellationToken {
        &self.superseded
    }

    /// What the encoder says about itself.
    pub(crate) fn metadata(&self, metadata: rtmp::Metadata) -> Result<(), Superseded> {
        self.gather(|gathered| gathered.metadata(metadata))
    }

    /// The codec headers of a track, before its first frame and at every change.
    pub(crate) fn config(&self, config: CodecConfig) -> Result<(), Superseded> {
        self.gather(|gathered| gathered.config(&config))?;
        self.write(|live| live.packager.config(config))
    }

    /// One access unit; viewers can have it when this returns.
    pub(crate) fn frame(&self, frame: Frame) -> Result<(), Superseded> {
        let news = self.write(|live| {
            let now = Instant::now();
            let was_pause = live.is_pause(now);
            live.media_at = Some(now);
            live.meter.count(&frame);
            let is_first = !std::mem::replace(&mut live.has_media, true);
            live.packager.frame(frame);
            if live.packager.is_shredded() {
                live.end(EndReason::Failed);
                return true;
            }
            let is_start = live.started_at_ms.is_none() && live.packager.is_playable();
            if is_start {
                live.started_at_ms = Some(self.feed.environment.now_ms());
            }
            is_first || is_start || was_pause
        })?;
        if news {
            self.feed.changed.notify_one();
        }
        Ok(())
    }

    /// Ends the live period, if it is still this producer's.
    pub(crate) fn end(self, reason: EndReason) {
        let _ = self.write(|live| live.end(reason));
        self.feed.changed.notify_one();
    }

    fn gather(&self, add: impl FnOnce(&mut Gathered)) -> Result<(), Superseded> {
        self.write(|live| {
            add(&mut live.gathered);
            live.ingest = Arc::new(live.gathered.info());
        })?;
        self.feed.changed.notify_one();
        Ok(())
    }

    fn write<T>(&self, change: impl FnOnce(&mut Live) -> T) -> Result<T, Superseded> {
        let mut live = self.feed.lock();
        if live.generation == self.generation && matches!(live.source, Source::Connected { .. }) {
            Ok(change(&mut live))
        } else {
            Err(Superseded)
        }
    }
}

impl Drop for Producer {
    fn drop(&mut self) {
        let until = Instant::now() + self.feed.reconnect_window;
        let lose = |live: &mut Live| {
            live.source = Source::Lost { until };
            live.media_at = None;
            // What came last must not wait for whoever comes next.
            live.packager.discontinuity();
        };
        if self.write(lose).is_ok() {
            self.feed.changed.notify_one();
        }
    }
}
