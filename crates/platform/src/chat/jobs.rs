//! Work of chat that happens later.

use serde::{Deserialize, Serialize};

use super::rooms;
use crate::jobs::{Job, JobError, Outcome};
use crate::{Caller, Platform};

/// Makes the room of an auction that has none. Planned with the auction; tried until there is a room or the auction ends.
#[derive(Serialize, Deserialize)]
pub(crate) struct OpenRoom {
    pub(crate) auction_id: String,
}

impl Job for OpenRoom {
    const NAME: &'static str = "chat.open_room";

    fn key(&self) -> String {
        self.auction_id.clone()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        // A refusal of the provider counts as passing: it may allow chat tomorrow.
        rooms::open(&platform.context(Caller::System), &self.auction_id).await?;
        Ok(Outcome::Done)
    }
}
