//! What the segmenter does with the streams it will meet.

use std::time::Duration;

use media::hls::segmenter::{Config, Error, Input};
use media::hls::{Naming, playlist};
use media::{Timestamp, TrackKind};

use super::checker::Playlist;
use super::origin::Origin;
use super::source::{audio_config, constant_rate, frame, picture, video_config};

fn millis(durations: impl Iterator<Item = Duration>) -> Vec<u128> {
    durations.map(|duration| duration.as_millis()).collect()
}

pub fn segment_millis(origin: &Origin) -> Vec<u128> {
    millis(origin.segments.iter().map(|segment| segment.duration))
}

pub fn feed(origin: &mut Origin, frames: impl IntoIterator<Item = media::Frame>) {
    for frame in frames {
        origin.input(Input::Frame(frame)).unwrap();
    }
}

pub fn both() -> [media::CodecConfig; 2] {
    [video_config(31), audio_config(2)]
}

#[test]
fn two_second_keyframes_make_two_second_segments() {
    for rate in [24, 25, 30, 50, 60] {
        let mut origin = Origin::new(Config::default());
        both()
            .into_iter()
            .for_each(|config| origin.input(Input::Config(config)).unwrap());
        for frame in constant_rate(30, rate, rate * 2, true) {
            origin.input(Input::Frame(frame)).unwrap();
            if let Some(playlist) = &origin.latest {
                playlist.check_part_lengths();
                assert_eq!(playlist.target_duration_s, 2);
            }
        }
        assert_eq!(origin.segments.len(), 14, "{rate} fps");
        for duration in segment_millis(&origin) {
            assert!((1_990..=2_010).contains(&duration), "{rate} fps: {duration} ms");
        }
        assert!(
            origin
                .segments
                .iter()
                .all(|segment| segment.is_independent && !segment.head.discontinuity)
        );
        assert_eq!(origin.broken_hints, 0, "{rate} fps");
    }
}

#[test]
fn a_picture_is_sent_when_it_arrives() {
    let mut origin = Origin::new(Config::default());
    both()
        .into_iter()
        .for_each(|config| origin.input(Input::Config(config)).unwrap());
    let frames = constant_rate(4, 30, 60, true);
    let start = frames.iter().position(|frame| frame.track == TrackKind::Audio).unwrap();
    for (index, frame) in frames.into_iter().enumerate() {
        let (track, before) = (frame.track, origin.fragment_count());
        origin.input(Input::Frame(frame)).unwrap();
        let sent = origin.fragment_count() - before;
        assert!(
            track == TrackKind::Audio || index <= start || sent >= 1,
            "picture {index} was sent at once"
        );
    }
}

#[test]
fn a_playlist_reads_as_the_draft_says() {
    let mut origin = Origin::new(Config::default());
    origin.input(Input::Config(video_config(31))).unwrap();
    origin.input(Input::Config(audio_config(2))).unwrap();
    origin
        .input(Input::Wall {
            media: Timestamp::from_millis(0),
            unix_ms: 1_739_527_200_250,
        })
        .unwrap();
    feed(&mut origin, constant_rate(3, 10, 20, true));
    assert_eq!(
        playlist::media(&origin.window, &Naming::new("st1"), false),
        "#EXTM3U\n\
         #EXT-X-VERSION:9\n\
         #EXT-X-TARGETDURATION:2\n\
         #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.66,CAN-SKIP-UNTIL=12.0\n\
         #EXT-X-PART-INF:PART-TARGET=0.22\n\
         #EXT-X-MEDIA-SEQUENCE:0\n\
         #EXT-X-MAP:URI=\"st1/0.init.mp4\"\n\
         #EXT-X-PROGRAM-DATE-TIME:2025-02-14T10:00:00.250Z\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.0.m4s\",INDEPENDENT=YES\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.1.m4s\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.2.m4s\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.3.m4s\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.4.m4s\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.5.m4s\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.6.m4s\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.7.m4s\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.8.m4s\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.9.m4s\"\n\
         #EXTINF:2.0,\n\
         st1/0.m4s\n\
         #EXT-X-PROGRAM-DATE-TIME:2025-02-14T10:00:02.250Z\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/1.0.m4s\",INDEPENDENT=YES\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/1.1.m4s\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/1.2.m4s\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/1.3.m4s\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/1.4.m4s\"\n\
         #EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"st1/1.5.m4s\"\n"
    );
}

#[test]
fn long_keyframe_intervals_make_long_segments() {
    let origin = Origin::of(both(), constant_rate(26, 25, 250, true));
    assert_eq!(segment_millis(&origin), [10_000, 10_000, 6_000]);
    assert_eq!(origin.latest.unwrap().target_duration_s, 10);
}

