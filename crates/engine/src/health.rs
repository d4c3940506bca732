//! How a source does, counted from its frames.

use media::{Frame, Timestamp, TrackKind};
use tokio::time::Instant;

use crate::status::Sample;

/// Counts the frames of one period.
pub(crate) struct Meter {
    since: Instant,
    video_bytes: u64,
    audio_bytes: u64,
    video_frames: u64,
    keyframe_dts: Option<Timestamp>,
    keyframe_interval_ms: u64,
}

impl Meter {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            since: now,
            video_bytes: 0,
            audio_bytes: 0,
            video_frames: 0,
            keyframe_dts: None,
            keyframe_interval_ms: 0,
        }
    }

    pub(crate) fn count(&mut self, frame: &Frame) {
        let bytes = u64::try_from(frame.payload.len()).unwrap_or(u64::MAX);
        match frame.track {
            TrackKind::Audio => self.audio_bytes += bytes,
            TrackKind::Video => {
                self.video_bytes += bytes;
                self.video_frames += 1;
                if frame.is_keyframe {
                    self.keyframe(frame.dts);
                }
            }
        }
    }

    /// Forgets the newest keyframe: another encoder's timestamps say nothing about its distance.
    pub(crate) fn discontinuity(&mut self) {
        self.keyframe_dts = None;
    }

    /// The figures since the last sample, and a fresh start.
    pub(crate) fn sample(&mut self, now: Instant, at_ms: i64, viewers: u64) -> Sample {
        let period = now.saturating_duration_since(self.since);
        let millis = u64::try_from(period.as_millis()).unwrap_or(u64::MAX).max(1);
        let per_second = |bytes: u64| bytes.saturating_mul(8_000) / millis;
        let sample = Sample {
            at_ms,
            period,
            video_bitrate_bps: per_second(self.video_bytes),
            audio_bitrate_bps: per_second(self.audio_bytes),
            frame_rate: frames_per_second(self.video_frames, millis),
            keyframe_interval_ms: self.keyframe_interval_ms,
            viewers,
        };
        (self.since, self.video_bytes, self.audio_bytes, self.video_frames) = (now, 0, 0, 0);
        sample
    }

    fn keyframe(&mut self, dts: Timestamp) {
        if let Some(earlier) = self.keyframe_dts.replace(dts) {
            let distance = dts.saturating_since(earlier).as_millis();
            self.keyframe_interval_ms = u64::try_from(distance).unwrap_or(u64::MAX);
        }
    }
}

/// Rounded to a hundredth: the figure is read by people.
fn frames_per_second(frames: u64, millis: u64) -> f64 {
    let hundredths = frames.saturating_mul(100_000) / millis;
    u32::try_from(hundredths).map_or(f64::MAX, |hundredths| f64::from(hundredths) / 100.0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;

    fn frame(track: TrackKind, dts_ms: i64, is_keyframe: bool, size: usize) -> Frame {
        let dts = Timestamp::from_millis(dts_ms);
        Frame {
            track,
            dts,
            pts: dts,
            is_keyframe,
            payload: Bytes::from(vec![0; size]),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_sample_tells_rates_over_its_own_period() {
        let start = Instant::now();
        let mut meter = Meter::new(start);
        for n in 0..50 {
            meter.count(&frame(TrackKind::Video, n * 40, n % 25 == 0, 1_000));
            meter.count(&frame(TrackKind::Audio, n * 40, true, 100));
        }
        let now = start + Duration::from_secs(2);
        let sample = meter.sample(now, 7, 3);
        assert_eq!((sample.video_bitrate_bps, sample.audio_bitrate_bps), (200_000, 20_000));
        assert_eq!(
            (sample.keyframe_interval_ms, sample.viewers, sample.at_ms),
            (1_000, 3, 7)
        );
        assert!((sample.frame_rate - 25.0).abs() < 0.01);

        let silent = meter.sample(now + Duration::from_secs(5), 8, 3);
        assert_eq!((silent.video_bitrate_bps, silent.period), (0, Duration::from_secs(5)));
    }

    #[tokio::test(start_paused = true)]
    async fn keyframes_of_two_encoders_have_no_distance() {
        let mut meter = Meter::new(Instant::now());
        meter.count(&frame(TrackKind::Video, 0, true, 1));
        meter.count(&frame(TrackKind::Video, 2_000, true, 1));
        meter.discontinuity();
        meter.count(&frame(TrackKind::Video, 90_000, true, 1));
        assert_eq!(meter.sample(Instant::now(), 0, 0).keyframe_interval_ms, 2_000);
    }
}
