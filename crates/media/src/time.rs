//! Media time: a count of ticks in a named timescale. Nothing converts silently.

use std::time::Duration;

/// A point on a media timeline.
///
/// Shape: `ticks` of `1/timescale` second. May be negative (an edit before zero).
/// Ordering is only meaningful between equal timescales; use [`Timestamp::rescale`] first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    /// Number of ticks.
    pub ticks: i64,
    /// Ticks per second; never zero.
    pub timescale: u32,
}

/// RTMP and FLV count milliseconds.
pub const MILLIS: u32 = 1_000;
/// The usual clock of video in MP4 and RTP.
pub const VIDEO_90K: u32 = 90_000;

impl Timestamp {
    /// A timestamp of `ticks` in `timescale`.
    pub const fn new(ticks: i64, timescale: u32) -> Self {
        Self { ticks, timescale }
    }

    /// A timestamp in milliseconds, the unit of RTMP (RTMP 1.0 §3).
    pub const fn from_millis(millis: i64) -> Self {
        Self::new(millis, MILLIS)
    }

    /// The same instant in another timescale, rounded to the nearest tick.
    pub fn rescale(self, timescale: u32) -> Self {
        if timescale == self.timescale {
            return self;
        }
        let scaled = i128::from(self.ticks) * i128::from(timescale);
        let divisor = i128::from(self.timescale);
        let rounded = (scaled + divisor / 2).div_euclid(divisor);
        Self::new(i64::try_from(rounded).unwrap_or(i64::MAX), timescale)
    }

    /// Time elapsed since `earlier`, zero when `earlier` is later.
    pub fn saturating_since(self, earlier: Self) -> Duration {
        let earlier = earlier.rescale(self.timescale);
        let ticks = u64::try_from(self.ticks.saturating_sub(earlier.ticks)).unwrap_or(0);
        let nanos = u128::from(ticks) * 1_000_000_000 / u128::from(self.timescale);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rescaling_rounds_to_the_nearest_tick() {
        assert_eq!(Timestamp::from_millis(33).rescale(VIDEO_90K).ticks, 2_970);
        assert_eq!(Timestamp::new(3_003, VIDEO_90K).rescale(MILLIS).ticks, 33);
        assert_eq!(Timestamp::new(-3_003, VIDEO_90K).rescale(MILLIS).ticks, -33);
    }

    #[test]
    fn elapsed_time_never_underflows() {
        let (early, late) = (Timestamp::from_millis(10), Timestamp::from_millis(2_010));
        assert_eq!(late.saturating_since(early), Duration::from_secs(2));
        assert_eq!(early.saturating_since(late), Duration::ZERO);
    }
}
