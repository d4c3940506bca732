//! Work done later, at least once.
//!
//! A job is a row that is written in the transaction that makes it necessary ([`crate::db::Tx::enqueue`]). Its name and
//! key are unique: planning it again moves it. A worker claims it with a lease that it renews while it runs; when the
//! worker dies, the lease ends and the job runs again, here or on another process. So a job must be idempotent, and it
//! never runs on two workers at the same time while their clocks agree within the lease.
//!
//! **When full**: [`AT_ONCE`] jobs run at a time; the others wait in the table.

mod given_up;
mod list;
pub(crate) mod queue;
mod runner;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::Notify;

pub(crate) use list::plan_recurring;
pub(crate) use runner::run;
#[cfg(any(test, feature = "testing"))]
pub(crate) use runner::run_due;
pub use runner::{AT_ONCE, TIMEOUT};

use crate::{Error, ErrorKind, Platform};

/// Work that is planned as data. Every type is listed in `jobs/list.rs`.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Name in the table, `area.verb`; never changed once delivered.
    const NAME: &'static str;
    /// What happens after a failure.
    const RETRY: Retry = Retry::FOR_EVER;

    /// What tells two planned jobs of one name apart, such as the auction's id.
    fn key(&self) -> String;

    /// Does the work; may run more than once. Cancelled after [`TIMEOUT`], which counts as a failure.
    ///
    /// *errors*: [`JobError::Retry`] and [`JobError::GiveUp`] say what comes next; an [`Error`] is turned into one.
    fn run(&self, platform: &Platform) -> impl Future<Output = Result<Outcome, JobError>> + Send;
}

/// What follows a job that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing: the job is removed.
    Done,
    /// The job stays and runs again.
    Again {
        /// When, epoch ms.
        run_at_ms: i64,
    },
}

/// What follows a job that failed.
#[derive(Debug)]
pub enum JobError {
    /// It is tried again after a pause.
    Retry(Error),
    /// It is kept for the operator to see and not tried again.
    GiveUp(Error),
}

/// How often and how soon a failed job is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Pause after the first failure; it doubles with each further one.
    pub first: Duration,
    /// Longest pause.
    pub longest: Duration,
    /// Attempts after which the job is given up; `None` tries for ever.
    pub attempts_max: Option<u32>,
}

impl Retry {
    /// After 1, 2, 4 … seconds, then every five minutes.
    pub const FOR_EVER: Self = Self {
        first: Duration::from_secs(1),
        longest: Duration::from_secs(300),
        attempts_max: None,
    };

    /// The pause after `attempts` failures.
    fn pause(self, attempts: i64) -> Duration {
        let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(20);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }

    fn is_exhausted(self, attempts: i64) -> bool {
        self.attempts_max.is_some_and(|most| attempts >= i64::from(most))
    }
}

impl From<Error> for JobError {
    /// What may pass by itself, or was changed by somebody else in between, is tried again.
    fn from(error: Error) -> Self {
        if error.is_transient() || error.kind == ErrorKind::Conflict {
            Self::Retry(error)
        } else {
            Self::GiveUp(error)
        }
    }
}

/// Wakes the runner of this process when a job was planned.
#[derive(Clone, Default)]
pub(crate) struct Wake(Arc<Notify>);

impl Wake {
    pub(crate) fn notify(&self) {
        self.0.notify_one();
    }

    async fn notified(&self) {
        self.0.notified().await;
    }
}

#[cfg(test)]
mod tests;
