//! The header that enhanced RTMP v2 puts before audio and video alike: packet type, modifiers, tracks, FourCC.

use super::{Error, FourCc};

/// Packet types that audio and video share, by number.
pub(super) const SEQUENCE_START: u8 = 0;
/// Coded frames; H.264 has a 24-bit composition time before them.
pub(super) const CODED_FRAMES: u8 = 1;
/// Coded frames of video with composition time zero.
pub(super) const CODED_FRAMES_X: u8 = 3;
const MOD_EX: u8 = 7;
/// `ModEx` packets may follow one another; the only one defined is a nanosecond offset, which appears once.
const MOD_EX_MAX: usize = 4;

/// An enhanced header, read.
pub(super) struct Header {
    pub packet_type: u8,
    pub four_cc: FourCc,
    /// Where the body starts in the tag.
    pub body_at: usize,
}

/// Reads the header of a tag whose first byte said "enhanced".
///
/// `multitrack_type` is the number that means several tracks: 5 for audio, 6 for video.
pub(super) fn read_header(tag: &[u8], multitrack_type: u8, medium: &'static str) -> Result<Header, Error> {
    let mut packet_type = tag.first().ok_or(Error::Truncated(medium))? & 0x0f;
    let mut at = 1;
    for _ in 0..MOD_EX_MAX {
        if packet_type != MOD_EX {
            break;
        }
        (packet_type, at) = skip_modifier(tag, at).ok_or(Error::Truncated(medium))?;
    }
    if packet_type == multitrack_type {
        // One byte names track layout and packet type; with "many tracks, many codecs" the FourCC follows the track.
        let four_cc = four_cc(tag, at + 1).ok_or(Error::Truncated(medium))?;
        return Err(Error::Multitrack(four_cc));
    }
    let four_cc = four_cc(tag, at).ok_or(Error::Truncated(medium))?;
    Ok(Header {
        packet_type,
        four_cc,
        body_at: at + 4,
    })
}

/// A `ModEx` is a size (one byte, or 255 and two more), data, and a byte with its kind and the next packet type.
fn skip_modifier(tag: &[u8], at: usize) -> Option<(u8, usize)> {
    let (size, data_at) = match usize::from(*tag.get(at)?) + 1 {
        256 => {
            let wide = tag.get(at + 1..at + 3)?.first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes(*wide)) + 1, at + 3)
        }
        size => (size, at + 1),
    };
    let next = tag.get(data_at + size)?;
    Some((next & 0x0f, data_at + size + 1))
}

fn four_cc(tag: &[u8], at: usize) -> Option<FourCc> {
    tag.get(at..)?.first_chunk::<4>().copied().map(FourCc)
}
