//! The running part of the segmenter: places frames, fills fragments, cuts parts and segments.

use std::collections::VecDeque;
use std::time::Duration;

use super::open::{OpenSegment, span};
use super::track::{TICKS_MAX, Track, ticks};
use super::{Config, Error};
use crate::codec::{aac, h264};
use crate::fmp4::{self, AUDIO_TRACK_ID, Run, VIDEO_TRACK_ID};
use crate::frame::{Frame, TrackKind};
use crate::hls::output::{Output, SegmentHead};
use crate::time::{Timestamp, VIDEO_90K};

/// Ticks of the common timeline in a second.
const SECOND: i64 = VIDEO_90K as i64;
/// How far the track that does not lead may be ahead before it moves the timeline: more than encoders interleave badly.
const LEAD_PAUSE: i64 = SECOND / 4;
/// Sound waits for the next picture, to share its boxes, but not longer than this.
const SOUND_WAIT: i64 = SECOND / 10;

/// What became of a frame.
pub(super) enum Pushed {
    /// It is packed.
    Done,
    /// It is further away than a segment is long and was not taken: the timeline is broken.
    Gap(Frame),
}

/// Cuts frames into fragments, parts and segments. Lives as long as the segmenter; tracks come and go.
#[derive(Debug)]
pub(super) struct Packer {
    fragment_target: i64,
    part_target: i64,
    segment_target: i64,
    segment_max: i64,
    segment_bytes_max: usize,
    target_duration_s: Option<u32>,
    // Of the complete segments; what the target duration is made from.
    longest: Duration,
    total: Duration,
    next_msn: u64,
    next_sequence: u32,
    wall: Option<(i64, i64)>,
    init_id: u32,
    discontinuity: bool,
    // Added to every timestamp so that none is negative.
    shift: i64,
    video: Option<Track>,
    audio: Option<Track>,
    // End of the media that counts: the leading track's predicted end.
    position: i64,
    segment: Option<OpenSegment>,
}

impl Packer {
    pub(super) fn new(config: &Config) -> Self {
        let segment_target = duration_ticks(config.segment_target).max(1);
        Self {
            fragment_target: duration_ticks(config.fragment_target),
            part_target: duration_ticks(config.part_target).max(1),
            segment_target,
            segment_max: duration_ticks(config.segment_max).max(segment_target),
            segment_bytes_max: config.segment_bytes_max,
            target_duration_s: None,
            longest: Duration::ZERO,
            total: Duration::ZERO,
            next_msn: config.first_msn,
            next_sequence: 1,
            wall: None,
            init_id: config.first_init_id,
            discontinuity: false,
            shift: 0,
            video: None,
            audio: None,
            position: 0,
            segment: None,
        }
    }

    /// Sets the wall clock, milliseconds of the Unix epoch, of a media time.
    pub(super) fn set_wall(&mut self, media: Timestamp, unix_ms: i64) {
        self.wall = ticks(media).map(|media| (media, unix_ms));
    }

    /// Begins a timeline whose first frames are `frames`, not empty.
    pub(super) fn start(
        &mut self,
        init_id: u32,
        video: Option<&h264::Config>,
        audio: Option<&aac::Config>,
        frames: &[Frame],
    ) {
        self.init_id = init_id;
        self.video = video.map(Track::video);
        self.audio = audio.map(Track::audio);
        let earliest = frames.iter().filter_map(|frame| ticks(frame.dts)).min();
        self.shift = -earliest.unwrap_or(0).min(0);
        let first = frames.iter().find(|frame| self.leads(frame.track));
        self.position = first.and_then(|frame| ticks(frame.dts)).unwrap_or(0) + self.shift;
    }

