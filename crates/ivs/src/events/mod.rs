//! From what the engine tells to stream sessions, and on to whoever listens.
//!
//! A change of a session and the event that tells of it are one transaction ([`recorder`]). Events then leave in order,
//! each at least once with the same `id`, by one `POST` each ([`delivery`]). Health figures are different: they are sent
//! as they come and lost when nobody takes them ([`samples`]).

mod delivery;
mod envelope;
mod recorder;
mod samples;
mod target;

use std::sync::Arc;
use std::time::Duration;

use engine::{Engine, Event, EventKind};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::error::Error;
use crate::shared::Shared;
use crate::store::{outbox, sessions};

pub use recorder::heal;
pub use target::Target;

/// How often the time is noted while something is live: how wrong the end of a stream can be after a crash.
const ALIVE_PERIOD: Duration = Duration::from_secs(10);
/// How often old rows are removed.
const RETENTION_PERIOD: Duration = Duration::from_secs(3600);
/// AWS keeps stream sessions for 60 days.
const SESSION_RETENTION_MS: i64 = 60 * 24 * 3600 * 1000;
/// Parked events are kept for a week, long enough to be noticed.
const PARKED_RETENTION_MS: i64 = 7 * 24 * 3600 * 1000;
/// How long live streams may take to end after a shutdown began.
const DRAIN_MAX: Duration = Duration::from_secs(10);
/// How often the drain looks whether anything is live.
const DRAIN_POLL: Duration = Duration::from_millis(50);
/// How long the last deliveries and calls may take.
const FLUSH_MAX: Duration = Duration::from_secs(5);
/// Samples waiting to be sent; when full the newest is dropped, as a later one supersedes it anyway.
const SAMPLES_WAITING_MAX: usize = 64;

/// Records and delivers until `shutdown`, then what is still on its way.
pub async fn run(shared: Arc<Shared>, engine: Engine, mut events: mpsc::Receiver<Event>, shutdown: CancellationToken) {
    let tasks = TaskTracker::new();
    let last_call = CancellationToken::new();
    // Deliveries end with this future, also when it is dropped half way.
    let _last_call_on_drop = last_call.clone().drop_guard();
    let (samples, waiting) = mpsc::channel(SAMPLES_WAITING_MAX);
    if let Some(target) = shared.target.clone() {
        tasks.spawn(delivery::run(shared.clone(), target.clone(), last_call.clone()));
        tasks.spawn(samples::run(shared.clone(), target, waiting));
    }
    let recorder = Recorder {
        shared: &shared,
        engine: &engine,
        samples,
        tasks: &tasks,
        shutdown: &shutdown,
    };
    recorder.follow(&mut events).await;
    recorder.drain(&mut events).await;
    drop(recorder);
    last_call.cancel();
    tasks.close();
    shared.calls.close();
    let finished = async { tokio::join!(tasks.wait(), shared.calls.wait()) };
    if timeout(FLUSH_MAX, finished).await.is_err() {
        tracing::warn!("events or calls were still under way at shutdown; events are sent after the next start");
    }
}

struct Recorder<'a> {
    shared: &'a Arc<Shared>,
    engine: &'a Engine,
    samples: mpsc::Sender<samples::Measured>,
    tasks: &'a TaskTracker,
    shutdown: &'a CancellationToken,
}

impl Recorder<'_> {
    async fn follow(&self, events: &mut mpsc::Receiver<Event>) {
        let mut alive = interval(ALIVE_PERIOD);
        alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.note(self.remove_old().await);
        let mut retention = interval_at(Instant::now() + RETENTION_PERIOD, RETENTION_PERIOD);
        retention.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                event = events.recv() => match event {
                    Some(event) => self.take(event).await,
                    None => return,
                },
                _ = alive.tick() => self.note(self.note_alive().await),
                _ = retention.tick() => self.note(self.remove_old().await),
                () = self.shutdown.cancelled() => return,
            }
        }
    }

    /// Takes what the engine still tells: every live stream ends during a shutdown.
    async fn drain(&self, events: &mut mpsc::Receiver<Event>) {
        let until_quiet = async {
            loop {
                match timeout(DRAIN_POLL, events.recv()).await {
                    Ok(Some(event)) => self.take(event).await,
                    Ok(None) => return,
                    Err(_) if self.engine.live().is_empty() => return,
                    Err(_) => {}
                }
            }
        };
        if timeout(DRAIN_MAX, until_quiet).await.is_err() {
            tracing::warn!("streams were still live at the end of the shutdown; they are ended at the next start");
        }
    }

    async fn take(&self, event: Event) {
        if let EventKind::Measured(sample) = event.kind {
            let ingest = self
                .engine
                .status(&event.feed)
                .map(|status| status.ingest)
                .unwrap_or_default();
            let measured = samples::Measured {
                feed: event.feed,
                stream_id: event.stream_id,
                sample,
                ingest,
            };
            // A full queue means that the receiver is slow; the next sample says more than this one.
            if self.samples.try_send(measured).is_err() {
                metrics::counter!("ivs_samples_dropped_total").increment(1);
            }
            return;
        }
        if !recorder::record(self.shared, &event, self.shutdown).await {
            // Stopping waits for room in the channel that this task reads, so it must not wait here.
            let engine = self.engine.clone();
            self.tasks.spawn(async move {
                tracing::info!(feed = %event.feed, "stream of a deleted channel stopped");
                engine.stop(&event.feed).await;
            });
        }
    }

    async fn note_alive(&self) -> Result<(), Error> {
        if self.engine.live().is_empty() {
            return Ok(());
        }
        let mut write = self.shared.store.write().await?;
        sessions::set_alive(write.connection(), (self.shared.env.now_ms)()).await?;
        drop(write.commit().await?);
        Ok(())
    }

    async fn remove_old(&self) -> Result<(), Error> {
        let now_ms = (self.shared.env.now_ms)();
        let mut write = self.shared.store.write().await?;
        let ended = sessions::delete_ended_before(write.connection(), now_ms - SESSION_RETENTION_MS).await?;
        let parked = outbox::delete_parked_before(write.connection(), now_ms - PARKED_RETENTION_MS).await?;
        drop(write.commit().await?);
        tracing::debug!(ended, parked, "rows past their retention removed");
        Ok(())
    }

    fn note(&self, outcome: Result<(), Error>) {
        if let Err(cause) = outcome {
            tracing::error!(%cause, "the ivs data file could not be kept up");
        }
    }
}
