//! AAC: the `AudioSpecificConfig` (ISO/IEC 14496-3 §1.6.2.1).

use bytes::Bytes;

/// Decoder configuration of an AAC track.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Audio object type: 2 is AAC-LC, 5 HE-AAC, 29 HE-AAC v2.
    pub object_type: u8,
    /// Samples per second.
    pub sample_rate_hz: u32,
    /// Number of channels, 1 to 8.
    pub channels: u8,
    /// The whole record as the encoder sent it.
    pub record: Bytes,
}
