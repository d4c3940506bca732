//! Turns engine events into rows: the session, its facts, and the events to deliver, in one transaction each.

use std::time::Duration;

use engine::{EndReason, Event, EventKind};
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::low_latency::session;
use crate::shared::Shared;
use crate::store::sessions::{self, Fact, Moment, Session};
use crate::store::{Write, channels, outbox};

use super::envelope::{self, HEALTH_CHANGE, STATE_CHANGE, Telling};

/// Events that may wait for a receiver that is away: two days of a busy installation. The oldest go first, and the
/// receiver can still ask ListStreamSessions.
const BACKLOG_MAX: i64 = 10_000;
/// Wait after the first write that failed; it doubles.
const RETRY_FIRST: Duration = Duration::from_millis(200);
/// Longest wait between two attempts to write: how soon after the disk has room again the story goes on.
const RETRY_MAX: Duration = Duration::from_secs(5);
/// Why a session ended that a crash left open.
const RESTARTED: &str = "ServerRestarted";

/// Records one event. False when its channel does not exist any more, so that the stream has to stop.
///
/// While the disk is full or the file is held by somebody else it tries again until `shutdown`, and the engine's later
/// events wait behind it: a session that lost its end would look live until the next start.
pub async fn record(shared: &Shared, event: &Event, shutdown: &CancellationToken) -> bool {
    let mut wait = RETRY_FIRST;
    loop {
        let cause = match write_event(shared, event).await {
            Ok(is_known) => return is_known,
            Err(cause) => cause,
        };
        tracing::error!(%cause, stream.id = %event.stream_id, "a stream event could not be recorded");
        if !cause.is_passing() || shutdown.is_cancelled() {
            metrics::counter!("ivs_events_unrecorded_total").increment(1);
            return shared.directory.channel_arn(&event.feed).is_some();
        }
        shutdown.run_until_cancelled(tokio::time::sleep(wait)).await;
        wait = wait.saturating_mul(2).min(RETRY_MAX);
    }
}

async fn write_event(shared: &Shared, event: &Event) -> Result<bool, Error> {
    let mut write = shared.store.write().await?;
    let session = match &event.kind {
        EventKind::SessionCreated => begin(shared, &mut write, event).await?,
        _ => sessions::find(write.connection(), &event.stream_id).await?,
    };
    let Some(session) = session else {
        return Ok(event.kind != EventKind::SessionCreated);
    };
    let mut story = Story {
        shared,
        write,
        session,
        at_ms: event.at_ms,
    };
    story.tell_event(&event.kind).await?;
    drop(story.write.commit().await?);
    shared.outbox_bell.notify_one();
    Ok(true)
}

/// The new session of a channel that exists; the one that is there already when the engine repeats itself.
async fn begin(shared: &Shared, write: &mut Write<'_>, event: &Event) -> Result<Option<Session>, Error> {
    let Some(arn) = shared.directory.channel_arn(&event.feed) else {
        return Ok(None);
    };
    let Some(channel) = channels::find(write.connection(), &arn).await? else {
        return Ok(None);
    };
    let snapshot = serde_json::to_value(channel.describe(&shared.config)).map_err(|cause| Error::Corrupt {
        what: arn.clone(),
        cause: cause.to_string(),
    })?;
    sessions::insert(write.connection(), &event.stream_id, &arn, &snapshot, event.at_ms).await?;
    sessions::find(write.connection(), &event.stream_id).await
}

/// Ends the sessions that a crash left open, at the time the server was last known to be up.
///
/// # Errors
/// [`Error::Store`] when the file cannot be written.
pub async fn heal(shared: &Shared) -> Result<(), Error> {
    let mut write = shared.store.write().await?;
    let alive_ms = sessions::alive(write.connection()).await?.unwrap_or_default();
    for session in sessions::open(write.connection()).await? {
        let facts = sessions::facts(write.connection(), &session.stream_id).await?;
        let last_fact_ms = facts.first().map_or(session.created_at_ms, |fact| fact.at_ms);
        tracing::info!(stream.id = %session.stream_id, "stream ended that was live when the server died");
        let mut story = Story {
            shared,
            write,
            session,
            at_ms: alive_ms.max(last_fact_ms),
        };
        story.end(RESTARTED).await?;
        write = story.write;
    }
    drop(write.commit().await?);
    Ok(())
}

