//! Moments on the wire.

use jiff::Timestamp;

/// A moment (epoch ms) as RFC 3339 text in UTC.
pub(crate) fn rfc3339(epoch_ms: i64) -> String {
    // Outside jiff's years -9999..=9999 there is no text; such a moment can only come from a broken row.
    Timestamp::from_millisecond(epoch_ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
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
}
