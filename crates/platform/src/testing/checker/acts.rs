//! What can be done to an auction, and what comes of it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What was agreed before the first bid. Money in minor units, times in ms of the servers' clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Account of the seller.
    pub seller: String,
    /// The first bid must be at least this.
    pub starting_bid: i64,
    /// Every later bid must be at least this much above the price.
    pub increment: i64,
    /// Below it the auction ends unsold.
    pub reserve: Option<i64>,
    /// Ends the auction at once, until the first bid.
    pub buy_now: Option<i64>,
    /// Whether bidders may leave a maximum.
    pub is_proxy_allowed: bool,
    /// A bid with less than this left extends the auction.
    pub window_ms: i64,
    /// By this much.
    pub extension_ms: i64,
    /// At most so often.
    pub extensions_max: u32,
    /// It opens by itself then; `None`: it was open from the beginning.
    pub starts_at_ms: Option<i64>,
    /// Its end as agreed.
    pub ends_at_ms: i64,
}

/// Who closes an auction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The clock.
    Deadline,
    /// The seller.
    Seller,
    /// An admin.
    Admin,
}

/// A command; two of them are the same when all their members are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The scheduled start.
    Open,
    /// A bid.
    Bid {
        /// Account.
        bidder: String,
        /// What the price shall be.
        amount: i64,
        /// How far the auction may bid on the bidder's behalf.
        max_amount: Option<i64>,
        /// True: far more than the price is meant.
        is_confirmed: bool,
    },
    /// Takes the offered price.
    BuyNow {
        /// Account.
        buyer: String,
    },
    /// Stops the clock.
    Pause,
    /// Lets it go on.
    Resume,
    /// Moves the end.
    Extend {
        /// By this much.
        by_ms: i64,
    },
    /// Ends it without a winner.
    Withdraw {
        /// Seller or admin.
        by: By,
    },
    /// Strikes a bid.
    Retract {
        /// Number of the bid's entry.
        bid: u64,
    },
    /// Ends it.
    Close {
        /// Who.
        by: By,
    },
}

impl Act {
    /// True for what the servers do by themselves when the time has come.
    pub fn is_of_the_clock(&self) -> bool {
        matches!(self, Self::Open | Self::Close { by: By::Deadline })
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bid {
                bidder,
                amount,
                max_amount: None,
                ..
            } => write!(f, "bid of {amount} by {bidder}"),
            Self::Bid {
                bidder,
                amount,
                max_amount: Some(max),
                ..
            } => write!(f, "bid of {amount} up to {max} by {bidder}"),
            Self::BuyNow { buyer } => write!(f, "buy-now by {buyer}"),
            Self::Retract { bid } => write!(f, "retraction of {bid}"),
            other => write!(f, "{other:?}"),
        }
    }
}

/// What comes of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// A bid that leads, or any other command that took effect.
    Done,
    /// A bid that counts but was beaten at once by the leader's maximum.
    Beaten,
    /// Nothing changed.
    Refused(Refusal),
}

impl Verdict {
    /// What the client is told: the same words for a bid that was beaten at once and for one that came too late to lead.
    pub fn as_told(self) -> Self {
        match self {
            Self::Beaten => Self::Refused(Refusal::Outbid),
            other => other,
        }
    }

    /// True when clients cannot tell the two apart.
    pub fn looks_like(self, other: Self) -> bool {
        self.as_told() == other.as_told()
    }
}

/// Why nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Not above the price.
    Outbid,
    /// Above the price, but by less than the increment; or a first bid below the start.
    TooLow,
    /// More than five times the price, and not confirmed.
    NotConfirmed,
    /// The seller's own bid.
    OwnAuction,
    /// Before the scheduled start.
    NotStarted,
    /// While the clock stands.
    Paused,
    /// After the end. Makes no entry.
    Ended,
    /// Any other command that does not fit the moment.
    NotNow,
}

/// Where an auction is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Before the scheduled start.
    Scheduled,
    /// Bids are taken.
    Open,
    /// The clock stands.
    Paused,
    /// Ended with a winner.
    Sold,
    /// Ended without.
    Unsold,
    /// Taken back.
    Withdrawn,
}

impl Phase {
    /// True when nothing can change any more.
    pub fn is_end(self) -> bool {
        matches!(self, Self::Sold | Self::Unsold | Self::Withdrawn)
    }
}
