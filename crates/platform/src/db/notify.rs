//! Telling other processes on the same PostgreSQL database what was committed.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::AnyConnection;
use sqlx::postgres::PgListener;
use tokio_util::sync::CancellationToken;

use super::{Backend, Db};
use crate::Error;
use crate::events::{self, Event, Presence};

const CHANNEL: &str = "rostrum";
/// PostgreSQL takes payloads below 8,000 bytes.
const PAYLOAD_BYTES_MAX: usize = 7900;
/// Sent in place of a payload that would be too long: look at everything.
const EVERYTHING: &str = "*";
/// Begins a line about the watchers at a process.
const WATCHERS: &str = "p ";
/// A job was planned.
const JOBS: &str = "j";
/// Pause before a lost connection is tried again.
const RECONNECT_AFTER: Duration = Duration::from_secs(1);

impl Db {
    /// Adds the notification to the transaction; PostgreSQL delivers it if and when that commits.
    pub(super) async fn announce(
        &self,
        connection: &mut AnyConnection,
        published: &[Arc<Event>],
        job_due_ms: Option<i64>,
    ) -> Result<(), Error> {
        if self.backend() == Backend::Sqlite || (published.is_empty() && job_due_ms.is_none()) {
            return Ok(());
        }
        sqlx::query("select pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(payload(published, job_due_ms.is_some()))
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Tells other processes one line that nothing is committed with.
    pub(crate) async fn tell(&self, line: &str) -> Result<(), Error> {
        sqlx::query("select pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(line)
            .execute(self.read())
            .await?;
        Ok(())
    }
}

/// Hears other processes until `shutdown`; on SQLite there are none.
pub(crate) async fn listen(db: &Db, presence: &Presence, shutdown: CancellationToken) {
    if db.backend() == Backend::Sqlite {
        return;
    }
    while !shutdown.is_cancelled() {
        tokio::select! {
            () = shutdown.cancelled() => return,
            result = listen_once(db, presence) => if let Err(error) = result {
                tracing::warn!(%error, "lost the PostgreSQL notification channel; trying again");
            }
        }
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(RECONNECT_AFTER) => {}
        }
    }
}

async fn listen_once(db: &Db, presence: &Presence) -> Result<(), Error> {
    let mut listener = PgListener::connect(db.url()).await?;
    listener.listen(CHANNEL).await?;
    // What was committed before we listened was not announced to us.
    wake_everything(db).await?;
    loop {
        match listener.try_recv().await? {
            Some(notification) if notification.payload() == EVERYTHING => wake_everything(db).await?,
            Some(notification) => notification.payload().lines().for_each(|line| wake(db, presence, line)),
            // The connection was replaced; notifications in between are lost.
            None => wake_everything(db).await?,
        }
    }
}

fn wake(db: &Db, presence: &Presence, line: &str) {
    if line == JOBS {
        db.job_wake().notify();
    } else if let Some(told) = line.strip_prefix(WATCHERS) {
        presence.heard(told, db.environment().now_ms());
    } else if let Some((seq, topic)) = line.split_once(' ')
        && let Ok(seq) = seq.parse()
    {
        db.bus().wake(topic, seq);
    }
}

async fn wake_everything(db: &Db) -> Result<(), Error> {
    db.job_wake().notify();
    for topic in db.bus().watched() {
        db.bus().wake(&topic, events::last_seq(db.read(), &topic).await?);
    }
    Ok(())
}

/// One line per topic, `{last number} {topic}`, and one for jobs.
fn payload(published: &[Arc<Event>], has_jobs: bool) -> String {
    let mut payload = String::new();
    for (at, event) in published.iter().enumerate() {
        let is_last_of_topic = published.get(at + 1).is_none_or(|next| next.topic != event.topic);
        if is_last_of_topic {
            // Writing to a String cannot fail.
            let _ = writeln!(payload, "{} {}", event.seq, event.topic);
        }
    }
    if has_jobs {
        payload.push_str(JOBS);
    }
    if payload.len() > PAYLOAD_BYTES_MAX {
        EVERYTHING.to_owned()
    } else {
        payload
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(topic: &str, seq: i64) -> Arc<Event> {
        Arc::new(Event {
            topic: topic.into(),
            seq,
            kind: "k".into(),
            payload: "{}".into(),
            at_ms: 0,
        })
    }

    #[test]
    fn a_payload_names_each_topic_once_with_its_last_number() {
        let published = [event("a", 4), event("a", 5), event("b", 1)];
        assert_eq!(payload(&published, true), "5 a\n1 b\nj");
    }

    #[test]
    fn a_payload_that_would_be_too_long_means_everything() {
        let published: Vec<_> = (0..500).map(|at| event(&format!("auction:{at:020}"), 1)).collect();
        assert_eq!(payload(&published, false), "*");
    }
}
