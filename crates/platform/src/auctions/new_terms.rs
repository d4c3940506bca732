//! What a seller may fix about bidding.

use super::Listing;
use super::rules::{AntiSnipe, Terms};
use crate::{Error, Money};

/// Latest start: 90 days from now, in milliseconds.
const STARTS_IN_MS_MAX: i64 = 90 * 24 * 3600 * 1000;
/// Longest window of late bids, seconds.
const WINDOW_S_MAX: i64 = 600;
/// Longest extension by a late bid, seconds.
const EXTENSION_S_MAX: i64 = 600;
/// Extensions by late bids at most.
const EXTENSIONS_MAX: i64 = 100;

/// What a seller may fix about bidding; every part has a default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewTerms {
    /// Later bids are at least this much above the price; one whole unit of the currency when absent.
    pub bid_increment: Option<Money>,
    /// At least the starting bid: below this nothing is sold.
    pub reserve_price: Option<Money>,
    /// At least the starting bid and the reserve: whoever pays this before the first bid has it.
    pub buy_now_price: Option<Money>,
    /// When bidding begins, epoch ms: in the future, in at most 90 days; at once when absent.
    pub starts_at_ms: Option<i64>,
    /// Whether bidders may leave a maximum; they may when absent.
    pub proxy_bidding: Option<bool>,
    /// How late bids extend the end, in whole seconds; [`AntiSnipe::DEFAULT`] when absent.
    pub anti_snipe: Option<AntiSnipe>,
}

/// New terms that keep every rule.
pub(super) struct ValidTerms {
    increment: i64,
    reserve: Option<i64>,
    buy_now: Option<i64>,
    starts_at_ms: Option<i64>,
    is_proxy_allowed: bool,
    anti_snipe: AntiSnipe,
}

impl NewTerms {
    /// The terms with their defaults.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] with the first field that breaks its rule.
    pub(super) fn validate(self, starting_bid: Money, now_ms: i64) -> Result<ValidTerms, Error> {
        let whole_unit = 10_i64.pow(starting_bid.currency.exponent());
        let increment = self.bid_increment.map_or(whole_unit, |increment| increment.minor);
        if increment < 1 {
            return Err(Error::invalid("bid_increment", "bid_increment must be greater than 0"));
        }
        let reserve = self.reserve_price.map(|reserve| reserve.minor);
        let buy_now = self.buy_now_price.map(|price| price.minor);
        if reserve.is_some_and(|reserve| reserve < starting_bid.minor) {
            let rule = "reserve_price must not be below starting_bid";
            return Err(Error::invalid("reserve_price", rule));
        }
        if buy_now.is_some_and(|price| price < starting_bid.minor.max(reserve.unwrap_or(0))) {
            let rule = "buy_now_price must not be below starting_bid and reserve_price";
            return Err(Error::invalid("buy_now_price", rule));
        }
        let is_startable = |start: i64| start > now_ms && start - now_ms <= STARTS_IN_MS_MAX;
        if self.starts_at_ms.is_some_and(|start| !is_startable(start)) {
            let rule = "starts_at must be in the future, and at most 90 days from now";
            return Err(Error::invalid("starts_at", rule));
        }
        Ok(ValidTerms {
            increment,
            reserve,
            buy_now,
            starts_at_ms: self.starts_at_ms,
            is_proxy_allowed: self.proxy_bidding.unwrap_or(true),
            anti_snipe: anti_snipe(self.anti_snipe.unwrap_or(AntiSnipe::DEFAULT))?,
        })
    }
}

impl ValidTerms {
    /// The terms of an auction that is created at `now_ms`; its duration counts from its start.
    pub(super) fn begin(self, auction_id: &str, seller_id: &str, listing: &Listing, now_ms: i64) -> Terms {
        Terms {
            auction_id: auction_id.into(),
            seller_id: seller_id.into(),
            currency: listing.starting_bid.currency,
            starting_bid: listing.starting_bid.minor,
            increment: self.increment,
            reserve: self.reserve,
            buy_now: self.buy_now,
            is_proxy_allowed: self.is_proxy_allowed,
            anti_snipe: self.anti_snipe,
            starts_at_ms: self.starts_at_ms,
            scheduled_end_ms: self.starts_at_ms.unwrap_or(now_ms) + listing.duration_s * 1000,
        }
    }
}

fn anti_snipe(rule: AntiSnipe) -> Result<AntiSnipe, Error> {
    let check = |field: &'static str, value: i64, range: std::ops::RangeInclusive<i64>| {
        if range.contains(&value) {
            return Ok(());
        }
        let (least, most) = (range.start(), range.end());
        Err(Error::invalid(
            field,
            format!("{field} must be between {least} and {most}"),
        ))
    };
    check("anti_snipe.window_seconds", rule.window_ms / 1000, 0..=WINDOW_S_MAX)?;
    check(
        "anti_snipe.extension_seconds",
        rule.extension_ms / 1000,
        1..=EXTENSION_S_MAX,
    )?;
    check("anti_snipe.max_extensions", rule.extensions_max, 0..=EXTENSIONS_MAX)?;
    Ok(rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn usd(minor: i64) -> Option<Money> {
        Some(Money::new(minor, "USD".parse().unwrap()))
    }

    fn check(field: &'static str, change: impl FnOnce(&mut NewTerms)) {
        let mut terms = NewTerms::default();
        change(&mut terms);
        let error = terms.validate(usd(10_000).unwrap(), 1_000).err().unwrap();
        assert_eq!(error.kind, ErrorKind::Invalid { field: field.into() });
    }

    #[test]
    fn every_field_names_its_rule() {
        let snipe = |change: fn(&mut AntiSnipe)| {
            let mut rule = AntiSnipe::DEFAULT;
            change(&mut rule);
            Some(rule)
        };
        check("bid_increment", |terms| terms.bid_increment = usd(0));
        check("reserve_price", |terms| terms.reserve_price = usd(9_999));
        check("buy_now_price", |terms| terms.buy_now_price = usd(9_999));
        check("buy_now_price", |terms| {
            terms.reserve_price = usd(20_000);
            terms.buy_now_price = usd(19_999);
        });
        check("starts_at", |terms| terms.starts_at_ms = Some(1_000));
        check("starts_at", |terms| terms.starts_at_ms = Some(1_001 + STARTS_IN_MS_MAX));
        check("anti_snipe.window_seconds", |terms| {
            terms.anti_snipe = snipe(|rule| rule.window_ms = 601_000);
        });
        check("anti_snipe.extension_seconds", |terms| {
            terms.anti_snipe = snipe(|rule| rule.extension_ms = 0);
        });
        check("anti_snipe.max_extensions", |terms| {
            terms.anti_snipe = snipe(|rule| rule.extensions_max = 101);
        });
    }

    #[test]
    fn the_increment_is_one_whole_unit_unless_the_seller_says() {
        for (code, increment) in [("USD", 100), ("JPY", 1), ("KWD", 1_000)] {
            let starting_bid = Money::new(10_000, code.parse().unwrap());
            assert_eq!(
                NewTerms::default().validate(starting_bid, 0).unwrap().increment,
                increment
            );
        }
    }
}
