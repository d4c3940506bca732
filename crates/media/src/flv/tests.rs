use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::testing::sample;
use crate::{CodecConfig, TrackKind};

fn configured_video(length_size: u8) -> VideoReader {
    let mut record = sample::h264_record().to_vec();
    record[4] = 0xfc | (length_size - 1);
    let mut reader = VideoReader::default();
    let tag = reader
        .read(&[&[0x17, 0, 0, 0, 0], &record[..]].concat().into())
        .unwrap();
    assert_eq!(tag, Tag::Config(sample::h264_config().unwrap()));
    reader
}

fn read_frame(reader: &mut VideoReader, body: &[u8]) -> Unit {
    match reader.read(&Bytes::copy_from_slice(body)) {
        Ok(Tag::Frame(unit)) => unit,
        other => panic!("{other:?}"),
    }
}

#[test]
fn samples_are_valid() {
    assert_eq!(sample::h264_config().unwrap().track(), TrackKind::Video);
    assert_eq!(sample::aac_config().unwrap().track(), TrackKind::Audio);
}

#[test]
fn a_video_frame_with_four_byte_lengths_is_a_slice_of_its_tag() {
    let body = Bytes::from_static(&[0x17, 1, 0, 0, 80, 0, 0, 0, 2, 0x65, 0x88]);
    let Ok(Tag::Frame(unit)) = configured_video(4).read(&body) else {
        panic!("no frame")
    };
    assert_eq!((unit.composition_ms, unit.is_keyframe), (80, true));
    assert_eq!(unit.payload.as_ptr(), body[5..].as_ptr());
}

#[test]
fn shorter_lengths_and_empty_units_are_rewritten() {
    for (length_size, prefix) in [(1, &[2][..]), (2, &[0, 2]), (3, &[0, 0, 2])] {
        let body = [
            &[0x27, 1, 0, 0, 0],
            prefix,
            &[0x41, 0x9a],
            &prefix[..prefix.len() - 1],
            &[0],
        ]
        .concat();
        let unit = read_frame(&mut configured_video(length_size), &body);
        assert_eq!(
            (&unit.payload[..], unit.is_keyframe),
            (&[0, 0, 0, 2, 0x41, 0x9a][..], false)
        );
    }
    let unit = read_frame(
        &mut configured_video(4),
        &[0x27, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x65],
    );
    assert_eq!((&unit.payload[..], unit.is_keyframe), (&[0, 0, 0, 1, 0x65][..], true));
}

#[test]
fn composition_times_are_signed() {
    let unit = read_frame(&mut configured_video(4), &[0x27, 1, 0xff, 0xff, 0xd8, 0, 0, 0, 1, 0x41]);
    assert_eq!(unit.composition_ms, -40);
}

#[test]
fn tags_without_media_are_nothing() {
    let mut video = configured_video(4);
    for body in [
        &[][..],
        &[0x17, 2, 0, 0, 0],
        &[0x57, 0],
        &[0x27, 1, 0, 0, 0],
        &[0x27, 1, 0, 0, 0, 0, 0, 0, 0],
        &[0xd1, 0],
    ] {
        assert_eq!(
            video.read(&Bytes::copy_from_slice(body)),
            Ok(Tag::Nothing),
            "{body:02x?}"
        );
    }
    let mut audio = AudioReader::default();
    for body in [&[][..], &[0xaf, 1], &[0xaf, 2, 0]] {
        assert_eq!(
            audio.read(&Bytes::copy_from_slice(body)),
            Ok(Tag::Nothing),
            "{body:02x?}"
        );
    }
}

#[test]
fn frames_before_their_configuration_are_told_apart() {
    let frame = Bytes::from_static(&[0x17, 1, 0, 0, 0, 0, 0, 0, 1, 0x65]);
    assert_eq!(VideoReader::default().read(&frame), Ok(Tag::Unconfigured));
    assert_eq!(
        AudioReader::default().read(&Bytes::from_static(&[0xaf, 1, 0x21])),
        Ok(Tag::Unconfigured)
    );
}

