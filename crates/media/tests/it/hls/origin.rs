//! An origin as small as can be: it keeps every byte and checks every playlist that it would have served.

use std::collections::BTreeMap;

use bytes::Bytes;
use media::hls::request::{Answer, BlockingRequest, decide};
use media::hls::segmenter::{Config, Input};
use media::hls::{Fragment, Init, Naming, Output, Part, Segment, Segmenter, Window, playlist};
use media::{CodecConfig, Frame};

use super::checker::Playlist;

/// Drives a segmenter and judges all it says.
pub struct Origin {
    segmenter: Segmenter,
    pub window: Window,
    pub inits: Vec<Init>,
    pub segments: Vec<Segment>,
    pub parts: Vec<Part>,
    /// The playlist as last rendered.
    pub latest: Option<Playlist>,
    /// Playlists whose hint named a part that never came.
    pub broken_hints: usize,
    fragments: BTreeMap<(u64, u32), Vec<Bytes>>,
    history: Vec<Playlist>,
    pub ended: bool,
    target_duration_s: Option<u32>,
}

impl Origin {
    pub fn new(config: Config) -> Self {
        let window = Window::new(4, config.first_msn, 0);
        Self {
            segmenter: Segmenter::new(config),
            window,
            inits: Vec::new(),
            segments: Vec::new(),
            parts: Vec::new(),
            latest: None,
            broken_hints: 0,
            fragments: BTreeMap::new(),
            history: Vec::new(),
            ended: false,
            target_duration_s: None,
        }
    }

    /// A default origin that was given all of a stream, end included.
    pub fn of(configs: impl IntoIterator<Item = CodecConfig>, frames: impl IntoIterator<Item = Frame>) -> Self {
        let mut origin = Self::new(Config::default());
        for config in configs {
            origin.input(Input::Config(config)).unwrap();
        }
        for frame in frames {
            origin.input(Input::Frame(frame)).unwrap();
        }
        origin.input(Input::End).unwrap();
        origin
    }

    pub fn input(&mut self, input: Input) -> Result<(), media::hls::segmenter::Error> {
        let result = self.segmenter.handle_input(input);
        let mut changed = false;
        while let Some(output) = self.segmenter.poll_output() {
            changed |= self.window.apply(&output);
            self.keep(output);
        }
        if changed && self.window.is_ready() {
            self.check_playlist();
        }
        result
    }

    fn keep(&mut self, output: Output) {
        assert!(!self.ended, "nothing follows the end: {output:?}");
        match output {
            Output::Init(init) => self.inits.push(init),
            Output::SegmentStarted(head) => {
                assert_eq!(self.inits.last().map(|init| init.id), Some(head.init_id));
                let previous = self.segments.last().map(|segment| segment.head.msn);
                assert!(
                    previous.is_none_or(|msn| msn + 1 == head.msn),
                    "segments are numbered without holes"
                );
            }
            Output::Fragment(Fragment { msn, part, bytes }) => {
                self.fragments.entry((msn, part)).or_default().push(bytes)
            }
            Output::Part(part) => {
                assert_eq!(
                    self.fragments.get(&(part.msn, part.index)),
                    Some(&part.fragments),
                    "a part is what was streamed"
                );
                self.parts.push(part);
            }
            Output::TargetDuration(seconds) => {
                assert!(self.target_duration_s.replace(seconds).is_none(), "it is said once")
            }
            Output::Segment(segment) => {
                let parts = || self.parts.iter().filter(|part| part.msn == segment.head.msn);
                let fragments: Vec<Bytes> = parts().flat_map(|part| part.fragments.clone()).collect();
                assert_eq!(segment.fragments, fragments, "a segment is its parts");
                assert_eq!(
                    parts().map(|part| part.duration).sum::<std::time::Duration>(),
                    segment.duration
                );
                self.segments.push(segment);
            }
            Output::Ended => self.ended = true,
        }
    }

