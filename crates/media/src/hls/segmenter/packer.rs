//! The running part of the segmenter: places frames, fills chunks, cuts parts and segments.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;

use super::clock::Clock;
use super::{Config, Error};
use crate::codec::{aac, h264};
use crate::fmp4::{self, AUDIO_TRACK_ID, Run, Sample, VIDEO_TRACK_ID};
use crate::frame::{Frame, TrackKind};
use crate::hls::output::{Output, Part, PartChunk, Segment, SegmentHead};
use crate::time::{Timestamp, VIDEO_90K};

/// Media time is kept in 90 kHz; no stream reaches this (3,000 years), and sums of two of it fit 64 bits.
const TICKS_MAX: i64 = 1 << 53;
/// How far the track that does not lead may be ahead before it moves the timeline.
const LEAD_PAUSE: i64 = 45_000;
/// Frames of one track in a chunk; reached only by timestamps that barely move.
const CHUNK_SAMPLES_MAX: usize = 64;
/// What a sample may add to its payload in boxes, for the bound of a segment.
const SAMPLE_OVERHEAD: usize = 128;
/// Until two pictures are known: 30 per second.
const FRAME_GUESS: i64 = 3_000;

/// A timestamp on the common timeline, `None` when out of any range.
pub(super) fn ticks(time: Timestamp) -> Option<i64> {
    let ticks = time.rescale(VIDEO_90K).ticks;
    (ticks.abs() <= TICKS_MAX).then_some(ticks)
}

/// What became of a frame.
pub(super) enum Pushed {
    /// It is packed.
    Done,
    /// It is further away than a segment is long and was not taken: the timeline is broken.
    Gap(Frame),
}

