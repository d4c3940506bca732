//! Turns the clock of an encoder into decode times that never stop, repeat or go back.
//!
//! RTMP timestamps are 32-bit milliseconds. They wrap after 49.7 days, repeat when two frames share a millisecond, step
//! back when an encoder is careless, and jump when its source restarts. The packager wants one line per track.

use crate::time::MILLIS;
use crate::{Timestamp, TrackKind};

/// A step further than this, forward, is a new clock and not a gap in this one.
pub const GAP_MS_MAX: i64 = 10_000;
/// A step back further than this is a new clock too; up to it frames are squeezed in behind the last one.
pub const REGRESSION_MS_MAX: i64 = 500;
/// How far times may run ahead of the encoder's clock through squeezing before they become that clock.
pub const CORRECTION_MS_MAX: i64 = 1_000;
/// Longest distance from decoding to presentation: 16 reordered frames at two frames a second.
pub const COMPOSITION_MS_MAX: i64 = 8_000;
/// Distance given to the first frame of a new clock: one frame at 30 frames a second.
const REBASE_STEP_MS: i64 = 33;

/// The clock of one stream: two tracks that share it.
#[derive(Debug, Default)]
pub struct Timeline {
    video: Option<Track>,
    audio: Option<Track>,
    /// What the newest clock adds to its 64-bit times. The other track adopts it when it makes the same jump.
    offset_ms: i64,
    rebases: u32,
    corrections: u64,
}

#[derive(Debug, Clone, Copy)]
struct Track {
    raw: u32,
    /// `raw`, unwrapped.
    clock_ms: i64,
    offset_ms: i64,
    dts_ms: i64,
}

impl Timeline {
    /// A timeline before its first frame, which keeps its time.
    pub fn new() -> Self {
        Self::default()
    }

    /// The times of a frame that was sent with `raw` and `composition_ms`: decode, then presentation.
    ///
    /// Decode times are strictly increasing per track and at most [`CORRECTION_MS_MAX`] ahead of the encoder's clock;
    /// presentation follows decoding by 0 to [`COMPOSITION_MS_MAX`].
    pub fn place(&mut self, track: TrackKind, raw: u32, composition_ms: i32) -> (Timestamp, Timestamp) {
        let (own, other) = match track {
            TrackKind::Video => (self.video, self.audio),
            TrackKind::Audio => (self.audio, self.video),
        };
        let placed = match (own, other) {
            (Some(own), _) => self.next(own, raw),
            (None, Some(other)) => self.first_beside(other, raw),
            (None, None) => Track {
                raw,
                clock_ms: i64::from(raw),
                offset_ms: 0,
                dts_ms: i64::from(raw),
            },
        };
        match track {
            TrackKind::Video => self.video = Some(placed),
            TrackKind::Audio => self.audio = Some(placed),
        }
        let pts_ms = placed.dts_ms + i64::from(composition_ms).clamp(0, COMPOSITION_MS_MAX);
        (Timestamp::new(placed.dts_ms, MILLIS), Timestamp::new(pts_ms, MILLIS))
    }

    /// How often the clock was replaced.
    pub fn rebases(&self) -> u32 {
        self.rebases
    }

    /// How many decode times were moved.
    pub fn corrections(&self) -> u64 {
        self.corrections
    }

    fn next(&mut self, last: Track, raw: u32) -> Track {
        let clock_ms = unwrap(last, raw);
        let is_near = |dts_ms: i64| (-REGRESSION_MS_MAX..=GAP_MS_MAX).contains(&(dts_ms - last.dts_ms));
        let is_ahead = |offset_ms: i64| last.dts_ms + 1 - (clock_ms + offset_ms) > CORRECTION_MS_MAX;
        for offset_ms in [last.offset_ms, self.offset_ms] {
            let wanted_ms = clock_ms + offset_ms;
            if is_near(wanted_ms) && !is_ahead(offset_ms) {
                let dts_ms = wanted_ms.max(last.dts_ms + 1);
                self.corrections += u64::from(dts_ms != wanted_ms);
                return Track {
                    raw,
                    clock_ms,
                    offset_ms,
                    dts_ms,
                };
            }
        }
        self.rebase(raw, clock_ms, last.dts_ms + REBASE_STEP_MS)
    }

    /// The first frame of the second track: on the first one's clock, unless it is far from it.
    fn first_beside(&mut self, other: Track, raw: u32) -> Track {
        let clock_ms = unwrap(other, raw);
        let dts_ms = clock_ms + other.offset_ms;
        if (dts_ms - other.dts_ms).abs() <= GAP_MS_MAX && dts_ms >= 0 {
            return Track {
                raw,
                clock_ms,
                offset_ms: other.offset_ms,
                dts_ms,
            };
        }
        self.rebases = self.rebases.saturating_add(1);
        Track {
            raw,
            clock_ms,
            offset_ms: other.dts_ms - clock_ms,
            dts_ms: other.dts_ms,
        }
    }