    fn check_playlist(&mut self) {
        let naming = Naming::new("s");
        let text = playlist::media(&self.window, &naming, false);
        let full = Playlist::parse(&text);
        full.check();
        // It knows nothing of parts: once per segment says all.
        if full.open.parts.is_empty() {
            check_with_m3u8_rs(&text, &full);
        }
        if let Some(before) = &self.latest {
            before.check_update(&full);
            self.broken_hints += usize::from(!full.keeps_hint_of(before) && !full.has_end);
        }
        self.check_delta(&full, &text);
        self.check_requests(&full);
        self.history.push(full.clone());
        if self.history.len() > 8 {
            self.history.remove(0);
        }
        self.latest = Some(full);
    }

    fn check_delta(&self, full: &Playlist, full_text: &str) {
        let text = playlist::media(&self.window, &Naming::new("s"), true);
        if self.window.skippable() == 0 {
            assert_eq!(text, full_text);
            return;
        }
        let delta = Playlist::parse(&text);
        assert_eq!(delta.skipped, self.window.skippable() as u64);
        // A client may have missed some updates, but none that would have shown it what is skipped now.
        let known_from = delta.media_sequence + delta.skipped;
        let knows = |old: &&Playlist| {
            old.media_sequence <= delta.media_sequence && old.media_sequence + old.segments.len() as u64 >= known_from
        };
        for old in self.history.iter().filter(knows).chain([full]) {
            assert_eq!(
                &delta.merged_into(old),
                full,
                "previous playlist and delta make the whole"
            );
        }
    }

    fn check_requests(&self, playlist: &Playlist) {
        let edge = self.window.live_edge();
        let next = playlist.media_sequence + playlist.segments.len() as u64;
        let open = playlist.open.parts.len() as u64;
        let ask = |msn, part| {
            decide(
                &edge,
                &BlockingRequest {
                    msn: Some(msn),
                    part,
                    skip: false,
                },
            )
        };
        if playlist.has_end {
            assert_eq!(ask(next + 9, None), Answer::Now);
            return;
        }
        assert_eq!(ask(next - 1, None), Answer::Now);
        assert_eq!(ask(next, None), Answer::WaitFor(next, None));
        assert_eq!(ask(next, Some(open)), Answer::WaitFor(next, Some(open)));
        assert!(open == 0 || ask(next, Some(open - 1)) == Answer::Now);
        assert_eq!(ask(next + 2, None), Answer::BadRequest);
    }

    /// Fragments handed out so far.
    pub fn fragment_count(&self) -> usize {
        self.fragments.values().map(Vec::len).sum()
    }

    /// Everything a player would have downloaded for one initialisation section.
    pub fn file(&self, init_id: u32) -> Vec<u8> {
        let init = self.inits.iter().find(|init| init.id == init_id).unwrap();
        let mut file = init.bytes.to_vec();
        let segments = self.segments.iter().filter(|segment| segment.head.init_id == init_id);
        segments
            .flat_map(|segment| &segment.fragments)
            .for_each(|fragment| file.extend_from_slice(fragment));
        file
    }
}

/// The parts of a playlist that plain HLS knows, as another implementation reads them.
fn check_with_m3u8_rs(text: &str, ours: &Playlist) {
    let (_, theirs) = m3u8_rs::parse_media_playlist(text.as_bytes()).expect("m3u8-rs reads the playlist");
    assert_eq!(theirs.media_sequence, ours.media_sequence);
    assert_eq!(theirs.target_duration, ours.target_duration_s);
    assert_eq!(theirs.discontinuity_sequence, ours.discontinuity_sequence);
    assert_eq!(theirs.end_list, ours.has_end);
    assert_eq!(theirs.segments.len(), ours.segments.len());
    for (theirs, ours) in theirs.segments.iter().zip(&ours.segments) {
        assert_eq!(theirs.uri, ours.uri);
        assert_eq!(theirs.discontinuity, ours.has_discontinuity);
        assert!((f64::from(theirs.duration) * 1e6 - ours.duration_us as f64).abs() < 1_000.0);
        assert_eq!(theirs.program_date_time.is_some(), ours.date_ms.is_some());
    }
}
