//! What happens to an auction by the clock.

use serde::{Deserialize, Serialize};

use super::bidding::by_clock;
use super::rules::{By, Command, Phase, Reason, Verdict};
use super::store;
use crate::jobs::{Job, JobError, Outcome};
use crate::{Caller, ErrorKind, Platform};

/// How long after the end the close is asked for: a bid that another process stamped in time gets in first.
const CLOSE_AFTER_MS: i64 = 200;

/// When the job that closes an auction is due.
pub(super) fn close_at_ms(ends_at_ms: i64) -> i64 {
    ends_at_ms.saturating_add(CLOSE_AFTER_MS)
}

/// Closes an auction at its end. Planned with the auction and moved with its end; a job that is overdue when the server
/// starts runs at once.
#[derive(Serialize, Deserialize)]
pub(crate) struct CloseAuction {
    pub(crate) auction_id: String,
}

/// Begins a scheduled auction.
#[derive(Serialize, Deserialize)]
pub(crate) struct OpenAuction {
    pub(crate) auction_id: String,
}

impl Job for CloseAuction {
    const NAME: &'static str = "auctions.close";

    fn key(&self) -> String {
        self.auction_id.clone()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let ctx = platform.context(Caller::System);
        match by_clock(&ctx, &self.auction_id, Command::Close { by: By::System }).await {
            Ok(Verdict::Rejected(Reason::NotDue)) => {}
            Ok(_) => return Ok(Outcome::Done),
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(Outcome::Done),
            Err(error) => return Err(error.into()),
        }
        let auction = store::find(ctx.db().read(), &self.auction_id).await?;
        Ok(match auction.map(|auction| auction.lot) {
            // Whoever resumes it plans the close anew.
            None => Outcome::Done,
            Some(lot) if lot.phase == Phase::Paused || lot.phase.is_over() => Outcome::Done,
            Some(lot) => Outcome::Again {
                run_at_ms: close_at_ms(lot.ends_at_ms),
            },
        })
    }
}

impl Job for OpenAuction {
    const NAME: &'static str = "auctions.open";

    fn key(&self) -> String {
        self.auction_id.clone()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let ctx = platform.context(Caller::System);
        match by_clock(&ctx, &self.auction_id, Command::Open).await {
            Err(error) if error.kind != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(Outcome::Done),
        }
    }
}
