//! What the segmenter hands out: bytes to keep, and the facts the playlist needs about them.

use std::time::Duration;

use bytes::Bytes;

use crate::codec::{aac, h264};

/// One thing that became true, in the order in which the origin must apply it.
///
/// Order within a segment: `Init` (only when it changed) · `SegmentStarted` · per part `Fragment`… then `Part` · `Segment`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// A new initialisation section; the segments that follow name its id.
    Init(Init),
    /// A segment began; its first fragment follows.
    SegmentStarted(SegmentHead),
    /// Bytes of the part that is still open; send them to whoever waits behind the preload hint.
    Fragment(Fragment),
    /// A part is complete: all its fragments were handed out before.
    Part(Part),
    /// `EXT-X-TARGETDURATION` in seconds, once: when the first segment completes that nothing cut short. No playlist
    /// exists earlier.
    TargetDuration(u32),
    /// A segment is complete: all its parts were handed out before.
    Segment(Segment),
    /// The stream is over; nothing follows.
    Ended,
}

/// An initialisation section (`ftyp` + `moov`) and what the multivariant playlist says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Init {
    /// Counts up from zero; never reused for other bytes.
    pub id: u32,
    /// The whole resource.
    pub bytes: Bytes,
    /// Configuration of the video track, when there is one.
    pub video: Option<h264::Config>,
    /// Configuration of the audio track, when there is one.
    pub audio: Option<aac::Config>,
    /// RFC 6381 list for `CODECS`, for instance `avc1.64001f,mp4a.40.2`.
    pub codecs: String,
}

/// What is known when a segment begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SegmentHead {
    /// Media Sequence Number.
    pub msn: u64,
    /// The initialisation section it needs.
    pub init_id: u32,
    /// True when its timeline or its tracks do not continue those of the segment before.
    pub discontinuity: bool,
    /// Wall clock at its first frame in milliseconds of the Unix epoch, when the driver told the wall clock.
    pub program_date_time_ms: Option<i64>,
    /// What its parts are cut to: none is longer, save when a single frame already is.
    pub part_target: Duration,
}

/// A `moof` + `mdat`: the smallest thing a decoder can be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// Segment.
    pub msn: u64,
    /// Part of that segment, from zero.
    pub part: u32,
    /// The fragment.
    pub bytes: Bytes,
}

/// A complete part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Segment.
    pub msn: u64,
    /// Index within the segment, from zero.
    pub index: u32,
    /// Time it covers, whole microseconds; the durations of all parts of a segment sum to the segment's.
    pub duration: Duration,
    /// True when decoding can start in it.
    pub is_independent: bool,
    /// Its fragments in order; the resource is their concatenation. The same buffers as in [`Output::Fragment`], shared.
    pub fragments: Vec<Bytes>,
}

impl Part {
    /// Length of the resource in bytes.
    pub fn size_bytes(&self) -> usize {
        self.fragments.iter().map(Bytes::len).sum()
    }
}

/// A complete segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// What was announced when it began.
    pub head: SegmentHead,
    /// Time it covers, whole microseconds.
    pub duration: Duration,
    /// True when its first frame is a keyframe; false after a forced cut.
    pub is_independent: bool,
    /// Its fragments in order; the resource is their concatenation. The same buffers as in its parts, shared.
    pub fragments: Vec<Bytes>,
}

impl Segment {
    /// Length of the resource in bytes.
    pub fn size_bytes(&self) -> usize {
        self.fragments.iter().map(Bytes::len).sum()
    }
}
