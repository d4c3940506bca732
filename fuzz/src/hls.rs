//! The HLS targets: delivery directives of any client, frames of any encoder.

use std::time::Duration;

use bytes::Bytes;
use media::hls::request::{Answer, BlockingRequest, LiveEdge, QUERY_BYTES_MAX, decide};
use media::hls::segmenter::{Config, Input};
use media::hls::{Naming, Output, Segmenter, Window, playlist};
use media::testing::sample;
use media::{CodecConfig, Frame, Timestamp, TrackKind};

/// The query of a playlist request.
pub fn hls_request(data: &[u8]) {
    let query = String::from_utf8_lossy(data);
    let Ok(request) = BlockingRequest::parse(&query) else {
        return;
    };
    assert!(query.len() <= QUERY_BYTES_MAX);
    assert!(request.part.is_none() || request.msn.is_some());
    let mut edge = LiveEdge {
        open_msn: 7,
        open_parts: 3,
        parts_ahead_max: 15,
        ended: false,
    };
    match decide(&edge, &request) {
        Answer::WaitFor(msn, part) => {
            assert_eq!((Some(msn), part), (request.msn, request.part));
            assert!((7..=8).contains(&msn) && part.is_none_or(|part| part < 20));
            edge.open_msn = msn + 1;
            assert_eq!(decide(&edge, &request), Answer::Now, "it is answered once it is there");
        }
        Answer::BadRequest => {
            edge.ended = true;
            assert_eq!(
                decide(&edge, &request),
                Answer::Now,
                "there is nothing to wait for after the end"
            );
        }
        Answer::Now => assert!(request.msn.is_none_or(|msn| msn <= 7)),
    }
}

/// A broadcast, two bytes per step: what comes, and how much later. The first byte chooses the settings.
pub fn segmenter(data: &[u8]) {
    let Some((settings, steps)) = data.split_first() else {
        return;
    };
    let config = Config {
        fragment_target: Duration::from_millis(u64::from(settings & 3) * 30),
        part_target: Duration::from_millis(u64::from(settings >> 2 & 3) * 150 + 1),
        segment_target: Duration::from_millis(u64::from(settings >> 4 & 3) * 900 + 100),
        segment_bytes_max: 32_768,
        ..Config::default()
    };
    let bytes_max = config.segment_bytes_max;
    let mut origin = Origin {
        segmenter: Segmenter::new(config),
        window: Window::new(3, 0, 0),
        bytes_max,
        parts_us: 0,
        next: (0, 0),
        first_listed: 0,
    };
    let mut clocks_ms = [0_i64; 2];
    for step in steps.chunks_exact(2) {
        origin.input(input(step[0], step[1], &mut clocks_ms));
    }
    origin.input(Some(Input::End));
}

fn input(what: u8, amount: u8, clocks_ms: &mut [i64; 2]) -> Option<Input> {
    let track = if what & 1 == 0 {
        TrackKind::Video
    } else {
        TrackKind::Audio
    };
    let clock_ms = &mut clocks_ms[usize::from(what & 1)];
    let amount_ms = i64::from(amount);
    match what >> 1 & 7 {
        // Common steps first: an encoder's own pace, B-frames, a pause, a step back, a leap, a configuration, the rest.
        step @ 0..=3 => {
            *clock_ms += amount_ms;
            Some(Input::Frame(Frame {
                track,
                dts: Timestamp::from_millis(*clock_ms),
                pts: Timestamp::from_millis(*clock_ms + if step == 1 { amount_ms } else { 0 }),
                is_keyframe: step == 2 || track == TrackKind::Audio,
                payload: Bytes::from(vec![what; usize::from(amount) + usize::from(what)]),
            }))
        }
        4 => {
            *clock_ms += amount_ms * 50;
            None
        }
        5 => {
            let leaps = [i64::MIN, i64::MAX, 1 << 52, -(1 << 52), -1_000, -1, 1 << 32, 1 << 40];
            *clock_ms = clock_ms.saturating_add(leaps[usize::from(amount & 7)]) / 2;
            None
        }
        6 => {
            let mut config = if track == TrackKind::Video {
                sample::h264_config().ok()?
            } else {
                sample::aac_config().ok()?
            };
            match &mut config {
                CodecConfig::H264(video) => video.level_idc = 30 + (amount & 1),
                CodecConfig::Aac(audio) => {
                    audio.sample_rate_hz = [48_000, 44_100, 7_350, 96_000][usize::from(amount & 3)]
                }
            }
            Some(Input::Config(config))
        }
        _ if amount & 1 == 0 => Some(Input::Discontinuity),
        _ => Some(Input::Wall {
            media: Timestamp::from_millis(*clock_ms),
            unix_ms: *clock_ms ^ amount_ms,
        }),
    }
}

struct Origin {
    segmenter: Segmenter,
    window: Window,
    bytes_max: usize,
    // Of the open segment.
    parts_us: u128,
    // The segment and part that must come next.
    next: (u64, u32),
    first_listed: u64,
}

impl Origin {
    fn input(&mut self, input: Option<Input>) {
        let Some(input) = input else { return };
        // A refused input is as good as none.
        let _ = self.segmenter.handle_input(input);
        let mut is_changed = false;
        while let Some(output) = self.segmenter.poll_output() {
            is_changed |= self.window.apply(&output);
            self.check(&output);
        }
        if is_changed {
            self.check_playlist();
        }
    }

    fn check(&mut self, output: &Output) {
        match output {
            Output::SegmentStarted(head) => assert_eq!(head.msn, self.next.0),
            Output::Fragment(fragment) => assert_eq!((fragment.msn, fragment.part), self.next),
            Output::Part(part) => {
                assert_eq!((part.msn, part.index), self.next);
                assert!(!part.fragments.is_empty());
                self.next.1 += 1;
                self.parts_us += part.duration.as_micros();
            }
            Output::Segment(segment) => {
                assert_eq!(segment.head.msn, self.next.0);
                assert_eq!(segment.duration.as_micros(), self.parts_us);
                let payload_bytes: usize = segment.fragments.iter().map(Bytes::len).sum();
                assert!(payload_bytes <= self.bytes_max + 1_024, "{payload_bytes} bytes");
                self.next = (self.next.0 + 1, 0);
                self.parts_us = 0;
            }
            Output::Init(_) | Output::TargetDuration(_) | Output::Ended => {}
        }
    }

    fn check_playlist(&mut self) {
        assert!(
            self.window.first_msn() >= self.first_listed,
            "the media sequence never goes back"
        );
        assert!(self.window.retained_from() <= self.window.first_msn());
        self.first_listed = self.window.first_msn();
        let naming = Naming::new("s");
        let full = playlist::media(&self.window, &naming, false);
        let delta = playlist::media(&self.window, &naming, true);
        let segments = |text: &str| text.matches("#EXTINF").count();
        assert_eq!(segments(&full), segments(&delta) + self.window.skippable());
    }
}
