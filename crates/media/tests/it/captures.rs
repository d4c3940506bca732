//! What real encoders sent, replayed in many splits.

use std::time::Duration;

use media::rtmp::{Config, Error, Event, Input, Output, Session};
use media::testing::Chunking;
use media::{CodecConfig, Frame, TrackKind};

const H264_AAC: &[u8] = include_bytes!("../../testdata/ffmpeg-5.1-h264-aac.rtmp");
const EXTENDED_TIMESTAMPS: &[u8] = include_bytes!("../../testdata/ffmpeg-5.1-extended-timestamps.rtmp");
const MP3: &[u8] = include_bytes!("../../testdata/ffmpeg-5.1-mp3.rtmp");

/// Replays a capture, accepts its publish, and returns what happened.
fn replay(capture: &[u8], chunking: Chunking) -> (Vec<Event>, Result<(), Error>) {
    let mut session = Session::new(Config::default(), [7; 1528]);
    let mut events = Vec::new();
    for piece in chunking.split(capture) {
        let mut result = session.handle_input(Duration::ZERO, Input::Bytes(piece));
        while let Some(output) = session.poll_output() {
            let Output::Event(event) = output else { continue };
            if matches!(event, Event::PublishRequested { .. }) {
                result = result.and(session.handle_input(Duration::ZERO, Input::AcceptPublish));
            }
            events.push(event);
        }
        if result.is_err() {
            return (events, result);
        }
    }
    (events, Ok(()))
}

/// The same events in every split; returned once.
fn check(capture: &[u8]) -> Vec<Event> {
    let (whole, result) = replay(capture, Chunking::Whole);
    assert_eq!(result, Ok(()));
    for chunking in [
        Chunking::Every(1),
        Chunking::Every(3),
        Chunking::Every(1_448),
        Chunking::Cycle(&[1, 4_097, 17]),
    ] {
        assert_eq!(replay(capture, chunking), (whole.clone(), Ok(())), "{chunking:?}");
    }
    assert_eq!(
        whole[0],
        Event::PublishRequested {
            app: "app".into(),
            key: "sk_test_1".into()
        }
    );
    assert_eq!(whole.last(), Some(&Event::Unpublished));
    whole
}

fn frames(events: &[Event], track: TrackKind) -> Vec<&Frame> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Frame(frame) if frame.track == track => Some(frame),
            _ => None,
        })
        .collect()
}

#[test]
fn a_second_of_h264_with_reordered_frames_and_aac() {
    let events = check(H264_AAC);
    let (video, audio) = (frames(&events, TrackKind::Video), frames(&events, TrackKind::Audio));
    assert_eq!((video.len(), audio.len()), (25, 48));
    assert!(video[0].is_keyframe && video[1..].iter().all(|frame| !frame.is_keyframe));
    assert!(video.iter().any(|frame| frame.pts.ticks - frame.dts.ticks > 40));
    assert!(video.windows(2).all(|pair| pair[1].dts.ticks - pair[0].dts.ticks == 40));
    let mut configs = events.iter().filter_map(|event| match event {
        Event::Config(config) => Some(config),
        _ => None,
    });
    let (Some(CodecConfig::H264(h264)), Some(CodecConfig::Aac(aac)), None) =
        (configs.next(), configs.next(), configs.next())
    else {
        panic!("one configuration of each track");
    };
    assert_eq!(
        (h264.width, h264.height, h264.frame_rate_millihz),
        (320, 180, Some(25_000))
    );
    assert_eq!(
        (h264.codec_string().as_str(), h264.level_name().as_str()),
        ("avc1.64000c", "1.2")
    );
    assert_eq!(
        (aac.codec_string().as_str(), aac.sample_rate_hz, aac.channels),
        ("mp4a.40.2", 48_000, 2)
    );
    let Event::Metadata(metadata) = &events[1] else {
        panic!("metadata first")
    };
    assert_eq!(metadata.encoder.as_deref(), Some("Lavf59.27.100"));
}

#[test]
fn times_beyond_24_bits() {
    let events = check(EXTENDED_TIMESTAMPS);
    let video = frames(&events, TrackKind::Video);
    assert_eq!(video.len(), 25);
    let (first, last) = (video[0].dts.ticks, video[24].dts.ticks);
    assert!(first < 0xff_ffff && last > 0xff_ffff, "{first} {last}");
    assert!(
        video
            .windows(2)
            .all(|pair| (39..=41).contains(&(pair[1].dts.ticks - pair[0].dts.ticks)))
    );
}

#[test]
fn a_codec_we_do_not_carry_is_named() {
    for chunking in [Chunking::Whole, Chunking::Every(5)] {
        let (_, result) = replay(MP3, chunking);
        let sentence = result.unwrap_err().to_string();
        assert_eq!(
            sentence,
            "MP3 (audio format 2) is not supported yet: set the encoder to AAC"
        );
    }
}
