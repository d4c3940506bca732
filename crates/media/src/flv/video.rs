//! Video tag bodies.

use bytes::Bytes;

use super::enhanced::{self, CODED_FRAMES, CODED_FRAMES_X, SEQUENCE_START};
use super::{Codec, Error, FourCc, Tag, Unit, nal};
use crate::CodecConfig;
use crate::codec::h264;

const AVC: u8 = 7;
const MULTITRACK: u8 = 6;
/// Frame type 5 is a command to the player ("seek starts"), not a picture.
const COMMAND_FRAME: u8 = 5;

/// Reads the video tags of one stream, in order. Holds the NAL unit length size that the newest configuration named.
#[derive(Debug, Default)]
pub struct VideoReader {
    source_nal_length_size: Option<u8>,
}

impl VideoReader {
    /// Reads one tag body; frames come back as slices of it when their NAL unit lengths have four bytes already.
    ///
    /// # Errors
    /// [`Error::NalLengths`] and [`Error::Truncated`] cost one tag; after the others the stream cannot be used.
    pub fn read(&mut self, body: &Bytes) -> Result<Tag, Error> {
        let Some(first) = body.first() else {
            return Ok(Tag::Nothing);
        };
        if first & 0x80 != 0 {
            return self.read_enhanced(body);
        }
        if first >> 4 == COMMAND_FRAME {
            return Ok(Tag::Nothing);
        }
        if first & 0x0f != AVC {
            return Err(Error::UnsupportedCodec(Codec::LegacyVideo(first & 0x0f)));
        }
        match body.get(1) {
            Some(0) => self.config(&body.slice(body.len().min(5)..)),
            Some(1) => self.frame(body, 2),
            Some(_) => Ok(Tag::Nothing),
            None => Err(Error::Truncated("video")),
        }
    }

    fn read_enhanced(&mut self, body: &Bytes) -> Result<Tag, Error> {
        if body.first().is_some_and(|first| first >> 4 & 0b111 == COMMAND_FRAME) {
            return Ok(Tag::Nothing);
        }
        let header = enhanced::read_header(body, MULTITRACK, "video")?;
        if header.four_cc != FourCc(*b"avc1") {
            return Err(Error::UnsupportedCodec(Codec::EnhancedVideo(header.four_cc)));
        }
        match header.packet_type {
            SEQUENCE_START => self.config(&body.slice(header.body_at..)),
            CODED_FRAMES => self.frame(body, header.body_at),
            CODED_FRAMES_X => self.unit(&body.slice(header.body_at..), 0),
            _ => Ok(Tag::Nothing),
        }
    }

    fn config(&mut self, record: &Bytes) -> Result<Tag, Error> {
        let config = h264::Config::from_record(record)?;
        self.source_nal_length_size = h264::source_nal_length_size(record);
        Ok(Tag::Config(CodecConfig::H264(config)))
    }

    /// A frame whose signed 24-bit composition time is at `at`.
    fn frame(&self, body: &Bytes, at: usize) -> Result<Tag, Error> {
        let time = body
            .get(at..)
            .and_then(|rest| rest.first_chunk::<3>())
            .ok_or(Error::Truncated("video"))?;
        let composition_ms = i32::from_be_bytes([time[0], time[1], time[2], 0]) >> 8;
        self.unit(&body.slice(at + 3..), composition_ms)
    }

    fn unit(&self, units: &Bytes, composition_ms: i32) -> Result<Tag, Error> {
        let Some(length_size) = self.source_nal_length_size else {
            return Ok(Tag::Unconfigured);
        };
        // The tag's own keyframe flag also marks recovery points, where a player cannot start; the NAL units decide.
        let Some(unit) = nal::normalise(units, length_size)? else {
            return Ok(Tag::Nothing);
        };
        Ok(Tag::Frame(Unit {
            composition_ms,
            is_keyframe: unit.has_idr,
            payload: unit.payload,
        }))
    }
}
