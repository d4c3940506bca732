//! Moments on the wire.

use jiff::Timestamp;
use platform::Error;

/// A moment (epoch ms) as RFC 3339 text in UTC.
pub(crate) fn rfc3339(epoch_ms: i64) -> String {
    // Outside jiff's years -9999..=9999 there is no text; such a moment can only come from a broken row.
    Timestamp::from_millisecond(epoch_ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

/// Reads a moment with its offset from UTC, as epoch ms; what is wrong is said about `field`.
pub(crate) fn parse_rfc3339(field: &'static str, text: &str) -> Result<i64, Error> {
    let moment = text.parse::<Timestamp>();
    moment.map(Timestamp::as_millisecond).map_err(|_| {
        Error::invalid(
            field,
            format!("{field} must be RFC 3339, for instance 2026-11-21T08:00:00Z"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_utc_with_as_many_digits_as_they_need() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_700_000_000_120), "2023-11-14T22:13:20.12Z");
        assert_eq!(rfc3339(i64::MAX), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn moments_are_read_with_their_offset() {
        let read = |text| parse_rfc3339("starts_at", text).ok();
        assert_eq!(read("1970-01-01T01:00:00.5+01:00"), Some(500));
        assert_eq!(read("1970-01-01T00:00:00Z"), Some(0));
        for wrong in ["", "tomorrow", "1970-01-01", "1970-01-01T00:00:00"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
