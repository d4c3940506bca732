//! AAC: the `AudioSpecificConfig` (ISO/IEC 14496-3 §1.6.2.1).

use bytes::Bytes;

use super::bits::BitReader;

/// A record is 2 to 5 bytes; a program config element adds at most a few hundred.
pub const RECORD_BYTES_MAX: usize = 1024;

/// Sample rates by index (ISO/IEC 14496-3 Table 1.18); index 15 spells the rate out.
const SAMPLE_RATES_HZ: [u32; 13] = [
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];
/// Above this no decoder we serve plays, and a forged rate would distort every duration derived from it.
const SAMPLE_RATE_HZ_MAX: u32 = 192_000;
/// Spectral band replication: the decoder doubles the sample rate.
const SBR: u8 = 5;
/// Parametric stereo on top of SBR: the decoder also makes two channels of one.
const PARAMETRIC_STEREO: u8 = 29;

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

/// Why a record was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Ends before the last field.
    #[error("aac configuration record ends too early")]
    Truncated,
    /// Longer than [`RECORD_BYTES_MAX`].
    #[error("aac configuration record of {0} bytes: the limit is {RECORD_BYTES_MAX}")]
    RecordTooLong(usize),
    /// An object type that browsers cannot play.
    #[error("audio object type {0} is not supported: set the encoder to AAC-LC")]
    ObjectType(u8),
    /// A reserved index, zero, or above what decoders play.
    #[error("aac sample rate is reserved or outside 1 to {SAMPLE_RATE_HZ_MAX} Hz")]
    SampleRate,
    /// A reserved layout, no channel, or more than eight.
    #[error("aac channel layout {0} is not supported: use 1 to 8 channels")]
    Channels(u8),
    /// Frames of 960 samples, used in radio only.
    #[error("aac frames of 960 samples are not supported")]
    ShortFrames,
}

impl Config {
    /// Reads an `AudioSpecificConfig` as an encoder sent it.
    ///
    /// With explicit SBR or parametric stereo the result describes what the decoder puts out: the doubled rate and
    /// two channels. Implicit signalling cannot be seen here and is described by its core.
    ///
    /// # Errors
    /// [`Error`] when a decoder could not be set up from it.
    pub fn from_record(record: &Bytes) -> Result<Self, Error> {
        if record.len() > RECORD_BYTES_MAX {
            return Err(Error::RecordTooLong(record.len()));
        }
        let mut bits = BitReader::new(record);
        let first_type = object_type(&mut bits)?;
        let core_rate_hz = sample_rate(&mut bits)?;
        let layout = bits.u8(4).ok_or(Error::Truncated)?;
        let (mut kind, mut rate_hz, mut core_type) = (first_type, core_rate_hz, first_type);
        if first_type == SBR || first_type == PARAMETRIC_STEREO {
            rate_hz = sample_rate(&mut bits)?;
            core_type = object_type(&mut bits)?;
        }
        if !(1..=4).contains(&core_type) {
            return Err(Error::ObjectType(core_type));
        }
        let mut channels = general_audio_channels(&mut bits, layout)?;
        if first_type == core_type
            && let Some(extension) = sync_extension(&mut bits)?
        {
            (kind, rate_hz) = extension;
        }
        if kind == PARAMETRIC_STEREO && channels == 1 {
            channels = 2;
        }
        Ok(Self {
            object_type: kind,
            sample_rate_hz: rate_hz,
            channels,
            // A copy: the slice would keep the message alive that it came in.
            record: Bytes::copy_from_slice(record),
        })
    }

    /// The codec string of RFC 6381 §3.3, for instance `mp4a.40.2`.
    pub fn codec_string(&self) -> String {
        format!("mp4a.40.{}", self.object_type)
    }

    /// The profile's name as people write it, for instance `AAC-LC`.
    pub fn profile_name(&self) -> &'static str {
        match self.object_type {
            1 => "AAC Main",
            2 => "AAC-LC",
            3 => "AAC SSR",
            4 => "AAC LTP",
            SBR => "HE-AAC",
            PARAMETRIC_STEREO => "HE-AAC v2",
            _ => "AAC",
        }
    }

    /// Samples of one channel that one frame decodes to, at `sample_rate_hz`.
    pub fn samples_per_frame(&self) -> u32 {
        if self.object_type == SBR || self.object_type == PARAMETRIC_STEREO {
            2_048
        } else {
            1_024
        }
    }
}

