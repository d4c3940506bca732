//! The end of an auction by the clock.

use serde::{Deserialize, Serialize};

use super::{ClosedBy, NotClosed, end, store};
use crate::jobs::{Job, JobError, Outcome};
use crate::{Caller, Platform};

/// Closes an auction at its end. Planned with the auction; a job that is overdue when the server starts runs at once.
#[derive(Serialize, Deserialize)]
pub(crate) struct CloseAuction {
    pub(crate) auction_id: String,
}

impl Job for CloseAuction {
    const NAME: &'static str = "auctions.close";

    fn key(&self) -> String {
        self.auction_id.clone()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let ctx = platform.context(Caller::System);
        let mut tx = ctx.db().begin().await?;
        let Some(auction) = store::lock(tx.conn(), &self.auction_id).await? else {
            return Ok(Outcome::Done);
        };
        match auction.close(ctx.now_ms, ClosedBy::Deadline) {
            Err(NotClosed::AlreadyClosed) => Ok(Outcome::Done),
            Err(NotClosed::NotYet { ends_at_ms }) => Ok(Outcome::Again { run_at_ms: ends_at_ms }),
            Ok(ended) => {
                end(&ctx, tx, auction, ended).await?;
                Ok(Outcome::Done)
            }
        }
    }
}