/// Cuts frames into chunks, parts and segments. Lives as long as the segmenter; tracks come and go.
#[derive(Debug)]
pub(super) struct Packer {
    chunk_target: i64,
    part_target: i64,
    segment_target: i64,
    segment_max: i64,
    segment_bytes_max: usize,
    target_duration_s: Option<u32>,
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

#[derive(Debug)]
struct Track {
    timescale: u32,
    clock: Clock,
    base: i64,
    samples: Vec<Sample>,
}

#[derive(Debug)]
struct OpenSegment {
    head: SegmentHead,
    start: i64,
    part_target: i64,
    size_bytes: usize,
    // Set by the first frame of the leading track.
    is_independent: Option<bool>,
    chunks: Vec<Bytes>,
    part: OpenPart,
}

#[derive(Debug)]
struct OpenPart {
    index: u32,
    start: i64,
    first_chunk: usize,
    is_independent: bool,
    is_empty: bool,
}

impl Packer {
    pub(super) fn new(config: &Config) -> Self {
        let segment_target = duration_ticks(config.segment_target).max(1);
        Self {
            chunk_target: duration_ticks(config.chunk_target),
            part_target: duration_ticks(config.part_target).max(1),
            segment_target,
            segment_max: duration_ticks(config.segment_max).max(segment_target),
            segment_bytes_max: config.segment_bytes_max,
            target_duration_s: None,
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

    /// Begins a timeline whose first frames are `frames`, not empty, the leading track's first.
    pub(super) fn start(
        &mut self,
        init_id: u32,
        video: Option<&h264::Config>,
        audio: Option<&aac::Config>,
        frames: &[Frame],
    ) {
        let times = || frames.iter().filter_map(|frame| ticks(frame.dts));
        self.init_id = init_id;
        self.shift = -times().min().unwrap_or(0).min(0);
        self.video = video.map(|config| Track::new(VIDEO_90K, Clock::video(VIDEO_90K, frame_guess(config))));
        self.audio = audio.map(|config| {
            Track::new(
                config.sample_rate_hz,
                Clock::audio(config.sample_rate_hz, samples_per_frame(config)),
            )
        });
        let lead = if video.is_some() {
            TrackKind::Video
        } else {
            TrackKind::Audio
        };
        let first = frames
            .iter()
            .find(|frame| frame.track == lead)
            .and_then(|frame| ticks(frame.dts));
        self.position = first.unwrap_or(0) + self.shift;
    }

    /// Packs a frame of a started track. Errors: it was dropped.
    pub(super) fn push(&mut self, frame: Frame, outputs: &mut VecDeque<Output>) -> Result<Pushed, Error> {
        let (shift, is_lead) = (self.shift, self.leads(frame.track));
        let Some(track) = self.track(frame.track) else {
            return Err(Error::NoConfig);
        };
        let mut clock = track.clock;
        let place = clock.place(track.ticks(frame.dts, shift)?, track.ticks(frame.pts, shift)?)?;
        let end = common_ticks(clock.end(), track.timescale);
        let Some(position) = self.position_with(is_lead, end) else {
            return Ok(Pushed::Gap(frame));
        };

        self.cut_before(&frame, position, outputs)?;
        if self.segment.is_none() {
            self.open_segment(outputs);
        }
        if let Some(segment) = &mut self.segment {
            let starts_here = is_lead && frame.is_keyframe;
            segment.part.is_empty = false;
            segment.part.is_independent |= starts_here;
            segment.size_bytes += frame.payload.len() + SAMPLE_OVERHEAD;
            if is_lead {
                segment.is_independent.get_or_insert(starts_here);
            }
        }
        let sample = Sample {
            duration: place.duration,
            composition_offset: place.composition_offset,
            is_keyframe: frame.is_keyframe,
            payload: frame.payload,
        };
        if let Some(track) = self.track(frame.track) {
            track.add(clock, place.decode_time, sample);
        }
        self.position = position;
        self.cut_after(frame.track, outputs)?;
        Ok(Pushed::Done)
    }

    /// Ends the open segment, if any; the next one does not continue it.
    pub(super) fn close_segment(&mut self, outputs: &mut VecDeque<Output>) -> Result<(), Error> {
        if self.segment.is_some() {
            self.end_segment(outputs)?;
        }
        self.discontinuity = self.target_duration_s.is_some();
        Ok(())
    }

    fn leads(&self, track: TrackKind) -> bool {
        track == TrackKind::Video || self.video.is_none()
    }

    fn lead(&self) -> Option<&Track> {
        self.video.as_ref().or(self.audio.as_ref())
    }

    fn track(&mut self, track: TrackKind) -> Option<&mut Track> {
        match track {
            TrackKind::Video => self.video.as_mut(),
            TrackKind::Audio => self.audio.as_mut(),
        }
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
            return self.end_segment(outputs);
        }
        if position - segment.part.start > segment.part_target {
            return self.end_part(outputs);
        }
        Ok(())
    }

    /// Sends what this frame completed.
    fn cut_after(&mut self, track: TrackKind, outputs: &mut VecDeque<Output>) -> Result<(), Error> {
        let bound = if self.leads(track) {
            self.chunk_target
        } else {
            self.chunk_target.max(LEAD_PAUSE / 5)
        };
        let is_due = self.track(track).is_some_and(|track| track.is_due(bound));
        if is_due {
            self.flush(outputs)?;
        }
        let Some((segment, lead)) = self.segment.as_ref().zip(self.lead()) else {
            return Ok(());
        };
        let frame = common_ticks(lead.clock.mean_step(), lead.timescale);
        let is_filled = self.position + frame - segment.part.start > segment.part_target;
        if is_filled && !segment.part.is_empty && !self.may_end(segment) {
            self.end_part(outputs)?;
        }
        Ok(())
    }

    /// True when the segment is long enough to end at a keyframe.
    fn may_end(&self, segment: &OpenSegment) -> bool {
        self.position - segment.start >= self.segment_target - self.segment_target / 20
    }

    /// Longest segment whose rounded duration the target duration covers.
    fn segment_ticks_max(&self) -> i64 {
        const HALF_SECOND: i64 = VIDEO_90K as i64 / 2;
        self.target_duration_s.map_or(self.segment_max, |seconds| {
            i64::from(seconds) * i64::from(VIDEO_90K) + HALF_SECOND - 1
        })
    }

    fn open_segment(&mut self, outputs: &mut VecDeque<Output>) {
        let frame = self
            .lead()
            .map_or(FRAME_GUESS, |lead| common_ticks(lead.clock.mean_step(), lead.timescale))
            .max(1);
        let frames = ((self.part_target + frame / 2) / frame).max(1);
        // A tenth of room, in whole milliseconds.
        let part_target = (frames * frame * 11 / 10 + 89) / 90 * 90;
        let (position, shift) = (self.position, self.shift);
        let head = SegmentHead {
            msn: self.next_msn,
            init_id: self.init_id,
            discontinuity: self.discontinuity,
            program_date_time_ms: self
                .wall
                .map(|(media, unix_ms)| unix_ms.saturating_add((position - shift - media) / 90)),
            part_target: span(0, part_target),
        };
        self.discontinuity = false;
        self.next_msn += 1;
        self.segment = Some(OpenSegment {
            head,
            start: position,
            part_target,
            size_bytes: 0,
            is_independent: None,
            chunks: Vec::new(),
            part: OpenPart {
                index: 0,
                start: position,
                first_chunk: 0,
                is_independent: false,
                is_empty: true,
            },
        });
        outputs.push_back(Output::SegmentStarted(head));
    }

    fn end_part(&mut self, outputs: &mut VecDeque<Output>) -> Result<(), Error> {
        self.flush(outputs)?;
        let position = self.position;
        let Some(segment) = self.segment.as_mut().filter(|segment| !segment.part.is_empty) else {
            return Ok(());
        };
        let part = &segment.part;
        outputs.push_back(Output::Part(Part {
            msn: segment.head.msn,
            index: part.index,
            duration: span(part.start, position),
            is_independent: part.is_independent,
            chunks: segment.chunks.get(part.first_chunk..).unwrap_or_default().to_vec(),
        }));
        segment.part = OpenPart {
            index: part.index + 1,
            start: position,
            first_chunk: segment.chunks.len(),
            is_independent: false,
            is_empty: true,
        };
        Ok(())
    }

    fn end_segment(&mut self, outputs: &mut VecDeque<Output>) -> Result<(), Error> {
        let ended = self.end_part(outputs);
        let Some(segment) = self.segment.take() else {
            return ended;
        };
        let duration = span(segment.start, self.position);
        if self.target_duration_s.is_none() {
            let seconds = whole_seconds(duration + Duration::from_millis(500))
                .max(whole_seconds(span(0, self.segment_target + i64::from(VIDEO_90K) - 1)));
            self.target_duration_s = Some(seconds);
            outputs.push_back(Output::TargetDuration(seconds));
        }
        outputs.push_back(Output::Segment(Segment {
            head: segment.head,
            duration,
            is_independent: segment.is_independent.unwrap_or(false),
            chunks: segment.chunks,
        }));
        ended
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
            track.samples.clear();
        }
        let bytes = built?;
        self.next_sequence = self.next_sequence.wrapping_add(1);
        segment.chunks.push(bytes.clone());
        outputs.push_back(Output::PartChunk(PartChunk {
            msn: segment.head.msn,
            part: segment.part.index,
            bytes,
        }));
        Ok(())
    }
}

impl Track {
    fn new(timescale: u32, clock: Clock) -> Self {
        Self {
            timescale,
            clock,
            base: 0,
            samples: Vec::new(),
        }
    }

