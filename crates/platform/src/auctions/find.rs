//! What a filter asks of the rows.

use super::listing::{self, DURATION_S_MAX};
use super::view::{Filter, WORDS_LEN_MAX, WORDS_MAX};
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
            words: patterns(filter.words.as_deref().unwrap_or_default())?,
            price_min: price("price_min", filter.price_min)?,
            price_below: price("price_below", filter.price_below)?,
            ends_until_ms: ends_within_s.map(|seconds| now_ms + seconds * 1000),
        })
    }
}

/// Each word as a pattern that finds it anywhere; what has a meaning in patterns stands for itself.
fn patterns(text: &str) -> Result<[Option<String>; WORDS_MAX], Error> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_clean = !text.chars().any(char::is_control);
    if text.chars().count() > WORDS_LEN_MAX || words.len() > WORDS_MAX || !is_clean {
        let rule = format!("q must have at most {WORDS_LEN_MAX} characters and {WORDS_MAX} words");
        return Err(Error::invalid("q", rule));
    }
    Ok(std::array::from_fn(|index| {
        let word = words.get(index)?.to_lowercase();
        let escaped = word.replace('!', "!!").replace('%', "!%").replace('_', "!_");
        Some(format!("%{escaped}%"))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_patterns_that_mean_themselves() {
        let found = patterns(" Omega 100%_! ").unwrap();
        assert_eq!(found[0].as_deref(), Some("%omega%"));
        assert_eq!(found[1].as_deref(), Some("%100!%!_!!%"));
        assert_eq!(found[2], None);
        for wrong in ["a b c d e f", "x\0y", &"x".repeat(101)] {
            assert!(patterns(wrong).is_err(), "{wrong}");
        }
    }

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
