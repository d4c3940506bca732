//! Settings of a segmenter.

use std::time::Duration;

/// How frames are packed. [`Config::default`] is what the product uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// A fragment is sent when it holds this much of the leading track; zero sends every frame alone.
    ///
    /// Default 30 ms: one frame at 30 fps, two at 60. Longer makes media older, shorter costs a write per viewer and frame.
    pub fragment_target: Duration,
    /// Parts are cut to the whole number of frames nearest to this.
    ///
    /// Default 200 ms: 5 playlist and 5 part requests per second and viewer. Half of it would double a viewer's cost and
    /// save nothing for players that read a part while it grows; 333 ms would add 0.4 s to every player's hold-back.
    pub part_target: Duration,
    /// A segment ends at the first keyframe at or after this. Default 2 s.
    pub segment_target: Duration,
    /// Bound of a segment before the target duration is known, and so of the target duration. Default 10.49 s, the longest
    /// that a target duration of 10 s covers: encoders at their default settings make a keyframe every 250 pictures, which
    /// at 24 per second are 10.42 s.
    pub segment_max: Duration,
    /// A segment that reaches this many bytes is cut at the next frame. Also the largest frame that is accepted.
    ///
    /// Default 16 MiB: 64 Mbit/s for two seconds.
    pub segment_bytes_max: usize,
    /// How much media of one track is held back while the other track's configuration or keyframe is missing.
    /// Default 1 s.
    pub gather_max: Duration,
    /// Media Sequence Number of the first segment: after a restart larger than any that was offered before.
    pub first_msn: u64,
    /// Id of the first initialisation section, as above.
    pub first_init_id: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            fragment_target: Duration::from_millis(30),
            part_target: Duration::from_millis(200),
            segment_target: Duration::from_secs(2),
            segment_max: Duration::from_millis(10_490),
            segment_bytes_max: 16 << 20,
            gather_max: Duration::from_secs(1),
            first_msn: 0,
            first_init_id: 0,
        }
    }
}