    fn ticks(&self, time: Timestamp, shift: i64) -> Result<i64, Error> {
        let shift = Timestamp::new(shift, VIDEO_90K).rescale(self.timescale).ticks;
        let ticks = time.rescale(self.timescale).ticks;
        if ticks.abs() > TICKS_MAX {
            Err(Error::TimestampOutOfRange)
        } else {
            Ok(ticks + shift)
        }
    }

    fn add(&mut self, clock: Clock, decode_time: i64, sample: Sample) {
        self.clock = clock;
        if self.samples.is_empty() {
            self.base = decode_time;
        }
        self.samples.push(sample);
    }

    fn is_due(&self, bound: i64) -> bool {
        let pending = common_ticks(self.clock.end() - self.base, self.timescale);
        !self.samples.is_empty() && (pending >= bound || self.samples.len() >= CHUNK_SAMPLES_MAX)
    }

    fn run(&self, track_id: u32) -> Option<Run<'_>> {
        let base_decode_time = u64::try_from(self.base).ok()?;
        (!self.samples.is_empty()).then_some(Run {
            track_id,
            base_decode_time,
            samples: &self.samples,
        })
    }
}

/// The encoder's own frame rate when it is a plausible one; some count fields, some say 1,000.
fn frame_guess(config: &h264::Config) -> i64 {
    let rate = config
        .frame_rate_millihz
        .filter(|rate| (5_000..=120_000).contains(rate));
    rate.map_or(FRAME_GUESS, |rate| i64::from(VIDEO_90K) * 1_000 / i64::from(rate))
}

/// Samples in an AAC frame, counted in `sample_rate_hz` (ISO/IEC 14496-3 §4.5.2.1; SBR doubles them).
fn samples_per_frame(config: &aac::Config) -> i64 {
    match config.object_type {
        5 | 29 => 2_048,
        _ => 1_024,
    }
}

fn common_ticks(ticks: i64, timescale: u32) -> i64 {
    Timestamp::new(ticks, timescale).rescale(VIDEO_90K).ticks
}

fn duration_ticks(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros() * 9 / 100)
        .unwrap_or(TICKS_MAX)
        .min(TICKS_MAX)
}

/// Time between two positions, in microseconds that add up: each boundary is rounded, not each difference.
fn span(from: i64, to: i64) -> Duration {
    let micros = |ticks: i64| ticks * 100 / 9;
    Duration::from_micros(u64::try_from(micros(to) - micros(from)).unwrap_or(0))
}

fn whole_seconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_secs()).unwrap_or(u32::MAX)
}
