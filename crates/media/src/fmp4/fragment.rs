//! Fragments: `moof` + `mdat`, built once, each payload byte copied once.

use bytes::Bytes;
use mp4_atom::{Encode, Mfhd, Moof, Tfdt, Tfhd, Traf, Trun, TrunEntry};

use super::init::{FLAGS_DEPENDENT, FLAGS_SYNC};
use super::{Error, VIDEO_TRACK_ID};

/// One frame as a fragment stores it, times in the track's timescale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Decode time until the next sample.
    pub duration: u32,
    /// Presentation time minus decode time.
    pub composition_offset: i32,
    /// True when decoding can start here.
    pub is_keyframe: bool,
    /// The frame.
    pub payload: Bytes,
}

/// The samples of one track in one fragment, decode order.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// [`VIDEO_TRACK_ID`] or [`super::AUDIO_TRACK_ID`].
    pub track_id: u32,
    /// Decode time of the first sample in the track's timescale.
    pub base_decode_time: u64,
    /// At least one.
    pub samples: &'a [Sample],
}

/// Builds `moof` + `mdat` of the runs in their order.
///
/// `sequence` counts fragments up and may wrap. Errors: larger than 2 GiB.
pub fn fragment(sequence: u32, runs: &[Run<'_>]) -> Result<Bytes, Error> {
    let payload_bytes: usize = runs
        .iter()
        .flat_map(|run| run.samples)
        .map(|sample| sample.payload.len())
        .sum();
    let moof_bytes = BOX + MFHD + runs.iter().map(traf_bytes).sum::<usize>();
    let total = moof_bytes + BOX + payload_bytes;
    let mut data_offset = moof_bytes + BOX;
    let mut moof = Moof {
        mfhd: Mfhd {
            sequence_number: sequence,
        },
        traf: Vec::with_capacity(runs.len()),
    };
    for run in runs {
        moof.traf.push(traf(
            run,
            i32::try_from(data_offset).map_err(|_| Error::TooLarge(total))?,
        ));
        data_offset += run.samples.iter().map(|sample| sample.payload.len()).sum::<usize>();
    }
    let mdat_bytes = u32::try_from(BOX + payload_bytes).map_err(|_| Error::TooLarge(total))?;

    let mut bytes = Vec::with_capacity(total);
    moof.encode(&mut bytes)?;
    debug_assert_eq!(bytes.len(), moof_bytes, "data offsets rest on the predicted size");
    bytes.extend_from_slice(&mdat_bytes.to_be_bytes());
    bytes.extend_from_slice(b"mdat");
    for sample in runs.iter().flat_map(|run| run.samples) {
        bytes.extend_from_slice(&sample.payload);
    }
    Ok(bytes.into())
}

fn traf(run: &Run<'_>, data_offset: i32) -> Traf {
    let has_offsets = has_offsets(run);
    let is_video = run.track_id == VIDEO_TRACK_ID;
    let entry = |sample: &Sample| TrunEntry {
        duration: Some(sample.duration),
        size: u32::try_from(sample.payload.len()).ok(),
        // Every AAC frame is a sync sample, as `trex` says.
        flags: is_video.then_some(if sample.is_keyframe {
            FLAGS_SYNC
        } else {
            FLAGS_DEPENDENT
        }),
        cts: has_offsets.then_some(sample.composition_offset.into()),
    };
    Traf {
        tfhd: Tfhd {
            track_id: run.track_id,
            default_base_is_moof: true,
            ..Tfhd::default()
        },
        tfdt: Some(Tfdt {
            base_media_decode_time: run.base_decode_time,
        }),
        trun: vec![Trun {
            data_offset: Some(data_offset),
            samples: run.samples.iter().map(entry).collect::<Vec<_>>().into(),
        }],
        ..Traf::default()
    }
}

/// Audio offsets are zero save after a gap; four bytes per frame are worth the look.
fn has_offsets(run: &Run<'_>) -> bool {
    run.track_id == VIDEO_TRACK_ID || run.samples.iter().any(|sample| sample.composition_offset != 0)
}

const BOX: usize = 8;
const FULL_BOX: usize = BOX + 4;
const MFHD: usize = FULL_BOX + 4;
const TFHD: usize = FULL_BOX + 4;
const TFDT: usize = FULL_BOX + 8;
const TRUN: usize = FULL_BOX + 8;

fn traf_bytes(run: &Run<'_>) -> usize {
    // Duration and size; a video sample adds its flags (the only one of a run as `first_sample_flags`, as long).
    let sample = 8 + 4 * usize::from(run.track_id == VIDEO_TRACK_ID) + 4 * usize::from(has_offsets(run));
    BOX + TFHD + TFDT + TRUN + run.samples.len() * sample
}
