//! Bids: taking them, and everything that goes the same way.
//!
//! **Invariants**
//! - Whatever changes a lot is a [`Command`](super::rules::Command) that goes through the [`desk`]: bids, the seller's
//!   controls, the close by the clock. Rows are written by [`round`] only, under the lock of the lot's row.
//! - Nothing is answered before its commit. An error of kind [`crate::ErrorKind::Unavailable`] means that nobody knows,
//!   or that nothing happened; with an idempotency key the same bid can be sent again either way.
//! - Several processes on one PostgreSQL database may judge bids for one auction: the row lock orders them.
//! - No answer or event names an account to others: bidders appear under [`super::alias`].
//!
//! **Where to start.** [`place_bid`], then [`desk`] and [`round`].

mod controls;
mod desk;
mod effects;
mod keys;
mod list;
mod log;
mod mine;
mod news;
mod place;
mod round;
pub(super) mod store;
mod verification;

use std::sync::Arc;

pub use controls::{EXTEND_S_MAX, REASON_LEN_MAX, buy_now, extend, pause, resume, retract, withdraw};
pub(super) use controls::{by_clock, close};
pub(crate) use desk::Desk;
pub use keys::KEY_LEN_MAX;
pub(crate) use keys::PruneKeys;
pub use list::{BidKind, BidRow, BidStatus, Bids, Contact, of_auction};
pub(super) use list::{contact_of, contacts_of, rows};
pub use log::{History, HistoryEntry, history};
pub(super) use mine::own_maxima;
pub use mine::{MyBid, MyBids, MyStatus, mine};
pub use place::{BidAnswer, BidOutcome, NewBid, place_bid};
pub use verification::{Link, Verified, verify};

use super::rules::Terms;
use crate::accounts::limiter::{Limiter, Rule};
use crate::config::Auctions;
use crate::db::Backend;
use crate::{Context, Error, id};

/// What the bid path keeps in memory.
pub(crate) struct Bidding {
    pub(crate) desk: Desk,
    /// Bids by account; `None` without a limit.
    limiter: Option<Limiter>,
}

/// How many times the steady rate may come at once.
const BURST_FACTOR: i64 = 2;

impl Bidding {
    pub(crate) fn new(backend: Backend, config: Auctions) -> Self {
        let per_second = i64::from(config.bids_per_second);
        let rule = |per_second: i64| Rule::new(per_second * BURST_FACTOR, (1000 / per_second).max(1));
        Self {
            desk: Desk::new(backend),
            limiter: (per_second > 0).then(|| Limiter::new(rule(per_second))),
        }
    }

    /// Counts a bid against its bidder's limit.
    fn count(&self, bidder: &str, now_ms: i64) -> Result<(), Error> {
        let Some(limiter) = &self.limiter else { return Ok(()) };
        limiter.count(bidder, now_ms).map_err(|error| Error {
            message: "Too many bids".into(),
            ..error
        })
    }
}

/// The terms of an auction, from memory where possible.
///
/// *errors*: [`crate::ErrorKind::NotFound`].
async fn terms_of(ctx: &Context, auction_id: &str) -> Result<Arc<Terms>, Error> {
    let not_found = || Error::not_found(format!("Auction not found: {auction_id}"));
    let desk = &ctx.platform.bidding().desk;
    if let Some(terms) = desk.terms(auction_id) {
        return Ok(terms);
    }
    let id = id::parse(auction_id, "Auction not found").map_err(|_| not_found())?;
    if let Some(terms) = desk.terms(&id) {
        return Ok(terms);
    }
    let auction = super::store::find(ctx.db().read(), &id).await?.ok_or_else(not_found)?;
    Ok(desk.keep_terms(auction.terms))
}

/// The id of the bid with this entry: a UUID that is the auction's with the number folded into its last 48 bits, so that
/// it needs no room in the history and no index to be found again.
pub fn bid_id(auction_id: &str, seq: i64) -> String {
    let fold = |uuid: uuid::Uuid| uuid::Uuid::from_u128(uuid.as_u128() ^ u128::from(seq.unsigned_abs() & NUMBER_BITS));
    uuid::Uuid::try_parse(auction_id).map_or_else(|_| format!("{auction_id}.{seq}"), |uuid| fold(uuid).to_string())
}

/// The entry of a bid of this auction; `None` for other texts.
fn bid_seq(auction_id: &str, bid_id: &str) -> Option<i64> {
    let auction = uuid::Uuid::try_parse(auction_id).ok()?.as_u128();
    let number = auction ^ uuid::Uuid::try_parse(bid_id).ok()?.as_u128();
    i64::try_from(number)
        .ok()
        .filter(|seq| (1..=NUMBER_BITS as i64).contains(seq))
}

/// The random end of a UUID v7.
const NUMBER_BITS: u64 = (1 << 48) - 1;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bid_ids_lead_back_to_their_entries() {
        let auction = "0193f0a0-1111-7abc-8def-0123456789ab";
        for seq in [1, 2, 77, 1_000_000_007] {
            let id = bid_id(auction, seq);
            assert_eq!(uuid::Uuid::try_parse(&id).unwrap().get_version_num(), 7);
            assert_eq!(bid_seq(auction, &id), Some(seq));
        }
        for foreign in [auction, "0293f0a0-1111-7abc-8def-0123456789ab", "x"] {
            assert_eq!(bid_seq(auction, foreign), None);
        }
    }
}
