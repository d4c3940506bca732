//! One track while it is being packed: its clock and the samples of the next fragment.

use super::Error;
use super::clock::{Clock, Place};
use crate::codec::{aac, h264};
use crate::fmp4::{Run, Sample};
use crate::frame::Frame;
use crate::time::{Timestamp, VIDEO_90K};

/// Media time is kept in 90 kHz; no stream reaches this (3,000 years), and sums of two of it fit 64 bits.
pub(super) const TICKS_MAX: i64 = 1 << 53;
/// Until two pictures are known: 30 per second.
const FRAME_GUESS: i64 = 3_000;
/// Samples in a fragment; reached only by timestamps that barely move.
const FRAGMENT_SAMPLES_MAX: usize = 64;

/// A timestamp on the common timeline, `None` when out of any range.
pub(super) fn ticks(time: Timestamp) -> Option<i64> {
    let ticks = time.rescale(VIDEO_90K).ticks;
    (ticks.abs() <= TICKS_MAX).then_some(ticks)
}

/// A started track. Its own times are in `timescale`; those it gives out are on the common timeline, 90 kHz.
#[derive(Debug)]
pub(super) struct Track {
    timescale: u32,
    clock: Clock,
    base: i64,
    samples: Vec<Sample>,
}

/// Where a frame would go; nothing has changed yet.
pub(super) struct Placed {
    clock: Clock,
    place: Place,
    /// Predicted end of the frame on the common timeline.
    pub(super) end: i64,
}

impl Track {
    pub(super) fn video(config: &h264::Config) -> Self {
        // Some encoders count fields as frames, some say 1,000: only a plausible rate is a better guess than none.
        let rate = config
            .frame_rate_millihz
            .filter(|rate| (5_000..=120_000).contains(rate));
        let guess = rate.map_or(FRAME_GUESS, |rate| i64::from(VIDEO_90K) * 1_000 / i64::from(rate));
        Self::new(VIDEO_90K, Clock::video(VIDEO_90K, guess))
    }

    pub(super) fn audio(config: &aac::Config) -> Self {
        let clock = Clock::audio(config.sample_rate_hz, config.samples_per_frame().into());
        Self::new(config.sample_rate_hz, clock)
    }

    fn new(timescale: u32, clock: Clock) -> Self {
        Self {
            timescale,
            clock,
            base: 0,
            samples: Vec::new(),
        }
    }

    /// Looks where a frame goes whose timestamps are moved by `shift`. Errors: it must be dropped.
    pub(super) fn place(&self, frame: &Frame, shift: i64) -> Result<Placed, Error> {
        let shift = Timestamp::new(shift, VIDEO_90K).rescale(self.timescale).ticks;
        let own = |time: Timestamp| match time.rescale(self.timescale).ticks {
            ticks if ticks.abs() <= TICKS_MAX => Ok(ticks + shift),
            _ => Err(Error::TimestampOutOfRange),
        };
        let mut clock = self.clock;
        let place = clock.place(own(frame.dts)?, own(frame.pts)?)?;
        let end = self.common(clock.end());
        Ok(Placed { clock, place, end })
    }

    /// True when the frame does not follow the pending samples, which therefore must be sent first.
    pub(super) fn breaks(&self, placed: &Placed) -> bool {
        !self.samples.is_empty() && placed.place.decode_time != self.clock.end()
    }

    /// Adds a frame where [`Track::place`] saw it.
    pub(super) fn add(&mut self, placed: &Placed, frame: Frame) {
        if self.samples.is_empty() {
            self.base = placed.place.decode_time;
        }
        self.clock = placed.clock;
        self.samples.push(Sample {
            duration: placed.place.duration,
            composition_offset: placed.place.composition_offset,
            is_keyframe: frame.is_keyframe,
            payload: frame.payload,
        });
    }

    /// True when the pending samples last for `bound`.
    pub(super) fn is_due(&self, bound: i64) -> bool {
        let pending = self.common(self.clock.end() - self.base);
        !self.samples.is_empty() && (pending >= bound || self.samples.len() >= FRAGMENT_SAMPLES_MAX)
    }

    /// The pending samples, if any.
    pub(super) fn run(&self, track_id: u32) -> Option<Run<'_>> {
        let base_decode_time = u64::try_from(self.base).ok()?;
        (!self.samples.is_empty()).then_some(Run {
            track_id,
            base_decode_time,
            samples: &self.samples,
        })
    }

    /// Forgets the pending samples: they were sent.
    pub(super) fn clear(&mut self) {
        self.samples.clear();
    }

    /// Where the next frame is expected.
    pub(super) fn end(&self) -> i64 {
        self.common(self.clock.end())
    }

    /// Mean duration of recent frames.
    pub(super) fn mean_step(&self) -> i64 {
        self.common(self.clock.mean_step()).max(1)
    }

    fn common(&self, ticks: i64) -> i64 {
        Timestamp::new(ticks, self.timescale).rescale(VIDEO_90K).ticks
    }
}