/// One session at one moment, inside a transaction.
struct Story<'a> {
    shared: &'a Shared,
    write: Write<'a>,
    session: Session,
    at_ms: i64,
}

impl Story<'_> {
    async fn tell_event(&mut self, kind: &EventKind) -> Result<(), Error> {
        match kind {
            EventKind::SessionCreated => {
                let facts = sessions::facts(self.write.connection(), &self.session.stream_id).await?;
                // The engine may repeat itself; the world is told once.
                if facts.is_empty() {
                    self.tell(STATE_CHANGE, "Session Created", None).await
                } else {
                    Ok(())
                }
            }
            EventKind::IngestConfigured(info) => {
                let stream_id = &self.session.stream_id;
                sessions::set_ingest(self.write.connection(), stream_id, &session::ingest(info)).await
            }
            EventKind::StreamStarted => match self.mark(Moment::Started).await? {
                true => self.tell(STATE_CHANGE, "Stream Start", None).await,
                false => Ok(()),
            },
            EventKind::StarvationStarted => self.tell(HEALTH_CHANGE, "Starvation Start", None).await,
            EventKind::StarvationEnded => self.tell(HEALTH_CHANGE, "Starvation End", None).await,
            EventKind::TakenOver => self.tell(STATE_CHANGE, "Stream Takeover", None).await,
            EventKind::SessionEnded => self.end_session().await,
            EventKind::StreamEnded(reason) => {
                if *reason == EndReason::Failed {
                    sessions::set_error(self.write.connection(), &self.session.stream_id).await?;
                    self.tell(STATE_CHANGE, "Stream Failure", Some("Failed")).await?;
                }
                self.end(end_reason(*reason)).await
            }
            // Samples take another way; kinds this version does not know have nothing to tell.
            _ => Ok(()),
        }
    }

    async fn mark(&mut self, moment: Moment) -> Result<bool, Error> {
        sessions::mark(self.write.connection(), &self.session.stream_id, moment, self.at_ms).await
    }

    async fn end_session(&mut self) -> Result<(), Error> {
        if self.mark(Moment::Disconnected).await? {
            self.tell(STATE_CHANGE, "Session Ended", None).await?;
        }
        Ok(())
    }

    /// As on AWS, `Stream End` follows only a `Stream Start`.
    async fn end(&mut self, reason: &str) -> Result<(), Error> {
        self.end_session().await?;
        if self.mark(Moment::Ended).await? && self.session.started_at_ms.is_some() {
            self.tell(STATE_CHANGE, "Stream End", Some(reason)).await?;
        }
        Ok(())
    }

    /// Adds the fact to the session and, when somebody listens, the event to the queue.
    async fn tell(&mut self, detail_type: &str, name: &str, reason: Option<&str>) -> Result<(), Error> {
        let fact = Fact {
            event_type: detail_type.to_owned(),
            name: name.to_owned(),
            code: reason.filter(|_| name == "Stream Failure").map(str::to_owned),
            at_ms: self.at_ms,
        };
        sessions::append_fact(self.write.connection(), &self.session.stream_id, &fact).await?;
        if self.shared.target.is_none() {
            return Ok(());
        }
        let mut detail = Map::new();
        detail.insert("event_name".to_owned(), json!(name));
        detail.insert(
            "channel_name".to_owned(),
            self.session.channel.get("name").cloned().unwrap_or(json!("")),
        );
        detail.insert("stream_id".to_owned(), json!(self.session.stream_id));
        if let Some(reason) = reason {
            detail.insert("reason".to_owned(), Value::from(reason));
        }
        let telling = Telling {
            source: "aws.ivs",
            detail_type,
            channel_arn: &self.session.channel_arn,
            at_ms: self.at_ms,
            detail,
        };
        let body = envelope::wrap(&self.shared.env, telling);
        let now_ms = (self.shared.env.now_ms)();
        let dropped = outbox::push(self.write.connection(), &body, now_ms, BACKLOG_MAX).await?;
        if dropped > 0 {
            metrics::counter!("ivs_events_dropped_total").increment(dropped);
            tracing::error!(dropped, "the event backlog is full: the oldest events were dropped");
        }
        Ok(())
    }
}