#[test]
fn broken_frames_are_errors_of_their_own() {
    for body in [
        &[0x27, 1, 0, 0, 0, 0, 0, 0, 9, 0x41][..],
        &[0x27, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
        &[0x27, 1, 0, 0, 0, 0],
    ] {
        assert_eq!(
            configured_video(4).read(&Bytes::copy_from_slice(body)),
            Err(Error::NalLengths),
            "{body:02x?}"
        );
    }
    assert_eq!(
        configured_video(4).read(&Bytes::from_static(&[0x27, 1, 0])),
        Err(Error::Truncated("video"))
    );
    assert_eq!(
        configured_video(4).read(&Bytes::from_static(&[0x27])),
        Err(Error::Truncated("video"))
    );
    assert_eq!(
        AudioReader::default().read(&Bytes::from_static(&[0xaf])),
        Err(Error::Truncated("audio"))
    );
}

#[test]
fn enhanced_h264_and_aac_are_taken() {
    let mut video = VideoReader::default();
    let start = [&[0x90][..], b"avc1", &sample::h264_record()].concat();
    assert_eq!(
        video.read(&start.into()),
        Ok(Tag::Config(sample::h264_config().unwrap()))
    );
    let unit = read_frame(&mut video, b"\x91avc1\x00\x00\x21\x00\x00\x00\x01\x65");
    assert_eq!((unit.composition_ms, unit.is_keyframe), (33, true));
    let unit = read_frame(&mut video, b"\xa3avc1\x00\x00\x00\x01\x41");
    assert_eq!((unit.composition_ms, unit.is_keyframe), (0, false));
    // A nanosecond offset as ModEx before the coded frame.
    let unit = read_frame(&mut video, b"\xa7\x02\x00\x00\x07\x03avc1\x00\x00\x00\x01\x41");
    assert_eq!(&unit.payload[..], [0, 0, 0, 1, 0x41]);

    let mut audio = AudioReader::default();
    let start = [&[0x90][..], b"mp4a", &sample::aac_record()].concat();
    assert_eq!(
        audio.read(&start.into()),
        Ok(Tag::Config(sample::aac_config().unwrap()))
    );
    assert!(matches!(
        audio.read(&Bytes::from_static(b"\x91mp4a\x21")),
        Ok(Tag::Frame(_))
    ));
}

#[test]
fn other_codecs_are_refused_with_what_to_change() {
    let video = |body: &[u8]| {
        VideoReader::default()
            .read(&Bytes::copy_from_slice(body))
            .unwrap_err()
            .to_string()
    };
    let audio = |body: &[u8]| {
        AudioReader::default()
            .read(&Bytes::copy_from_slice(body))
            .unwrap_err()
            .to_string()
    };
    for (message, expected) in [
        (
            video(b"\x90hvc1\x01"),
            "HEVC (hvc1) is not supported yet: set the encoder to H.264",
        ),
        (
            video(b"\x90av01\x81"),
            "AV1 (av01) is not supported yet: set the encoder to H.264",
        ),
        (
            video(b"\xa3vp09"),
            "VP9 (vp09) is not supported yet: set the encoder to H.264",
        ),
        (
            video(b"\x1c\x00\x00\x00\x00"),
            "HEVC (video codec 12) is not supported yet: set the encoder to H.264",
        ),
        (
            video(b"\x96\x00hvc1\x01"),
            "multitrack hvc1 is not supported yet: send one video and one audio track",
        ),
        (
            audio(b"\x90OpusOpusHead"),
            "Opus (Opus) is not supported yet: set the encoder to AAC",
        ),
        (
            audio(b"\x95\x00mp4a\x01"),
            "multitrack mp4a is not supported yet: send one video and one audio track",
        ),
        (
            audio(b"\x2f\xff\xfb"),
            "MP3 (audio format 2) is not supported yet: set the encoder to AAC",
        ),
        (
            audio(b"\x90ab\x00\x01"),
            "this codec (ab??) is not supported yet: set the encoder to AAC",
        ),
    ] {
        assert_eq!(message, expected);
    }
}

#[test]
fn what_is_written_is_read_back() {
    let mut video = VideoReader::default();
    assert_eq!(
        video.read(&write::config(&sample::h264_config().unwrap())),
        Ok(Tag::Config(sample::h264_config().unwrap()))
    );
    let mut frame = sample::video_frame(0, true, 40);
    frame.pts = crate::Timestamp::from_millis(66);
    let unit = read_frame(&mut video, &write::frame(&frame));
    assert_eq!(
        (unit.composition_ms, unit.is_keyframe, unit.payload),
        (66, true, frame.payload)
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..100), 0..8), length_size in 1u8..=4,
    ) {
        let (mut video, mut audio) = (configured_video(length_size), AudioReader::default());
        for body in bodies {
            let body = Bytes::from(body);
            if let Ok(Tag::Config(CodecConfig::H264(config))) = video.read(&body) {
                prop_assert_eq!(config.nal_length_size, 4);
            }
            let _ = audio.read(&body);
        }
    }
}