/// `GetAudioObjectType` (§1.6.2.1): 31 escapes to six more bits.
fn object_type(bits: &mut BitReader<'_>) -> Result<u8, Error> {
    match bits.u8(5).ok_or(Error::Truncated)? {
        31 => Ok(32 + bits.u8(6).ok_or(Error::Truncated)?),
        value => Ok(value),
    }
}

fn sample_rate(bits: &mut BitReader<'_>) -> Result<u32, Error> {
    let rate_hz = match bits.u8(4).ok_or(Error::Truncated)? {
        15 => bits.u32(24).ok_or(Error::Truncated)?,
        index => *SAMPLE_RATES_HZ.get(usize::from(index)).ok_or(Error::SampleRate)?,
    };
    if (1..=SAMPLE_RATE_HZ_MAX).contains(&rate_hz) {
        Ok(rate_hz)
    } else {
        Err(Error::SampleRate)
    }
}

/// `GASpecificConfig` (§4.4.1), as far as the channel count needs it.
fn general_audio_channels(bits: &mut BitReader<'_>, layout: u8) -> Result<u8, Error> {
    if bits.bit().ok_or(Error::Truncated)? {
        return Err(Error::ShortFrames);
    }
    if bits.bit().ok_or(Error::Truncated)? {
        bits.u32(14).ok_or(Error::Truncated)?;
    }
    bits.bit().ok_or(Error::Truncated)?;
    match layout {
        0 => program_channels(bits),
        1..=6 => Ok(layout),
        7 | 12 | 14 => Ok(8),
        11 => Ok(7),
        _ => Err(Error::Channels(layout)),
    }
}

/// `program_config_element` (§4.4.1.1): layout 0 lists its elements instead of naming a known order.
fn program_channels(bits: &mut BitReader<'_>) -> Result<u8, Error> {
    fn read(bits: &mut BitReader<'_>) -> Option<u32> {
        bits.u32(4 + 2 + 4)?;
        let (front, side, back) = (bits.u32(4)?, bits.u32(4)?, bits.u32(4)?);
        let (lfe, associated, coupling) = (bits.u32(2)?, bits.u32(3)?, bits.u32(4)?);
        for mixdown_bits in [4, 4, 3] {
            if bits.bit()? {
                bits.u32(mixdown_bits)?;
            }
        }
        let mut channels = lfe;
        for _ in 0..front + side + back {
            channels += if bits.bit()? { 2 } else { 1 };
            bits.u32(4)?;
        }
        bits.skip(lfe * 4 + associated * 4 + coupling * 5)?;
        bits.align();
        let comment_bytes = bits.u32(8)?;
        bits.skip(comment_bytes * 8)?;
        Some(channels)
    }
    let channels = read(bits).ok_or(Error::Truncated)?;
    u8::try_from(channels)
        .ok()
        .filter(|count| (1..=8).contains(count))
        .ok_or(Error::Channels(0))
}

