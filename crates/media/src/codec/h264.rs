//! H.264: the `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §5.3.3.1) and its parameter sets.

use bytes::Bytes;

/// Decoder configuration of an H.264 track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `profile_idc`, for instance 66 Baseline, 77 Main, 100 High.
    pub profile_idc: u8,
    /// The constraint flags byte that follows the profile.
    pub constraint_flags: u8,
    /// `level_idc`, ten times the level: 31 is level 3.1.
    pub level_idc: u8,
    /// Picture width in luma samples after cropping.
    pub width: u16,
    /// Picture height in luma samples after cropping.
    pub height: u16,
    /// Frame rate from the VUI, in millihertz (29_970 is 29.97), when the SPS carries timing.
    pub frame_rate_millihz: Option<u32>,
    /// Bytes of a NAL unit length prefix in this track's frames: always 4 after normalising.
    pub nal_length_size: u8,
    /// The whole record, rewritten for 4-byte NAL unit lengths.
    pub record: Bytes,
}
