//! The feed's own task: its timers (reconnect window, starvation, health samples) and its events.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::news::{Told, View};
use super::{Feed, Source};
use crate::metrics::Metrics;
use crate::{EndReason, Event, EventKind, Health};

/// How often the feed looks at itself when nothing wakes it.
const TICK: Duration = Duration::from_secs(1);
/// Length of a health sample.
const SAMPLE_PERIOD: Duration = Duration::from_secs(5);

impl Feed {
    /// Runs until the live period has ended and its last event was sent.
    pub(crate) async fn run(self: Arc<Self>, events: mpsc::Sender<Event>, metrics: Metrics) {
        let mut told = Told::default();
        let mut sample_at = Instant::now() + SAMPLE_PERIOD;
        let mut viewers_told = 0;
        loop {
            let now = Instant::now();
            let (view, next) = self.observe(now);
            let ended = view.ended.is_some();
            for (at_ms, kind) in told.news(view, self.environment.now_ms()) {
                // Nobody reads events any more only when the whole engine goes away.
                let _ = events.send(self.event(at_ms, kind)).await;
            }
            if ended {
                break;
            }
            if now >= sample_at {
                sample_at = now + SAMPLE_PERIOD;
                let viewers = self.measure(now, &events, &metrics);
                metrics.viewers.increment(small(viewers) - small(viewers_told));
                viewers_told = viewers;
            }
            tokio::select! {
                () = self.changed.notified() => {}
                () = tokio::time::sleep_until(next.min(sample_at)) => {}
            }
        }
        metrics.viewers.decrement(small(viewers_told));
        self.finished.cancel();
    }

    /// What is now, and when to look again. Ends the feed when nobody came back in time.
    fn observe(&self, now: Instant) -> (View, Instant) {
        let mut live = self.lock();
        let mut next = now + TICK;
        if let Source::Lost { until } = live.source {
            if now >= until {
                live.end(EndReason::ConnectionLost);
            } else {
                next = next.min(until);
            }
        }
        let ended = match live.source {
            Source::Ended(reason) => Some(reason),
            _ => None,
        };
        let view = View {
            ingest: live.has_media.then(|| live.ingest.clone()),
            started_at_ms: live.started_at_ms,
            is_starving: live.health(now) == Health::Starving,
            takeovers: live.takeovers,
            ended,
        };
        (view, next)
    }

    /// Sends a health sample if there is room: a later one supersedes it. The number of viewers.
    fn measure(&self, now: Instant, events: &mpsc::Sender<Event>, metrics: &Metrics) -> u64 {
        let viewers = self.viewers.count(now);
        let at_ms = self.environment.now_ms();
        let sample = self.lock().meter.sample(now, at_ms, viewers);
        if events.try_send(self.event(at_ms, EventKind::Measured(sample))).is_err() {
            metrics.samples_dropped.increment(1);
        }
        viewers
    }

    fn event(&self, at_ms: i64, kind: EventKind) -> Event {
        Event {
            feed: self.name.clone(),
            stream_id: self.stream_id.clone(),
            at_ms,
            kind,
        }
    }
}

/// A count as a gauge's number.
fn small(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
