//! The window: which segments and parts a playlist offers, which bytes must still be kept, and where the live edge is.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::output::{Output, Part, Segment, SegmentHead};
use super::request::LiveEdge;

/// A playlist never becomes shorter than this many target durations (RFC 8216bis §6.2.2).
pub(super) const TARGETS_MIN: u64 = 3;

/// The state behind a media playlist: metadata only, the bytes stay with the origin.
///
/// Fed with every [`Output`] in order. A clone is a snapshot, and cheap: it shares the complete segments.
#[derive(Debug, Clone)]
pub struct Window {
    segments_min: usize,
    segments: VecDeque<Arc<WindowSegment>>,
    pub(super) open: Option<WindowSegment>,
    pub(super) target_duration_s: Option<u32>,
    pub(super) discontinuity_sequence: u64,
    pub(super) ended: bool,
    next_msn: u64,
    // Removed from the playlist, yet a client may hold an old playlist that names them.
    retained: VecDeque<Retained>,
    // Duration of everything that ever was in the playlist: the clock by which retained segments expire.
    published_us: u64,
}

/// A listed segment.
#[derive(Debug, Clone)]
pub(super) struct WindowSegment {
    pub(super) head: SegmentHead,
    pub(super) duration_us: u64,
    pub(super) is_independent: bool,
    pub(super) parts: Vec<WindowPart>,
}

/// A listed part.
#[derive(Debug, Clone, Copy)]
pub(super) struct WindowPart {
    pub(super) duration_us: u64,
    pub(super) is_independent: bool,
}

#[derive(Debug, Clone)]
struct Retained {
    msn: u64,
    init_id: u32,
    until_us: u64,
}

impl Window {
    /// An empty window that will list at least `segments_min` segments, and always three target durations.
    pub fn new(segments_min: usize, first_msn: u64, discontinuity_sequence: u64) -> Self {
        Self {
            segments_min: segments_min.max(1),
            segments: VecDeque::new(),
            open: None,
            target_duration_s: None,
            discontinuity_sequence,
            ended: false,
            next_msn: first_msn,
            retained: VecDeque::new(),
            published_us: 0,
        }
    }

    /// Takes note of what the segmenter produced. True when the playlist changed and waiting requests must be decided again.
    pub fn apply(&mut self, output: &Output) -> bool {
        match output {
            Output::Init(_) | Output::Fragment(_) => return false,
            Output::SegmentStarted(head) => {
                self.open = Some(WindowSegment::new(*head));
                return false;
            }
            Output::Part(part) => self.add_part(part),
            Output::TargetDuration(seconds) => self.target_duration_s = Some(*seconds),
            Output::Segment(segment) => self.add_segment(segment),
            Output::Ended => {
                self.open = None;
                self.ended = true;
            }
        }
        true
    }

    /// True when there is a playlist to offer: the target duration is known and a segment complete.
    ///
    /// A live playlist without a complete segment would be refused by most players anyway.
    pub fn is_ready(&self) -> bool {
        self.target_duration_s.is_some() && !self.segments.is_empty()
    }

    /// Where a request is judged from; see [`super::request::decide`].
    pub fn live_edge(&self) -> LiveEdge {
        let part_target_us = self.part_target_us().max(1);
        LiveEdge {
            open_msn: self.next_msn,
            open_parts: self
                .open
                .as_ref()
                .map_or(0, |open| u64::try_from(open.parts.len()).unwrap_or(u64::MAX)),
            // RFC 8216bis §6.2.5.2: three seconds of parts, at least three.
            parts_ahead_max: 3_000_000_u64.div_ceil(part_target_us).max(3),
            ended: self.ended,
        }
    }

    /// Media Sequence Number of the first listed segment; the next one to come when none is listed.
    pub fn first_msn(&self) -> u64 {
        self.segments.front().map_or(self.next_msn, |segment| segment.head.msn)
    }

    /// Segments and parts below this number can be dropped: no playlist that a client may still hold names them.
    ///
    /// A removed segment is kept for its own duration plus that of the playlist (RFC 8216bis §6.2.2).
    pub fn retained_from(&self) -> u64 {
        self.retained
            .front()
            .map_or_else(|| self.first_msn(), |oldest| oldest.msn)
    }

    /// Initialisation sections below this id can be dropped. `None` while nothing refers to any.
    pub fn oldest_init_id(&self) -> Option<u32> {
        let listed = self
            .listed()
            .chain(&self.open)
            .next()
            .map(|segment| segment.head.init_id);
        self.retained.front().map(|oldest| oldest.init_id).or(listed)
    }

