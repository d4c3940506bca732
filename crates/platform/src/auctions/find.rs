//! What a filter asks of the rows.

use super::listing::{self, DURATION_S_MAX};
use super::view::Filter;
use crate::words::{self, WORDS_MAX};
use crate::{Error, Money};

/// A filter in the words of the database.
pub(super) struct Narrow {
    pub(super) status: Option<&'static str>,
    pub(super) category: Option<String>,
    pub(super) host_user_id: Option<String>,
    /// Patterns for `like`, in lower case; all have to match.
    pub(super) words: [Option<String>; WORDS_MAX],
    /// Minor units.
    pub(super) price_min: Option<i64>,
    /// Minor units.
    pub(super) price_below: Option<i64>,
    /// Epoch ms; only of what is live.
    pub(super) ends_until_ms: Option<i64>,
}

impl Narrow {
    /// *errors*: [`crate::ErrorKind::Invalid`] naming the part that is outside its limits.
    pub(super) fn new(filter: Filter, host_user_id: Option<&str>, now_ms: i64) -> Result<Self, Error> {
        let price = |field: &'static str, money: Option<Money>| match money {
            Some(money) if money.minor < 0 => Err(Error::invalid(field, format!("{field} must not be below 0"))),
            money => Ok(money.map(|money| money.minor)),
        };
        let ends_within_s = filter.ends_within_s;
        if ends_within_s.is_some_and(|seconds| !(1..=DURATION_S_MAX).contains(&seconds)) {
            let rule = format!("ends_within must be between 1 and {DURATION_S_MAX} seconds");
            return Err(Error::invalid("ends_within", rule));
        }
        Ok(Self {
            status: filter.status.map(super::Status::as_str),
            category: listing::category(filter.category)?,
            host_user_id: host_user_id.map(str::to_owned),
            words: words::patterns(filter.words.as_deref().unwrap_or_default())?,
            price_min: price("price_min", filter.price_min)?,
            price_below: price("price_below", filter.price_below)?,
            ends_until_ms: ends_within_s.map(|seconds| now_ms + seconds * 1000),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_named() {
        let narrow = |filter| Narrow::new(filter, None, 5).map(|narrow| narrow.ends_until_ms);
        let within = |seconds| Filter {
            ends_within_s: Some(seconds),
            ..Filter::default()
        };
        assert_eq!(narrow(within(2)).unwrap(), Some(2_005));
        for seconds in [0, -1, DURATION_S_MAX + 1] {
            assert!(narrow(within(seconds)).is_err(), "{seconds}");
        }
    }
}
