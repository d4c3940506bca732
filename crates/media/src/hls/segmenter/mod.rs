//! Frames in; initialisation sections, fragments, parts and segments out.
//!
//! Sans-IO, one calling contract: [`Segmenter::handle_input`], then [`Segmenter::poll_output`] until `None`; nothing else
//! mutates. The outputs of one input belong together: publish a playlist after the last of them, not in between, where a
//! part may be complete and its segment not yet. It never waits for a frame to know the one before: see `clock.rs`.
//!
//! - **Lead.** Video leads when there is any: parts and segments are cut at its frames. While it pauses for more than
//!   a quarter of a second, audio moves the timeline on.
//! - **Segments** end at the first keyframe at or after `segment_target` (a twentieth earlier counts: timestamps are
//!   rounded). `EXT-X-TARGETDURATION` is fixed when the first whole segment is complete, so an encoder with long keyframe
//!   intervals gets long segments that all start with a keyframe. A later segment that would not fit the target duration,
//!   or any that reaches `segment_bytes_max`, is cut at the next frame; its successor is not independent and ends at the
//!   next keyframe, however short.
//! - **Parts** are cut to whole frames: `PART-TARGET` is a tenth longer than the whole number of frames nearest to
//!   `part_target`, so that rounded timestamps never make a part too long and no part is shorter than 85 % of it. A part
//!   completes with the frame that fills it. Only where the segment could end next, it waits for the next frame, so that
//!   the preload hint never names a part that will not exist.
//! - **Tracks.** Nothing is sent until both tracks have a configuration and a first (key)frame, or one has and
//!   `gather_max` of media went by. A track that comes later, or a changed configuration, starts over at the next
//!   video keyframe: new initialisation section, discontinuity.
//! - **Memory** is bounded by `segment_bytes_max` of payload (plus box headers): the open segment, or the gathered frames.

mod clock;
mod config;
mod gather;
mod open;
mod packer;
mod track;

use std::collections::VecDeque;

pub use config::Config;

use super::output::{Init, Output};
use crate::codec::{aac, h264};
use crate::fmp4;
use crate::frame::{CodecConfig, Frame, TrackKind};
use crate::time::Timestamp;
use gather::Gather;
use packer::{Packer, Pushed};

/// What the driver tells the segmenter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// The configuration of a track, before its first frame and whenever it changes. Repeating it does nothing.
    Config(CodecConfig),
    /// The next frame of a track.
    Frame(Frame),
    /// What follows does not continue the timeline, for instance after a publisher came back.
    Discontinuity,
    /// `unix_ms` is the wall clock of `media`, a time on the frames' timeline. Once after the first frame is enough, and
    /// again after a discontinuity; it holds for the segments that start later.
    Wall {
        /// A time on the timeline of [`Frame::dts`].
        media: Timestamp,
        /// Milliseconds of the Unix epoch.
        unix_ms: i64,
    },
    /// The stream is over.
    End,
}

/// Why an input was not taken. The segmenter is unchanged and goes on; count and drop.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A frame of a track without configuration.
    #[error("frame of a track that has no configuration")]
    NoConfig,
    /// A decode time that is not after the previous one of its track.
    #[error("decode time does not increase")]
    NotIncreasing,
    /// A timestamp that no stream reaches, or a composition offset of more than ten seconds.
    #[error("timestamp out of range")]
    TimestampOutOfRange,
    /// A frame without payload.
    #[error("empty frame")]
    EmptyFrame,
    /// A frame of more than `segment_bytes_max`.
    #[error("frame of {0} bytes is too large")]
    FrameTooLarge(usize),
    /// A configuration that cannot be described in MP4.
    #[error(transparent)]
    Fmp4(#[from] fmp4::Error),
    /// Input after [`Input::End`].
    #[error("the stream has ended")]
    Ended,
}

/// Packs the frames of one stream; see the module.
#[derive(Debug)]
pub struct Segmenter {
    config: Config,
    video: Option<h264::Config>,
    audio: Option<aac::Config>,
    gather: Gather,
    packer: Packer,
    // The tracks of the current initialisation section, while frames are being packed.
    active: Option<Tracks>,
    latest_init: Option<(u32, Tracks)>,
    // An audio frame arrived that the current initialisation section does not describe.
    audio_waits: bool,
    ended: bool,
    outputs: VecDeque<Output>,
}

/// The configurations that one initialisation section describes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Tracks {
    video: Option<h264::Config>,
    audio: Option<aac::Config>,
}

impl Segmenter {
    /// A segmenter that has seen nothing.
    pub fn new(config: Config) -> Self {
        Self {
            packer: Packer::new(&config),
            gather: Gather::default(),
            config,
            video: None,
            audio: None,
            active: None,
            latest_init: None,
            audio_waits: false,
            ended: false,
            outputs: VecDeque::new(),
        }
    }

    /// Takes one input. Errors: it was not taken, see [`Error`].
    pub fn handle_input(&mut self, input: Input) -> Result<(), Error> {
        if self.ended {
            return Err(Error::Ended);
        }
        match input {
            Input::Config(config) => self.configure(config),
            Input::Frame(frame) => self.take_frame(frame),
            Input::Discontinuity => self.start_over(false),
            Input::Wall { media, unix_ms } => {
                self.packer.set_wall(media, unix_ms);
                Ok(())
            }
            Input::End => {
                let result = self.start_over(true);
                self.ended = true;
                self.outputs.push_back(Output::Ended);
                result
            }
        }
    }

