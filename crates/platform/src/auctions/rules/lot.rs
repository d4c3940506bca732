//! Everything about an auction that changes.

use super::{Hash, Id, Terms, entry};
use crate::auctions::EndReason;

/// The state of an auction after its history so far. Amounts are minor units, times epoch ms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// Where it is in its life.
    pub phase: Phase,
    /// What everybody sees; `None` before the first accepted bid.
    pub price: Option<i64>,
    /// Who would win.
    pub leader: Option<Leader>,
    /// The best three bidders, one entry each, the leader first.
    pub top: Vec<Standing>,
    /// Accepted bids that were not retracted.
    pub bid_count: i64,
    /// When it ends; while paused, when it would have ended.
    pub ends_at_ms: i64,
    /// Time left when it was paused.
    pub paused_remaining_ms: Option<i64>,
    /// How often a late bid extended it.
    pub anti_snipe_count: i64,
    /// How it ended.
    pub ended: Option<End>,
    /// Number of the newest entry; 0 before the first.
    pub seq: i64,
    /// Time of the newest entry; 0 before the first.
    pub at_ms: i64,
    /// Hash of the newest entry; that of the terms before the first.
    pub hash: Hash,
}

/// Where an auction is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Its start has not been recorded yet; bids that arrive at or after the start are taken and begin it.
    Scheduled,
    /// Bids are taken until the end.
    Open,
    /// The clock stands still and bids are refused.
    Paused,
    /// Over, with a winner.
    Sold,
    /// Over, without a winner.
    Unsold,
    /// Ended by its seller or an admin without a winner.
    Withdrawn,
}

/// Who would win.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    /// The bidder's account.
    pub bidder: Id,
    /// What the leader would pay at most; secret.
    pub max: i64,
}

/// One of the best bidders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The bidder's account.
    pub bidder: Id,
    /// The highest amount of this bidder that everybody saw.
    pub amount: i64,
    /// Number of the bid's entry.
    pub seq: i64,
    /// Time of the bid's entry.
    pub at_ms: i64,
}

/// How an auction ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The scheduled end, or the moment somebody ended it.
    pub at_ms: i64,
    /// What ended it.
    pub reason: EndReason,
    /// Who has it, and for how much.
    pub winner: Option<Winner>,
}

/// Who has it, and for how much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Winner {
    /// The bidder's account.
    pub bidder: Id,
    /// What is to be paid.
    pub price: i64,
}

impl Phase {
    /// Every phase, in the order of life.
    pub const ALL: [Self; 6] = [
        Self::Scheduled,
        Self::Open,
        Self::Paused,
        Self::Sold,
        Self::Unsold,
        Self::Withdrawn,
    ];

    /// The word in the database and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Open => "open",
            Self::Paused => "paused",
            Self::Sold => "sold",
            Self::Unsold => "unsold",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads the word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|phase| phase.as_str() == word)
    }

    /// True once nothing can change any more.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Sold | Self::Unsold | Self::Withdrawn)
    }
}

impl Lot {
    /// The lot before its first entry.
    pub fn new(terms: &Terms) -> Self {
        Self {
            phase: if terms.starts_at_ms.is_some() {
                Phase::Scheduled
            } else {
                Phase::Open
            },
            price: None,
            leader: None,
            top: Vec::new(),
            bid_count: 0,
            ends_at_ms: terms.scheduled_end_ms,
            paused_remaining_ms: None,
            anti_snipe_count: 0,
            ended: None,
            seq: 0,
            at_ms: 0,
            hash: entry::genesis(terms),
        }
    }

    /// The least amount a newcomer may bid.
    pub fn next_minimum(&self, terms: &Terms) -> i64 {
        match self.price {
            None => terms.starting_bid,
            Some(price) => price.saturating_add(terms.increment),
        }
    }

    /// Whether the leader's maximum reaches the reserve; `None` where there is no reserve.
    pub fn is_reserve_met(&self, terms: &Terms) -> Option<bool> {
        let reserve = terms.reserve?;
        Some(self.leader.as_ref().is_some_and(|leader| leader.max >= reserve))
    }

    /// The price at which it can be bought at once, while it can.
    pub fn buy_now_offered(&self, terms: &Terms) -> Option<i64> {
        terms.buy_now.filter(|_| self.price.is_none() && !self.phase.is_over())
    }

    /// Time left at `now_ms`: none once over, the frozen time while paused.
    pub fn remaining_ms(&self, now_ms: i64) -> i64 {
        match self.paused_remaining_ms {
            _ if self.phase.is_over() => 0,
            Some(remaining_ms) => remaining_ms,
            None => self.ends_at_ms.saturating_sub(now_ms).max(0),
        }
    }

    /// Whether `bidder` leads.
    pub fn is_led_by(&self, bidder: &str) -> bool {
        self.leader.as_ref().is_some_and(|leader| *leader.bidder == *bidder)
    }

    /// True when commands that arrive at `at_ms` come too late.
    pub(super) fn is_closed_at(&self, at_ms: i64) -> bool {
        self.phase.is_over() || (self.phase != Phase::Paused && at_ms >= self.ends_at_ms)
    }

    /// True before the scheduled start.
    pub(super) fn is_early_at(&self, terms: &Terms, at_ms: i64) -> bool {
        self.phase == Phase::Scheduled && terms.starts_at_ms.is_some_and(|start| at_ms < start)
    }
}