    /// True while every listed segment starts with a keyframe: what `EXT-X-INDEPENDENT-SEGMENTS` promises.
    pub fn is_independent(&self) -> bool {
        self.listed().all(|segment| segment.is_independent)
    }

    /// `PART-TARGET`: no listed part is longer.
    pub fn part_target(&self) -> Duration {
        Duration::from_micros(self.part_target_us())
    }

    /// How many of the oldest segments a delta update leaves out; zero when it would equal the whole playlist.
    ///
    /// A segment is skipped when all of it is older than the skip boundary.
    pub fn skippable(&self) -> usize {
        let Some(boundary_us) = self.skip_boundary_us() else {
            return 0;
        };
        let mut newer_us = self.duration_us();
        let older = |segment: &&WindowSegment| {
            newer_us -= segment.duration_us;
            newer_us >= boundary_us
        };
        self.listed().take_while(older).count()
    }

    /// `CAN-SKIP-UNTIL`, six target durations (RFC 8216bis §4.4.3.8).
    pub(super) fn skip_boundary_us(&self) -> Option<u64> {
        self.target_duration_s.map(|seconds| 6_000_000 * u64::from(seconds))
    }

    /// First listed segment whose parts are listed: those within three target durations of the end.
    pub(super) fn first_with_parts(&self) -> usize {
        let reach_us = TARGETS_MIN * 1_000_000 * u64::from(self.target_duration_s.unwrap_or(0));
        let mut newer_us = self.open_us();
        let near = self.listed().rev().take_while(|segment| {
            let is_near = newer_us < reach_us;
            newer_us += segment.duration_us;
            is_near
        });
        self.segments.len() - near.count()
    }

    /// The complete segments, oldest first.
    pub(super) fn listed(&self) -> impl DoubleEndedIterator<Item = &WindowSegment> + ExactSizeIterator {
        self.segments.iter().map(Arc::as_ref)
    }

    pub(super) fn open_msn(&self) -> u64 {
        self.next_msn
    }

    fn part_target_us(&self) -> u64 {
        let near = self.listed().skip(self.first_with_parts()).chain(&self.open);
        let longest = |segment: &WindowSegment| {
            let target_us = micros(segment.head.part_target);
            segment
                .parts
                .iter()
                .map(|part| part.duration_us)
                .fold(target_us, u64::max)
        };
        near.map(longest).max().unwrap_or(0)
    }

    fn open_us(&self) -> u64 {
        self.open
            .iter()
            .flat_map(|open| &open.parts)
            .map(|part| part.duration_us)
            .sum()
    }

    fn duration_us(&self) -> u64 {
        self.listed().map(|segment| segment.duration_us).sum::<u64>() + self.open_us()
    }

    fn add_part(&mut self, part: &Part) {
        if let Some(open) = self.open.as_mut().filter(|open| open.head.msn == part.msn) {
            open.parts.push(WindowPart {
                duration_us: micros(part.duration),
                is_independent: part.is_independent,
            });
        }
    }

    fn add_segment(&mut self, segment: &Segment) {
        let Some(open) = self.open.take_if(|open| open.head.msn == segment.head.msn) else {
            return;
        };
        let duration_us = micros(segment.duration);
        self.segments.push_back(Arc::new(WindowSegment {
            duration_us,
            is_independent: segment.is_independent,
            ..open
        }));
        self.next_msn = segment.head.msn + 1;
        self.published_us += duration_us;
        self.slide();
        let now_us = self.published_us;
        while self.retained.front().is_some_and(|oldest| oldest.until_us <= now_us) {
            self.retained.pop_front();
        }
    }

    fn slide(&mut self) {
        let shortest_us = TARGETS_MIN * 1_000_000 * u64::from(self.target_duration_s.unwrap_or(u32::MAX));
        let mut listed_us: u64 = self.listed().map(|segment| segment.duration_us).sum();
        while self.segments.len() > self.segments_min {
            let Some(oldest) = self.segments.front() else { return };
            if listed_us - oldest.duration_us < shortest_us {
                return;
            }
            self.retained.push_back(Retained {
                msn: oldest.head.msn,
                init_id: oldest.head.init_id,
                until_us: self.published_us + oldest.duration_us + listed_us,
            });
            listed_us -= oldest.duration_us;
            self.discontinuity_sequence += u64::from(oldest.head.discontinuity);
            self.segments.pop_front();
        }
    }
}

impl WindowSegment {
    fn new(head: SegmentHead) -> Self {
        Self {
            head,
            duration_us: 0,
            is_independent: false,
            parts: Vec::new(),
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
