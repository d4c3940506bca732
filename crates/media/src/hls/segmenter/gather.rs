//! Frames held back until it is known which tracks there are.

use std::time::Duration;

use super::Error;
use crate::frame::{Frame, TrackKind};

/// The first frames of a stream, in order of arrival; a video keyframe is the first video frame among them.
#[derive(Debug, Default)]
pub(super) struct Gather {
    frames: Vec<Frame>,
    size_bytes: usize,
    has_video: bool,
    has_audio: bool,
}

impl Gather {
    /// Keeps a frame. Pictures before the first keyframe are of no use and dropped.
    pub(super) fn push(&mut self, frame: Frame) -> Result<(), Error> {
        let previous = self.frames.iter().rev().find(|kept| kept.track == frame.track);
        if previous.is_some_and(|kept| frame.dts.rescale(kept.dts.timescale).ticks <= kept.dts.ticks) {
            return Err(Error::NotIncreasing);
        }
        match frame.track {
            TrackKind::Video if !self.has_video && !frame.is_keyframe => return Ok(()),
            TrackKind::Video => self.has_video = true,
            TrackKind::Audio => self.has_audio = true,
        }
        self.size_bytes += frame.payload.len();
        self.frames.push(frame);
        Ok(())
    }

    /// True when both tracks are there, or waiting for the second is over.
    pub(super) fn is_complete(&self, span_max: Duration, bytes_max: usize) -> bool {
        let (Some(first), Some(last)) = (self.frames.first(), self.frames.last()) else {
            return false;
        };
        (self.has_video && self.has_audio)
            || last.dts.saturating_since(first.dts) >= span_max
            || self.size_bytes >= bytes_max
            || self.frames.len() >= FRAMES_MAX
    }

    /// Drops the frames of a track: its configuration changed.
    pub(super) fn forget(&mut self, track: TrackKind) {
        self.frames.retain(|frame| frame.track != track);
        self.size_bytes = self.frames.iter().map(|frame| frame.payload.len()).sum();
        match track {
            TrackKind::Video => self.has_video = false,
            TrackKind::Audio => self.has_audio = false,
        }
    }

    /// Hands out the frames and whether there is video and audio among them.
    ///
    /// Sound from before the first picture is left out, so that both tracks start together.
    pub(super) fn take(&mut self) -> (Vec<Frame>, bool, bool) {
        let Self {
            mut frames,
            has_video,
            has_audio,
            ..
        } = std::mem::take(self);
        let first_picture = frames
            .iter()
            .find(|frame| frame.track == TrackKind::Video)
            .map(|frame| frame.dts);
        if let Some(start) = first_picture {
            frames.retain(|frame| start.saturating_since(frame.dts) <= PRIMING);
        }
        (frames, has_video, has_audio)
    }
}

/// Encoders start sound a frame or two before the pictures; that much is kept.
const PRIMING: Duration = Duration::from_millis(100);
/// Frames that are held back at most: a second of 480 fps video and of audio, twice over.
const FRAMES_MAX: usize = 1_024;
