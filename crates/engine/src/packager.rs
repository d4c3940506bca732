//! Frames in, live edge out: the segmenter of a feed and the window it fills. Driven by whoever has a frame.

use std::sync::Arc;

use media::hls;
use media::hls::segmenter::{self, Input, Segmenter};
use media::time::MILLIS;
use media::{CodecConfig, Frame, Timestamp};
use metrics::Counter;

use crate::metrics::Metrics;
use crate::origin::window::{Draft, Window};
use crate::{Config, Environment};

/// How far `EXT-X-PROGRAM-DATE-TIME` may be behind a frame's arrival before it is set anew. Frames that waited on a bad line
/// come late by less.
const LATE_MAX_MS: i64 = 1_000;
/// How far it may be ahead. A frame can come late but not early: the one that set the time had waited, as those do that an
/// encoder kept while it connected.
const EARLY_MAX_MS: i64 = 40;

/// Segments a playlist may come to list. Three target durations of a sane stream are three segments; an encoder that starts
/// its timeline or its codecs over with every frame makes hundreds of them, each rendered for every part that follows.
const SEGMENTS_LISTED_MAX: u64 = 100;

/// Packs one feed.
pub(crate) struct Packager {
    segmenter: Segmenter,
    /// What the playlist offers.
    offered: hls::Window,
    /// The bytes behind it.
    draft: Draft,
    window: Arc<Window>,
    environment: Environment,
    /// A media time and the wall clock it was given.
    anchor: Option<(Timestamp, i64)>,
    frames_dropped: Counter,
}

impl Packager {
    pub(crate) fn new(config: &Config, window: Arc<Window>, environment: Environment, metrics: &Metrics) -> Self {
        let settings = segmenter::Config {
            part_target: config.part_target,
            segment_target: config.segment_target,
            ..segmenter::Config::default()
        };
        Self {
            offered: hls::Window::new(config.playlist_segments, settings.first_msn, 0),
            draft: Draft::default(),
            segmenter: Segmenter::new(settings),
            window,
            environment,
            anchor: None,
            frames_dropped: metrics.frames_dropped.clone(),
        }
    }

    /// True once a player can start.
    pub(crate) fn is_playable(&self) -> bool {
        self.offered.is_ready()
    }

    /// True when the encoder cuts its stream into so many pieces that it has to go.
    pub(crate) fn is_shredded(&self) -> bool {
        self.offered.live_edge().open_msn - self.offered.first_msn() > SEGMENTS_LISTED_MAX
    }

    pub(crate) fn config(&mut self, config: CodecConfig) {
        self.input(Input::Config(config));
    }

    /// Packs a frame; viewers that wait for it are woken.
    pub(crate) fn frame(&mut self, frame: Frame) {
        if frame.is_keyframe {
            self.tell_time(frame.dts);
        }
        self.input(Input::Frame(frame));
    }

    /// What follows comes from another encoder, or from the same one after a pause.
    pub(crate) fn discontinuity(&mut self) {
        self.anchor = None;
        self.input(Input::Discontinuity);
    }

    /// Ends the playlist.
    pub(crate) fn end(&mut self) {
        self.input(Input::End);
    }

    /// Ties the media timeline to the wall clock: at its first frame, and again when they have drifted apart.
    fn tell_time(&mut self, media: Timestamp) {
        let unix_ms = self.environment.now_ms();
        let is_close = self.anchor.is_some_and(|(anchor, anchor_ms)| {
            let elapsed_ms = media.rescale(MILLIS).ticks - anchor.rescale(MILLIS).ticks;
            let late_ms = unix_ms - anchor_ms - elapsed_ms;
            (-EARLY_MAX_MS..LATE_MAX_MS).contains(&late_ms)
        });
        if !is_close {
            self.anchor = Some((media, unix_ms));
            self.input(Input::Wall { media, unix_ms });
        }
    }

    fn input(&mut self, input: Input) {
        if let Err(error) = self.segmenter.handle_input(input) {
            // It goes on without this frame; a stream full of such shows in the counter.
            self.frames_dropped.increment(1);
            tracing::debug!(%error, "the packager dropped an input");
        }
        let mut is_changed = false;
        while let Some(output) = self.segmenter.poll_output() {
            is_changed |= self.offered.apply(&output);
            self.draft.apply(output, &self.offered);
        }
        if is_changed {
            self.draft.publish(&self.window, &self.offered);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use media::testing::sample;

    use super::*;

    const BEGIN_MS: i64 = 1_739_527_200_000;

    /// The start times of the listed segments, seconds after [`BEGIN_MS`], of two-second segments whose frames arrive
    /// when `arrival_ms` says.
    fn told(seconds: i64, arrival_ms: impl Fn(i64) -> i64) -> Vec<String> {
        let clock = Arc::new(AtomicI64::new(0));
        let environment = Environment {
            now_ms: Arc::new({
                let clock = clock.clone();
                move || clock.load(Ordering::Relaxed)
            }),
            random: Arc::new(|_| {}),
        };
        let window = Arc::new(Window::new("st"));
        let mut packager = Packager::new(&Config::default(), window.clone(), environment, &Metrics::new());
        packager.config(sample::h264_config().unwrap());
        packager.config(sample::aac_config().unwrap());
        for dts_ms in (0..seconds * 1_000).step_by(40) {
            clock.store(BEGIN_MS + arrival_ms(dts_ms), Ordering::Relaxed);
            packager.frame(sample::video_frame(dts_ms, dts_ms % 2_000 == 0, 100));
            packager.frame(sample::audio_frame(dts_ms, 10));
        }
        let text = window.edge().offer.as_ref().unwrap().playlist(false).plain.clone();
        let text = String::from_utf8(text.to_vec()).unwrap();
        text.lines()
            .filter_map(|line| line.strip_prefix("#EXT-X-PROGRAM-DATE-TIME:2025-02-14T10:00:"))
            .map(str::to_owned)
            .collect()
    }

    #[test]
    fn dates_say_when_frames_came() {
        assert_eq!(told(7, |dts_ms| dts_ms), ["00.000Z", "02.000Z", "04.000Z", "06.000Z"]);
        // On a bad line now and then one comes late; that is no reason to move the dates.
        assert_eq!(
            told(7, |dts_ms| dts_ms + dts_ms % 900),
            ["00.000Z", "02.000Z", "04.000Z", "06.000Z"]
        );
    }

    #[test]
    fn frames_that_came_at_once_do_not_date_the_rest_into_the_future() {
        let waited = |dts_ms: i64| dts_ms.max(800);
        assert_eq!(told(7, waited), ["00.800Z", "02.000Z", "04.000Z", "06.000Z"]);
    }

    #[test]
    fn dates_follow_a_clock_that_drifts() {
        let slow = |dts_ms: i64| dts_ms * 5 / 4;
        assert_eq!(told(7, slow), ["00.000Z", "02.000Z", "05.000Z", "07.000Z"]);
    }
}
