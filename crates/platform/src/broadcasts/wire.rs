//! The EventBridge envelope, read leniently: unknown events are no errors, missing members are.

use serde::Deserialize;
use serde_json::Value;

use super::model::{EndCause, Fact};
use super::samples::{Ingest, Sample};

/// An event that concerns a broadcast.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Identity of the event; a second one with the same id is the same event.
    pub id: String,
    /// Channel it is about.
    pub channel_arn: String,
    /// Live period it is about.
    pub stream_id: String,
    /// When it happened, epoch milliseconds, by the provider's clock.
    pub at_ms: i64,
    /// What it says.
    pub fact: Fact,
    /// Figures, for events that measure.
    pub measured: Option<(Sample, Option<Ingest>)>,
}

/// What a body turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Parsed {
    /// News about a broadcast.
    Event(Box<Event>),
    /// Well formed, and nothing that we act on.
    Ignored,
}

/// Longest id, ARN or stream id that is taken; Amazon's are at most 128 characters.
const TEXT_LEN_MAX: usize = 256;

#[derive(Deserialize)]
struct Envelope {
    id: String,
    #[serde(rename = "detail-type")]
    detail_type: String,
    source: String,
    time: String,
    #[serde(default)]
    resources: Vec<String>,
    #[serde(default)]
    detail: Value,
}

#[derive(Deserialize)]
struct StateChange {
    event_name: String,
    #[serde(default)]
    stream_id: String,
}

#[derive(Deserialize)]
struct Metrics {
    stream_id: String,
    #[serde(default)]
    video_bitrate_bps: f64,
    #[serde(default)]
    audio_bitrate_bps: f64,
    #[serde(default)]
    frame_rate: f64,
    #[serde(default)]
    keyframe_interval_ms: Option<f64>,
    #[serde(default)]
    viewers: i64,
    #[serde(default)]
    ingest: Option<Ingest>,
}

/// Reads one event.
///
/// *errors*: a sentence that says which part is not as Amazon documents it.
pub fn parse(body: Value) -> Result<Parsed, String> {
    let envelope: Envelope =
        serde_json::from_value(body).map_err(|error| format!("not an EventBridge event: {error}"))?;
    let at: jiff::Timestamp = envelope
        .time
        .parse()
        .map_err(|_| "time is not an RFC 3339 time".to_owned())?;
    let at_ms = at.as_millisecond();
    let Some(channel_arn) = envelope.resources.into_iter().next() else {
        return Ok(Parsed::Ignored);
    };
    let detail = envelope.detail;
    let (stream_id, fact, measured) = match (envelope.source.as_str(), envelope.detail_type.as_str()) {
        ("aws.ivs", "IVS Stream State Change" | "IVS Stream Health Change") => {
            let change: StateChange = serde_json::from_value(detail).map_err(|error| format!("detail: {error}"))?;
            let Some(fact) = fact(&change.event_name) else {
                return Ok(Parsed::Ignored);
            };
            (change.stream_id, fact, None)
        }
        ("rostrum.engine", "Rostrum Ingest Metrics") => {
            let metrics: Metrics = serde_json::from_value(detail).map_err(|error| format!("detail: {error}"))?;
            let sample = metrics.sample(at_ms);
            (
                metrics.stream_id,
                Fact::Measured {
                    viewers: sample.viewers,
                },
                Some((sample, metrics.ingest)),
            )
        }
        _ => return Ok(Parsed::Ignored),
    };
    for (name, text) in [
        ("id", &envelope.id),
        ("resources[0]", &channel_arn),
        ("detail.stream_id", &stream_id),
    ] {
        if text.is_empty() || text.len() > TEXT_LEN_MAX || text.chars().any(char::is_control) {
            return Err(format!(
                "{name} must have 1 to {TEXT_LEN_MAX} bytes and no control characters"
            ));
        }
    }
    Ok(Parsed::Event(Box::new(Event {
        id: envelope.id,
        channel_arn,
        stream_id,
        at_ms,
        fact,
        measured,
    })))
}

fn fact(event_name: &str) -> Option<Fact> {
    match event_name {
        "Stream Start" => Some(Fact::Started),
        "Stream End" => Some(Fact::Ended(EndCause::Ended)),
        "Stream Failure" => Some(Fact::Ended(EndCause::Failed)),
        "Starvation Start" => Some(Fact::StarvationStarted),
        "Starvation End" => Some(Fact::StarvationEnded),
        // A session begins before there is a picture and may end before the stream does: neither changes what viewers see.
        _ => None,
    }
}

