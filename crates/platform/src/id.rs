//! Our ids: UUID v7 as lowercase text, so that they sort by creation time.

use uuid::Uuid;

use crate::Error;

/// A new id for a thing created at `now_ms` (epoch ms), made unique by ten random bytes.
pub fn new(now_ms: i64, random: [u8; 10]) -> String {
    let millis = u64::try_from(now_ms).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random)
        .into_uuid()
        .to_string()
}

/// The id in its one spelling.
///
/// *errors*: `not_found` as [`crate::ErrorKind::NotFound`] when `text` is no UUID: a thing with such an id cannot exist.
pub fn parse(text: &str, not_found: &'static str) -> Result<String, Error> {
    Uuid::try_parse(text)
        .map(|id| id.to_string())
        .map_err(|_| Error::not_found(not_found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_v7_and_sort_by_time() {
        let early = new(1_700_000_000_000, [0xff; 10]);
        let late = new(1_700_000_000_001, [0; 10]);
        assert!(early < late);
        assert_eq!(Uuid::try_parse(&early).unwrap().get_version_num(), 7);
    }

    #[test]
    fn foreign_text_is_not_found_and_case_is_folded() {
        assert_eq!(
            parse("../etc/passwd", "Auction not found").unwrap_err().message,
            "Auction not found"
        );
        let id = new(1, [7; 10]);
        assert_eq!(parse(&id.to_uppercase(), "x").unwrap(), id);
    }
}
