//! What is asked of a lot, and what it answers.

use super::Id;

/// Something asked of a lot, with the moment it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamped {
    /// Epoch ms by the clock of the process that received it.
    pub at_ms: i64,
    /// What is asked.
    pub command: Command,
}

/// What is asked of a lot. Who may ask is checked before, except that sellers never bid nor buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Begin, because the scheduled start has come.
    Open,
    /// Take a bid.
    Bid(Bid),
    /// Sell at the buy-now price.
    BuyNow {
        /// The buyer's account.
        buyer: Id,
    },
    /// Stop the clock and refuse bids.
    Pause {
        /// Who asks.
        by: By,
    },
    /// Let the remaining time run on.
    Resume {
        /// Who asks.
        by: By,
    },
    /// Move the end.
    Extend {
        /// Who asks.
        by: By,
        /// By how much, above zero.
        by_ms: i64,
    },
    /// End without a winner.
    Withdraw {
        /// Who asks; the seller only while nobody has bid.
        by: By,
        /// Why.
        reason: String,
    },
    /// Strike one accepted bid.
    Retract {
        /// Who asks.
        by: By,
        /// Number of the bid's entry.
        seq: i64,
        /// Why.
        reason: String,
    },
    /// End: at the deadline ([`By::System`]), or now.
    Close {
        /// Who asks.
        by: By,
    },
}

/// A bid. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bid {
    /// The bidder's account.
    pub bidder: Id,
    /// What everybody sees.
    pub amount: i64,
    /// Secret maximum, at least `amount`; `None` means `amount`.
    pub max_amount: Option<i64>,
    /// Whether the bidder confirmed an unusually high amount.
    pub is_confirmed: bool,
}

impl Bid {
    /// What the bidder would pay at most.
    pub fn maximum(&self) -> i64 {
        self.max_amount.unwrap_or(self.amount)
    }
}

/// On whose behalf a command is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum By {
    /// The clock.
    System,
    /// The seller's account.
    Seller(Id),
    /// An admin who is not the seller.
    Admin(Id),
}

/// The outcome of one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// The bid was accepted and leads.
    Leading,
    /// The leader's own maximum was raised; nothing that others see changed, except where it reached the reserve.
    Raised,
    /// The bid was accepted and is beaten by the leader's maximum at once.
    Beaten,
    /// The command that is no bid was carried out.
    Done,
    /// Nothing changed.
    Rejected(Reason),
}

/// Why a command changed nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// At or after the end. Makes no entry.
    Closed,
    /// The deadline was moved, or the start is not due, or there is nothing to begin. Makes no entry.
    NotDue,
    /// Before the scheduled start.
    NotStarted,
    /// The auction is paused.
    Paused,
    /// There is nothing to resume.
    NotPaused,
    /// The seller bids or buys.
    Seller,
    /// An amount outside 1..=[`crate::money::MINOR_MAX`], or a maximum below the amount.
    BadAmount,
    /// A maximum where the seller takes none.
    NoProxy,
    /// At or below the price.
    Outbid,
    /// Below the next minimum.
    TooLow,
    /// More than five times the price, and not confirmed.
    ConfirmationRequired,
    /// There is no buy-now price, or somebody has bid.
    NotOffered,
    /// The seller withdraws after somebody has bid.
    HasBids,
    /// No accepted bid has this number.
    UnknownBid,
    /// The end would be too far away, or the extension is not above zero.
    BadExtension,
}

const WORDS: [(Verdict, &str); 19] = [
    (Verdict::Leading, "leading"),
    (Verdict::Raised, "raised"),
    (Verdict::Beaten, "beaten"),
    (Verdict::Done, "done"),
    (Verdict::Rejected(Reason::Closed), "closed"),
    (Verdict::Rejected(Reason::NotDue), "not_due"),
    (Verdict::Rejected(Reason::NotStarted), "not_started"),
    (Verdict::Rejected(Reason::Paused), "paused"),
    (Verdict::Rejected(Reason::NotPaused), "not_paused"),
    (Verdict::Rejected(Reason::Seller), "seller"),
    (Verdict::Rejected(Reason::BadAmount), "bad_amount"),
    (Verdict::Rejected(Reason::NoProxy), "no_proxy"),
    (Verdict::Rejected(Reason::Outbid), "outbid"),
    (Verdict::Rejected(Reason::TooLow), "too_low"),
    (Verdict::Rejected(Reason::ConfirmationRequired), "confirmation_required"),
    (Verdict::Rejected(Reason::NotOffered), "not_offered"),
    (Verdict::Rejected(Reason::HasBids), "has_bids"),
    (Verdict::Rejected(Reason::UnknownBid), "unknown_bid"),
    (Verdict::Rejected(Reason::BadExtension), "bad_extension"),
];

impl Verdict {
    /// The word in the history.
    pub fn as_str(self) -> &'static str {
        let word = WORDS.iter().find(|(verdict, _)| *verdict == self);
        word.map_or("unknown", |(_, word)| word)
    }

    /// Reads the word in the history.
    pub fn parse(word: &str) -> Option<Self> {
        WORDS
            .iter()
            .find(|(_, known)| *known == word)
            .map(|(verdict, _)| *verdict)
    }

    /// True for a bid that counts, also when it was beaten at once.
    pub fn is_accepted_bid(self) -> bool {
        matches!(self, Self::Leading | Self::Raised | Self::Beaten)
    }

    /// False for what comes after the end, or before its time by the clock alone.
    pub fn makes_entry(self) -> bool {
        !matches!(self, Self::Rejected(Reason::Closed | Reason::NotDue))
    }
}

impl Command {
    /// The word in the history.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Bid(_) => "bid",
            Self::BuyNow { .. } => "buy_now",
            Self::Pause { .. } => "pause",
            Self::Resume { .. } => "resume",
            Self::Extend { .. } => "extend",
            Self::Withdraw { .. } => "withdraw",
            Self::Retract { .. } => "retract",
            Self::Close { .. } => "close",
        }
    }
}

impl By {
    /// The word in the history.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Seller(_) => "seller",
            Self::Admin(_) => "admin",
        }
    }

    /// The account, where there is one.
    pub fn id(&self) -> Option<&Id> {
        match self {
            Self::System => None,
            Self::Seller(id) | Self::Admin(id) => Some(id),
        }
    }
}
