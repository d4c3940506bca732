//! How long jobs that were given up stay for the operator to see.

use serde::{Deserialize, Serialize};

use super::{Job, JobError, Outcome, queue};
use crate::Platform;

/// Removes jobs that were given up long ago.
#[derive(Serialize, Deserialize)]
pub(crate) struct PruneGivenUp {}

/// How long a job that was given up is kept: a month to notice it.
const KEPT_MS: i64 = 30 * 24 * 3600 * 1000;
/// Pause between two prunings.
const PRUNE_EVERY_MS: i64 = 24 * 3600 * 1000;

impl Job for PruneGivenUp {
    const NAME: &'static str = "jobs.prune_given_up";

    fn key(&self) -> String {
        String::new()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let now_ms = platform.environment().now_ms();
        let mut tx = platform.db().begin().await?;
        queue::remove_given_up(tx.conn(), now_ms - KEPT_MS).await?;
        tx.commit().await?;
        Ok(Outcome::Again {
            run_at_ms: now_ms + PRUNE_EVERY_MS,
        })
    }
}
