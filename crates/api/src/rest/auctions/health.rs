//! How an auction's video does, as its seller reads it.

use platform::broadcasts;
use serde::Serialize;
use utoipa::ToSchema;

use crate::rest::broadcasts::{Advice, Broadcast, Sample, parts};

/// How an auction's video does, for its seller.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuctionHealth {
    pub(super) auction_id: String,
    /// The current or last period on air; null before the first.
    #[schema(required)]
    pub(super) broadcast: Option<Broadcast>,
    /// Measurements of that period, oldest first.
    pub(super) samples: Vec<Sample>,
    /// What to change, worst first.
    pub(super) advice: Vec<Advice>,
}

impl AuctionHealth {
    /// The report on the channel of one auction.
    pub(super) fn new(auction_id: String, report: broadcasts::Report) -> Self {
        let (broadcast, samples, advice) = parts(report);
        Self {
            auction_id,
            broadcast,
            samples,
            advice,
        }
    }
}
