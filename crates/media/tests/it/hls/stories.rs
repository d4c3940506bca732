//! What the segmenter does with the streams it will meet.

use std::time::Duration;

use media::hls::segmenter::{Config, Error, Input};
use media::hls::{Naming, playlist};
use media::{Timestamp, TrackKind};

use super::checker::Playlist;
use super::origin::Origin;
use super::source::{audio_config, constant_rate, frame, picture, sound, video_config};

fn millis(durations: impl Iterator<Item = Duration>) -> Vec<u128> {
    durations.map(|duration| duration.as_millis()).collect()
}

fn segment_millis(origin: &Origin) -> Vec<u128> {
    millis(origin.segments.iter().map(|segment| segment.duration))
}

fn feed(origin: &mut Origin, frames: impl IntoIterator<Item = media::Frame>) {
    for frame in frames {
        origin.input(Input::Frame(frame)).unwrap();
    }
}

fn both() -> [media::CodecConfig; 2] {
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
        playlist::media(
            &origin.window,
            &Naming {
                stream: "st1",
                suffix: "?t=x"
            },
            &[],
            false
        ),
        "#EXTM3U\n\
         #EXT-X-VERSION:9\n\
         #EXT-X-TARGETDURATION:2\n\
         #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.66,CAN-SKIP-UNTIL=12.0\n\
         #EXT-X-PART-INF:PART-TARGET=0.22\n\
         #EXT-X-MEDIA-SEQUENCE:0\n\
         #EXT-X-MAP:URI=\"st1/0.init.mp4?t=x\"\n\
         #EXT-X-PROGRAM-DATE-TIME:2025-02-14T10:00:00.250Z\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.0.m4s?t=x\",INDEPENDENT=YES\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.1.m4s?t=x\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.2.m4s?t=x\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.3.m4s?t=x\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.4.m4s?t=x\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.5.m4s?t=x\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.6.m4s?t=x\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.7.m4s?t=x\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.8.m4s?t=x\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/0.9.m4s?t=x\"\n\
         #EXTINF:2.0,\n\
         st1/0.m4s?t=x\n\
         #EXT-X-PROGRAM-DATE-TIME:2025-02-14T10:00:02.250Z\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/1.0.m4s?t=x\",INDEPENDENT=YES\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/1.1.m4s?t=x\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/1.2.m4s?t=x\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/1.3.m4s?t=x\"\n\
         #EXT-X-PART:DURATION=0.2,URI=\"st1/1.4.m4s?t=x\"\n\
         #EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"st1/1.5.m4s?t=x\"\n"
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
fn audio_alone_is_a_stream() {
    let sounds = (0..500).map(|index| sound(index * 1_024 / 48));
    let origin = Origin::of([audio_config(2)], sounds);
    assert_eq!(origin.inits[0].codecs, "mp4a.40.2");
    assert!(origin.segments.len() >= 5);
    assert!(origin.parts.iter().all(|part| part.is_independent));
    origin.latest.unwrap().check_part_lengths();
}

#[test]
fn pictures_alone_wait_a_second_for_sound() {
    let mut origin = Origin::new(Config::default());
    origin.input(Input::Config(video_config(31))).unwrap();
    feed(
        &mut origin,
        (0..30).map(|index| picture(index * 100 / 3, 0, index == 0)),
    );
    assert!(origin.inits.is_empty());
    feed(&mut origin, [picture(1_000, 0, false)]);
    assert_eq!(origin.inits[0].codecs, "avc1.64001f");
    assert!(origin.fragment_count() >= 31, "what was held back is sent");
}

#[test]
fn sound_that_comes_late_starts_over_at_a_keyframe() {
    let mut origin = Origin::new(Config::default());
    origin.input(Input::Config(video_config(31))).unwrap();
    feed(&mut origin, constant_rate(5, 30, 60, false));
    origin.input(Input::Config(audio_config(2))).unwrap();
    feed(
        &mut origin,
        constant_rate(10, 30, 60, true)
            .into_iter()
            .filter(|frame| frame.dts.ticks >= 5_000),
    );
    origin.input(Input::End).unwrap();
    assert_eq!(origin.inits.len(), 2);
    assert_eq!(origin.inits[1].codecs, "avc1.64001f,mp4a.40.2");
    let heads: Vec<_> = origin
        .segments
        .iter()
        .map(|segment| (segment.head.init_id, segment.head.discontinuity))
        .collect();
    assert_eq!(heads, [(0, false), (0, false), (0, false), (1, true), (1, false)]);
    assert!(origin.segments.iter().all(|segment| segment.is_independent));
}

#[test]
fn pictures_that_come_late_start_over_at_once() {
    let mut origin = Origin::new(Config::default());
    origin.input(Input::Config(audio_config(2))).unwrap();
    feed(&mut origin, (0..150).map(|index| sound(index * 1_024 / 48)));
    origin.input(Input::Config(video_config(31))).unwrap();
    feed(
        &mut origin,
        constant_rate(8, 30, 60, true)
            .into_iter()
            .filter(|frame| frame.dts.ticks >= 4_000),
    );
    origin.input(Input::End).unwrap();
    assert_eq!(
        origin.inits.iter().map(|init| init.codecs.as_str()).collect::<Vec<_>>(),
        ["mp4a.40.2", "avc1.64001f,mp4a.40.2"]
    );
    let first = origin
        .segments
        .iter()
        .find(|segment| segment.head.init_id == 1)
        .unwrap();
    assert!(first.head.discontinuity && first.is_independent);
}

#[test]
fn a_new_configuration_makes_a_new_init_and_a_repeated_one_does_not() {
    let mut origin = Origin::new(Config::default());
    both()
        .into_iter()
        .for_each(|config| origin.input(Input::Config(config)).unwrap());
    let frames = constant_rate(12, 30, 60, true);
    let (first, second): (Vec<_>, Vec<_>) = frames.into_iter().partition(|frame| frame.dts.ticks < 6_000);
    feed(&mut origin, first);
    both()
        .into_iter()
        .for_each(|config| origin.input(Input::Config(config)).unwrap());
    assert_eq!(origin.inits.len(), 1);
    origin.input(Input::Config(video_config(40))).unwrap();
    feed(&mut origin, second);
    origin.input(Input::End).unwrap();
    assert_eq!(origin.inits.len(), 2);
    assert_eq!(origin.inits[1].codecs, "avc1.640028,mp4a.40.2");
    let discontinuities = origin
        .segments
        .iter()
        .filter(|segment| segment.head.discontinuity)
        .count();
    assert_eq!((origin.segments.len(), discontinuities), (6, 1));
}

#[test]
fn a_publisher_that_comes_back_keeps_the_init_and_the_numbers() {
    let mut origin = Origin::new(Config {
        first_msn: 100,
        ..Config::default()
    });
    both()
        .into_iter()
        .for_each(|config| origin.input(Input::Config(config)).unwrap());
    feed(&mut origin, constant_rate(5, 30, 60, true));
    origin.input(Input::Discontinuity).unwrap();
    both()
        .into_iter()
        .for_each(|config| origin.input(Input::Config(config)).unwrap());
    feed(&mut origin, constant_rate(30, 30, 60, true));
    origin.input(Input::End).unwrap();
    assert_eq!(origin.inits.len(), 1);
    let msns: Vec<u64> = origin.segments.iter().map(|segment| segment.head.msn).collect();
    assert_eq!(msns, (100..118).collect::<Vec<_>>());
    assert_eq!(
        origin.latest.unwrap().discontinuity_sequence,
        1,
        "the tag has left the window"
    );
}

#[test]
fn a_leap_in_time_is_a_discontinuity() {
    let frames = constant_rate(10, 30, 60, true).into_iter().map(|mut frame| {
        let leap_ms = if frame.dts.ticks >= 5_000 { 60_000 } else { 0 };
        frame.dts.ticks += leap_ms;
        frame.pts.ticks += leap_ms;
        frame
    });
    let origin = Origin::of(both(), frames);
    assert_eq!(
        origin
            .segments
            .iter()
            .filter(|segment| segment.head.discontinuity)
            .count(),
        1
    );
    let total: Duration = origin.segments.iter().map(|segment| segment.duration).sum();
    assert!(total < Duration::from_secs(11), "{total:?}");
}

#[test]
fn sound_moves_the_timeline_while_pictures_pause() {
    let frames = constant_rate(12, 30, 60, true)
        .into_iter()
        .filter(|frame| frame.track == TrackKind::Audio || !(3_000..9_000).contains(&frame.dts.ticks));
    let origin = Origin::of(both(), frames);
    let total: Duration = origin.segments.iter().map(|segment| segment.duration).sum();
    assert!(
        (Duration::from_millis(11_900)..Duration::from_millis(12_100)).contains(&total),
        "{total:?}"
    );
    assert_eq!(
        origin
            .segments
            .iter()
            .filter(|segment| segment.head.discontinuity)
            .count(),
        0
    );
    let widest = origin.parts.iter().map(|part| part.duration).max().unwrap();
    assert!(widest < Duration::from_millis(300), "{widest:?}");
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
    let delta = Playlist::parse(&playlist::media(&origin.window, &Naming::new("s"), &[], true));
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
