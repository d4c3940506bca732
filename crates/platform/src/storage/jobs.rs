//! Removing files that nobody refers to.

use serde::{Deserialize, Serialize};

use super::files;
use crate::jobs::{Job, JobError, Outcome};
use crate::{Error, Platform};

/// Removes what crashes, refusals and deletions left behind.
#[derive(Serialize, Deserialize)]
pub(crate) struct DropFiles {}

/// Pause between two looks when nothing is due: planning a file ends it.
const IDLE_MS: i64 = 6 * 60 * 60 * 1000;
/// Files removed in one run at most; more follow at once.
const AT_ONCE: i64 = 100;

impl Job for DropFiles {
    const NAME: &'static str = "storage.drop_files";

    fn key(&self) -> String {
        String::new()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let now_ms = platform.environment().now_ms();
        let run_at_ms = drop_due(platform, now_ms).await?;
        Ok(Outcome::Again { run_at_ms })
    }
}

/// Removes what is due and says when to look again.
async fn drop_due(platform: &Platform, now_ms: i64) -> Result<i64, Error> {
    let mut tx = platform.db().begin().await?;
    let due = files::claim_due(tx.conn(), now_ms, AT_ONCE).await?;
    tx.commit().await?;
    for path in &due {
        // The file first: were the row gone and the file still there, nobody would know of it.
        platform.storage().delete(path).await?;
        let mut tx = platform.db().begin().await?;
        files::forget(tx.conn(), path).await?;
        tx.commit().await?;
        tracing::debug!(path, "removed the file {path}: nobody refers to it");
    }
    let mut tx = platform.db().begin().await?;
    let next = files::next_due_ms(tx.conn()).await?;
    tx.rollback().await?;
    Ok(next.unwrap_or(i64::MAX).clamp(now_ms, now_ms + IDLE_MS))
}