    /// Packs a frame of a started track. Errors: it was dropped.
    pub(super) fn push(&mut self, frame: Frame, outputs: &mut VecDeque<Output>) -> Result<Pushed, Error> {
        let (kind, is_lead) = (frame.track, self.leads(frame.track));
        let Some(track) = self.track(kind) else {
            return Err(Error::NoConfig);
        };
        let placed = track.place(&frame, self.shift)?;
        let breaks = track.breaks(&placed);
        let Some(position) = self.position_with(is_lead, placed.end) else {
            return Ok(Pushed::Gap(frame));
        };
        self.cut_before(&frame, position, outputs)?;
        if breaks {
            self.flush(outputs)?;
        }
        let mut segment = match self.segment.take() {
            Some(segment) => segment,
            None => self.open_segment(outputs),
        };
        segment.add(frame.payload.len(), is_lead.then_some(frame.is_keyframe));
        self.segment = Some(segment);
        if let Some(track) = self.track_mut(kind) {
            track.add(&placed, frame);
        }
        self.position = position;
        self.cut_after(kind, outputs)?;
        Ok(Pushed::Done)
    }

    /// Ends the open segment, if any; the next one does not continue it.
    pub(super) fn close_segment(&mut self, is_last: bool, outputs: &mut VecDeque<Output>) -> Result<(), Error> {
        let Some(segment) = &self.segment else {
            if is_last && self.total > Duration::ZERO {
                self.fix_target_duration(outputs);
            }
            return Ok(());
        };
        if !segment.part.is_empty {
            // Nothing leads any more: the last frame of either track is the end.
            let ends = self.video.iter().chain(&self.audio).map(Track::end);
            let latest = (self.position + LEAD_PAUSE).min(segment.start + self.segment_ticks_max());
            self.position = ends.fold(self.position, i64::max).min(latest).max(self.position);
        }
        self.discontinuity = true;
        self.end_segment(is_last, outputs)
    }

    fn leads(&self, track: TrackKind) -> bool {
        track == TrackKind::Video || self.video.is_none()
    }

    fn track(&self, track: TrackKind) -> Option<&Track> {
        match track {
            TrackKind::Video => self.video.as_ref(),
            TrackKind::Audio => self.audio.as_ref(),
        }
    }

    fn track_mut(&mut self, track: TrackKind) -> Option<&mut Track> {
        match track {
            TrackKind::Video => self.video.as_mut(),
            TrackKind::Audio => self.audio.as_mut(),
        }
    }

    /// Mean duration of the leading track's frames.
    fn lead_step(&self) -> i64 {
        self.video.as_ref().or(self.audio.as_ref()).map_or(1, Track::mean_step)
    }

    /// The position once a frame that ends at `end` is packed; `None` when that is a leap of the leading track.
    fn position_with(&self, is_lead: bool, end: i64) -> Option<i64> {
        let target = if is_lead { end } else { end - LEAD_PAUSE };
        let leaps = target - self.position > self.segment_target;
        match (leaps, is_lead) {
            (true, true) => None,
            // Sound that is far off, and always was, moves nothing.
            (true, false) => Some(self.position),
            (false, _) => Some(target.max(self.position)),
        }
    }

    /// Ends what must end before this frame.
    fn cut_before(&mut self, frame: &Frame, position: i64, outputs: &mut VecDeque<Output>) -> Result<(), Error> {
        let Some(segment) = &self.segment else { return Ok(()) };
        let is_end = self.leads(frame.track) && frame.is_keyframe && self.may_end(segment);
        let is_full = position - segment.start > self.segment_ticks_max()
            || segment.size_bytes + frame.payload.len() > self.segment_bytes_max;
        if is_end || is_full {
            return self.end_segment(true, outputs);
        }
        if position - segment.part.start > segment.part_target {
            return self.end_part(outputs);
        }
        Ok(())
    }

    /// Sends what this frame completed.
    fn cut_after(&mut self, track: TrackKind, outputs: &mut VecDeque<Output>) -> Result<(), Error> {
        let bound = if self.leads(track) {
            self.fragment_target
        } else {
            self.fragment_target.max(SOUND_WAIT)
        };
        if self.track(track).is_some_and(|track| track.is_due(bound)) {
            self.flush(outputs)?;
        }
        let Some(segment) = &self.segment else { return Ok(()) };
        let is_filled = self.position + self.lead_step() - segment.part.start > segment.part_target;
        if is_filled && !self.may_end(segment) {
            self.end_part(outputs)?;
        }
        Ok(())
    }

