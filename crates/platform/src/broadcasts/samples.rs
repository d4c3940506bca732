//! Figures about what the encoder sends, and what they mean in plain words.

use serde::{Deserialize, Serialize};

/// One measurement of about five seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// End of the period, epoch milliseconds.
    pub at_ms: i64,
    /// Video, bits per second.
    pub video_bitrate_bps: i64,
    /// Audio, bits per second.
    pub audio_bitrate_bps: i64,
    /// Pictures per second.
    pub frame_rate: f64,
    /// Time between the last two keyframes; `None` before the second.
    pub keyframe_interval_ms: Option<i64>,
    /// Concurrent views.
    pub viewers: i64,
}

/// What the encoder said about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Ingest {
    /// Picture width, pixels.
    pub width: Option<i64>,
    /// Picture height, pixels.
    pub height: Option<i64>,
    /// RFC 6381 codec of the video.
    pub video_codec: Option<String>,
    /// RFC 6381 codec of the audio.
    pub audio_codec: Option<String>,
    /// Name of the encoder.
    pub encoder: Option<String>,
}

/// How much a piece of advice matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Good to know.
    Info,
    /// Viewers may notice.
    Warn,
    /// Viewers do notice.
    Error,
}

impl Level {
    /// The word in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// One sentence for the person at the encoder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// How much it matters.
    pub level: Level,
    /// What is wrong and what to do.
    pub text: String,
}

/// The samples that advice is drawn from: about half a minute.
const RECENT: usize = 6;
const KEYFRAME_INTERVAL_MS_MAX: i64 = 2_500; // 2 s is what the provider asks for; encoders round.
const FRAME_RATE_SWING_MAX: f64 = 0.2; // A fifth of the mean is visible as stutter.
const BITRATE_BPS_LOW: i64 = 300_000;
const BITRATE_BPS_MAX: i64 = 8_500_000; // Amazon's limit for STANDARD; beyond it streams are cut.

/// What the latest samples (oldest first) say, the most important first. Empty samples give no advice.
pub fn advice(samples: &[Sample], is_starving: bool) -> Vec<Advice> {
    let recent = &samples[samples.len().saturating_sub(RECENT)..];
    let Some(last) = recent.last() else { return Vec::new() };
    let mut advice = Vec::new();
    let mut add = |level, text: String| advice.push(Advice { level, text });
    if is_starving || last.video_bitrate_bps == 0 {
        add(
            Level::Error,
            "no video arrives: check that the encoder is running and its connection is up".into(),
        );
    }
    if last.audio_bitrate_bps == 0 && last.video_bitrate_bps > 0 {
        add(
            Level::Warn,
            "no sound arrives: check the encoder's audio source and that the audio codec is AAC".into(),
        );
    }
    match last.keyframe_interval_ms {
        Some(interval) if interval > KEYFRAME_INTERVAL_MS_MAX => {
            let seconds = tenths(interval);
            add(
                Level::Warn,
                format!(
                    "a keyframe every {seconds} s makes viewers wait: set the keyframe interval to 2 s in Output → Streaming"
                ),
            );
        }
        Some(_) => {}
        None if last.video_bitrate_bps > 0 && recent.len() > 1 => {
            add(
                Level::Warn,
                "no second keyframe yet: set the keyframe interval to 2 s in Output → Streaming".into(),
            );
        }
        None => {}
    }
    if last.video_bitrate_bps > BITRATE_BPS_MAX {
        let megabits = tenths(last.video_bitrate_bps / 1_000);
        add(
            Level::Error,
            format!("{megabits} Mbit/s of video is over the limit of 8.5: lower the bitrate, or the stream may be cut"),
        );
    } else if (1..BITRATE_BPS_LOW).contains(&last.video_bitrate_bps) {
        add(
            Level::Info,
            format!(
                "{} kbit/s of video is little: the picture will be coarse",
                last.video_bitrate_bps / 1_000
            ),
        );
    }
    if is_frame_rate_unstable(recent) {
        add(Level::Warn, "the frame rate is unstable: the encoder or its connection is overloaded; lower the resolution or the bitrate".into());
    }
    if advice.is_empty() {
        advice.push(Advice {
            level: Level::Info,
            text: "the stream looks healthy".into(),
        });
    }
    advice.sort_by_key(|advice| std::cmp::Reverse(advice.level));
    advice
}

fn is_frame_rate_unstable(recent: &[Sample]) -> bool {
    // The first sample of a stream covers a part of its period only.
    let rates: Vec<f64> = recent.iter().skip(1).map(|sample| sample.frame_rate).collect();
    if rates.len() < 3 {
        return false;
    }
    let (low, high) = rates.iter().fold((f64::MAX, 0.0_f64), |(low, high), rate| {
        (low.min(*rate), high.max(*rate))
    });
    high > 0.0 && (high - low) / high > FRAME_RATE_SWING_MAX
}

/// Thousandths as a decimal number with one digit.
fn tenths(thousandths: i64) -> String {
    format!("{}.{}", thousandths / 1_000, thousandths % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn healthy() -> Sample {
        Sample {
            at_ms: 0,
            video_bitrate_bps: 2_500_000,
            audio_bitrate_bps: 128_000,
            frame_rate: 30.0,
            keyframe_interval_ms: Some(2_000),
            viewers: 0,
        }
    }

    fn check(sample: Sample, expected: (Level, &str)) {
        let advice = advice(
            &[healthy(), sample.clone(), sample.clone(), sample.clone(), sample],
            false,
        );
        assert_eq!(advice[0].level, expected.0, "{advice:?}");
        assert!(advice[0].text.contains(expected.1), "{advice:?}");
    }

    #[test]
    fn each_fault_has_its_sentence() {
        check(healthy(), (Level::Info, "looks healthy"));
        check(
            Sample {
                keyframe_interval_ms: Some(4_040),
                ..healthy()
            },
            (Level::Warn, "every 4.0 s"),
        );
        check(
            Sample {
                keyframe_interval_ms: None,
                ..healthy()
            },
            (Level::Warn, "no second keyframe"),
        );
        check(
            Sample {
                video_bitrate_bps: 0,
                ..healthy()
            },
            (Level::Error, "no video arrives"),
        );
        check(
            Sample {
                audio_bitrate_bps: 0,
                ..healthy()
            },
            (Level::Warn, "no sound"),
        );
        check(
            Sample {
                video_bitrate_bps: 9_250_000,
                ..healthy()
            },
            (Level::Error, "9.2 Mbit/s"),
        );
        check(
            Sample {
                video_bitrate_bps: 200_000,
                ..healthy()
            },
            (Level::Info, "200 kbit/s"),
        );
    }

    #[test]
    fn a_swinging_frame_rate_is_told_and_a_steady_one_is_not() {
        let with = |rate: f64| Sample {
            frame_rate: rate,
            ..healthy()
        };
        let swinging = advice(&[with(3.0), with(30.0), with(18.0), with(29.0)], false);
        assert!(
            swinging.iter().any(|advice| advice.text.contains("frame rate")),
            "{swinging:?}"
        );
        let steady = advice(&[with(3.0), with(30.0), with(29.0), with(30.0)], false);
        assert!(
            steady.iter().all(|advice| !advice.text.contains("frame rate")),
            "{steady:?}"
        );
    }

    #[test]
    fn starving_is_an_error_and_no_samples_say_nothing() {
        assert_eq!(advice(&[healthy()], true)[0].level, Level::Error);
        assert_eq!(advice(&[], true), []);
    }
}
