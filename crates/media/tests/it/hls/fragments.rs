//! The bytes: what is in the boxes, read back with an independent decoder of the boxes.

use std::collections::BTreeMap;
use std::time::Duration;

use media::fmp4::{AUDIO_TRACK_ID, VIDEO_TRACK_ID};
use media::hls::segmenter::{Config, Input};
use media::{CodecConfig, Frame, Timestamp, TrackKind};
use mp4_atom::{Any, Decode, Moof, Moov, ReadFrom};

use super::origin::Origin;
use super::source::{audio_config, constant_rate, picture, sound, video_config};

/// A sample as a player sees it, times in the track's timescale.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub decode_time: i64,
    pub presentation_time: i64,
    pub duration: i64,
    pub is_keyframe: bool,
    pub payload: Vec<u8>,
}

/// Reads `moof` + `mdat` pairs and follows their offsets; per track id, in order.
pub fn samples(mut bytes: &[u8]) -> BTreeMap<u32, Vec<Seen>> {
    let mut tracks: BTreeMap<u32, Vec<Seen>> = BTreeMap::new();
    while !bytes.is_empty() {
        let fragment = bytes;
        let moof = Moof::decode(&mut bytes).unwrap();
        let Any::Mdat(_) = Any::decode(&mut bytes).unwrap() else {
            panic!("a moof without mdat")
        };
        for traf in &moof.traf {
            assert!(traf.tfhd.default_base_is_moof);
            let is_video = traf.tfhd.track_id == VIDEO_TRACK_ID;
            let mut decode_time = i64::try_from(traf.tfdt.as_ref().unwrap().base_media_decode_time).unwrap();
            let mut offset = usize::try_from(traf.trun[0].data_offset.unwrap()).unwrap();
            for sample in &traf.trun[0].samples {
                let (duration, size) = (i64::from(sample.duration.unwrap()), sample.size.unwrap() as usize);
                tracks.entry(traf.tfhd.track_id).or_default().push(Seen {
                    decode_time,
                    presentation_time: decode_time + sample.cts.unwrap_or(0),
                    duration,
                    is_keyframe: !is_video || sample.flags == Some(0x0200_0000),
                    payload: fragment[offset..offset + size].to_vec(),
                });
                decode_time += duration;
                offset += size;
            }
        }
    }
    tracks
}

fn all_samples(origin: &Origin) -> BTreeMap<u32, Vec<Seen>> {
    let bytes: Vec<u8> = origin
        .segments
        .iter()
        .flat_map(|segment| segment.fragments.concat())
        .collect();
    samples(&bytes)
}

fn of_track(frames: &[Frame], track: TrackKind) -> Vec<&Frame> {
    frames.iter().filter(|frame| frame.track == track).collect()
}

#[test]
fn every_frame_comes_out_once_with_its_payload_and_time() {
    let frames = constant_rate(9, 30, 60, true);
    let origin = Origin::of([video_config(31), audio_config(2)], frames.clone());
    let seen = all_samples(&origin);
    for (id, track, timescale) in [
        (VIDEO_TRACK_ID, TrackKind::Video, 90_000),
        (AUDIO_TRACK_ID, TrackKind::Audio, 48_000),
    ] {
        let sent = of_track(&frames, track);
        assert_eq!(seen[&id].len(), sent.len());
        for (seen, sent) in seen[&id].iter().zip(sent) {
            assert_eq!(seen.payload, sent.payload);
            assert_eq!(seen.is_keyframe, sent.is_keyframe);
            let error = seen.presentation_time - sent.pts.rescale(timescale).ticks;
            let tolerance = if track == TrackKind::Video { 0 } else { 48 };
            assert!(error.abs() <= tolerance, "{track:?} is off by {error}");
        }
        for pair in seen[&id].windows(2) {
            assert_eq!(
                pair[0].decode_time + pair[0].duration,
                pair[1].decode_time,
                "no hole, no overlap"
            );
        }
    }
}

#[test]
fn reordered_pictures_keep_their_presentation_times() {
    let offsets = [67, 167, 67, 0, 33].into_iter().cycle();
    let frames: Vec<Frame> = (0..120)
        .zip(offsets)
        .map(|(index, offset)| picture(index * 100 / 3, offset, index % 60 == 0))
        .collect();
    let seen = all_samples(&Origin::of([video_config(31)], frames.clone()));
    let times = |sample: &Seen| sample.presentation_time;
    let expected: Vec<i64> = frames.iter().map(|frame| frame.pts.rescale(90_000).ticks).collect();
    assert_eq!(seen[&VIDEO_TRACK_ID].iter().map(times).collect::<Vec<_>>(), expected);
}

