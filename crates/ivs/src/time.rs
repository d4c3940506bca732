//! Times on the wire: ISO 8601 text, because the JavaScript and Rust SDKs refuse numbers.

use jiff::Timestamp;
use serde::Serializer;

/// `2026-01-02T03:04:05.678Z` of milliseconds since the Unix epoch.
pub fn iso(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

/// `2026-01-02T03:04:05Z`: whole seconds, as EventBridge envelopes have it.
pub fn iso_seconds(at_ms: i64) -> String {
    Timestamp::from_second(at_ms.div_euclid(1000))
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_string()
}

/// Serialises milliseconds as [`iso`].
pub fn serialize<S: Serializer>(at_ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&iso(*at_ms))
}

/// Serialises optional milliseconds as [`iso`]; use with `skip_serializing_if`.
pub fn serialize_option<S: Serializer>(at_ms: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match at_ms {
        Some(at_ms) => serialize(at_ms, serializer),
        None => serializer.serialize_none(),
    }
}
