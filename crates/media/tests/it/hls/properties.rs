//! Whatever the frames, the playlists are right: [`Origin`] checks each one.

use std::collections::BTreeMap;

use media::hls::segmenter::{Config, Input};
use media::{Frame, Timestamp, TrackKind};
use proptest::prelude::*;

use super::fragments::samples;
use super::origin::Origin;
use super::source::{audio_config, frame, video_config};

#[derive(Debug, Clone)]
enum Step {
    Picture {
        step_ms: i64,
        reorder_ms: i64,
        is_keyframe: bool,
        size_bytes: usize,
    },
    Sound {
        step_ms: i64,
    },
    Pause {
        track: TrackKind,
        ms: i64,
    },
    Config {
        is_video: bool,
        variant: u8,
    },
    Discontinuity,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let picture = (1_i64..120, 0_i64..200, prop::bool::weighted(0.1), 1_usize..5_000).prop_map(
        |(step_ms, reorder_ms, is_keyframe, size_bytes)| Step::Picture {
            step_ms,
            reorder_ms,
            is_keyframe,
            size_bytes,
        },
    );
    let pause = (any::<bool>(), 100_i64..8_000).prop_map(|(is_video, ms)| Step::Pause {
        track: if is_video { TrackKind::Video } else { TrackKind::Audio },
        ms,
    });
    prop::collection::vec(
        prop_oneof![
            400 => picture,
            400 => (15_i64..30).prop_map(|step_ms| Step::Sound { step_ms }),
            3 => pause,
            2 => (any::<bool>(), 0_u8..2).prop_map(|(is_video, variant)| Step::Config { is_video, variant }),
            1 => Just(Step::Discontinuity),
        ],
        0..1_000,
    )
}

fn inputs(steps: Vec<Step>) -> Vec<Input> {
    let mut inputs = vec![Input::Wall {
        media: Timestamp::from_millis(0),
        unix_ms: 1_739_527_200_000,
    }];
    let mut clock = [0_i64; 2];
    for step in steps {
        let input = match step {
            Step::Picture {
                step_ms,
                reorder_ms,
                is_keyframe,
                size_bytes,
            } => {
                clock[0] += step_ms;
                Input::Frame(frame(TrackKind::Video, clock[0], reorder_ms, is_keyframe, size_bytes))
            }
            Step::Sound { step_ms } => {
                clock[1] += step_ms;
                Input::Frame(frame(TrackKind::Audio, clock[1], 0, true, 100))
            }
            Step::Pause { track, ms } => {
                clock[usize::from(track == TrackKind::Audio)] += ms;
                continue;
            }
            Step::Config {
                is_video: true,
                variant,
            } => Input::Config(video_config(30 + variant)),
            Step::Config {
                is_video: false,
                variant,
            } => Input::Config(audio_config(1 + variant)),
            Step::Discontinuity => Input::Discontinuity,
        };
        inputs.push(input);
    }
    inputs
}

fn check(config: Config, initial: Vec<Input>, steps: Vec<Step>) {
    let segment_bytes_max = config.segment_bytes_max;
    let mut origin = Origin::new(config);
    for input in initial.into_iter().chain(inputs(steps)) {
        // Refused frames are part of the game; what is taken must come out right.
        let _ = origin.input(input);
    }
    let _ = origin.input(Input::End);
    assert!(origin.ended);
    let mut ends = BTreeMap::new();
    for segment in &origin.segments {
        if segment.head.discontinuity {
            ends.clear();
        }
        let mut payload_bytes = 0;
        for (track, samples) in samples(&segment.fragments.concat()) {
            for sample in samples {
                let end = ends
                    .insert(track, sample.decode_time + sample.duration)
                    .unwrap_or(sample.decode_time);
                assert!(
                    end <= sample.decode_time,
                    "decode times of track {track} overlap at {end}"
                );
                payload_bytes += sample.payload.len();
            }
        }
        assert!(payload_bytes <= segment_bytes_max);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_frames_make_valid_playlists(steps in steps()) {
        let configs = vec![Input::Config(video_config(31)), Input::Config(audio_config(2))];
        check(Config::default(), configs, steps);
    }

    #[test]
    fn any_settings_make_valid_playlists(
        steps in steps(),
        fragment_ms in 0_u64..500,
        part_ms in 1_u64..1_000,
        segment_ms in 100_u64..5_000,
        segment_bytes_max in 5_000_usize..100_000,
    ) {
        let config = Config {
            fragment_target: std::time::Duration::from_millis(fragment_ms),
            part_target: std::time::Duration::from_millis(part_ms),
            segment_target: std::time::Duration::from_millis(segment_ms),
            segment_bytes_max,
            ..Config::default()
        };
        check(config, vec![Input::Config(video_config(31))], steps);
    }

    #[test]
    fn a_constant_rate_never_breaks_a_hint(
        rate in 5_i64..120,
        gop_seconds in 1_i64..5,
        jitter in prop::collection::vec(-3_i64..=3, 1..50),
    ) {
        let mut origin = Origin::new(Config::default());
        origin.input(Input::Config(video_config(31))).unwrap();
        for (index, jitter_ms) in (0..rate * 12).zip(jitter.into_iter().cycle()) {
            let dts_ms = 10 + index * 1_000 / rate + jitter_ms;
            let picture: Frame = frame(TrackKind::Video, dts_ms, 0, index % (rate * gop_seconds) == 0, 100);
            let _ = origin.input(Input::Frame(picture));
        }
        prop_assert_eq!(origin.broken_hints, 0);
    }
}
