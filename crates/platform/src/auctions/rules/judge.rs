//! A batch of commands against one lot.

use super::{By, Command, End, Entry, Id, Lot, PastBid, Phase, Reason, Stamped, Terms, Verdict, Winner};
use crate::auctions::EndReason;

/// What a batch came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The lot afterwards.
    pub lot: Lot,
    /// New entries of the history, in order.
    pub entries: Vec<Entry>,
    /// One per command, in the order of the commands.
    pub answers: Vec<Answer>,
    /// What happened besides bids, in order.
    pub effects: Vec<Effect>,
}

/// What one command came to: the lot right after it. Amounts are minor units, times epoch ms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The outcome.
    pub verdict: Verdict,
    /// Number of its entry, where it made one.
    pub seq: Option<i64>,
    /// The price.
    pub price: Option<i64>,
    /// Accepted bids.
    pub bid_count: i64,
    /// The end.
    pub ends_at_ms: i64,
    /// The least amount a newcomer may bid.
    pub next_minimum: i64,
    /// By how much this command moved the end as a late bid; 0 if it did not.
    pub late_extension_ms: i64,
    /// The leader's maximum, when the bidder of this command leads.
    pub own_max: Option<i64>,
}

/// Something that others must be told of, or that moves jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Bidding began.
    Opened,
    /// A late bid moved the end.
    LateBid {
        /// By how much.
        by_ms: i64,
        /// How often that happened.
        count: i64,
        /// The new end, epoch ms.
        ends_at_ms: i64,
    },
    /// Somebody moved the end.
    Extended {
        /// By how much.
        by_ms: i64,
    },
    /// The clock stands still.
    Paused,
    /// The clock runs again.
    Resumed,
    /// A bid was struck.
    Retracted {
        /// Number of its entry.
        seq: i64,
    },
    /// It is over.
    Ended(End),
}

/// Time left after an extension at most, so that an auction cannot be kept open for ever: 30 days, as at its creation.
const REMAINING_MS_MAX: i64 = 30 * 24 * 3600 * 1000;

/// Answers `commands` in their order. `past` are the accepted bids of the history that were not retracted, in order; they
/// are read only when the batch holds a [`Command::Retract`].
pub fn judge(terms: &Terms, lot: Lot, past: &[PastBid], commands: Vec<Stamped>) -> Judged {
    let mut judged = Judged {
        lot,
        entries: Vec::with_capacity(commands.len()),
        answers: Vec::with_capacity(commands.len()),
        effects: Vec::new(),
    };
    let is_rewriting = commands
        .iter()
        .any(|stamped| matches!(stamped.command, Command::Retract { .. }));
    let mut bids = if is_rewriting { past.to_vec() } else { Vec::new() };
    for Stamped { at_ms, command } in commands {
        let Judged { lot, effects, .. } = &mut judged;
        let (answer, entry) = lot.take(terms, &mut bids, command, at_ms, effects);
        if is_rewriting {
            bids.extend(entry.as_ref().and_then(Entry::accepted_bid));
        }
        judged.answers.push(answer);
        judged.entries.extend(entry);
    }
    judged
}

