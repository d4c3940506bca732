//! What a seller may enter.

use crate::{Error, Money};

use super::Listing;

/// Longest title, characters.
pub const TITLE_LEN_MAX: usize = 500;
/// Longest description, characters; several pages of text.
pub const DESCRIPTION_LEN_MAX: usize = 20_000;
/// Longest category, characters.
pub const CATEGORY_LEN_MAX: usize = 100;
/// Longest seller's name and condition, characters.
pub const NAME_LEN_MAX: usize = 100;
/// Longest image URL, bytes; what browsers and proxies carry.
pub const IMAGE_URL_LEN_MAX: usize = 2_048;
/// Largest inline image, bytes of the data URI. Every list carries it, so it must stay a thumbnail.
pub const IMAGE_DATA_LEN_MAX: usize = 64 * 1024;
/// Longest auction, seconds: 30 days.
pub const DURATION_S_MAX: i64 = 30 * 24 * 3600;

const CONDITION_DEFAULT: &str = "used";
const IMAGE_DATA_PREFIXES: [&str; 5] = [
    "data:image/png;base64,",
    "data:image/jpeg;base64,",
    "data:image/webp;base64,",
    "data:image/gif;base64,",
    "data:image/avif;base64,",
];

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
    /// http(s) URL, or a data URI of an image.
    pub image_url: Option<String>,
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
            image_url: self
                .image_url
                .filter(|url| !url.is_empty())
                .map(image_url)
                .transpose()?,
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

fn text(field: &'static str, value: &str, min: usize, max: usize) -> Result<String, Error> {
    let value = value.trim();
    let length = value.chars().count();
    if length < min || length > max {
        return Err(Error::invalid(
            field,
            format!("{field} must have {min} to {max} characters"),
        ));
    }
    // A line break or a tab is text; other control characters are damage, and PostgreSQL refuses NUL.
    if value
        .chars()
        .any(|character| character.is_control() && !matches!(character, '\n' | '\r' | '\t'))
    {
        return Err(Error::invalid(
            field,
            format!("{field} must not contain control characters"),
        ));
    }
    Ok(value.to_owned())
}

/// A category to look for, under the rules of a category to enter.
pub(super) fn category(value: Option<String>) -> Result<Option<String>, Error> {
    optional("category", value, CATEGORY_LEN_MAX)
}

fn optional(field: &'static str, value: Option<String>, max: usize) -> Result<Option<String>, Error> {
    let Some(value) = value else { return Ok(None) };
    Ok(Some(text(field, &value, 0, max)?).filter(|value| !value.is_empty()))
}

fn image_url(value: String) -> Result<String, Error> {
    let invalid = |rule: &str| Error::invalid("image_url", format!("image_url {rule}"));
    if let Some(prefix) = IMAGE_DATA_PREFIXES.iter().find(|prefix| value.starts_with(**prefix)) {
        let is_base64 = value
            .bytes()
            .skip(prefix.len())
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
        return match (value.len() <= IMAGE_DATA_LEN_MAX, is_base64) {
            (true, true) => Ok(value),
            (false, _) => Err(invalid("must have at most 65536 bytes when it is a data URI")),
            (true, false) => Err(invalid("must be base64 after the comma")),
        };
    }
    let is_web = url::Url::parse(&value).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if !is_web {
        return Err(invalid("must be an http(s) URL or a data:image/…;base64 URI"));
    }
    if value.len() > IMAGE_URL_LEN_MAX {
        return Err(invalid("must have at most 2048 characters"));
    }
    Ok(value)
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
        check("image_url", "http(s)", |input| {
            input.image_url = Some("javascript:alert(1)".into())
        });
        check("image_url", "2048", |input| {
            input.image_url = Some(format!("https://x.example/{}", "a".repeat(2048)))
        });
        check("image_url", "base64", |input| {
            input.image_url = Some("data:image/png;base64,<script>".into())
        });
        check("image_url", "65536", |input| {
            input.image_url = Some(format!("data:image/png;base64,{}", "A".repeat(IMAGE_DATA_LEN_MAX)))
        });
    }

    #[test]
    fn the_limits_themselves_are_allowed() {
        let mut input = valid();
        input.title = "é".repeat(TITLE_LEN_MAX);
        input.duration_s = DURATION_S_MAX;
        input.category = Some(String::new());
        input.image_url = Some("https://images.example/watch.jpg".into());
        let listing = input.validate("Ann").unwrap();
        assert_eq!((listing.category, listing.image_url.is_some()), (None, true));
    }
}
