//! Price lists: dated files, so that no figure is hidden in code and everybody can see how old it is.

use serde::Deserialize;

/// The lists that come with Rostrum, by name.
const BUILT_IN: [(&str, &str); 2] = [
    ("aws", include_str!("../../prices/aws.toml")),
    ("quick-reference", include_str!("../../prices/quick-reference.toml")),
];
/// The list in use unless another one is configured.
pub const DEFAULT: &str = "aws";
/// Matches every channel type, or every resolution.
const ANY: &str = "ANY";
/// Highest price, millionths per hour: a thousand units. Anything above is a slip of the decimal point.
const MICROS_MAX: i64 = 1_000_000_000;
const DECIMALS: usize = 6;

/// What an hour costs, as somebody published it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceList {
    /// Short name, such as `aws`.
    pub name: String,
    /// Name for people.
    pub title: String,
    /// When the figures were looked up, `2026-11-21`.
    pub date: String,
    /// ISO 4217.
    pub currency: String,
    /// What the figures hold for.
    #[serde(default)]
    pub note: String,
    /// Prices of an hour on air.
    pub input: Vec<InputPrice>,
    /// Prices of an hour of one viewer.
    pub output: Vec<OutputPrice>,
}

/// What an hour on air costs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputPrice {
    /// `STANDARD`, `BASIC`, …, or `ANY`.
    pub channel_type: String,
    /// Millionths of the currency's unit.
    #[serde(rename = "per_hour", deserialize_with = "micros")]
    pub micros: i64,
    /// Where the figure is from.
    #[serde(flatten)]
    pub origin: Origin,
}

/// What an hour of one viewer costs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputPrice {
    /// `SD`, `HD`, `FULL_HD`, or `ANY`.
    pub resolution: String,
    /// Millionths of the currency's unit.
    #[serde(rename = "per_viewer_hour", deserialize_with = "micros")]
    pub micros: i64,
    /// Where the figure is from.
    #[serde(flatten)]
    pub origin: Origin,
}

/// Where a figure is from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Origin {
    /// Whether somebody else confirms it.
    pub status: Status,
    /// Who says so.
    pub source: String,
    /// When it was looked up.
    pub date: String,
}

/// Whether a figure can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A second source confirms it.
    Verified,
    /// Nothing confirms it yet.
    Unverified,
}

/// What a viewer's hour is charged as. The class is that of the picture sent; who watches less is charged less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resolution {
    /// Up to 480 pixels on the shorter side.
    Sd,
    /// Up to 720.
    Hd,
    /// More than that, and whatever is not known: an estimate should not be too low.
    FullHd,
}

impl Resolution {
    /// The class of a picture of this size.
    pub fn of(width: Option<i64>, height: Option<i64>) -> Self {
        match (width, height) {
            (Some(width), Some(height)) if (1..=480).contains(&width.min(height)) => Self::Sd,
            (Some(width), Some(height)) if (1..=720).contains(&width.min(height)) => Self::Hd,
            _ => Self::FullHd,
        }
    }

    /// The word in price files and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sd => "SD",
            Self::Hd => "HD",
            Self::FullHd => "FULL_HD",
        }
    }
}

impl PriceList {
    /// A list that comes with Rostrum. `None` for other names.
    pub fn built_in(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(known, _)| *known == name)?;
        Self::parse(text).ok()
    }

    /// Names of the lists that come with Rostrum.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// Reads a list in TOML; `prices/aws.toml` shows the shape.
    ///
    /// *errors*: what is wrong and where. Every channel type that auctions can have, and every resolution, needs a price.
    pub fn parse(text: &str) -> Result<Self, String> {
        let list: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        for channel_type in ["STANDARD", "BASIC"] {
            if list.input(channel_type).is_none() {
                return Err(format!("there is no [[input]] for {channel_type}, nor for ANY"));
            }
        }
        for resolution in [Resolution::Sd, Resolution::Hd, Resolution::FullHd] {
            if list.output(resolution).is_none() {
                return Err(format!(
                    "there is no [[output]] for {}, nor for ANY",
                    resolution.as_str()
                ));
            }
        }
        Ok(list)
    }

    /// The price of an hour on air.
    pub fn input(&self, channel_type: &str) -> Option<&InputPrice> {
        let exact = self.input.iter().find(|price| price.channel_type == channel_type);
        exact.or_else(|| self.input.iter().find(|price| price.channel_type == ANY))
    }

    /// The price of an hour of one viewer.
    pub fn output(&self, resolution: Resolution) -> Option<&OutputPrice> {
        let exact = self.output.iter().find(|price| price.resolution == resolution.as_str());
        exact.or_else(|| self.output.iter().find(|price| price.resolution == ANY))
    }
}

/// A price written as a decimal text, such as `"0.0375"`: exact, unlike TOML's floats.
fn micros<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_micros(&text).ok_or_else(|| {
        serde::de::Error::custom(format!(
            "{text:?} is no price: write units with at most six decimals, at most 1000, such as \"0.0375\""
        ))
    })
}

fn parse_micros(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > DECIMALS || whole.len() > DECIMALS {
        return None;
    }
    let micros: i64 = format!("{whole}{fraction:0<DECIMALS$}").parse().ok()?;
    (micros <= MICROS_MAX).then_some(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_that_come_with_us_are_whole() {
        for name in PriceList::names() {
            let list = PriceList::built_in(name).unwrap();
            assert_eq!((list.name.as_str(), list.currency.as_str()), (name, "USD"));
        }
        let aws = PriceList::built_in("aws").unwrap();
        assert_eq!(aws.input("STANDARD").unwrap().micros, 2_000_000);
        assert_eq!(aws.input("BASIC").unwrap().micros, 200_000);
        assert_eq!(aws.output(Resolution::Sd).unwrap().micros, 37_500);
        let quick = PriceList::built_in("quick-reference").unwrap();
        assert_eq!(
            (
                quick.input("BASIC").unwrap().micros,
                quick.output(Resolution::FullHd).unwrap().micros
            ),
            (90_000, 15_000)
        );
        assert_eq!(PriceList::built_in("../aws"), None);
    }

    #[test]
    fn a_list_with_a_mistake_says_which() {
        let (_, aws) = BUILT_IN[0];
        for (from, to, reason) in [
            ("\"0.0375\"", "\"-1\"", "is no price"),
            ("\"0.0375\"", "\"0.0000001\"", "is no price"),
            ("\"0.0375\"", "\"1e3\"", "is no price"),
            ("\"0.0375\"", "\"1001\"", "is no price"),
            ("\"0.0375\"", "0.0375", "expected a string"),
            (
                "channel_type = \"BASIC\"",
                "channel_type = \"BASE\"",
                "no [[input]] for BASIC",
            ),
            ("resolution = \"HD\"", "resolution = \"UHD\"", "no [[output]] for HD"),
            ("status = \"verified\"", "status = \"sure\"", "sure"),
            ("title = ", "titel = ", "titel"),
        ] {
            let error = PriceList::parse(&aws.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains(reason), "{to}: {error}");
        }
    }

    #[test]
    fn a_picture_has_the_class_of_its_shorter_side() {
        for (width, height, class) in [
            (Some(852), Some(480), Resolution::Sd),
            (Some(480), Some(852), Resolution::Sd),
            (Some(1280), Some(720), Resolution::Hd),
            (Some(720), Some(1280), Resolution::Hd),
            (Some(1920), Some(1080), Resolution::FullHd),
            (None, None, Resolution::FullHd),
            (Some(0), Some(0), Resolution::FullHd),
        ] {
            assert_eq!(Resolution::of(width, height), class, "{width:?} {height:?}");
        }
    }
}
