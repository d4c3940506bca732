//! Work on broadcasts that happens by the clock.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{reconcile, store};
use crate::db::Tx;
use crate::jobs::{Job, JobError, Outcome, Retry};
use crate::{Error, Platform};

/// Pause between two looks at what the provider has on air: how late we notice what no event told us.
pub(super) const RECONCILE_EVERY_MS: i64 = 15_000;
/// The same pause while there is no channel to publish to; [`expect`] ends it.
const IDLE_MS: i64 = 10 * 60 * 1000;
/// How long samples and event ids are kept.
const KEPT_MS: i64 = 24 * 3600 * 1000;
/// Pause between two prunings.
const PRUNE_EVERY_MS: i64 = 3600 * 1000;

/// Brings broadcasts in line with the provider, again and again.
#[derive(Serialize, Deserialize)]
pub(crate) struct Reconcile {}

/// Drops samples and event ids that nobody needs any more.
#[derive(Serialize, Deserialize)]
pub(crate) struct PruneBroadcasts {}

/// Expects a broadcast: called in the transaction that gives a channel its owner.
pub(crate) async fn expect(tx: &mut Tx, now_ms: i64) -> Result<(), Error> {
    tx.enqueue_no_later(&Reconcile {}, now_ms + RECONCILE_EVERY_MS).await
}

impl Job for Reconcile {
    const NAME: &'static str = "broadcasts.reconcile";
    const RETRY: Retry = Retry {
        longest: Duration::from_secs(30),
        ..Retry::FOR_EVER
    };

    fn key(&self) -> String {
        String::new()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let has_channels = reconcile::reconcile(platform).await?;
        let pause_ms = if has_channels { RECONCILE_EVERY_MS } else { IDLE_MS };
        Ok(Outcome::Again {
            run_at_ms: platform.environment().now_ms() + pause_ms,
        })
    }
}

impl Job for PruneBroadcasts {
    const NAME: &'static str = "broadcasts.prune";

    fn key(&self) -> String {
        String::new()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let now_ms = platform.environment().now_ms();
        let mut tx = platform.db().begin().await?;
        store::prune(tx.conn(), now_ms - KEPT_MS).await?;
        tx.commit().await?;
        Ok(Outcome::Again {
            run_at_ms: now_ms + PRUNE_EVERY_MS,
        })
    }
}
