//! What an encoder produces and a packager consumes: tracks and their frames.

use bytes::Bytes;

use crate::codec::{aac, h264};
use crate::time::Timestamp;

/// Which elementary stream a frame belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TrackKind {
    /// Pictures.
    Video,
    /// Sound.
    Audio,
}

/// Everything a decoder must know before the first frame of a track.
///
/// Sent again whenever the encoder changes it in the middle of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodecConfig {
    /// H.264 / AVC, from an `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §5.3.3.1).
    H264(h264::Config),
    /// AAC, from an `AudioSpecificConfig` (ISO/IEC 14496-3 §1.6.2.1).
    Aac(aac::Config),
}

impl CodecConfig {
    /// The track this configures.
    pub fn track(&self) -> TrackKind {
        match self {
            Self::H264(_) => TrackKind::Video,
            Self::Aac(_) => TrackKind::Audio,
        }
    }
}

/// One access unit of one track, in decode order within its track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Elementary stream.
    pub track: TrackKind,
    /// Decode time, milliseconds from RTMP; strictly increasing per track after normalising.
    pub dts: Timestamp,
    /// Presentation time, same timescale as `dts`; `pts - dts` is the composition offset.
    pub pts: Timestamp,
    /// True when decoding can start here (an IDR picture; always true for audio).
    pub is_keyframe: bool,
    /// H.264: length-prefixed NAL units (4-byte lengths). AAC: one raw frame without ADTS.
    pub payload: Bytes,
}
