//! H.264: the `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §5.3.3.1) and its parameter sets.

use bytes::{Bytes, BytesMut};
use h264_reader::nal::sps::SeqParameterSet;
use h264_reader::nal::{Nal, RefNal};

/// A record is a few dozen bytes; scaling lists and several parameter sets still fit. Anything longer is an attack.
pub const RECORD_BYTES_MAX: usize = 8 * 1024;
/// Level 6.2 allows 16 384 samples a side at most (ITU-T H.264 Table A-1, sqrt(MaxFS * 8)).
pub const PICTURE_SIDE_MAX: u32 = 16_384;
/// A VUI that promises more frames a second than this carries no usable timing.
const FRAME_RATE_MILLIHZ_MAX: u64 = 1_000_000;
/// `nal_unit_type` (ITU-T H.264 Table 7-1).
const SPS_NAL_TYPE: u8 = 7;

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
    /// The record, rewritten for 4-byte NAL unit lengths; a malformed tail is cut off.
    pub record: Bytes,
}

/// Why a record was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Longer than [`RECORD_BYTES_MAX`].
    #[error("h264 configuration record of {0} bytes: the limit is {RECORD_BYTES_MAX}")]
    RecordTooLong(usize),
    /// Ends before the last parameter set.
    #[error("h264 configuration record is cut short")]
    Truncated,
    /// Of another version, whose layout is unknown.
    #[error("h264 configuration record of version {0} instead of 1")]
    Version(u8),
    /// No parameter set of that kind, or an empty one: a decoder could not start.
    #[error("h264 configuration record has no {0} parameter set")]
    ParameterSetMissing(&'static str),
    /// The first sequence parameter set cannot be read.
    #[error("h264 sequence parameter set: {0}")]
    Sps(String),
    /// Zero, or larger than [`PICTURE_SIDE_MAX`].
    #[error("h264 picture size {width}x{height} is outside 1 to {PICTURE_SIDE_MAX}")]
    PictureSize {
        /// Luma samples after cropping.
        width: u32,
        /// Luma samples after cropping.
        height: u32,
    },
}

impl Config {
    /// Reads an `AVCDecoderConfigurationRecord` as an encoder sent it.
    ///
    /// The record kept in the result says 4-byte NAL unit lengths; frames are rewritten to match, see
    /// [`source_nal_length_size`] for what the encoder uses.
    ///
    /// # Errors
    /// [`Error`] when a decoder could not be set up from it.
    pub fn from_record(record: &Bytes) -> Result<Self, Error> {
        if record.len() > RECORD_BYTES_MAX {
            return Err(Error::RecordTooLong(record.len()));
        }
        let lists = read_lists(record)?;
        let facts = read_sps(lists.first_sps)?;
        let (width, height) = picture_size(&facts)?;
        Ok(Self {
            profile_idc: record[1],
            constraint_flags: record[2],
            level_idc: record[3],
            width,
            height,
            frame_rate_millihz: frame_rate_millihz(&facts),
            nal_length_size: 4,
            record: normalised(record, lists.bytes),
        })
    }

    /// The codec string of RFC 6381 §3.3, for instance `avc1.64001f`.
    pub fn codec_string(&self) -> String {
        format!(
            "avc1.{:02x}{:02x}{:02x}",
            self.profile_idc, self.constraint_flags, self.level_idc
        )
    }

    /// The profile's name (ITU-T H.264 Annex A), for instance `High`; `Unknown` for one that has none.
    pub fn profile_name(&self) -> &'static str {
        let constraint_set1 = self.constraint_flags & 0x40 != 0;
        match self.profile_idc {
            66 if constraint_set1 => "Constrained Baseline",
            66 => "Baseline",
            77 => "Main",
            88 => "Extended",
            100 => "High",
            110 => "High 10",
            122 => "High 4:2:2",
            244 => "High 4:4:4 Predictive",
            44 => "CAVLC 4:4:4 Intra",
            _ => "Unknown",
        }
    }

    /// The level as people write it, for instance `3.1` or `1b`.
    pub fn level_name(&self) -> String {
        let is_1b_flagged = self.level_idc == 11 && self.constraint_flags & 0x10 != 0 && self.profile_idc <= 88;
        if self.level_idc == 9 || is_1b_flagged {
            return "1b".to_owned();
        }
        match (self.level_idc / 10, self.level_idc % 10) {
            (whole, 0) => whole.to_string(),
            (whole, tenth) => format!("{whole}.{tenth}"),
        }
    }
}