/// Explicit, backward compatible signalling: SBR follows the core's record (§1.6.5, `syncExtensionType` 0x2b7).
fn sync_extension(bits: &mut BitReader<'_>) -> Result<Option<(u8, u32)>, Error> {
    if bits.remaining() < 16 || bits.u32(11) != Some(0x2b7) {
        return Ok(None);
    }
    if object_type(bits)? != SBR || bits.bit() != Some(true) {
        return Ok(None);
    }
    let rate_hz = sample_rate(bits)?;
    let has_parametric_stereo = bits.remaining() >= 12 && bits.u32(11) == Some(0x548) && bits.bit() == Some(true);
    Ok(Some((
        if has_parametric_stereo { PARAMETRIC_STEREO } else { SBR },
        rate_hz,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(record: &[u8], object_type: u8, sample_rate_hz: u32, channels: u8, codec: &str) {
        let config = Config::from_record(&Bytes::copy_from_slice(record)).unwrap();
        assert_eq!(
            (config.object_type, config.sample_rate_hz, config.channels),
            (object_type, sample_rate_hz, channels)
        );
        assert_eq!(config.codec_string(), codec);
    }

    fn error(record: &[u8]) -> Error {
        Config::from_record(&Bytes::copy_from_slice(record)).unwrap_err()
    }

    #[test]
    fn a_configuration_does_not_keep_its_message() {
        let message = Bytes::from([&[0x12, 0x10][..], &[0; 100_000]].concat());
        let config = Config::from_record(&message.slice(..2)).unwrap();
        assert!(message.is_unique(), "{config:?}");
    }

    #[test]
    fn low_complexity_records_of_common_encoders() {
        check(&[0x12, 0x10], 2, 44_100, 2, "mp4a.40.2");
        check(&[0x11, 0x90], 2, 48_000, 2, "mp4a.40.2");
        check(&[0x11, 0x88], 2, 48_000, 1, "mp4a.40.2");
        check(&[0x11, 0xb0], 2, 48_000, 6, "mp4a.40.2");
        check(&[0x11, 0xb8], 2, 48_000, 8, "mp4a.40.2");
        // FFmpeg appends "SBR: no" in the compatible form.
        check(&[0x12, 0x10, 0x56, 0xe5, 0x00], 2, 44_100, 2, "mp4a.40.2");
    }

    #[test]
    fn explicit_sbr_describes_the_output_of_the_decoder() {
        // Hierarchical: type 5, core 24 kHz, output 48 kHz, core type 2.
        check(&[0x2b, 0x11, 0x88, 0x00], 5, 48_000, 2, "mp4a.40.5");
        // Hierarchical with parametric stereo: one coded channel, two out.
        check(&[0xeb, 0x09, 0x88, 0x00], 29, 48_000, 2, "mp4a.40.29");
        // Compatible: type 2 at 22.05 kHz, then 0x2b7, type 5, present, 44.1 kHz.
        check(&[0x13, 0x90, 0x56, 0xe5, 0xa0], 5, 44_100, 2, "mp4a.40.5");
        // The same with 0x548 and parametric stereo.
        check(&[0x13, 0x88, 0x56, 0xe5, 0xa5, 0x48, 0x80], 29, 44_100, 2, "mp4a.40.29");
    }

    #[test]
    fn sample_rate_index_fifteen_spells_the_rate_out() {
        // 00010 1111 rate24 0010 000: AAC-LC, 44 100 Hz explicit, stereo.
        let bits: u64 = (0b00010 << 35) | (0b1111 << 31) | (44_100 << 7) | (0b0010 << 3);
        check(&bits.to_be_bytes()[3..], 2, 44_100, 2, "mp4a.40.2");
        let zero_rate: u64 = (0b00010 << 35) | (0b1111 << 31) | (0b0010 << 3);
        assert_eq!(error(&zero_rate.to_be_bytes()[3..]), Error::SampleRate);
    }

    #[test]
    fn layout_zero_counts_the_elements_of_the_program() {
        // AAC-LC 48 kHz, layout 0; tag 0, profile 1, rate 3, one pair in front, nothing else.
        let mut writer = Vec::new();
        for (value, width) in [
            (2u32, 5),
            (3, 4),
            (0, 4),
            (0, 3),
            (0, 4),
            (1, 2),
            (3, 4),
            (1, 4),
            (0, 4),
            (0, 4),
            (1, 2),
            (0, 3),
            (0, 4),
            (0, 3),
            (1, 1),
            (0, 4),
            (0, 4),
        ] {
            writer.extend((0..width).rev().map(|bit| value >> bit & 1 == 1));
        }
        writer.resize(writer.len().next_multiple_of(8) + 8, false);
        let record: Vec<u8> = writer
            .chunks(8)
            .map(|byte| byte.iter().fold(0, |acc, bit| acc << 1 | u8::from(*bit)))
            .collect();
        check(&record, 2, 48_000, 3, "mp4a.40.2");
    }

    #[test]
    fn what_no_browser_plays_is_refused_by_name() {
        // Escape: 31 then 42 - 32 = 10: xHE-AAC.
        assert_eq!(error(&[0xf9, 0x46, 0x40, 0x00]), Error::ObjectType(42));
        assert_eq!(error(&[0x11, 0x94]), Error::ShortFrames);
        assert_eq!(error(&[0x16, 0x90]), Error::SampleRate);
        assert_eq!(error(&[0x11, 0xc8]), Error::Channels(9));
        assert_eq!(error(&[0x11]), Error::Truncated);
        assert_eq!(error(&[]), Error::Truncated);
        assert_eq!(
            error(&[0; RECORD_BYTES_MAX + 1]),
            Error::RecordTooLong(RECORD_BYTES_MAX + 1)
        );
    }
}
