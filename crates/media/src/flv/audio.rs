//! Audio tag bodies.

use bytes::Bytes;

use super::enhanced::{self, CODED_FRAMES, SEQUENCE_START};
use super::{Codec, Error, FourCc, Tag, Unit};
use crate::CodecConfig;
use crate::codec::aac;

const AAC: u8 = 10;
const ENHANCED: u8 = 9;
const MULTITRACK: u8 = 5;

/// Reads the audio tags of one stream, in order.
#[derive(Debug, Default)]
pub struct AudioReader {
    is_configured: bool,
}

impl AudioReader {
    /// Reads one tag body; frames come back as slices of it.
    ///
    /// # Errors
    /// [`Error::Truncated`] costs one tag; after the others the stream cannot be used.
    pub fn read(&mut self, body: &Bytes) -> Result<Tag, Error> {
        let Some(first) = body.first() else {
            return Ok(Tag::Nothing);
        };
        match first >> 4 {
            AAC => match body.get(1) {
                Some(0) => self.config(&body.slice(2..)),
                Some(1) => Ok(self.unit(body.slice(2..))),
                Some(_) => Ok(Tag::Nothing),
                None => Err(Error::Truncated("audio")),
            },
            ENHANCED => self.read_enhanced(body),
            format => Err(Error::UnsupportedCodec(Codec::LegacyAudio(format))),
        }
    }

    fn read_enhanced(&mut self, body: &Bytes) -> Result<Tag, Error> {
        let header = enhanced::read_header(body, MULTITRACK, "audio")?;
        if header.four_cc != FourCc(*b"mp4a") {
            return Err(Error::UnsupportedCodec(Codec::EnhancedAudio(header.four_cc)));
        }
        match header.packet_type {
            SEQUENCE_START => self.config(&body.slice(header.body_at..)),
            CODED_FRAMES => Ok(self.unit(body.slice(header.body_at..))),
            _ => Ok(Tag::Nothing),
        }
    }

    fn config(&mut self, record: &Bytes) -> Result<Tag, Error> {
        let config = aac::Config::from_record(record)?;
        self.is_configured = true;
        Ok(Tag::Config(CodecConfig::Aac(config)))
    }

    fn unit(&self, payload: Bytes) -> Tag {
        if payload.is_empty() {
            return Tag::Nothing;
        }
        if !self.is_configured {
            return Tag::Unconfigured;
        }
        Tag::Frame(Unit {
            composition_ms: 0,
            is_keyframe: true,
            payload,
        })
    }
}
