//! `onMetaData`: what an encoder says about itself. A hint for people, never an input to a rule.

use crate::amf0::Value;

/// Longest encoder name kept, characters.
pub const ENCODER_CHARS_MAX: usize = 128;
/// Anything above is a mistake of the encoder and left out.
const BITRATE_KBPS_MAX: f64 = 10_000_000.0;
const FRAME_RATE_MAX: f64 = 1_000.0;
const SIDE_MAX: f64 = 65_535.0;

/// What `onMetaData` said; every field may be missing or wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// Name of the encoder without control characters, at most [`ENCODER_CHARS_MAX`] characters.
    pub encoder: Option<String>,
    /// Picture width in samples.
    pub width: Option<u32>,
    /// Picture height in samples.
    pub height: Option<u32>,
    /// Target frame rate in millihertz.
    pub frame_rate_millihz: Option<u32>,
    /// Target bitrate of video, bits per second.
    pub video_bitrate_bps: Option<u64>,
    /// Target bitrate of audio, bits per second.
    pub audio_bitrate_bps: Option<u64>,
}

impl Metadata {
    /// Reads the object or ECMA array that follows `"onMetaData"`.
    pub(super) fn from_value(value: &Value) -> Self {
        let number = |name: &str, max: f64| {
            value
                .property(name)
                .and_then(Value::as_number)
                .filter(|n| *n > 0.0 && *n <= max)
        };
        let bitrate = |name: &str| number(name, BITRATE_KBPS_MAX).map(|kbps| whole(kbps * 1_000.0));
        Self {
            encoder: value.property("encoder").and_then(Value::as_str).and_then(printable),
            width: number("width", SIDE_MAX).map(|side| narrow(whole(side))),
            height: number("height", SIDE_MAX).map(|side| narrow(whole(side))),
            frame_rate_millihz: number("framerate", FRAME_RATE_MAX)
                .or_else(|| number("fps", FRAME_RATE_MAX))
                .map(|rate| narrow(whole(rate * 1_000.0))),
            video_bitrate_bps: bitrate("videodatarate"),
            audio_bitrate_bps: bitrate("audiodatarate"),
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "callers pass positive numbers below 2^53; `as` saturates in any case"
)]
fn whole(number: f64) -> u64 {
    number.round() as u64
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn printable(text: &str) -> Option<String> {
    let kept: String = text
        .chars()
        .filter(|c| !c.is_control())
        .take(ENCODER_CHARS_MAX)
        .collect();
    let kept = kept.trim();
    (!kept.is_empty()).then(|| kept.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(properties: &[(&str, Value)]) -> Value {
        Value::Object(
            properties
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        )
    }

    #[test]
    fn kilobits_become_bits_and_frames_millihertz() {
        let metadata = Metadata::from_value(&object(&[
            ("width", Value::Number(1280.0)),
            ("height", Value::Number(720.0)),
            ("framerate", Value::Number(29.97)),
            ("videodatarate", Value::Number(2_500.0)),
            ("audiodatarate", Value::Number(160.0)),
            (
                "encoder",
                Value::String("obs-output module (libobs version 29.0.2)".into()),
            ),
        ]));
        assert_eq!(
            metadata.encoder.as_deref(),
            Some("obs-output module (libobs version 29.0.2)")
        );
        assert_eq!((metadata.width, metadata.height), (Some(1280), Some(720)));
        assert_eq!(metadata.frame_rate_millihz, Some(29_970));
        assert_eq!(
            (metadata.video_bitrate_bps, metadata.audio_bitrate_bps),
            (Some(2_500_000), Some(160_000))
        );
    }

    #[test]
    fn nonsense_is_left_out() {
        let metadata = Metadata::from_value(&object(&[
            ("width", Value::Number(f64::NAN)),
            ("height", Value::Number(-720.0)),
            ("framerate", Value::String("30".into())),
            ("videodatarate", Value::Number(0.0)),
            ("audiodatarate", Value::Number(f64::INFINITY)),
            ("encoder", Value::String("\u{7}\n ".into())),
        ]));
        assert_eq!(metadata, Metadata::default());
        let long = object(&[("encoder", Value::String("x".repeat(10_000)))]);
        assert_eq!(
            Metadata::from_value(&long).encoder.map(|name| name.len()),
            Some(ENCODER_CHARS_MAX)
        );
        assert_eq!(Metadata::from_value(&Value::Null), Metadata::default());
    }
}