impl Lot {
    /// Carries one command out and writes its entry.
    pub(super) fn take(
        &mut self,
        terms: &Terms,
        bids: &mut Vec<PastBid>,
        command: Command,
        stamp_ms: i64,
        effects: &mut Vec<Effect>,
    ) -> (Answer, Option<Entry>) {
        // A clock that jumps back must not reorder the history.
        let at_ms = stamp_ms.max(self.at_ms);
        let (phase, count, ends_at_ms) = (self.phase, self.anti_snipe_count, self.ends_at_ms);
        let verdict = self.decide(terms, bids, &command, at_ms, effects);
        if phase == Phase::Scheduled && self.phase == Phase::Open {
            effects.push(Effect::Opened);
        }
        let is_late = self.anti_snipe_count > count;
        let late_extension_ms = if is_late { self.ends_at_ms - ends_at_ms } else { 0 };
        if is_late {
            effects.push(Effect::LateBid {
                by_ms: late_extension_ms,
                count: self.anti_snipe_count,
                ends_at_ms: self.ends_at_ms,
            });
        }
        let own_max = command.bidder().filter(|bidder| self.is_led_by(bidder));
        let own_max = own_max.and_then(|_| self.leader.as_ref().map(|leader| leader.max));
        let entry = verdict
            .makes_entry()
            .then(|| self.record(terms, at_ms, command, verdict, late_extension_ms));
        let answer = Answer {
            verdict,
            seq: entry.as_ref().map(|entry| entry.seq),
            price: self.price,
            bid_count: self.bid_count,
            ends_at_ms: self.ends_at_ms,
            next_minimum: self.next_minimum(terms),
            late_extension_ms,
            own_max,
        };
        (answer, entry)
    }

    fn decide(
        &mut self,
        terms: &Terms,
        bids: &mut Vec<PastBid>,
        command: &Command,
        at_ms: i64,
        effects: &mut Vec<Effect>,
    ) -> Verdict {
        let refused = match command {
            Command::Bid(bid) => return self.accept_bid(terms, bid, self.seq + 1, at_ms),
            Command::Close { by } => self.close(terms, by, at_ms, effects),
            _ if self.is_closed_at(at_ms) => Some(Reason::Closed),
            Command::Open => self.open(terms, at_ms),
            Command::BuyNow { buyer } => self.buy_now(terms, buyer, at_ms, effects),
            Command::Pause { .. } => self.pause(terms, at_ms, effects),
            Command::Resume { .. } => self.resume(at_ms, effects),
            Command::Extend { by_ms, .. } => self.extend(*by_ms, at_ms, effects),
            Command::Withdraw { by, .. } => self.withdraw(by, at_ms, effects),
            Command::Retract { seq, .. } => self.retract(terms, bids, *seq, effects),
        };
        refused.map_or(Verdict::Done, Verdict::Rejected)
    }

    fn open(&mut self, terms: &Terms, at_ms: i64) -> Option<Reason> {
        if self.phase != Phase::Scheduled || self.is_early_at(terms, at_ms) {
            return Some(Reason::NotDue);
        }
        self.phase = Phase::Open;
        None
    }

    fn buy_now(&mut self, terms: &Terms, buyer: &Id, at_ms: i64, effects: &mut Vec<Effect>) -> Option<Reason> {
        if let Some(reason) = self.not_open(terms, at_ms) {
            return Some(reason);
        }
        if *buyer == terms.seller_id {
            return Some(Reason::Seller);
        }
        let Some(price) = self.buy_now_offered(terms) else {
            return Some(Reason::NotOffered);
        };
        self.price = Some(price);
        self.leader = Some(super::Leader {
            bidder: buyer.clone(),
            max: price,
        });
        let winner = Winner {
            bidder: buyer.clone(),
            price,
        };
        self.end(Phase::Sold, at_ms, EndReason::BuyNow, Some(winner), effects);
        None
    }

    fn pause(&mut self, terms: &Terms, at_ms: i64, effects: &mut Vec<Effect>) -> Option<Reason> {
        if let Some(reason) = self.not_open(terms, at_ms) {
            return Some(reason);
        }
        self.phase = Phase::Paused;
        self.paused_remaining_ms = Some(self.ends_at_ms - at_ms);
        effects.push(Effect::Paused);
        None
    }

    fn resume(&mut self, at_ms: i64, effects: &mut Vec<Effect>) -> Option<Reason> {
        let Some(remaining_ms) = self.paused_remaining_ms else {
            return Some(Reason::NotPaused);
        };
        self.phase = Phase::Open;
        self.paused_remaining_ms = None;
        self.ends_at_ms = at_ms.saturating_add(remaining_ms);
        effects.push(Effect::Resumed);
        None
    }