/// Bytes of a NAL unit length prefix (1 to 4) in the frames that follow this record; `None` when it is too short.
pub fn source_nal_length_size(record: &[u8]) -> Option<u8> {
    record.get(4).map(|byte| (byte & 0b11) + 1)
}

struct Lists<'a> {
    first_sps: &'a [u8],
    /// From the start of the record to the end of the second list.
    bytes: usize,
}

/// Walks the record: version, profile, flags, level, length size, both lists of parameter sets.
fn read_lists(record: &[u8]) -> Result<Lists<'_>, Error> {
    let (fixed, mut rest) = record.split_first_chunk::<6>().ok_or(Error::Truncated)?;
    let [1, _, _, _, _, sps_count] = *fixed else {
        return Err(Error::Version(fixed[0]));
    };
    let first_sps = take_list(&mut rest, sps_count & 0x1f, "sequence")?;
    let (pps_count, mut rest) = rest.split_first().ok_or(Error::Truncated)?;
    take_list(&mut rest, *pps_count, "picture")?;
    Ok(Lists {
        first_sps,
        bytes: record.len() - rest.len(),
    })
}

/// Takes `count` parameter sets, each behind a 16-bit length, and returns the first.
fn take_list<'a>(rest: &mut &'a [u8], count: u8, kind: &'static str) -> Result<&'a [u8], Error> {
    let mut first = None;
    for _ in 0..count {
        let (length, after) = rest.split_first_chunk::<2>().ok_or(Error::Truncated)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (set, after) = after.split_at_checked(length).ok_or(Error::Truncated)?;
        if set.is_empty() {
            return Err(Error::ParameterSetMissing(kind));
        }
        first.get_or_insert(set);
        *rest = after;
    }
    first.ok_or(Error::ParameterSetMissing(kind))
}

fn read_sps(nal: &[u8]) -> Result<SeqParameterSet, Error> {
    if nal.first().map(|header| header & 0x1f) != Some(SPS_NAL_TYPE) {
        return Err(Error::Sps("not a sequence parameter set".to_owned()));
    }
    let nal = RefNal::new(nal, &[], true);
    SeqParameterSet::from_bits(nal.rbsp_bits()).map_err(|e| Error::Sps(format!("{e:?}")))
}

fn picture_size(sps: &SeqParameterSet) -> Result<(u16, u16), Error> {
    let (width, height) = sps.pixel_dimensions().map_err(|e| Error::Sps(format!("{e:?}")))?;
    let is_usable = |side: u32| (1..=PICTURE_SIDE_MAX).contains(&side);
    match (u16::try_from(width), u16::try_from(height)) {
        (Ok(w), Ok(h)) if is_usable(width) && is_usable(height) => Ok((w, h)),
        _ => Err(Error::PictureSize { width, height }),
    }
}

/// `time_scale` counts fields: two ticks make a frame (ITU-T H.264 §E.2.1).
fn frame_rate_millihz(sps: &SeqParameterSet) -> Option<u32> {
    let timing = sps.vui_parameters.as_ref()?.timing_info.as_ref()?;
    let field_pairs = 2 * u64::from(timing.num_units_in_tick);
    let millihz = (u64::from(timing.time_scale) * 1_000 + field_pairs / 2).checked_div(field_pairs)?;
    u32::try_from(millihz)
        .ok()
        .filter(|_| (1..=FRAME_RATE_MILLIHZ_MAX).contains(&millihz))
}

