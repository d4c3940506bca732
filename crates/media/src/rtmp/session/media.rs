//! From media messages to events.

use bytes::Bytes;

use crate::amf0::{self, Value};
use crate::flv::{self, AudioReader, Tag, VideoReader};
use crate::rtmp::message::{Kind, Message};
use crate::rtmp::{Error, Event, Metadata, Timeline, command};
use crate::{CodecConfig, Frame, TrackKind};

/// Unreadable tags of one stream before it is given up. One may come of a bug, a hundred are another format.
const BAD_TAGS_MAX: u32 = 100;
/// Tags in one aggregate: seconds of every frame there is. Each becomes an event, many times the size of the smallest tag,
/// and all of one message wait for the driver together.
const AGGREGATE_TAGS_MAX: usize = 1_024;

/// What was dropped or moved, since the stream began.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Media and script messages before a publish was accepted.
    pub messages_before_publish: u64,
    /// Frames before their track's configuration.
    pub frames_before_config: u64,
    /// Tags cut short, or with broken NAL unit lengths.
    pub bad_tags: u32,
    /// Decode times moved because they repeated or went back.
    pub corrected_times: u64,
    /// Jumps of the encoder's clock that were closed.
    pub clock_rebases: u32,
}

/// State of the stream that is being published.
#[derive(Debug, Default)]
pub(super) struct Media {
    video: VideoReader,
    audio: AudioReader,
    timeline: Timeline,
    metadata: Option<Metadata>,
    video_config: Option<CodecConfig>,
    audio_config: Option<CodecConfig>,
    counters: Counters,
}

impl Media {
    pub(super) fn counters(&self) -> Counters {
        Counters {
            corrected_times: self.timeline.corrections(),
            clock_rebases: self.timeline.rebases(),
            ..self.counters
        }
    }

    pub(super) fn count_before_publish(&mut self) {
        self.counters.messages_before_publish += 1;
    }

    /// Reads one media or script message and tells `tell` what it held.
    pub(super) fn read(&mut self, message: &Message, tell: &mut impl FnMut(Event)) -> Result<(), Error> {
        match message.kind {
            Kind::Audio => self.tag(TrackKind::Audio, message.timestamp, &message.payload, tell),
            Kind::Video => self.tag(TrackKind::Video, message.timestamp, &message.payload, tell),
            Kind::Aggregate => self.aggregate(message, tell),
            Kind::Data { is_amf3 } => self.script(&message.payload, is_amf3, tell),
            _ => Ok(()),
        }
    }

    fn tag(
        &mut self,
        track: TrackKind,
        timestamp: u32,
        body: &Bytes,
        tell: &mut impl FnMut(Event),
    ) -> Result<(), Error> {
        let tag = match track {
            TrackKind::Video => self.video.read(body),
            TrackKind::Audio => self.audio.read(body),
        };
        match tag {
            Ok(Tag::Frame(unit)) => {
                let (dts, pts) = self.timeline.place(track, timestamp, unit.composition_ms);
                let (is_keyframe, payload) = (unit.is_keyframe, unit.payload);
                tell(Event::Frame(Frame {
                    track,
                    dts,
                    pts,
                    is_keyframe,
                    payload,
                }));
            }
            Ok(Tag::Config(config)) => {
                let known = match track {
                    TrackKind::Video => &mut self.video_config,
                    TrackKind::Audio => &mut self.audio_config,
                };
                if known.as_ref() != Some(&config) {
                    *known = Some(config.clone());
                    tell(Event::Config(config));
                }
            }
            Ok(Tag::Nothing) => {}
            Ok(Tag::Unconfigured) => self.counters.frames_before_config += 1,
            Err(error @ (flv::Error::NalLengths | flv::Error::Truncated(_))) => self.bad_tag(error)?,
            Err(error) => return Err(Error::Media(error)),
        }
        Ok(())
    }

    fn bad_tag(&mut self, last: flv::Error) -> Result<(), Error> {
        self.counters.bad_tags += 1;
        if self.counters.bad_tags > BAD_TAGS_MAX {
            return Err(Error::TooManyBadTags {
                limit: BAD_TAGS_MAX,
                last,
            });
        }
        Ok(())
    }

    /// FLV tags one after the other, each followed by its length (RTMP 1.0 §7.1.6). Their times are relative: the first
    /// one stands for the message's own.
    fn aggregate(&mut self, message: &Message, tell: &mut impl FnMut(Event)) -> Result<(), Error> {
        let mut rest = message.payload.clone();
        let mut first_time = None;
        for count in 0.. {
            if rest.is_empty() {
                break;
            }
            if count == AGGREGATE_TAGS_MAX {
                return Err(Error::TooManyTags(AGGREGATE_TAGS_MAX));
            }
            let Some((kind, time, body_bytes)) = read_tag_header(&rest) else {
                return self.bad_tag(flv::Error::Truncated("aggregate"));
            };
            let end = TAG_HEADER_BYTES + body_bytes;
            if rest.len() < end {
                return self.bad_tag(flv::Error::Truncated("aggregate"));
            }
            let body = rest.slice(TAG_HEADER_BYTES..end);
            rest = rest.slice(rest.len().min(end + BACK_POINTER_BYTES)..);
            let timestamp = message
                .timestamp
                .wrapping_add(time.wrapping_sub(*first_time.get_or_insert(time)));
            match kind {
                Kind::Audio => self.tag(TrackKind::Audio, timestamp, &body, tell)?,
                Kind::Video => self.tag(TrackKind::Video, timestamp, &body, tell)?,
                Kind::Data { is_amf3 } => self.script(&body, is_amf3, tell)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// `onMetaData`, with `@setDataFrame` before it or not. Other script data is no concern of ours, and values that
    /// AMF0 lacks are no reason to end a stream; bombs are.
    fn script(&mut self, payload: &[u8], is_amf3: bool, tell: &mut impl FnMut(Event)) -> Result<(), Error> {
        let values = match command::read_values(payload, is_amf3) {
            Ok(values) => values,
            Err(amf0::Error::Marker { .. } | amf0::Error::Truncated { .. }) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        let named: &[Value] = match values.as_slice() {
            [Value::String(name), rest @ ..] if name == "@setDataFrame" => rest,
            all => all,
        };
        if let [Value::String(name), object, ..] = named
            && name == "onMetaData"
        {
            let metadata = Metadata::from_value(object);
            if self.metadata.as_ref() != Some(&metadata) {
                self.metadata = Some(metadata.clone());
                tell(Event::Metadata(metadata));
            }
        }
        Ok(())
    }
}

/// Kind, 24-bit length, 24-bit time with its high byte behind, 24-bit stream id.
const TAG_HEADER_BYTES: usize = 11;
const BACK_POINTER_BYTES: usize = 4;

fn read_tag_header(bytes: &[u8]) -> Option<(Kind, u32, usize)> {
    let [kind, l2, l1, l0, t2, t1, t0, t3, ..] = *bytes.first_chunk::<TAG_HEADER_BYTES>()?;
    let length = usize::try_from(u32::from_be_bytes([0, l2, l1, l0])).ok()?;
    Some((Kind::from(kind), u32::from_be_bytes([t3, t2, t1, t0]), length))
}
