//! A transaction with the events and jobs that belong to it.

use std::collections::BTreeMap;

use serde::Serialize;
use sqlx::{Any, AnyConnection, Transaction};

use super::Db;
use crate::events::{self, Draft};
use crate::jobs::queue::Planned;
use crate::jobs::{self, Job};
use crate::mail::Outbox;
use crate::{Error, audit, id};

/// One unit of change: rows, events, jobs and audit lines are committed together or not at all.
///
/// *cancel*: dropped before [`Tx::commit`], everything is rolled back and nobody hears of it.
pub struct Tx {
    db: Db,
    inner: Transaction<'static, Any>,
    /// Events in order of publishing, per topic. They are numbered and written at commit, topic by topic in the order
    /// of the names: so the rows of `topics` are locked late, briefly, and never in two orders (no deadlocks).
    events: BTreeMap<String, Vec<Draft>>,
    /// The earliest deadline among the jobs enqueued here.
    job_due_ms: Option<i64>,
}

impl Tx {
    pub(super) fn new(db: Db, inner: Transaction<'static, Any>) -> Self {
        Self {
            db,
            inner,
            events: BTreeMap::new(),
            job_due_ms: None,
        }
    }

    /// The connection that store functions run their statements on.
    pub fn conn(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }

    /// What writes mails down in this transaction.
    pub(crate) fn outbox(&self) -> &Outbox {
        self.db.outbox()
    }

    /// The moment by the platform's clock, epoch ms.
    pub(crate) fn now_ms(&self) -> i64 {
        self.db.environment().now_ms()
    }

    /// A new UUID v7 as text.
    pub(crate) fn new_id(&self) -> String {
        let environment = self.db.environment();
        id::new(environment.now_ms(), environment.random_bytes())
    }

    /// Adds one event to `topic`; it gets the topic's next number at commit.
    ///
    /// *errors*: [`crate::ErrorKind::Internal`] when `payload` is no JSON object or larger than
    /// [`events::PAYLOAD_BYTES_MAX`].
    pub fn publish<P: Serialize + ?Sized>(
        &mut self,
        topic: &str,
        kind: &'static str,
        payload: &P,
    ) -> Result<(), Error> {
        self.publish_all(topic, [Draft::new(kind, payload)?]);
        Ok(())
    }

    /// Adds many events to `topic` in this order; they are written with one statement.
    pub fn publish_all(&mut self, topic: &str, drafts: impl IntoIterator<Item = Draft>) {
        self.events.entry(topic.to_owned()).or_default().extend(drafts);
    }

    /// Plans `job` for `run_at_ms` (epoch ms; the past means at once). A job with the same name and key that is already
    /// planned is moved to the new time and payload, also when it is running: it then runs again.
    pub async fn enqueue<J: Job>(&mut self, job: &J, run_at_ms: i64) -> Result<(), Error> {
        let now_ms = self.db.environment().now_ms();
        jobs::queue::put(self.conn(), &Planned::of(job)?, run_at_ms, now_ms).await?;
        self.job_due_ms = Some(self.job_due_ms.map_or(run_at_ms, |due| due.min(run_at_ms)));
        Ok(())
    }

    /// Plans `job` for `run_at_ms` at the latest; one that is planned for an earlier time stays as it is.
    pub async fn enqueue_no_later<J: Job>(&mut self, job: &J, run_at_ms: i64) -> Result<(), Error> {
        self.enqueue_all_no_later(std::slice::from_ref(job), run_at_ms).await
    }

    /// Plans many jobs as [`Tx::enqueue_no_later`] does, in few statements.
    pub(crate) async fn enqueue_all_no_later<J: Job>(&mut self, jobs: &[J], run_at_ms: i64) -> Result<(), Error> {
        if jobs.is_empty() {
            return Ok(());
        }
        let now_ms = self.db.environment().now_ms();
        let planned = jobs.iter().map(Planned::of).collect::<Result<Vec<_>, _>>()?;
        jobs::queue::put_all_no_later(self.conn(), &planned, run_at_ms, now_ms).await?;
        self.job_due_ms = Some(self.job_due_ms.map_or(run_at_ms, |due| due.min(run_at_ms)));
        Ok(())
    }

    /// Removes the planned job with `J`'s name and `key`; one that is running finishes.
    pub async fn cancel_job<J: Job>(&mut self, key: &str) -> Result<(), Error> {
        jobs::queue::remove(self.conn(), J::NAME, key).await
    }

    /// Adds an audit line.
    pub async fn audit(&mut self, entry: audit::Entry<'_>) -> Result<(), Error> {
        let environment = self.db.environment().clone();
        audit::append(self.conn(), &environment, entry).await
    }

    /// Commits, then wakes watchers and workers, also those of other processes.
    ///
    /// *errors*: as any statement; nothing was committed then, except when the connection broke during the commit itself
    /// ([`crate::ErrorKind::Unavailable`]), where the outcome is unknown.
    pub async fn commit(mut self) -> Result<(), Error> {
        let now_ms = self.db.environment().now_ms();
        let drafts = std::mem::take(&mut self.events);
        let published = events::append(&mut self.inner, drafts, now_ms).await?;
        self.db.announce(&mut self.inner, &published, self.job_due_ms).await?;
        self.inner.commit().await?;
        self.db.bus().committed(published);
        if self.job_due_ms.is_some() {
            self.db.job_wake().notify();
        }
        Ok(())
    }

    /// Undoes everything; dropping does the same, a little later.
    pub async fn rollback(self) -> Result<(), Error> {
        Ok(self.inner.rollback().await?)
    }
}
