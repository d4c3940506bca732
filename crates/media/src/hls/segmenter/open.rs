//! The segment that is being filled, and its open part.

use std::time::Duration;

use bytes::Bytes;

use crate::hls::output::{Fragment, Part, Segment, SegmentHead};

/// What a sample may add to its payload in boxes, for the bound of a segment.
const SAMPLE_OVERHEAD: usize = 128;

/// A segment that has a first frame. Positions are on the common timeline.
#[derive(Debug)]
pub(super) struct OpenSegment {
    pub(super) head: SegmentHead,
    pub(super) start: i64,
    pub(super) part_target: i64,
    /// Payload and room for its boxes.
    pub(super) size_bytes: usize,
    /// Whether the first frame of the leading track is a keyframe, once there is one.
    pub(super) is_independent: Option<bool>,
    pub(super) part: OpenPart,
    fragments: Vec<Bytes>,
}

/// The part that is being filled; empty until its first frame.
#[derive(Debug)]
pub(super) struct OpenPart {
    pub(super) start: i64,
    pub(super) is_empty: bool,
    index: u32,
    first_fragment: usize,
    is_independent: bool,
}

impl OpenSegment {
    pub(super) fn new(head: SegmentHead, start: i64, part_target: i64) -> Self {
        Self {
            head,
            start,
            part_target,
            size_bytes: 0,
            is_independent: None,
            part: OpenPart::new(0, start, 0),
            fragments: Vec::new(),
        }
    }

    /// Takes note of a frame. `starts_picture` is `None` when its track does not lead.
    pub(super) fn add(&mut self, payload_bytes: usize, starts_picture: Option<bool>) {
        self.size_bytes += payload_bytes + SAMPLE_OVERHEAD;
        self.part.is_empty = false;
        if let Some(starts_picture) = starts_picture {
            self.part.is_independent |= starts_picture;
            self.is_independent.get_or_insert(starts_picture);
        }
    }

    pub(super) fn add_fragment(&mut self, bytes: Bytes) -> Fragment {
        self.fragments.push(bytes.clone());
        Fragment {
            msn: self.head.msn,
            part: self.part.index,
            bytes,
        }
    }

    /// Ends the open part unless it is empty.
    pub(super) fn end_part(&mut self, position: i64) -> Option<Part> {
        if self.part.is_empty {
            return None;
        }
        let next = OpenPart::new(self.part.index + 1, position, self.fragments.len());
        let part = std::mem::replace(&mut self.part, next);
        Some(Part {
            msn: self.head.msn,
            index: part.index,
            duration: span(part.start, position),
            is_independent: part.is_independent,
            fragments: self.fragments.get(part.first_fragment..).unwrap_or_default().to_vec(),
        })
    }

    pub(super) fn end(self, position: i64) -> Segment {
        Segment {
            head: self.head,
            duration: span(self.start, position),
            is_independent: self.is_independent.unwrap_or(false),
            fragments: self.fragments,
        }
    }
}

impl OpenPart {
    fn new(index: u32, start: i64, first_fragment: usize) -> Self {
        Self {
            start,
            is_empty: true,
            index,
            first_fragment,
            is_independent: false,
        }
    }
}

/// Time between two positions, in microseconds that add up: each boundary is rounded, not each difference.
pub(super) fn span(from: i64, to: i64) -> Duration {
    let micros = |ticks: i64| ticks * 100 / 9;
    Duration::from_micros(u64::try_from(micros(to) - micros(from)).unwrap_or(0))
}
