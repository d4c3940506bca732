//! What a seller may enter.

use crate::text::{optional, text};
use crate::{Error, Money};

use super::{Listing, NewTerms};

/// Longest title, characters.
pub const TITLE_LEN_MAX: usize = 500;
/// Longest description, characters; several pages of text.
pub const DESCRIPTION_LEN_MAX: usize = 20_000;
/// Longest category, characters.
pub const CATEGORY_LEN_MAX: usize = 100;
/// Longest seller's name and condition, characters.
pub const NAME_LEN_MAX: usize = 100;
/// Longest auction, seconds: 30 days.
pub const DURATION_S_MAX: i64 = 30 * 24 * 3600;

const CONDITION_DEFAULT: &str = "used";

/// What the seller sent.
#[derive(Debug, Clone)]
pub struct NewAuction {
    /// 1 to [`TITLE_LEN_MAX`] characters.
    pub title: String,
    /// Up to [`DESCRIPTION_LEN_MAX`] characters.
    pub description: Option<String>,
    /// Seconds, 1 to [`DURATION_S_MAX`].
    pub duration_s: i64,
    /// Up to [`CATEGORY_LEN_MAX`] characters.
    pub category: Option<String>,
    /// Above zero.
    pub starting_bid: Money,
    /// 1 to [`NAME_LEN_MAX`] characters; the account's name when absent.
    pub seller_name: Option<String>,
    /// 1 to [`NAME_LEN_MAX`] characters; `used` when absent.
    pub condition: Option<String>,
    /// The first picture: an http(s) URL, or a data URI of an image. See [`super::pictures`].
    pub image_url: Option<String>,
    /// More pictures, likewise; [`super::pictures::COUNT_MAX`] in all.
    pub images: Vec<String>,
    /// About bidding.
    pub terms: NewTerms,
}

impl NewAuction {
    /// The listing, trimmed and with its defaults.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] with the first field that breaks its rule and a sentence about the rule.
    pub fn validate(self, account_name: &str) -> Result<Listing, Error> {
        let seller_name = self
            .seller_name
            .unwrap_or_else(|| account_name.chars().take(NAME_LEN_MAX).collect());
        let listing = Listing {
            title: text("title", &self.title, 1, TITLE_LEN_MAX)?,
            description: optional("description", self.description, DESCRIPTION_LEN_MAX)?,
            category: category(self.category)?,
            seller_name: text("seller_name", &seller_name, 1, NAME_LEN_MAX)?,
            condition: text(
                "condition",
                self.condition.as_deref().unwrap_or(CONDITION_DEFAULT),
                1,
                NAME_LEN_MAX,
            )?,
            image_url: None,
            duration_s: self.duration_s,
            starting_bid: self.starting_bid,
        };
        if !(1..=DURATION_S_MAX).contains(&listing.duration_s) {
            return Err(Error::invalid(
                "duration",
                format!("duration must be between 1 and {DURATION_S_MAX} seconds"),
            ));
        }
        if !listing.starting_bid.is_positive() {
            return Err(Error::invalid("starting_bid", "starting_bid must be greater than 0"));
        }
        Ok(listing)
    }
}

/// A category to look for, under the rules of a category to enter.
pub(super) fn category(value: Option<String>) -> Result<Option<String>, Error> {
    optional("category", value, CATEGORY_LEN_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn valid() -> NewAuction {
        NewAuction {
            title: " Vintage watch ".into(),
            description: None,
            duration_s: 300,
            category: Some("watches".into()),
            starting_bid: Money::new(10_000, "USD".parse().unwrap()),
            seller_name: None,
            condition: None,
            image_url: None,
            images: Vec::new(),
            terms: NewTerms::default(),
        }
    }

    fn check(field: &'static str, rule: &str, change: impl FnOnce(&mut NewAuction)) {
        let mut input = valid();
        change(&mut input);
        let error = input.validate("Ann").unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid { field: field.into() });
        assert!(error.message.contains(rule), "{}", error.message);
    }

    #[test]
    fn a_listing_is_trimmed_and_completed() {
        let listing = valid().validate("Ann").unwrap();
        assert_eq!(
            (
                listing.title.as_str(),
                listing.seller_name.as_str(),
                listing.condition.as_str()
            ),
            ("Vintage watch", "Ann", "used")
        );
    }

    #[test]
    fn every_field_names_its_rule() {
        check("title", "1 to 500", |input| input.title = "   ".into());
        check("title", "1 to 500", |input| input.title = "x".repeat(501));
        check("title", "control", |input| input.title = "a\0b".into());
        check("description", "20000", |input| {
            input.description = Some("x".repeat(20_001))
        });
        check("category", "100", |input| input.category = Some("x".repeat(101)));
        check("seller_name", "1 to 100", |input| {
            input.seller_name = Some(String::new())
        });
        check("condition", "1 to 100", |input| input.condition = Some("x".repeat(101)));
        check("duration", "between 1 and 2592000", |input| input.duration_s = 0);
        check("duration", "between 1 and 2592000", |input| {
            input.duration_s = DURATION_S_MAX + 1
        });
        check("starting_bid", "greater than 0", |input| input.starting_bid.minor = 0);
    }

    #[test]
    fn the_limits_themselves_are_allowed() {
        let mut input = valid();
        input.title = "é".repeat(TITLE_LEN_MAX);
        input.duration_s = DURATION_S_MAX;
        input.category = Some(String::new());
        let listing = input.validate("Ann").unwrap();
        assert_eq!(listing.category, None);
    }
}
