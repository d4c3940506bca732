//! FLV tag bodies, which are also the payload of RTMP audio and video messages (Adobe FLV 10.1 Annex E.4).
//!
//! Reads H.264 and AAC in the original form and under their enhanced RTMP FourCC. Everything else that either
//! specification names is recognised and refused by name, so that the encoder's operator learns what to change.

mod audio;
mod codec;
mod enhanced;
mod nal;
mod video;
pub mod write;

pub use audio::AudioReader;
pub use codec::{Codec, FourCc};
pub use video::VideoReader;

use bytes::Bytes;

use crate::codec::{aac, h264};

/// What one tag body carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    /// A decoder configuration.
    Config(crate::CodecConfig),
    /// One access unit.
    Frame(Unit),
    /// Nothing a player needs: end of sequence, a seek command, colour metadata, or a frame without content.
    Nothing,
    /// A frame that came before its configuration.
    Unconfigured,
}

/// One access unit before it has a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// `pts - dts` as sent, milliseconds; may be negative.
    pub composition_ms: i32,
    /// True when decoding can start here.
    pub is_keyframe: bool,
    /// As [`crate::Frame::payload`].
    pub payload: Bytes,
}

/// Why a tag body was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A known or unknown codec other than H.264 and AAC.
    #[error("{0} is not supported yet: set the encoder to {alternative}", alternative = .0.alternative())]
    UnsupportedCodec(Codec),
    /// Several tracks in one stream.
    #[error("multitrack {0} is not supported yet: send one video and one audio track")]
    Multitrack(FourCc),
    /// Ends before the last field of its header.
    #[error("flv {0} tag ends too early")]
    Truncated(&'static str),
    /// NAL unit lengths that do not add up to the frame. The tag is lost, the stream is not.
    #[error("h264 frame with broken nal unit lengths")]
    NalLengths,
    /// The decoder configuration is no good.
    #[error(transparent)]
    H264(#[from] h264::Error),
    /// The decoder configuration is no good.
    #[error(transparent)]
    Aac(#[from] aac::Error),
}

#[cfg(test)]
mod tests;
