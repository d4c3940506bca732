//! The part behind the preload hint: bytes that can be read while they come.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

/// With more followers than this, they are woken at the end of the part instead of at every frame: a write per viewer and
/// frame would then cost more than the delay of a fraction of a part is worth.
const FOLLOWERS_EAGER_MAX: usize = 500;

/// The part that is being filled, or the next one before its first byte.
pub(crate) struct Growing {
    pub msn: u64,
    pub index: u32,
    growth: watch::Sender<Growth>,
}

#[derive(Default)]
struct Growth {
    chunks: Vec<Bytes>,
    state: State,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Open,
    Complete,
    /// The segment ended without this part.
    Abandoned,
}

impl Growing {
    pub(super) fn new(msn: u64, index: u32) -> Arc<Self> {
        Arc::new(Self {
            msn,
            index,
            growth: watch::Sender::default(),
        })
    }

    pub(super) fn push(&self, chunk: Bytes) {
        let is_eager = self.growth.receiver_count() <= FOLLOWERS_EAGER_MAX;
        self.growth.send_if_modified(|growth| {
            growth.chunks.push(chunk);
            is_eager
        });
    }

    /// No more bytes come: it is whole, or it never began and never will.
    pub(super) fn finish(&self) {
        self.growth.send_modify(|growth| {
            growth.state = if growth.chunks.is_empty() {
                State::Abandoned
            } else {
                State::Complete
            };
        });
    }

    /// A reader from the first byte on.
    pub(super) fn follow(&self) -> Follower {
        Follower {
            growth: self.growth.subscribe(),
            next: 0,
        }
    }
}

/// Reads a part while it grows.
pub(super) struct Follower {
    growth: watch::Receiver<Growth>,
    next: usize,
}

impl Follower {
    /// The next bytes, as soon as there are any. `None` at the end of the part.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        loop {
            {
                let growth = self.growth.borrow_and_update();
                if let Some(chunk) = growth.chunks.get(self.next) {
                    self.next += 1;
                    return Some(chunk.clone());
                }
                if growth.state != State::Open {
                    return None;
                }
            }
            // The sender is gone only together with its feed.
            self.growth.changed().await.ok()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_follower_gets_every_chunk_when_it_comes_and_then_the_end() {
        let growing = Growing::new(1, 0);
        let mut early = growing.follow();
        growing.push(Bytes::from_static(b"a"));
        assert_eq!(early.next().await.as_deref(), Some(&b"a"[..]));
        let waiting = tokio::spawn(async move { (early.next().await, early.next().await) });
        growing.push(Bytes::from_static(b"b"));
        growing.finish();
        assert_eq!(waiting.await.unwrap(), (Some(Bytes::from_static(b"b")), None));

        let mut late = growing.follow();
        assert_eq!(late.next().await.as_deref(), Some(&b"a"[..]));
    }

    #[tokio::test]
    async fn a_part_that_never_begins_has_no_bytes() {
        let growing = Growing::new(1, 5);
        let mut follower = growing.follow();
        growing.finish();
        assert_eq!(follower.next().await, None);
    }

    #[tokio::test]
    async fn a_crowd_is_woken_once_per_part() {
        let growing = Growing::new(1, 0);
        let mut crowd: Vec<_> = (0..=FOLLOWERS_EAGER_MAX).map(|_| growing.follow()).collect();
        growing.push(Bytes::from_static(b"a"));
        assert!(!crowd[0].growth.has_changed().unwrap());
        growing.finish();
        assert_eq!(crowd[0].next().await.as_deref(), Some(&b"a"[..]));
        assert_eq!(crowd[0].next().await, None);
    }
}
