//! The live edge in memory: immutable snapshots that viewers read, and the draft from which the next one is made.

use std::collections::VecDeque;
use std::io::Write;
use std::mem;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::HeaderValue;
use media::hls::request::LiveEdge;
use media::hls::{self, Init, Naming, Output, playlist};
use tokio::sync::watch;

use super::growing::Growing;
use super::held::{HELD_PER_FEED_MAX, Room};

/// The newest snapshot of a feed, and a way to wait for the next.
pub(crate) struct Window {
    stream_id: Arc<str>,
    edge: watch::Sender<Arc<Edge>>,
    /// Where its requests wait.
    held: Room,
}

/// What a feed offers at one moment. Collected once, by the producer; viewers only share it.
pub(crate) struct Edge {
    /// `None` until a player can start.
    pub offer: Option<Offer>,
    /// Complete segments, listed and lately listed, oldest first.
    pub segments: VecDeque<Arc<Segment>>,
    /// Complete parts of the open segment.
    pub open: Vec<Buffers>,
    pub growing: Arc<Growing>,
    pub inits: Vec<Init>,
}

/// The playlists. Rendered when the first viewer asks: most parts of a stream that nobody watches are never listed to anyone.
pub(crate) struct Offer {
    stream_id: Arc<str>,
    version: u64,
    offered: hls::Window,
    playlist: OnceLock<Rendered>,
    delta: OnceLock<Rendered>,
    pub live: LiveEdge,
    pub target_duration: Duration,
    pub is_independent: bool,
    /// Peak bits per second of any segment so far.
    pub bandwidth_bps: u64,
}

/// Buffers that together are one resource.
pub(crate) type Buffers = Arc<[Bytes]>;

/// A complete segment: the concatenation of its parts.
pub(crate) struct Segment {
    pub msn: u64,
    /// The buffers of each part: its fragments, and one once the next segment has a part.
    parts: Vec<Buffers>,
}

/// A playlist as it travels.
pub(crate) struct Rendered {
    pub plain: Bytes,
    gzip: OnceLock<Bytes>,
    pub etag: HeaderValue,
}

impl Window {
    pub(crate) fn new(stream_id: &str) -> Self {
        let edge = Edge {
            offer: None,
            segments: VecDeque::new(),
            open: Vec::new(),
            growing: Growing::new(0, 0),
            inits: Vec::new(),
        };
        Self {
            stream_id: stream_id.into(),
            edge: watch::Sender::new(Arc::new(edge)),
            held: Room::new(HELD_PER_FEED_MAX),
        }
    }

    /// The newest snapshot.
    pub(crate) fn edge(&self) -> Arc<Edge> {
        self.edge.borrow().clone()
    }

    /// Yields every snapshot from now on; a slow reader skips to the newest.
    pub(crate) fn watch(&self) -> watch::Receiver<Arc<Edge>> {
        self.edge.subscribe()
    }

    pub(super) fn held(&self) -> &Room {
        &self.held
    }
}

impl Edge {
    /// The parts of a complete segment.
    pub(crate) fn segment(&self, msn: u64) -> Option<&Arc<Segment>> {
        let oldest = self.segments.front()?.msn;
        self.segments
            .get(usize::try_from(msn.checked_sub(oldest)?).ok()?)
            .filter(|segment| segment.msn == msn)
    }

    /// A complete part.
    pub(crate) fn part(&self, msn: u64, index: u32) -> Option<Buffers> {
        let index = usize::try_from(index).ok()?;
        if msn == self.growing.msn {
            return self.open.get(index).cloned();
        }
        self.segment(msn)?.parts.get(index).cloned()
    }
}

impl Segment {
    /// The whole resource.
    pub(crate) fn buffers(&self) -> Buffers {
        self.parts.iter().flat_map(|part| part.iter().cloned()).collect()
    }
}

impl Offer {
    /// The media playlist; with `delta` its update, which is the whole one when there is nothing to skip.
    pub(crate) fn playlist(&self, delta: bool) -> &Rendered {
        let (slot, delta) = if delta && self.offered.skippable() > 0 {
            (&self.delta, true)
        } else {
            (&self.playlist, false)
        };
        slot.get_or_init(|| {
            let text = playlist::media(&self.offered, &Naming::new(&self.stream_id), delta);
            let kind = if delta { "-delta" } else { "" };
            Rendered::new(text, &format!("\"{}-{}{kind}\"", self.stream_id, self.version))
        })
    }
}

impl Rendered {
    fn new(text: String, etag: &str) -> Self {
        Self {
            plain: text.into(),
            gzip: OnceLock::new(),
            etag: HeaderValue::try_from(etag).unwrap_or(HeaderValue::from_static("\"\"")),
        }
    }

    /// The compressed form, made by the first viewer who can read it.
    pub(crate) fn gzip(&self) -> Bytes {
        let compress = || {
            let mut encoder = GzEncoder::new(Vec::with_capacity(self.plain.len() / 4), Compression::fast());
            // Writing into memory cannot fail; the plain text would be a wrong answer to "gzip".
            let _ = encoder.write_all(&self.plain);
            encoder.finish().unwrap_or_default().into()
        };
        self.gzip.get_or_init(compress).clone()
    }
}

