//! Money: an exact count of minor units in one currency.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use serde_json::Number;

use crate::Error;

/// An amount, in minor units (cents, yen, fils), 0..=[`MINOR_MAX`] when it came from outside.
///
/// *shape*: in JSON a number with decimals (`12.5` is 1250 cents); the currency travels in a field of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// Minor units.
    pub minor: i64,
    /// Currency of the amount.
    pub currency: Currency,
}

/// Largest amount, in minor units. Fifteen digits pass through the double that JSON readers use without a change.
pub const MINOR_MAX: i64 = 999_999_999_999_999;

/// An ISO 4217 currency. *source*: ISO 4217, list one.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency {
    code: &'static str,
    exponent: u32,
}

impl Money {
    /// `minor` units of `currency`.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The amount written as JSON number `value` in field `field`; zero is allowed, negatives are not.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `field`: negative, more decimals than the currency has, or larger
    /// than [`MINOR_MAX`].
    pub fn from_json(field: &'static str, value: &Number, currency: Currency) -> Result<Self, Error> {
        Self::from_decimal(field, &value.to_string(), currency)
    }

    /// The amount written as a decimal such as `12.50`; rules and errors as [`Money::from_json`].
    pub fn from_decimal(field: &'static str, text: &str, currency: Currency) -> Result<Self, Error> {
        let invalid = |rule: &str| Error::invalid(field, format!("{field} {rule}"));
        if text.starts_with('-') && text != "-0" && text != "-0.0" {
            return Err(invalid("must not be negative"));
        }
        let (whole, fraction) = text
            .trim_start_matches('-')
            .split_once('.')
            .unwrap_or((text.trim_start_matches('-'), ""));
        let fraction = fraction.trim_end_matches('0');
        // JSON writes very large and very small numbers with an exponent; neither is an amount we take.
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if let Some((_, exponent)) = text.split_once(['e', 'E']) {
            return Err(invalid(if exponent.starts_with('-') {
                "has too many decimals"
            } else {
                "is too large"
            }));
        }
        if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
            return Err(invalid("must be a number"));
        }
        if fraction.len() > currency.decimals() {
            return Err(invalid("has too many decimals"));
        }
        let digits = format!("{whole}{fraction:0<width$}", width = currency.decimals());
        match digits.parse::<i64>() {
            Ok(minor) if minor <= MINOR_MAX => Ok(Self { minor, currency }),
            _ => Err(invalid("is too large")),
        }
    }

    /// The amount as a JSON number, without trailing zeros.
    pub fn to_json(self) -> Number {
        let unit = 10_i64.pow(self.currency.exponent);
        if self.minor % unit == 0 {
            return Number::from(self.minor / unit);
        }
        // Fifteen digits survive the way through a double; a division of two whole numbers is rounded once, as reading
        // the decimal text would be.
        #[expect(clippy::cast_precision_loss, reason = "amounts are far below 2^53")]
        let amount = self.minor as f64 / unit as f64;
        Number::from_f64(amount).unwrap_or_else(|| Number::from(0))
    }

    /// The amount with all decimals of its currency, such as `12.50`.
    pub fn to_decimal(self) -> String {
        let decimals = self.currency.decimals();
        let sign = if self.minor < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        if fraction.is_empty() {
            format!("{sign}{whole}")
        } else {
            format!("{sign}{whole}.{fraction}")
        }
    }

    /// The amount as a sentence shows it: `$12.50`, or `12.50 CHF` where the currency has no sign of its own.
    pub fn to_price(self) -> String {
        let decimal = self.to_decimal();
        match self.currency.code() {
            "USD" => format!("${decimal}"),
            "EUR" => format!("€{decimal}"),
            "GBP" => format!("£{decimal}"),
            "JPY" => format!("¥{decimal}"),
            code => format!("{decimal} {code}"),
        }
    }

    /// The sum, unless the currencies differ or it exceeds [`MINOR_MAX`].
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let minor = self.minor.checked_add(other.minor)?;
        (self.currency == other.currency && minor <= MINOR_MAX).then_some(Self { minor, ..self })
    }

    /// The difference, unless the currencies differ or it would be negative.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let minor = self.minor.checked_sub(other.minor)?;
        (self.currency == other.currency && minor >= 0).then_some(Self { minor, ..self })
    }

    /// True above zero.
    pub fn is_positive(self) -> bool {
        self.minor > 0
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.to_decimal(), self.currency)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl Currency {
    /// The currency `code`, such as `USD`.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] naming `currency` when ISO 4217 has no such circulating currency.
    pub fn new(code: &str) -> Result<Self, Error> {
        let position = CODES.find(code).filter(|at| code.len() == 3 && at % 4 == 0);
        let code = position.and_then(|at| CODES.get(at..at + 3));
        let code = code.ok_or_else(|| Error::invalid("currency", "currency must be an ISO 4217 code such as USD"))?;
        let exponent = match code {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
            | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
            _ => 2,
        };
        Ok(Self { code, exponent })
    }

    /// The three letters.
    pub fn code(self) -> &'static str {
        self.code
    }

    /// Decimals of the currency: 2 for USD, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u32 {
        self.exponent
    }

    fn decimals(self) -> usize {
        self.exponent as usize
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(code: &str) -> Result<Self, Error> {
        Self::new(code)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

/// The circulating currencies, each followed by one space or the end.
const CODES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD \
    CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD \
    HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD \
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR \
    RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS \
    UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(code: &str, json: &str) -> Result<i64, String> {
        let number: Number = serde_json::from_str(json).unwrap();
        Money::from_json("amount", &number, code.parse().unwrap())
            .map(|money| money.minor)
            .map_err(|e| e.message.into())
    }

    #[test]
    fn json_numbers_become_exact_minor_units() {
        for (code, json, minor) in [
            ("USD", "100", 10_000),
            ("USD", "12.5", 1250),
            ("USD", "0.01", 1),
            ("USD", "0.10", 10),
            ("USD", "1e2", 10_000),
            ("USD", "19.990", 1999),
            ("USD", "-0", 0),
            ("USD", "9999999999999.99", MINOR_MAX),
            ("JPY", "100", 100),
            ("JPY", "100.0", 100),
            ("KWD", "1.234", 1234),
        ] {
            assert_eq!(read(code, json), Ok(minor), "{code} {json}");
        }
    }

    #[test]
    fn amounts_that_are_not_exact_are_refused() {
        for (code, json, rule) in [
            ("USD", "-1", "amount must not be negative"),
            ("USD", "-0.01", "amount must not be negative"),
            ("USD", "0.001", "amount has too many decimals"),
            ("USD", "0.30000000000000004", "amount has too many decimals"),
            ("USD", "1e-9", "amount has too many decimals"),
            ("JPY", "0.5", "amount has too many decimals"),
            ("USD", "10000000000000", "amount is too large"),
            ("USD", "1e300", "amount is too large"),
            ("USD", "18446744073709551615", "amount is too large"),
        ] {
            assert_eq!(read(code, json), Err(rule.to_owned()), "{code} {json}");
        }
        for text in ["", ".", "NaN", "inf", "1,5", "0x10", "1 ", "+1", "--1"] {
            assert!(
                Money::from_decimal("amount", text, "USD".parse().unwrap()).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn arithmetic_is_checked() {
        let usd = Currency::new("USD").unwrap();
        let (one, max) = (Money::new(1, usd), Money::new(MINOR_MAX, usd));
        assert_eq!(one.checked_add(one), Some(Money::new(2, usd)));
        assert_eq!(max.checked_add(one), None);
        assert_eq!(one.checked_sub(max), None);
        assert_eq!(one.checked_add(Money::new(1, "EUR".parse().unwrap())), None);
    }

    #[test]
    fn currencies_are_those_of_iso_4217() {
        assert_eq!(CODES.split(' ').count(), 154);
        assert!(CODES.split(' ').all(|code| Currency::new(code).unwrap().code() == code));
        for wrong in ["", "usd", "US", "USDX", "XXX", "D U", "SD UY", "ED "] {
            assert!(Currency::new(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Money::new(5, "KWD".parse().unwrap()).to_string(), "0.005 KWD");
    }

    proptest! {
        #[test]
        fn every_amount_survives_json(minor in 0..=MINOR_MAX, code in prop::sample::select(vec!["USD", "JPY", "KWD"])) {
            let money = Money::new(minor, code.parse().unwrap());
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(read(code, &json), Ok(minor));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = Money::from_decimal("amount", &text, "USD".parse().unwrap());
        }
    }
}
