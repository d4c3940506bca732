//! The part of an auction that is about bidding: its terms, and where the reader stands.

use platform::Error;
use platform::auctions::{self, rules};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rest::money::Amount;
use crate::rest::time::rfc3339;

/// Bidding, as one reader sees it. It is part of the auction and of its state.
#[derive(Serialize, ToSchema)]
pub(crate) struct Bidding {
    phase: Phase,
    /// The least step from the price to the next bid.
    bid_increment: Amount,
    /// The least that the next bidder may bid.
    next_minimum_bid: Amount,
    /// Whether the secret reserve is reached; null without one.
    #[schema(required)]
    reserve_met: Option<bool>,
    /// For the seller and administrators.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reserve_price: Option<Amount>,
    /// Ends the auction at once; null when it is not offered, or no longer.
    #[schema(required)]
    buy_now_price: Option<Amount>,
    /// Whether maximum bids are taken.
    proxy_allowed: bool,
    anti_snipe: AntiSnipe,
    /// How often a late bid has moved the end.
    anti_snipe_count: i64,
    /// RFC 3339; null when it began as it was created.
    #[schema(required)]
    starts_at: Option<String>,
    #[schema(required)]
    starts_at_ms: Option<i64>,
    /// When it was to end before anything moved the end, RFC 3339.
    scheduled_end_time: String,
    /// For readers who have bid: whether they lead, or won.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    you_are_winning: Option<bool>,
    /// For readers who have bid: their maximum.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    your_max_bid: Option<Amount>,
    /// For signed-in readers: what stands for them in this auction, for instance as `high_bidder_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    your_bidder_id: Option<String>,
}

/// Where an auction is in its life.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = AuctionPhase)]
pub(crate) enum Phase {
    Scheduled,
    Open,
    Paused,
    Sold,
    Unsold,
    Withdrawn,
}

/// What a bid in the last moments does; what a request leaves out has its default.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub(crate) struct AntiSnipe {
    /// A bid with less time left than this moves the end; 0 to 600, 0 for never.
    window_seconds: i64,
    /// By how much, 1 to 600.
    extension_seconds: i64,
    /// How often at most, 0 to 100.
    max_extensions: i64,
}

/// A bidder's best bid.
#[derive(Serialize, ToSchema)]
pub(crate) struct TopBid {
    /// Stands for the bidder in this auction only.
    bidder_id: String,
    /// `Bidder K7QX`.
    bidder: String,
    amount: Amount,
    /// Epoch milliseconds.
    at_ms: i64,
}

impl Default for AntiSnipe {
    fn default() -> Self {
        rules::AntiSnipe::DEFAULT.into()
    }
}

impl From<rules::AntiSnipe> for AntiSnipe {
    fn from(rule: rules::AntiSnipe) -> Self {
        Self {
            window_seconds: rule.window_ms / 1000,
            extension_seconds: rule.extension_ms / 1000,
            max_extensions: rule.extensions_max,
        }
    }
}

impl AntiSnipe {
    /// In milliseconds; a number that would not fit is far outside the limits that the rule has anyway.
    pub(super) fn into_rule(self) -> Result<rules::AntiSnipe, Error> {
        let ms = |field: &'static str, seconds: i64| {
            seconds
                .checked_mul(1000)
                .ok_or_else(|| Error::invalid(field, format!("{field} is too large")))
        };
        Ok(rules::AntiSnipe {
            window_ms: ms("anti_snipe.window_seconds", self.window_seconds)?,
            extension_ms: ms("anti_snipe.extension_seconds", self.extension_seconds)?,
            extensions_max: self.max_extensions,
        })
    }
}

impl From<&auctions::View> for Bidding {
    fn from(view: &auctions::View) -> Self {
        let terms = &view.auction.terms;
        Self {
            phase: view.auction.lot.phase.into(),
            bid_increment: terms.money(terms.increment).into(),
            next_minimum_bid: view.next_minimum_bid().into(),
            reserve_met: view.is_reserve_met(),
            reserve_price: view.reserve_price.map(Amount::from),
            buy_now_price: view.buy_now_price().map(Amount::from),
            proxy_allowed: terms.is_proxy_allowed,
            anti_snipe: terms.anti_snipe.into(),
            anti_snipe_count: view.auction.lot.anti_snipe_count,
            starts_at: terms.starts_at_ms.map(rfc3339),
            starts_at_ms: terms.starts_at_ms,
            scheduled_end_time: rfc3339(terms.scheduled_end_ms),
            you_are_winning: view.you_are_winning,
            your_max_bid: view.your_max_bid.map(Amount::from),
            your_bidder_id: view.you.as_ref().map(|you| you.id.clone()),
        }
    }
}

impl From<rules::Phase> for Phase {
    fn from(phase: rules::Phase) -> Self {
        match phase {
            rules::Phase::Scheduled => Self::Scheduled,
            rules::Phase::Open => Self::Open,
            rules::Phase::Paused => Self::Paused,
            rules::Phase::Sold => Self::Sold,
            rules::Phase::Unsold => Self::Unsold,
            rules::Phase::Withdrawn => Self::Withdrawn,
        }
    }
}

impl From<auctions::TopBid> for TopBid {
    fn from(top: auctions::TopBid) -> Self {
        Self {
            bidder_id: top.bidder.id,
            bidder: top.bidder.name,
            amount: top.amount.into(),
            at_ms: top.at_ms,
        }
    }
}