    fn rebase(&mut self, raw: u32, clock_ms: i64, dts_ms: i64) -> Track {
        self.rebases = self.rebases.saturating_add(1);
        self.offset_ms = dts_ms - clock_ms;
        Track {
            raw,
            clock_ms,
            offset_ms: self.offset_ms,
            dts_ms,
        }
    }
}

/// The nearest 64-bit time with these low 32 bits (RTMP 1.0 §5.3.1: serial number arithmetic).
fn unwrap(last: Track, raw: u32) -> i64 {
    let step = raw.wrapping_sub(last.raw).cast_signed();
    last.clock_ms + i64::from(step)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::TrackKind::{Audio, Video};

    fn check(raws: &[u32], expected_ms: &[i64]) {
        let mut timeline = Timeline::new();
        let placed: Vec<i64> = raws.iter().map(|raw| timeline.place(Video, *raw, 0).0.ticks).collect();
        assert_eq!(placed, expected_ms);
    }

    #[test]
    fn a_steady_clock_is_left_alone() {
        check(&[0, 33, 67, 100], &[0, 33, 67, 100]);
        check(&[5_000_000, 5_000_040], &[5_000_000, 5_000_040]);
        check(&[0, 9_000, 9_033], &[0, 9_000, 9_033]);
    }

    #[test]
    fn the_clock_goes_on_after_32_bits() {
        let end = i64::from(u32::MAX);
        check(&[u32::MAX - 9, u32::MAX, 23, 56], &[end - 9, end, end + 24, end + 57]);
    }

    #[test]
    fn repeats_and_small_steps_back_are_squeezed_in() {
        check(&[100, 100, 100, 133], &[100, 101, 102, 133]);
        check(&[1_000, 900, 933, 1_100], &[1_000, 1_001, 1_002, 1_100]);
    }

    #[test]
    fn a_jump_becomes_a_new_clock_without_a_gap() {
        check(&[0, 33, 90_000_000, 90_000_033], &[0, 33, 66, 99]);
        check(
            &[90_000_000, 90_000_033, 5, 38],
            &[90_000_000, 90_000_033, 90_000_066, 90_000_099],
        );
    }

    #[test]
    fn a_clock_that_stands_still_cannot_run_away() {
        let mut timeline = Timeline::new();
        let last = (0..5_000).map(|_| timeline.place(Video, 7, 0).0.ticks).last();
        assert!(last.is_some_and(|dts| (5_000..=5_400).contains(&dts)), "{last:?}");
        assert!(timeline.rebases() > 0);
        // The real clock starts to move: it is followed at once.
        let (before, _) = timeline.place(Video, 40, 0);
        let (after, _) = timeline.place(Video, 1_540, 0);
        assert!((500..=1_500).contains(&(after.ticks - before.ticks)));
    }

    #[test]
    fn both_tracks_stay_together_over_a_jump() {
        let mut timeline = Timeline::new();
        timeline.place(Video, 1_000, 0);
        timeline.place(Audio, 1_010, 0);
        let (video, _) = timeline.place(Video, 700_000, 0);
        let (audio, _) = timeline.place(Audio, 700_010, 0);
        assert_eq!(audio.ticks - video.ticks, 10);
        assert_eq!(timeline.rebases(), 1);
    }

    #[test]
    fn a_second_track_far_away_starts_beside_the_first() {
        let mut timeline = Timeline::new();
        timeline.place(Video, 50_000_000, 0);
        assert_eq!(timeline.place(Audio, 0, 0).0.ticks, 50_000_000);
        assert_eq!(timeline.place(Audio, 21, 0).0.ticks, 50_000_021);
    }

    #[test]
    fn composition_times_are_kept_within_bounds() {
        let mut timeline = Timeline::new();
        for (sent, kept) in [
            (0, 0),
            (66, 66),
            (-40, 0),
            (i32::MIN, 0),
            (0x7f_ffff, COMPOSITION_MS_MAX),
        ] {
            let (dts, pts) = timeline.place(Video, 0, sent);
            assert_eq!(pts.ticks - dts.ticks, kept);
        }
    }

    proptest! {
        #[test]
        fn times_always_grow_by_a_bounded_step(
            frames in proptest::collection::vec((any::<bool>(), prop_oneof![any::<u32>(), 0u32..2_000]), 1..200)
        ) {
            let mut timeline = Timeline::new();
            let mut last = [None::<i64>; 2];
            for (is_video, raw) in frames {
                let track = if is_video { Video } else { Audio };
                let (dts, pts) = timeline.place(track, raw, 0);
                prop_assert!(pts.ticks >= dts.ticks && dts.ticks >= 0);
                if let Some(last) = last[usize::from(is_video)] {
                    prop_assert!((1..=GAP_MS_MAX).contains(&(dts.ticks - last)));
                }
                last[usize::from(is_video)] = Some(dts.ticks);
            }
        }
    }
}
