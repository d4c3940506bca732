//! Work of the accounts area that is done later.

use serde::{Deserialize, Serialize};

use super::{codes, recovery, store};
use crate::Platform;
use crate::jobs::{Job, JobError, Outcome};

/// Removes what expired: refresh tokens, sessions, codes, links, and counts of mail.
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
        store::refresh::delete_expired(tx.conn(), now_ms).await?;
        store::sessions::delete_expired(tx.conn(), now_ms).await?;
        store::codes::delete_old(tx.conn(), now_ms - codes::ATTEMPT_LIFETIME_MS).await?;
        // A used link is kept for as long as its job could run again.
        store::resets::delete_expired(tx.conn(), now_ms - recovery::RESET_LIFETIME_MS).await?;
        store::mailings::delete_expired(tx.conn(), now_ms).await?;
        tx.commit().await?;
        Ok(Outcome::Again {
            run_at_ms: now_ms + EVERY_MS,
        })
    }
}
