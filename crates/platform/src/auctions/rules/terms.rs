//! What the seller fixed.

use super::Id;
use crate::{Currency, Money};

/// The terms of one auction; they never change. Amounts are minor units of `currency`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The auction.
    pub auction_id: Id,
    /// Who may neither bid nor buy.
    pub seller_id: Id,
    /// Of every amount.
    pub currency: Currency,
    /// The first bid is at least this.
    pub starting_bid: i64,
    /// Later bids are at least this much above the price.
    pub increment: i64,
    /// Below this nothing is sold; secret.
    pub reserve: Option<i64>,
    /// Whoever pays this before the first bid has it.
    pub buy_now: Option<i64>,
    /// Whether a bid may carry a maximum above its amount.
    pub is_proxy_allowed: bool,
    /// How late bids extend the end.
    pub anti_snipe: AntiSnipe,
    /// When bidding begins, epoch ms; `None`: with the auction.
    pub starts_at_ms: Option<i64>,
    /// When bidding ends unless something moves the end, epoch ms.
    pub scheduled_end_ms: i64,
}

/// How late bids extend the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AntiSnipe {
    /// A bid with less than this left extends; 0 switches extensions off.
    pub window_ms: i64,
    /// By how much.
    pub extension_ms: i64,
    /// How often at most; later bids are taken without.
    pub extensions_max: i64,
}

impl AntiSnipe {
    /// The last 30 s extend by 30 s, five times at most.
    pub const DEFAULT: Self = Self {
        window_ms: 30_000,
        extension_ms: 30_000,
        extensions_max: 5,
    };
}

impl Terms {
    /// `minor` units as money.
    pub fn money(&self, minor: i64) -> Money {
        Money::new(minor, self.currency)
    }
}
