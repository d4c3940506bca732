//! How long notifications are kept.

use serde::{Deserialize, Serialize};

use super::{KEPT_MS, store};
use crate::Platform;
use crate::jobs::{Job, JobError, Outcome};

/// Removes notices that are old.
#[derive(Serialize, Deserialize)]
pub(crate) struct PruneNotifications {}

/// Notices that one step removes: it shares the writer with everybody.
const PRUNE_ROWS: u32 = 5_000;
/// Pause between two prunings.
const PRUNE_EVERY_MS: i64 = 24 * 3600 * 1000;

impl Job for PruneNotifications {
    const NAME: &'static str = "notifications.prune";

    fn key(&self) -> String {
        String::new()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let now_ms = platform.environment().now_ms();
        let mut tx = platform.db().begin().await?;
        let removed = store::remove_before(tx.conn(), now_ms - KEPT_MS, PRUNE_ROWS.into()).await?;
        tx.commit().await?;
        let is_done = removed < PRUNE_ROWS.into();
        Ok(Outcome::Again {
            run_at_ms: if is_done { now_ms + PRUNE_EVERY_MS } else { now_ms },
        })
    }
}