impl Metrics {
    fn sample(&self, at_ms: i64) -> Sample {
        Sample {
            at_ms,
            video_bitrate_bps: whole(self.video_bitrate_bps),
            audio_bitrate_bps: whole(self.audio_bitrate_bps),
            frame_rate: if self.frame_rate.is_finite() {
                self.frame_rate.clamp(0.0, 1_000.0)
            } else {
                0.0
            },
            keyframe_interval_ms: self.keyframe_interval_ms.map(whole),
            viewers: self.viewers.max(0),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "clamped to a range that i64 holds")]
fn whole(figure: f64) -> i64 {
    figure.clamp(0.0, 1e15).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(source: &str, detail_type: &str, detail: &str) -> Result<Parsed, String> {
        let body = format!(
            r#"{{"version":"0","id":"e1","detail-type":"{detail_type}","source":"{source}","account":"000000000000",
            "time":"2026-01-02T03:04:05Z","region":"us-east-1","resources":["arn:aws:ivs:us-east-1:000000000000:channel/abc"],"detail":{detail}}}"#
        );
        parse(serde_json::from_str(&body).unwrap())
    }

    fn state_change(name: &str) -> Option<Fact> {
        let detail = format!(r#"{{"event_name":"{name}","channel_name":"auction_1","stream_id":"st-1"}}"#);
        match event("aws.ivs", "IVS Stream State Change", &detail).unwrap() {
            Parsed::Event(event) => {
                assert_eq!(
                    (event.id.as_str(), event.stream_id.as_str(), event.at_ms),
                    ("e1", "st-1", 1_767_323_045_000)
                );
                Some(event.fact)
            }
            Parsed::Ignored => None,
        }
    }

    #[test]
    fn amazons_event_names_become_facts() {
        assert_eq!(state_change("Stream Start"), Some(Fact::Started));
        assert_eq!(state_change("Stream End"), Some(Fact::Ended(EndCause::Ended)));
        assert_eq!(state_change("Stream Failure"), Some(Fact::Ended(EndCause::Failed)));
        assert_eq!(state_change("Starvation Start"), Some(Fact::StarvationStarted));
        assert_eq!(state_change("Starvation End"), Some(Fact::StarvationEnded));
        assert_eq!(state_change("Session Created"), None);
        assert_eq!(state_change("Something New"), None);
    }

    #[test]
    fn the_engines_figures_become_a_sample() {
        let detail = r#"{"channel_name":"c","stream_id":"st-1","period_ms":5000,"video_bitrate_bps":2500000,"audio_bitrate_bps":128000.4,
            "frame_rate":29.97,"keyframe_interval_ms":2000,"viewers":3,
            "ingest":{"width":1280,"height":720,"video_codec":"avc1.64001f","audio_codec":"mp4a.40.2","encoder":"Lavf"}}"#;
        let Parsed::Event(event) = event("rostrum.engine", "Rostrum Ingest Metrics", detail).unwrap() else {
            panic!("ignored")
        };
        let (sample, ingest) = event.measured.unwrap();
        assert_eq!(
            (
                sample.video_bitrate_bps,
                sample.audio_bitrate_bps,
                sample.keyframe_interval_ms
            ),
            (2_500_000, 128_000, Some(2000))
        );
        assert_eq!(ingest.unwrap().width, Some(1280));
        assert_eq!(event.fact, Fact::Measured { viewers: 3 });
    }

    #[test]
    fn other_events_are_ignored_and_malformed_ones_are_refused() {
        assert_eq!(
            event("aws.ivs", "IVS Recording State Change", "{}"),
            Ok(Parsed::Ignored)
        );
        assert_eq!(event("aws.ec2", "IVS Stream State Change", "{}"), Ok(Parsed::Ignored));
        assert!(event("aws.ivs", "IVS Stream State Change", "{}").is_err());
        assert!(
            event(
                "aws.ivs",
                "IVS Stream State Change",
                r#"{"event_name":"Stream Start","stream_id":""}"#
            )
            .is_err()
        );
        assert!(
            event(
                "aws.ivs",
                "IVS Stream State Change",
                r#"{"event_name":"Stream Start","stream_id":"a\u0000b"}"#
            )
            .is_err()
        );
        assert!(parse(serde_json::json!({})).is_err());
        assert!(parse(serde_json::json!([])).is_err());
        let long = format!(
            r#"{{"event_name":"Stream Start","stream_id":"{}"}}"#,
            "x".repeat(TEXT_LEN_MAX + 1)
        );
        assert!(event("aws.ivs", "IVS Stream State Change", &long).is_err());
    }
}