#[test]
fn a_start_that_breaks_says_nothing_of_the_target_duration() {
    let mut origin = Origin::new(Config::default());
    both()
        .into_iter()
        .for_each(|config| origin.input(Input::Config(config)).unwrap());
    feed(&mut origin, constant_rate(1, 30, 150, true));
    origin.input(Input::Discontinuity).unwrap();
    feed(&mut origin, constant_rate(5, 30, 150, true));
    assert!(!origin.window.is_ready());
    origin.input(Input::End).unwrap();
    assert_eq!(origin.latest.unwrap().target_duration_s, 5);

    let mut origin = Origin::new(Config::default());
    origin.input(Input::Config(video_config(31))).unwrap();
    feed(&mut origin, constant_rate(1, 30, 150, false));
    origin.input(Input::Discontinuity).unwrap();
    origin.input(Input::End).unwrap();
    assert!(origin.window.is_ready(), "what there is can be seen");
}

#[test]
fn an_interval_that_grows_is_cut_to_the_target_duration() {
    let keyframes = [0, 60, 300];
    let frames = (0..360).map(|index| picture(index * 100 / 3, 0, keyframes.contains(&index)));
    let origin = Origin::of([video_config(31)], frames);
    assert_eq!(origin.latest.as_ref().unwrap().target_duration_s, 2);
    assert!(segment_millis(&origin).iter().all(|duration| *duration < 2_500));
    let independent: Vec<bool> = origin.segments.iter().map(|segment| segment.is_independent).collect();
    assert_eq!(independent, [true, true, false, false, false, true]);
    assert!(!origin.window.is_independent());
}

#[test]
fn bytes_bound_a_segment() {
    let config = Config {
        segment_bytes_max: 100_000,
        ..Config::default()
    };
    let mut origin = Origin::new(config);
    origin.input(Input::Config(video_config(31))).unwrap();
    for index in 0..100 {
        origin
            .input(Input::Frame(frame(
                TrackKind::Video,
                index * 33,
                0,
                index % 60 == 0,
                30_000,
            )))
            .unwrap();
    }
    assert!(origin.segments.len() > 30);
    assert!(origin.segments.iter().all(|segment| segment.size_bytes() < 101_000));
    let large = frame(TrackKind::Video, 9_999, 0, true, 100_001);
    assert!(matches!(
        origin.input(Input::Frame(large)),
        Err(Error::FrameTooLarge(100_001))
    ));
}

#[test]
fn delta_updates_leave_out_what_is_older_than_the_skip_boundary() {
    let mut origin = Origin::new(Config::default());
    origin.window = media::hls::Window::new(20, 0, 0);
    both()
        .into_iter()
        .for_each(|config| origin.input(Input::Config(config)).unwrap());
    feed(&mut origin, constant_rate(50, 30, 60, true));
    assert!(origin.window.skippable() >= 13);
    let delta = Playlist::parse(&playlist::media(&origin.window, &Naming::new("s"), true));
    assert_eq!(delta.segments.len() as u64 + delta.skipped, 20);
}

#[test]
fn removed_segments_are_retained_for_the_length_of_a_playlist() {
    let mut origin = Origin::new(Config::default());
    origin.window = media::hls::Window::new(3, 0, 0);
    both()
        .into_iter()
        .for_each(|config| origin.input(Input::Config(config)).unwrap());
    feed(&mut origin, constant_rate(41, 30, 60, true));
    // 20 are complete, 3 listed. Number 12 left at 32 s; it is kept for its 2 s and the 8 s of the playlist before that.
    assert_eq!(origin.window.first_msn(), 17);
    assert_eq!(origin.window.retained_from(), 12);
    assert_eq!(origin.window.oldest_init_id(), Some(0));
}

#[test]
fn bad_frames_are_refused_and_nothing_else_changes() {
    let mut origin = Origin::new(Config::default());
    assert!(matches!(
        origin.input(Input::Frame(picture(0, 0, true))),
        Err(Error::NoConfig)
    ));
    both()
        .into_iter()
        .for_each(|config| origin.input(Input::Config(config)).unwrap());
    feed(&mut origin, constant_rate(3, 30, 60, true));
    for (bad, error) in [
        (picture(2_000, 0, true), "decode time does not increase"),
        (frame(TrackKind::Video, 4_000, 0, false, 0), "empty frame"),
        (picture(3_010, 20_000, false), "timestamp out of range"),
        (picture(i64::MAX / 2, 0, true), "timestamp out of range"),
    ] {
        assert_eq!(origin.input(Input::Frame(bad)).unwrap_err().to_string(), error);
    }
    feed(
        &mut origin,
        constant_rate(6, 30, 60, true)
            .into_iter()
            .filter(|frame| frame.dts.ticks >= 3_000),
    );
    origin.input(Input::End).unwrap();
    assert_eq!(segment_millis(&origin), [2_000, 2_000, 2_000]);
    assert!(matches!(origin.input(Input::Discontinuity), Err(Error::Ended)));
}
