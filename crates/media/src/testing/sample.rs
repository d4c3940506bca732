//! A few real headers and frames, for tests that need a valid one and do not care which.

use bytes::Bytes;

use crate::codec::{aac, h264};
use crate::{CodecConfig, Frame, Timestamp, TrackKind};

/// `AVCDecoderConfigurationRecord` of x264: High, level 3, 640x360, 30 frames a second.
pub fn h264_record() -> Bytes {
    Bytes::from_static(&[
        0x01, 0x64, 0x00, 0x1e, 0xff, 0xe1, 0x00, 0x19, 0x67, 0x64, 0x00, 0x1e, 0xac, 0xb4, 0x05, 0x01, 0x7f, 0xcb,
        0x80, 0x88, 0x00, 0x00, 0x03, 0x00, 0x08, 0x00, 0x00, 0x03, 0x01, 0xe0, 0x78, 0xb1, 0x75, 0x01, 0x00, 0x04,
        0x68, 0xee, 0x0f, 0xcb, 0xfd, 0xf8, 0xf8, 0x00,
    ])
}

/// `AudioSpecificConfig`: AAC-LC, 48 kHz, stereo.
pub fn aac_record() -> Bytes {
    Bytes::from_static(&[0x11, 0x90])
}

/// The configuration of [`h264_record`].
///
/// # Errors
/// Never, as a test of this crate shows.
pub fn h264_config() -> Result<CodecConfig, h264::Error> {
    h264::Config::from_record(&h264_record()).map(CodecConfig::H264)
}

/// The configuration of [`aac_record`].
///
/// # Errors
/// Never, as a test of this crate shows.
pub fn aac_config() -> Result<CodecConfig, aac::Error> {
    aac::Config::from_record(&aac_record()).map(CodecConfig::Aac)
}

/// A video frame of one slice with `payload_bytes` bytes of content that no decoder would like.
pub fn video_frame(dts_ms: i64, is_keyframe: bool, payload_bytes: usize) -> Frame {
    let header = if is_keyframe { 0x65 } else { 0x41 };
    let unit_bytes = u32::try_from(payload_bytes + 1).unwrap_or(u32::MAX);
    let mut payload = unit_bytes.to_be_bytes().to_vec();
    payload.push(header);
    payload.resize(payload.len() + payload_bytes, 0x2a);
    let time = Timestamp::from_millis(dts_ms);
    Frame {
        track: TrackKind::Video,
        dts: time,
        pts: time,
        is_keyframe,
        payload: payload.into(),
    }
}

/// An audio frame with `payload_bytes` bytes of content.
pub fn audio_frame(dts_ms: i64, payload_bytes: usize) -> Frame {
    let time = Timestamp::from_millis(dts_ms);
    Frame {
        track: TrackKind::Audio,
        dts: time,
        pts: time,
        is_keyframe: true,
        payload: vec![0x21; payload_bytes].into(),
    }
}
