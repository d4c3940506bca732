//! Writes tag bodies: the sender's half, for a test publisher and for restreaming.

use bytes::{BufMut, Bytes, BytesMut};

use crate::{CodecConfig, Frame, TrackKind};

const KEYFRAME_AVC: u8 = 0x17;
const INTER_FRAME_AVC: u8 = 0x27;
/// AAC tags always claim 44 kHz, 16 bit, stereo; the record inside says what is true (FLV 10.1 §E.4.2.1).
const AAC: u8 = 0xaf;

/// The sequence header of a track.
pub fn config(config: &CodecConfig) -> Bytes {
    match config {
        CodecConfig::H264(h264) => join(&[KEYFRAME_AVC, 0, 0, 0, 0], &h264.record),
        CodecConfig::Aac(aac) => join(&[AAC, 0], &aac.record),
    }
}

/// The tag body of a frame. A composition time outside 24 bits is cut to the nearest that fits.
pub fn frame(frame: &Frame) -> Bytes {
    match frame.track {
        TrackKind::Video => {
            let kind = if frame.is_keyframe {
                KEYFRAME_AVC
            } else {
                INTER_FRAME_AVC
            };
            let offset = frame.pts.rescale(crate::time::MILLIS).ticks - frame.dts.rescale(crate::time::MILLIS).ticks;
            let offset = i32::try_from(offset.clamp(-0x80_0000, 0x7f_ffff)).unwrap_or(0);
            let [_, high, middle, low] = offset.to_be_bytes();
            join(&[kind, 1, high, middle, low], &frame.payload)
        }
        TrackKind::Audio => join(&[AAC, 1], &frame.payload),
    }
}

fn join(header: &[u8], payload: &[u8]) -> Bytes {
    let mut body = BytesMut::with_capacity(header.len() + payload.len());
    body.put_slice(header);
    body.put_slice(payload);
    body.freeze()
}