    fn extend(&mut self, by_ms: i64, at_ms: i64, effects: &mut Vec<Effect>) -> Option<Reason> {
        let remaining_ms = self.remaining_ms(at_ms);
        if by_ms < 1 || remaining_ms.saturating_add(by_ms) > REMAINING_MS_MAX.max(remaining_ms) {
            return Some(Reason::BadExtension);
        }
        self.ends_at_ms += by_ms;
        self.paused_remaining_ms = self.paused_remaining_ms.map(|paused_ms| paused_ms + by_ms);
        effects.push(Effect::Extended { by_ms });
        None
    }

    fn withdraw(&mut self, by: &By, at_ms: i64, effects: &mut Vec<Effect>) -> Option<Reason> {
        if matches!(by, By::Seller(_)) && self.bid_count > 0 {
            return Some(Reason::HasBids);
        }
        self.end(Phase::Withdrawn, at_ms, EndReason::Withdrawn, None, effects);
        None
    }

    fn retract(
        &mut self,
        terms: &Terms,
        bids: &mut Vec<PastBid>,
        seq: i64,
        effects: &mut Vec<Effect>,
    ) -> Option<Reason> {
        let Some(at) = bids.iter().position(|bid| bid.seq == seq) else {
            return Some(Reason::UnknownBid);
        };
        bids.remove(at);
        self.replay(terms, bids);
        effects.push(Effect::Retracted { seq });
        None
    }

    /// Being late (the server was down) changes nothing: what is closed at or after its end ended at its end.
    fn close(&mut self, terms: &Terms, by: &By, at_ms: i64, effects: &mut Vec<Effect>) -> Option<Reason> {
        if self.phase.is_over() {
            return Some(Reason::Closed);
        }
        let (ended_at_ms, reason) = match by {
            _ if self.is_closed_at(at_ms) => (self.ends_at_ms, EndReason::Time),
            By::System => return Some(Reason::NotDue),
            By::Seller(_) => (at_ms, EndReason::Host),
            By::Admin(_) => (at_ms, EndReason::Admin),
        };
        let is_sold = self.is_reserve_met(terms) != Some(false);
        let winner = self.leader.as_ref().zip(self.price).filter(|_| is_sold);
        let winner = winner.map(|(leader, price)| Winner {
            bidder: leader.bidder.clone(),
            price,
        });
        let phase = if winner.is_some() { Phase::Sold } else { Phase::Unsold };
        self.end(phase, ended_at_ms, reason, winner, effects);
        None
    }

    fn end(&mut self, phase: Phase, at_ms: i64, reason: EndReason, winner: Option<Winner>, effects: &mut Vec<Effect>) {
        let end = End { at_ms, reason, winner };
        self.phase = phase;
        self.paused_remaining_ms = None;
        self.ended = Some(end.clone());
        effects.push(Effect::Ended(end));
    }

    fn record(
        &mut self,
        terms: &Terms,
        at_ms: i64,
        command: Command,
        verdict: Verdict,
        late_extension_ms: i64,
    ) -> Entry {
        self.seq += 1;
        self.at_ms = at_ms;
        let mut entry = Entry {
            seq: self.seq,
            at_ms,
            command,
            verdict,
            price: self.price,
            leader: self.leader.as_ref().map(|leader| leader.bidder.clone()),
            bid_count: self.bid_count,
            ends_at_ms: self.ends_at_ms,
            late_extension_ms,
            hash: self.hash,
        };
        entry.hash = entry.hash_after(&terms.auction_id, self.hash);
        self.hash = entry.hash;
        entry
    }
}

impl Command {
    /// The account that bids or buys.
    pub fn bidder(&self) -> Option<&Id> {
        match self {
            Self::Bid(bid) => Some(&bid.bidder),
            Self::BuyNow { buyer } => Some(buyer),
            _ => None,
        }
    }
}