#[test]
fn decode_times_pass_32_bits_and_do_not_drift() {
    // Past 2^32 ticks of 90 kHz, where a 32-bit decode time would have wrapped.
    let start_ms = 14 * 3_600_000;
    let pictures = (0..648).map(|index| picture(start_ms + index * 100 / 3, 0, index % 60 == 0));
    let sounds = (0..1_012).map(|index| sound(start_ms + index * 1_024 / 48));
    let mut frames: Vec<Frame> = pictures.chain(sounds).collect();
    frames.sort_by_key(|frame| frame.dts.ticks);
    let seen = all_samples(&Origin::of([video_config(31), audio_config(2)], frames));
    assert_eq!(seen[&VIDEO_TRACK_ID][0].decode_time, start_ms * 90);
    assert!(seen[&VIDEO_TRACK_ID][0].decode_time > i64::from(u32::MAX));
    let (video, audio) = (
        seen[&VIDEO_TRACK_ID].last().unwrap(),
        seen[&AUDIO_TRACK_ID].last().unwrap(),
    );
    let apart_ms = video.presentation_time / 90 - audio.presentation_time / 48;
    assert!(
        (apart_ms - (647 * 100 / 3 - 1_011 * 1_024 / 48)).abs() <= 1,
        "{apart_ms}"
    );
}

#[test]
fn a_pause_inside_a_fragment_keeps_the_times() {
    let mut origin = Origin::new(Config {
        fragment_target: Duration::from_secs(5),
        part_target: Duration::from_secs(5),
        ..Config::default()
    });
    origin.input(Input::Config(video_config(31))).unwrap();
    let times_ms = (0..40).map(|index| index * 40 + if index < 35 { 0 } else { 1_500 });
    for time_ms in times_ms.clone() {
        origin.input(Input::Frame(picture(time_ms, 0, time_ms == 0))).unwrap();
    }
    origin.input(Input::End).unwrap();
    let seen: Vec<i64> = all_samples(&origin)[&VIDEO_TRACK_ID]
        .iter()
        .map(|sample| sample.presentation_time / 90)
        .collect();
    assert_eq!(seen, times_ms.collect::<Vec<_>>());
}

#[test]
fn times_before_zero_are_shifted_for_both_tracks() {
    let mut frames: Vec<Frame> = (0..90)
        .map(|index| picture(index * 100 / 3 - 500, 0, index % 60 == 0))
        .collect();
    frames.extend((0..140).map(|index| sound(index * 1_024 / 48 - 500)));
    frames.sort_by_key(|frame| frame.dts.ticks);
    let seen = all_samples(&Origin::of([video_config(31), audio_config(2)], frames));
    assert_eq!(seen[&VIDEO_TRACK_ID][0].decode_time, 0);
    assert_eq!(seen[&AUDIO_TRACK_ID][0].decode_time, 0);
}

#[test]
fn a_part_is_sent_in_fragments_of_one_picture() {
    let origin = Origin::of([video_config(31), audio_config(2)], constant_rate(5, 30, 60, true));
    for part in origin.parts.iter().filter(|part| part.msn == 1) {
        // The last part of a segment ends with the sound that came after its last picture.
        for fragment in &part.fragments[..6] {
            assert_eq!(samples(fragment)[&VIDEO_TRACK_ID].len(), 1);
        }
        for fragment in &part.fragments[6..] {
            assert!(part.index == 9 && !samples(fragment).contains_key(&VIDEO_TRACK_ID));
        }
        let begins = &samples(&part.fragments[0])[&VIDEO_TRACK_ID][0];
        assert_eq!(part.is_independent, begins.is_keyframe);
    }
}

#[test]
fn the_init_section_describes_both_tracks() {
    let origin = Origin::of([video_config(31), audio_config(2)], constant_rate(1, 30, 60, true));
    let mut bytes = origin.inits[0].bytes.as_ref();
    assert!(matches!(Any::read_from(&mut bytes).unwrap(), Any::Ftyp(_)));
    let moov = Moov::decode(&mut bytes).unwrap();
    assert!(bytes.is_empty());
    let timescales: Vec<_> = moov
        .trak
        .iter()
        .map(|track| (track.tkhd.track_id, track.mdia.mdhd.timescale))
        .collect();
    assert_eq!(timescales, [(VIDEO_TRACK_ID, 90_000), (AUDIO_TRACK_ID, 48_000)]);
    assert_eq!(moov.mvex.unwrap().trex.len(), 2);
    assert_eq!(origin.inits[0].codecs, "avc1.64001f,mp4a.40.2");
}

#[test]
fn what_cannot_be_described_is_refused() {
    let mut origin = Origin::new(Config::default());
    let CodecConfig::H264(mut video) = video_config(31) else {
        unreachable!()
    };
    video.record = video.record.slice(..7);
    assert!(origin.input(Input::Config(CodecConfig::H264(video))).is_err());
    let CodecConfig::Aac(mut audio) = audio_config(2) else {
        unreachable!()
    };
    audio.sample_rate_hz = 0;
    assert!(origin.input(Input::Config(CodecConfig::Aac(audio))).is_err());
    let frame = Frame {
        dts: Timestamp::from_millis(0),
        ..picture(0, 0, true)
    };
    assert!(
        origin.input(Input::Frame(frame)).is_err(),
        "the refused configuration was not kept"
    );
}