    /// True when the segment ends at the next keyframe: it is long enough, or did not start with one.
    fn may_end(&self, segment: &OpenSegment) -> bool {
        let is_long = self.position - segment.start >= self.segment_target - self.segment_target / 20;
        is_long || segment.is_independent == Some(false)
    }

    /// Longest segment whose rounded duration the target duration covers.
    fn segment_ticks_max(&self) -> i64 {
        let longest = |seconds| i64::from(seconds) * SECOND + SECOND / 2 - 1;
        self.target_duration_s.map_or(self.segment_max, longest)
    }

    fn open_segment(&mut self, outputs: &mut VecDeque<Output>) -> OpenSegment {
        let frame = self.lead_step();
        let frames = ((self.part_target + frame / 2) / frame).max(1);
        // A tenth of room, in whole milliseconds.
        let part_target = (frames * frame * 11 / 10 + 89) / 90 * 90;
        let media = self.position - self.shift;
        let head = SegmentHead {
            msn: self.next_msn,
            init_id: self.init_id,
            discontinuity: self.discontinuity,
            program_date_time_ms: self.wall.map(|(at, unix_ms)| unix_ms.saturating_add((media - at) / 90)),
            part_target: span(0, part_target),
        };
        self.discontinuity = false;
        self.next_msn += 1;
        outputs.push_back(Output::SegmentStarted(head));
        OpenSegment::new(head, self.position, part_target)
    }

    fn end_part(&mut self, outputs: &mut VecDeque<Output>) -> Result<(), Error> {
        let flushed = self.flush(outputs);
        let part = self
            .segment
            .as_mut()
            .and_then(|segment| segment.end_part(self.position));
        outputs.extend(part.map(Output::Part));
        flushed
    }

    /// Ends the segment. `is_typical`: its length says how long segments will be.
    fn end_segment(&mut self, is_typical: bool, outputs: &mut VecDeque<Output>) -> Result<(), Error> {
        let ended = self.end_part(outputs);
        if let Some(segment) = self.segment.take() {
            let segment = segment.end(self.position);
            self.longest = self.longest.max(segment.duration);
            self.total += segment.duration;
            if is_typical || self.total >= span(0, self.segment_max) {
                self.fix_target_duration(outputs);
            }
            outputs.push_back(Output::Segment(segment));
        }
        ended
    }

    /// Says the target duration, if it was not said before: that of the longest segment so far.
    fn fix_target_duration(&mut self, outputs: &mut VecDeque<Output>) {
        if self.target_duration_s.is_none() {
            let at_least = span(0, self.segment_target + SECOND - 1);
            let rounded = self.longest + Duration::from_millis(500);
            let seconds = u32::try_from(at_least.max(rounded).as_secs()).unwrap_or(u32::MAX);
            self.target_duration_s = Some(seconds);
            outputs.push_back(Output::TargetDuration(seconds));
        }
    }

    /// Sends the pending samples of both tracks as one fragment.
    fn flush(&mut self, outputs: &mut VecDeque<Output>) -> Result<(), Error> {
        let runs: Vec<Run<'_>> = [(VIDEO_TRACK_ID, &self.video), (AUDIO_TRACK_ID, &self.audio)]
            .into_iter()
            .filter_map(|(track_id, track)| track.as_ref()?.run(track_id))
            .collect();
        let Some(segment) = self.segment.as_mut().filter(|_| !runs.is_empty()) else {
            return Ok(());
        };
        let built = fmp4::fragment(self.next_sequence, &runs);
        for track in self.video.iter_mut().chain(&mut self.audio) {
            track.clear();
        }
        self.next_sequence = self.next_sequence.wrapping_add(1);
        outputs.push_back(Output::Fragment(segment.add_fragment(built?)));
        Ok(())
    }
}

fn duration_ticks(duration: Duration) -> i64 {
    let ticks = i64::try_from(duration.as_micros() * 9 / 100);
    ticks.unwrap_or(TICKS_MAX).min(TICKS_MAX)
}
