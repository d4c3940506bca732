//! What one client receives: an answer body that waits for events, for the number of people, for its pings and its end.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use platform::Context;
use platform::auctions::public_id;
use platform::events::{Present, Watch, Watched};
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::frames::{Frames, PING, resume};
use super::{Pace, Slot};

/// What one stream carries.
pub(crate) struct Feed {
    /// For the clock, and for who reads.
    pub(crate) ctx: Context,
    /// What is watched.
    pub(crate) topic: String,
    /// Frame to begin with, if any.
    pub(crate) first: Option<Bytes>,
    /// The events after it.
    pub(crate) watch: Watch,
    /// Counts the client among the people who watch, as long as the stream lives.
    pub(crate) present: Present,
}

/// An open stream. Its timers and its wait for the shutdown are made once, not for every frame.
struct Reader {
    feed: Feed,
    /// The reader as the others in the auction know them; `None` without an account or elsewhere.
    alias: Option<String>,
    /// Whether the reader is told how many people watch.
    is_room: bool,
    frames: Arc<Frames>,
    pace: Pace,
    ping: Pin<Box<Sleep>>,
    /// Nothing was sent since the last time a ping was due.
    is_quiet: bool,
    ends_at: Instant,
    shutdown: Pin<Box<WaitForCancellationFutureOwned>>,
    is_over: bool,
    _slot: Slot,
}

/// Topics of which watchers hear how many they are.
const ROOMS: &str = "auction:";

impl Feed {
    /// The frames, until the client leaves, lags or has been served for long enough, or the server stops.
    pub(super) fn into_frames(
        self,
        slot: Slot,
        frames: Arc<Frames>,
        shutdown: CancellationToken,
        pace: Pace,
        first_ping: Duration,
    ) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
        let auction = self.topic.strip_prefix(ROOMS);
        let alias = auction
            .zip(self.ctx.caller.id())
            .map(|(auction, account)| public_id(&self.ctx.platform, auction, account));
        let reader = Reader {
            alias,
            is_room: auction.is_some(),
            feed: self,
            frames,
            pace,
            ping: Box::pin(sleep(first_ping)),
            is_quiet: true,
            ends_at: Instant::now() + pace.lifetime,
            shutdown: Box::pin(shutdown.cancelled_owned()),
            is_over: false,
            _slot: slot,
        };
        unfold(reader, async |mut reader| {
            let frame = reader.next().await?;
            Some((Ok(frame), reader))
        })
    }
}

impl Reader {
    /// The next frame; `None` at the end. Frames are whole: however the stream ends, nobody reads half an event.
    async fn next(&mut self) -> Option<Bytes> {
        if self.is_over {
            return None;
        }
        if let Some(first) = self.feed.first.take() {
            return Some(first);
        }
        loop {
            tokio::select! {
                biased;
                () = &mut self.shutdown => return None,
                watched = self.feed.watch.next() => {
                    self.is_quiet = false;
                    return self.frame(watched);
                }
                Ok(()) = self.feed.present.count().changed(), if self.is_room => {
                    self.is_quiet = false;
                    let count = *self.feed.present.count().borrow_and_update();
                    return Some(self.frames.presence(&self.feed.topic, count, self.now_ms()));
                }
                () = &mut self.ping => {
                    if Instant::now() >= self.ends_at {
                        return None;
                    }
                    self.ping.as_mut().reset(Instant::now() + self.pace.ping_every);
                    if std::mem::replace(&mut self.is_quiet, true) {
                        return Some(PING);
                    }
                }
            }
        }
    }

    fn frame(&mut self, watched: Result<Watched, platform::Error>) -> Option<Bytes> {
        match watched {
            Ok(Watched::Event(event)) => Some(self.frames.event(&event, self.alias.as_deref(), self.now_ms())),
            Ok(Watched::Lagged { resume_from }) => {
                metrics::counter!("rostrum_event_streams_lagged_total").increment(1);
                self.is_over = true;
                Some(resume(resume_from))
            }
            Err(error) => {
                tracing::warn!(%error, "an event stream ended early: {error}");
                None
            }
        }
    }

    fn now_ms(&self) -> i64 {
        self.feed.ctx.platform.environment().now_ms()
    }
}
