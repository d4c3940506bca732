//! Fragmented MP4 (ISO/IEC 14496-12, CMAF ISO/IEC 23000-19): initialisation sections and fragments.
//!
//! Boxes come from `mp4-atom`; which boxes, and what is in them, is decided here:
//! `ftyp` + `moov` (`avc1`/`avcC`, `mp4a`/`esds`, `mvex`/`trex`), then `moof` + `mdat` with `default-base-is-moof`, a
//! 64-bit `tfdt` and a `trun` of version 1, whose composition offsets are signed.

mod fragment;
mod init;

pub use fragment::{Run, Sample, fragment};
pub use init::init_section;

/// Track id of the video track.
pub const VIDEO_TRACK_ID: u32 = 1;
/// Track id of the audio track.
pub const AUDIO_TRACK_ID: u32 = 2;

/// What cannot be written as MP4.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The `AVCDecoderConfigurationRecord` does not parse.
    #[error("malformed avcC record: {0}")]
    VideoRecord(#[source] mp4_atom::Error),
    /// The audio configuration has no sample rate, which is its timescale.
    #[error("audio without a sample rate")]
    NoSampleRate,
    /// There is no track to describe.
    #[error("no track")]
    NoTrack,
    /// A fragment of 2 GiB or more, whose offsets do not fit.
    #[error("fragment of {0} bytes is too large")]
    TooLarge(usize),
    /// A box could not be encoded.
    #[error("box not encodable: {0}")]
    Encode(#[from] mp4_atom::Error),
}
