//! Whether a bid is accepted, and what it does to price, leader and clock.

use super::{Bid, Id, Leader, Lot, Phase, Reason, Standing, Terms, Verdict};
use crate::money::MINOR_MAX;

/// A bid this many times the price is more likely a slip than a wish.
const FAT_FINGER_FACTOR: i64 = 5;
/// Bidders kept in [`Lot::top`].
const TOP_MAX: usize = 3;

/// An accepted bid, as a retraction replays it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastBid {
    /// Number of its entry.
    pub seq: i64,
    /// Time of its entry, epoch ms.
    pub at_ms: i64,
    /// The bidder's account.
    pub bidder: Id,
    /// What everybody saw, minor units.
    pub amount: i64,
    /// The maximum, minor units.
    pub max: i64,
}

impl Lot {
    /// Takes or refuses a bid that is judged at `at_ms` and would become entry number `seq`.
    pub(super) fn accept_bid(&mut self, terms: &Terms, bid: &Bid, seq: i64, at_ms: i64) -> Verdict {
        if let Some(reason) = self.refusal(terms, bid, at_ms) {
            return Verdict::Rejected(reason);
        }
        self.phase = Phase::Open;
        let before = (self.price, self.leader.as_ref().map(|leader| leader.bidder.clone()));
        let verdict = self.place(
            terms,
            &PastBid {
                seq,
                at_ms,
                bidder: bid.bidder.clone(),
                amount: bid.amount,
                max: bid.maximum(),
            },
        );
        let after = (self.price, self.leader.as_ref().map(|leader| leader.bidder.clone()));
        if verdict != Verdict::Raised && before != after {
            self.extend_late(terms, at_ms);
        }
        verdict
    }

    fn refusal(&self, terms: &Terms, bid: &Bid, at_ms: i64) -> Option<Reason> {
        if let Some(reason) = self.not_open(terms, at_ms) {
            return Some(reason);
        }
        if bid.bidder == terms.seller_id {
            return Some(Reason::Seller);
        }
        if bid.amount < 1 || bid.maximum() < bid.amount || bid.maximum() > MINOR_MAX {
            return Some(Reason::BadAmount);
        }
        if bid.maximum() > bid.amount && !terms.is_proxy_allowed {
            return Some(Reason::NoProxy);
        }
        if let (Some(price), Some(leader)) = (self.price, &self.leader) {
            let is_leader = leader.bidder == bid.bidder;
            if is_leader && bid.amount <= price && bid.maximum() > leader.max {
                return None;
            }
            if bid.amount <= price && !is_leader {
                return Some(Reason::Outbid);
            }
        }
        if bid.amount < self.next_minimum(terms) {
            return Some(Reason::TooLow);
        }
        let usual = self.price.unwrap_or(terms.starting_bid);
        let is_slip = bid.amount > usual.saturating_mul(FAT_FINGER_FACTOR);
        (is_slip && !bid.is_confirmed).then_some(Reason::ConfirmationRequired)
    }

    /// Why neither bids nor purchases are taken at `at_ms`.
    pub(super) fn not_open(&self, terms: &Terms, at_ms: i64) -> Option<Reason> {
        if self.is_closed_at(at_ms) {
            Some(Reason::Closed)
        } else if self.is_early_at(terms, at_ms) {
            Some(Reason::NotStarted)
        } else {
            (self.phase == Phase::Paused).then_some(Reason::Paused)
        }
    }

    /// The proxy rule. A bid that was acceptable once stays so when an earlier one is struck, whatever the price is then.
    fn place(&mut self, terms: &Terms, bid: &PastBid) -> Verdict {
        let price = self.price.unwrap_or(terms.starting_bid);
        let (verdict, price) = match &mut self.leader {
            Some(leader) if leader.bidder == bid.bidder => {
                leader.max = leader.max.max(bid.max);
                let is_visible = bid.amount > price;
                (
                    if is_visible { Verdict::Leading } else { Verdict::Raised },
                    price.max(bid.amount),
                )
            }
            Some(leader) if bid.max <= leader.max => {
                let answer = bid.max.saturating_add(terms.increment).min(leader.max);
                (Verdict::Beaten, price.max(answer))
            }
            Some(leader) => {
                let beating = leader.max.saturating_add(terms.increment).min(bid.max);
                *leader = Leader::of(bid);
                (Verdict::Leading, price.max(bid.amount).max(beating))
            }
            empty => {
                *empty = Some(Leader::of(bid));
                (Verdict::Leading, price.max(bid.amount))
            }
        };
        let reserve = terms.reserve.filter(|_| self.is_reserve_met(terms) == Some(true));
        self.price = Some(price.max(reserve.unwrap_or(price)));
        self.bid_count += 1;
        self.show(bid, verdict);
        verdict
    }

    /// Brings [`Lot::top`] up to date: a leader shows the price, anybody else the amount of the bid.
    fn show(&mut self, bid: &PastBid, verdict: Verdict) {
        if verdict != Verdict::Raised {
            let earlier = self.top.iter().position(|standing| standing.bidder == bid.bidder);
            let shown = earlier.map_or(0, |at| self.top.remove(at).amount);
            self.top.push(Standing {
                bidder: bid.bidder.clone(),
                amount: bid.amount.max(shown),
                seq: bid.seq,
                at_ms: bid.at_ms,
            });
        }
        let (Some(leader), Some(price)) = (&self.leader, self.price) else {
            return;
        };
        for standing in &mut self.top {
            if standing.bidder == leader.bidder {
                standing.amount = price;
            }
        }
        self.top
            .sort_by_key(|standing| (std::cmp::Reverse(standing.amount), standing.seq));
        self.top.truncate(TOP_MAX);
    }

    fn extend_late(&mut self, terms: &Terms, at_ms: i64) {
        let rule = terms.anti_snipe;
        let remaining_ms = self.ends_at_ms - at_ms;
        if remaining_ms > 0 && remaining_ms < rule.window_ms && self.anti_snipe_count < rule.extensions_max {
            self.ends_at_ms += rule.extension_ms;
            self.anti_snipe_count += 1;
        }
    }

    /// Price, leader and standings as if only `bids` had been accepted; the clock stays.
    pub(super) fn replay(&mut self, terms: &Terms, bids: &[PastBid]) {
        self.price = None;
        self.leader = None;
        self.top.clear();
        self.bid_count = 0;
        for bid in bids {
            self.place(terms, bid);
        }
    }
}

impl Leader {
    fn of(bid: &PastBid) -> Self {
        Self {
            bidder: bid.bidder.clone(),
            max: bid.max,
        }
    }
}
