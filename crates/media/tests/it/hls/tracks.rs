//! Tracks that come, go, change and pause.

use std::time::Duration;

use media::TrackKind;
use media::hls::segmenter::{Config, Input};

use super::origin::Origin;
use super::source::{audio_config, constant_rate, picture, sound, video_config};
use super::stories::{both, feed};

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