/// What the producer has put together since the last snapshot.
///
/// Memory: the listed segments, as many that were listed before, and the open one; each byte once.
pub(crate) struct Draft {
    segments: VecDeque<Arc<Segment>>,
    open: Vec<Buffers>,
    growing: Arc<Growing>,
    /// Finished parts to announce once the snapshot that has them is out: whoever reads to the end of one asks for the next
    /// at once, and must find it.
    finished: Vec<Arc<Growing>>,
    inits: Vec<Init>,
    bandwidth_bps: u64,
    target_duration: Duration,
    version: u64,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            segments: VecDeque::new(),
            open: Vec::new(),
            growing: Growing::new(0, 0),
            finished: Vec::new(),
            inits: Vec::new(),
            bandwidth_bps: 1,
            target_duration: Duration::ZERO,
            version: 0,
        }
    }
}

impl Draft {
    /// Takes over what the segmenter produced; `offered` has seen it already.
    pub(crate) fn apply(&mut self, output: Output, offered: &hls::Window) {
        match output {
            Output::Init(init) => self.inits.push(init),
            Output::SegmentStarted(head) => self.grow(head.msn, 0),
            Output::Fragment(fragment) => self.growing.push(fragment.bytes),
            Output::Part(part) => {
                if part.index == 0 {
                    self.compact();
                }
                self.open.push(part.fragments.into());
                self.grow(part.msn, part.index + 1);
            }
            Output::Segment(segment) => {
                let bits = u64::try_from(segment.size_bytes())
                    .unwrap_or(u64::MAX)
                    .saturating_mul(8_000);
                let millis = u64::try_from(segment.duration.as_millis()).unwrap_or(u64::MAX).max(1);
                self.bandwidth_bps = self.bandwidth_bps.max(bits / millis);
                let msn = segment.head.msn;
                let parts = mem::take(&mut self.open);
                self.segments.push_back(Arc::new(Segment { msn, parts }));
                self.grow(msn + 1, 0);
                let oldest = oldest_kept(offered);
                while self.segments.pop_front_if(|segment| segment.msn < oldest).is_some() {}
                if let Some(oldest) = offered.oldest_init_id() {
                    self.inits.retain(|init| init.id >= oldest);
                }
            }
            Output::TargetDuration(seconds) => self.target_duration = Duration::from_secs(seconds.into()),
            Output::Ended => self.finished.push(self.growing.clone()),
        }
    }

    /// Makes the next snapshot and wakes those who wait.
    pub(crate) fn publish(&mut self, window: &Window, offered: &hls::Window) {
        self.version += 1;
        let edge = Edge {
            offer: offered
                .is_ready()
                .then(|| self.offer(window.stream_id.clone(), offered)),
            segments: self.segments.clone(),
            open: self.open.clone(),
            growing: self.growing.clone(),
            inits: self.inits.clone(),
        };
        window.edge.send_replace(Arc::new(edge));
        for finished in self.finished.drain(..) {
            finished.finish();
        }
    }

    fn offer(&self, stream_id: Arc<str>, offered: &hls::Window) -> Offer {
        Offer {
            stream_id,
            version: self.version,
            offered: offered.clone(),
            playlist: OnceLock::new(),
            delta: OnceLock::new(),
            live: offered.live_edge(),
            target_duration: self.target_duration,
            is_independent: offered.is_independent(),
            bandwidth_bps: self.bandwidth_bps,
        }
    }

    /// Gives each part of the newest segment one buffer instead of one per frame. Not as soon as the segment is complete: the
    /// snapshot that has it lets an old segment go, whose memory the copy can then have.
    fn compact(&mut self) {
        if let Some(newest) = self.segments.back_mut() {
            let parts = newest.parts.iter().map(|part| Arc::from([concat(part)])).collect();
            *newest = Arc::new(Segment { msn: newest.msn, parts });
        }
    }

    /// The part that is filled next.
    fn grow(&mut self, msn: u64, index: u32) {
        if (self.growing.msn, self.growing.index) != (msn, index) {
            self.finished
                .push(mem::replace(&mut self.growing, Growing::new(msn, index)));
        }
    }
}

/// The oldest segment worth its memory: for each listed segment one that was listed before.
///
/// RFC 8216bis §6.2.2 wants a removed segment kept for its own duration and the longest playlist's that had it. Whoever asks
/// for one after the length of a playlist is two lengths behind the live edge and skips ahead anyway; those segments would be
/// a quarter of a feed's memory.
fn oldest_kept(offered: &hls::Window) -> u64 {
    let (first, open) = (offered.first_msn(), offered.live_edge().open_msn);
    offered
        .retained_from()
        .max(first.saturating_sub(open.saturating_sub(first)))
}

/// One exact buffer.
fn concat(fragments: &[Bytes]) -> Bytes {
    if let [only] = fragments {
        return only.clone();
    }
    let mut whole = BytesMut::with_capacity(fragments.iter().map(Bytes::len).sum());
    for fragment in fragments {
        whole.extend_from_slice(fragment);
    }
    whole.freeze()
}