    /// What became true since, oldest first.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn configure(&mut self, config: CodecConfig) -> Result<(), Error> {
        let track = config.track();
        let changed = match config {
            CodecConfig::H264(video) => {
                fmp4::init_section(Some(&video), None)?;
                self.video.replace(video) != self.video
            }
            CodecConfig::Aac(audio) => {
                fmp4::init_section(None, Some(&audio))?;
                self.audio.replace(audio) != self.audio
            }
        };
        if changed {
            self.gather.forget(track);
        }
        Ok(())
    }

    fn take_frame(&mut self, frame: Frame) -> Result<(), Error> {
        self.validate(&frame)?;
        let Some(active) = &self.active else {
            return self.gather_frame(frame);
        };
        let is_active = match frame.track {
            TrackKind::Video => active.video == self.video,
            TrackKind::Audio => active.audio == self.audio,
        };
        let starts_picture = frame.track == TrackKind::Video && frame.is_keyframe;
        // A player resets its decoders with a new initialisation section, and pictures can only go on at a keyframe.
        let can_start_over = starts_picture || active.video.is_none();
        if can_start_over && (!is_active || (starts_picture && self.audio_waits)) {
            self.start_over(false)?;
            return self.gather_frame(frame);
        }
        if !is_active {
            self.audio_waits |= frame.track == TrackKind::Audio;
            return Ok(());
        }
        match self.packer.push(frame, &mut self.outputs)? {
            Pushed::Done => Ok(()),
            Pushed::Gap(frame) => {
                self.start_over(false)?;
                self.gather_frame(frame)
            }
        }
    }

    fn validate(&self, frame: &Frame) -> Result<(), Error> {
        let is_configured = match frame.track {
            TrackKind::Video => self.video.is_some(),
            TrackKind::Audio => self.audio.is_some(),
        };
        if !is_configured {
            return Err(Error::NoConfig);
        }
        if frame.payload.is_empty() {
            return Err(Error::EmptyFrame);
        }
        if frame.payload.len() > self.config.segment_bytes_max {
            return Err(Error::FrameTooLarge(frame.payload.len()));
        }
        if [frame.dts, frame.pts].iter().any(|time| track::ticks(*time).is_none()) {
            return Err(Error::TimestampOutOfRange);
        }
        Ok(())
    }

    fn gather_frame(&mut self, frame: Frame) -> Result<(), Error> {
        self.gather.push(frame)?;
        if self
            .gather
            .is_complete(self.config.gather_max, self.config.segment_bytes_max)
        {
            self.start()?;
        }
        Ok(())
    }

    /// Ends the open segment and gathers anew; what follows does not continue it.
    fn start_over(&mut self, is_last: bool) -> Result<(), Error> {
        let started = if self.active.is_none() { self.start() } else { Ok(()) };
        let closed = self.packer.close_segment(is_last, &mut self.outputs);
        self.active = None;
        self.audio_waits = false;
        started.and(closed)
    }

    /// Packs what was gathered, with an initialisation section for the tracks that are in it.
    fn start(&mut self) -> Result<(), Error> {
        let (frames, has_video, has_audio) = self.gather.take();
        if frames.is_empty() {
            return Ok(());
        }
        let tracks = Tracks {
            video: self.video.clone().filter(|_| has_video),
            audio: self.audio.clone().filter(|_| has_audio),
        };
        let init_id = self.announce(&tracks)?;
        self.packer
            .start(init_id, tracks.video.as_ref(), tracks.audio.as_ref(), &frames);
        self.active = Some(tracks);
        let mut first_error = Ok(());
        for frame in frames {
            // One bad frame must not take the gathered rest with it.
            let result = self.take_gathered(frame);
            first_error = first_error.and(result);
        }
        first_error
    }

    fn take_gathered(&mut self, frame: Frame) -> Result<(), Error> {
        match self.packer.push(frame, &mut self.outputs)? {
            Pushed::Done => Ok(()),
            // Gathered media spans about a second: a gap inside it is a timestamp out of any order.
            Pushed::Gap(_) => Err(Error::TimestampOutOfRange),
        }
    }

    fn announce(&mut self, tracks: &Tracks) -> Result<u32, Error> {
        if let Some((id, latest)) = &self.latest_init
            && latest == tracks
        {
            return Ok(*id);
        }
        let bytes = fmp4::init_section(tracks.video.as_ref(), tracks.audio.as_ref())?;
        let id = self
            .latest_init
            .as_ref()
            .map_or(self.config.first_init_id, |(id, _)| id + 1);
        let codecs = codecs(tracks);
        let (video, audio) = (tracks.video.clone(), tracks.audio.clone());
        self.outputs.push_back(Output::Init(Init {
            id,
            bytes,
            video,
            audio,
            codecs,
        }));
        self.latest_init = Some((id, tracks.clone()));
        Ok(id)
    }
}

/// RFC 6381 names of the tracks, video first.
fn codecs(tracks: &Tracks) -> String {
    let video = tracks.video.as_ref().map(h264::Config::codec_string);
    let audio = tracks.audio.as_ref().map(aac::Config::codec_string);
    video.into_iter().chain(audio).collect::<Vec<_>>().join(",")
}
