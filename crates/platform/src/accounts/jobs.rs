//! Work of the accounts area that is done later.

use serde::{Deserialize, Serialize};

use crate::Platform;
use crate::jobs::{Job, JobError, Outcome};

/// Removes refresh tokens that expired.
#[derive(Serialize, Deserialize)]
pub(crate) struct PruneTokens {}

const EVERY_MS: i64 = 3600 * 1000;

impl Job for PruneTokens {
    const NAME: &'static str = "accounts.prune_tokens";

    fn key(&self) -> String {
        String::new()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let now_ms = platform.environment().now_ms();
        let mut tx = platform.db().begin().await?;
        sqlx::query("delete from refresh_tokens where expires_at_ms <= $1")
            .bind(now_ms)
            .execute(tx.conn())
            .await
            .map_err(crate::Error::from)?;
        tx.commit().await?;
        Ok(Outcome::Again {
            run_at_ms: now_ms + EVERY_MS,
        })
    }
}
