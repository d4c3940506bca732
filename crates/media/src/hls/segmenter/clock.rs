//! Where a frame goes on the decode timeline that is written.

use super::Error;

/// Steps that are remembered to predict the next one.
const STEPS: usize = 8;
/// Largest composition offset in seconds; a decoder that reorders more does not exist, and larger ones overflow `trun`.
const COMPOSITION_SECONDS_MAX: i64 = 10;

/// Decode timeline of one track, in ticks of its timescale.
///
/// A frame leaves before the next one is here, so its duration is a prediction. Decode times are made contiguous: a frame
/// is placed where its predecessor was predicted to end, and what the prediction missed is added to its composition
/// offset, so its presentation time is exact. Predictions start from the real decode time, not from earlier
/// predictions: nothing accumulates. Media Source Extensions drop pictures until the next keyframe when two decode times
/// are more than two durations apart; on this timeline they never are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    timescale: i64,
    // Samples in an audio frame: audio frames are all equally long.
    frame_ticks: Option<i64>,
    guess: i64,
    last_dts: Option<i64>,
    end: i64,
    steps: [i64; STEPS],
    next_step: usize,
}

/// A frame's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) decode_time: i64,
    pub(super) duration: u32,
    pub(super) composition_offset: i32,
}

impl Clock {
    /// A clock for pictures; `guess` is the first frame's duration.
    pub(super) fn video(timescale: u32, guess: i64) -> Self {
        Self {
            timescale: i64::from(timescale),
            frame_ticks: None,
            guess: guess.max(1),
            last_dts: None,
            end: 0,
            steps: [0; STEPS],
            next_step: 0,
        }
    }

    /// A clock for sound whose frames hold `frame_ticks` samples.
    pub(super) fn audio(timescale: u32, frame_ticks: i64) -> Self {
        Self {
            frame_ticks: Some(frame_ticks),
            ..Self::video(timescale, frame_ticks)
        }
    }

    /// Decode time at which the next frame is expected.
    pub(super) fn end(&self) -> i64 {
        self.end
    }

    /// Mean distance of recent frames.
    pub(super) fn mean_step(&self) -> i64 {
        let (count, sum) = self
            .known_steps()
            .fold((0, 0), |(count, sum), step| (count + 1, sum + step));
        if count == 0 { self.guess } else { (sum / count).max(1) }
    }

    /// Places the next frame. Errors: the clock is unchanged, the frame must be dropped.
    pub(super) fn place(&mut self, dts: i64, pts: i64) -> Result<Place, Error> {
        if dts < 0 || self.last_dts.is_some_and(|last| dts <= last) {
            return Err(Error::NotIncreasing);
        }
        if (pts - dts).abs() > COMPOSITION_SECONDS_MAX * self.timescale {
            return Err(Error::TimestampOutOfRange);
        }
        let step = self.last_dts.map(|last| dts - last);
        let missed = if step.is_some() { dts - self.end } else { i64::MAX };
        // Beyond a second the track paused: its timeline shows it.
        let decode_time = if missed > self.timescale { dts } else { self.end };
        // Millisecond timestamps make audio jitter by a few samples; within half a frame the sample count is the better
        // clock, and the real one corrects it before the error can be heard.
        let steady = self.frame_ticks.filter(|ticks| missed.abs() <= ticks / 2);
        let mut next = *self;
        if let Some(step) = step {
            next.steps[self.next_step] = step;
            next.next_step = (self.next_step + 1) % STEPS;
        }
        let (shift, end) = match steady {
            Some(ticks) => (0, decode_time + ticks),
            None => (dts - decode_time, (dts + next.predicted_step()).max(decode_time + 1)),
        };
        let place = Place {
            decode_time,
            duration: u32::try_from(end - decode_time).map_err(|_| Error::TimestampOutOfRange)?,
            composition_offset: i32::try_from(pts - dts + shift).map_err(|_| Error::TimestampOutOfRange)?,
        };
        *self = Self {
            last_dts: Some(dts),
            end,
            ..next
        };
        Ok(place)
    }