fn end_reason(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Unpublished => "Unpublished",
        EndReason::ConnectionLost => "ConnectionLost",
        EndReason::Stopped => "Stopped",
        EndReason::Failed => "Failed",
        EndReason::Drained => "Drained",
        _ => "Unknown",
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use engine::Environment;

    use super::*;
    use crate::config::{Config, Quotas, SealingKey, Secret};
    use crate::low_latency::channel::Channel;

    const ARN: &str = "arn:aws:ivs:us-east-1:000000000000:channel/AAAAAAAAAAAA";
    const STREAM_ID: &str = "st-AAAAAAAAAAAAAAAAAAAAAAA";

    async fn shared(folder: &std::path::Path) -> Shared {
        let config = Config {
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            access_key: "a".to_owned(),
            secret_key: Secret::new("s"),
            sealing_key: SealingKey::new([1; 32]),
            playback_url_base: "http://localhost:8000".parse().unwrap(),
            ingest_host: "localhost".to_owned(),
            data_file: folder.join("ivs.sqlite3"),
            events_target: None,
            events_secret: None,
            quotas: Quotas::default(),
        };
        let env = Environment {
            now_ms: Arc::new(|| 0),
            random: Arc::new(|bytes| bytes.fill(7)),
        };
        Shared::open(config, env).await.unwrap()
    }

    /// A channel whose description fills pages, so that its session does not fit what is left of the file.
    async fn add_channel(shared: &Shared) {
        let mut channel = Channel::new(ARN.to_owned());
        channel.tags = (0..50).map(|n| (format!("k{n}"), "v".repeat(256))).collect();
        let mut write = shared.store.write().await.unwrap();
        channels::insert(write.connection(), &channel, 0).await.unwrap();
        drop(write.commit().await.unwrap());
        shared.directory.put_channel(&channel);
    }

    fn created() -> Event {
        Event {
            feed: crate::arn::feed(ARN).unwrap(),
            stream_id: STREAM_ID.to_owned(),
            at_ms: 1,
            kind: EventKind::SessionCreated,
        }
    }

    async fn is_recorded(shared: &Shared) -> bool {
        let mut reader = shared.store.read().await.unwrap();
        sessions::find(&mut reader, STREAM_ID).await.unwrap().is_some()
    }

    #[tokio::test]
    async fn an_event_waits_for_room_on_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let shared = shared(folder.path()).await;
        add_channel(&shared).await;
        shared.store.set_full(true).await;
        let (event, shutdown) = (created(), CancellationToken::new());
        let mut recording = std::pin::pin!(record(&shared, &event, &shutdown));
        let early = tokio::time::timeout(RETRY_FIRST * 2, &mut recording).await;
        assert!(early.is_err() && !is_recorded(&shared).await, "{early:?}");

        shared.store.set_full(false).await;
        let patience = Duration::from_secs(10);
        assert!(tokio::time::timeout(patience, recording).await.unwrap());
        assert!(is_recorded(&shared).await);
    }

    #[tokio::test]
    async fn a_shutdown_does_not_wait_for_room_and_a_deleted_channel_is_not_left_on_air() {
        let folder = tempfile::tempdir().unwrap();
        let shared = shared(folder.path()).await;
        add_channel(&shared).await;
        shared.store.set_full(true).await;
        let shutdown = CancellationToken::new();
        shutdown.cancel();
        assert!(record(&shared, &created(), &shutdown).await);
        assert!(!is_recorded(&shared).await);

        shared.directory.remove_channel(ARN);
        assert!(!record(&shared, &created(), &shutdown).await, "the stream has to stop");
    }
}