/// The record with 4-byte lengths, and without anything behind the lists but the three bytes of chroma format and bit
/// depths that High profiles have there, followed by "no SPS extensions". Players fail on a broken tail and need none.
fn normalised(record: &Bytes, lists_bytes: usize) -> Bytes {
    let has_plain_tail = record
        .get(lists_bytes..)
        .is_some_and(|tail| matches!(tail, [_, _, _, 0, ..]));
    let kept = record.slice(..lists_bytes + if has_plain_tail { 4 } else { 0 });
    // Always a copy: the slice would keep the message alive that it came in.
    let mut copy = BytesMut::from(&kept[..]);
    if let Some(byte) = copy.get_mut(4) {
        *byte |= 0b11;
    }
    copy.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(profile_idc: u8, constraint_flags: u8, level_idc: u8) -> Config {
        let record = crate::testing::sample::h264_record();
        Config {
            profile_idc,
            constraint_flags,
            level_idc,
            ..Config::from_record(&record).unwrap()
        }
    }

    #[test]
    fn a_record_names_profile_level_size_and_codec_string() {
        let config = Config::from_record(&crate::testing::sample::h264_record()).unwrap();
        assert_eq!((config.width, config.height), (640, 360));
        assert_eq!(config.frame_rate_millihz, Some(30_000));
        assert_eq!(config.codec_string(), "avc1.64001e");
        assert_eq!((config.profile_name(), config.level_name().as_str()), ("High", "3"));
        assert_eq!(config.nal_length_size, 4);
    }

    #[test]
    fn a_configuration_does_not_keep_its_message() {
        let record = crate::testing::sample::h264_record();
        let message = Bytes::from([&record[..], &[0; 100_000]].concat());
        let config = Config::from_record(&message.slice(..record.len())).unwrap();
        assert!(message.is_unique(), "{config:?}");
    }

    #[test]
    fn names_follow_annex_a() {
        for (profile, flags, level, name, level_name) in [
            (66, 0xc0, 30, "Constrained Baseline", "3"),
            (66, 0x00, 11, "Baseline", "1.1"),
            (77, 0x10, 11, "Main", "1b"),
            (100, 0x10, 11, "High", "1.1"),
            (100, 0x00, 9, "High", "1b"),
            (244, 0x00, 51, "High 4:4:4 Predictive", "5.1"),
            (7, 0x00, 62, "Unknown", "6.2"),
        ] {
            let config = config(profile, flags, level);
            assert_eq!(
                (config.profile_name(), config.level_name().as_str()),
                (name, level_name)
            );
        }
    }

    #[test]
    fn a_record_with_short_nal_lengths_is_rewritten_to_four_bytes() {
        let mut record = crate::testing::sample::h264_record().to_vec();
        record[4] = 0xfc | 1;
        assert_eq!(source_nal_length_size(&record), Some(2));
        let config = Config::from_record(&record.into()).unwrap();
        assert_eq!(config.record, crate::testing::sample::h264_record());
    }

    #[test]
    fn a_broken_tail_is_cut_off() {
        let good = crate::testing::sample::h264_record();
        let lists = good.slice(..good.len() - 4);
        for (tail, kept) in [
            (&[0xfd, 0xf8, 0xf8, 0][..], &good),
            (&[0xfd, 0xf8, 0xf8, 0, 7], &good),
            (&[], &lists),
            (&[0xfd, 0xf8], &lists),
            (&[0xfd, 0xf8, 0xf8, 4], &lists),
        ] {
            let record = [&lists[..], tail].concat().into();
            assert_eq!(Config::from_record(&record).unwrap().record, kept, "{tail:02x?}");
        }
    }

    #[test]
    fn a_record_a_decoder_cannot_start_from_is_refused() {
        let good = crate::testing::sample::h264_record();
        // The last four bytes are the optional chroma and bit depth fields.
        for length in 0..good.len() - 4 {
            assert!(Config::from_record(&good.slice(..length)).is_err(), "cut at {length}");
        }
        let no_sps = Bytes::from_static(&[1, 0x64, 0, 0x1f, 0xff, 0xe0, 0]);
        assert_eq!(
            Config::from_record(&no_sps),
            Err(Error::ParameterSetMissing("sequence"))
        );
        let mut version_two = good.to_vec();
        version_two[0] = 2;
        assert_eq!(Config::from_record(&version_two.into()), Err(Error::Version(2)));
        let empty_sps = Bytes::from_static(&[1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 0, 1, 0, 1, 0x68]);
        assert_eq!(
            Config::from_record(&empty_sps),
            Err(Error::ParameterSetMissing("sequence"))
        );
        let too_long = Bytes::from(vec![1; RECORD_BYTES_MAX + 1]);
        assert_eq!(
            Config::from_record(&too_long),
            Err(Error::RecordTooLong(RECORD_BYTES_MAX + 1))
        );
    }
}