    /// The shortest recent step, at most a second: predicted too early, a decode time stays below its presentation time.
    fn predicted_step(&self) -> i64 {
        self.frame_ticks
            .or_else(|| self.known_steps().min())
            .unwrap_or(self.guess)
            .min(self.timescale)
    }

    fn known_steps(&self) -> impl Iterator<Item = i64> {
        self.steps.iter().copied().filter(|step| *step > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(clock: &mut Clock, dts: i64, decode_time: i64, duration: u32, composition_offset: i32) {
        assert_eq!(
            clock.place(dts, dts).unwrap(),
            Place {
                decode_time,
                duration,
                composition_offset
            },
            "at {dts}"
        );
    }

    #[test]
    fn millisecond_jitter_goes_into_the_composition_offset() {
        let mut clock = Clock::video(1_000, 40);
        check(&mut clock, 0, 0, 40, 0);
        check(&mut clock, 33, 40, 26, -7);
        check(&mut clock, 67, 66, 34, 1);
        check(&mut clock, 100, 100, 33, 0);
        check(&mut clock, 133, 133, 33, 0);
        check(&mut clock, 167, 166, 34, 1);
    }

    #[test]
    fn a_short_gap_leaves_no_hole_in_decode_time() {
        let mut clock = Clock::video(1_000, 33);
        check(&mut clock, 0, 0, 33, 0);
        check(&mut clock, 33, 33, 33, 0);
        check(&mut clock, 400, 66, 367, 334);
        check(&mut clock, 433, 433, 33, 0);
    }

    #[test]
    fn a_pause_shows() {
        let mut clock = Clock::video(1_000, 33);
        check(&mut clock, 0, 0, 33, 0);
        check(&mut clock, 5_000, 5_000, 1_000, 0);
    }

    #[test]
    fn audio_counts_samples_and_follows_the_real_clock() {
        let mut clock = Clock::audio(48_000, 1_024);
        check(&mut clock, 0, 0, 1_024, 0);
        check(&mut clock, 1_008, 1_024, 1_024, 0);
        check(&mut clock, 2_064, 2_048, 1_024, 0);
        check(&mut clock, 4_000, 3_072, 1_952, 928);
        check(&mut clock, 5_024, 5_024, 1_024, 0);
    }

    #[test]
    fn frames_must_advance() {
        let mut clock = Clock::video(1_000, 33);
        check(&mut clock, 10, 10, 33, 0);
        assert!(matches!(clock.place(10, 10), Err(Error::NotIncreasing)));
        assert!(matches!(clock.place(-1, -1), Err(Error::NotIncreasing)));
        assert!(matches!(clock.place(11, 10_012), Err(Error::TimestampOutOfRange)));
        check(&mut clock, 43, 43, 33, 0);
    }

    proptest! {
        #[test]
        fn decode_time_is_contiguous_and_presentation_exact(steps in prop::collection::vec(1_i64..30_000, 1..200)) {
            let mut clock = Clock::video(90_000, 3_000);
            let (mut dts, mut end) = (0, None);
            for step in steps {
                dts += step;
                let place = clock.place(dts, dts + 500).unwrap();
                prop_assert_eq!(place.decode_time, end.unwrap_or(dts));
                prop_assert_eq!(place.decode_time + i64::from(place.composition_offset), dts + 500);
                prop_assert!(place.duration > 0);
                end = Some(place.decode_time + i64::from(place.duration));
            }
        }

        #[test]
        fn audio_never_drifts(jitter in prop::collection::vec(-400_i64..400, 1..500), rate in 1_020_i64..1_028) {
            let mut clock = Clock::audio(48_000, 1_024);
            for (index, jitter) in (0_i64..).zip(jitter) {
                let dts = 1_000 + index * rate + jitter;
                let place = clock.place(dts, dts).unwrap();
                let presented = place.decode_time + i64::from(place.composition_offset);
                prop_assert!((presented - dts).abs() <= 512, "{} at {}", presented, dts);
            }
        }
    }
}
