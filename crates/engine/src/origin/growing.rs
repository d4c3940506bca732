//! The part behind the preload hint: bytes that can be read while they come.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

/// So many followers are woken at every frame. Twice as many are woken at every second one, and so on, at the latest at the
/// end of the part: a write per viewer and frame would cost a large audience more than a fraction of a part is worth.
const FOLLOWERS_PER_FRAME: usize = 100;

/// The part that is being filled, or the next one before its first byte.
pub(crate) struct Growing {
    pub msn: u64,
    pub index: u32,
    growth: watch::Sender<Growth>,
}

#[derive(Default)]
struct Growth {
    fragments: Vec<Bytes>,
    /// How many of them followers were woken for.
    announced: usize,
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

    pub(super) fn push(&self, fragment: Bytes) {
        let followers = self.growth.receiver_count();
        self.growth.send_if_modified(|growth| {
            growth.fragments.push(fragment);
            let is_worth_it = (growth.fragments.len() - growth.announced) * FOLLOWERS_PER_FRAME >= followers;
            if is_worth_it {
                growth.announced = growth.fragments.len();
            }
            is_worth_it
        });
    }

    /// No more bytes come: it is whole, or it never began and never will.
    pub(super) fn finish(&self) {
        self.growth.send_modify(|growth| {
            growth.state = if growth.fragments.is_empty() {
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
                if let Some(fragment) = growth.fragments.get(self.next) {
                    self.next += 1;
                    return Some(fragment.clone());
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
    async fn a_follower_gets_every_fragment_when_it_comes_and_then_the_end() {
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
    async fn the_larger_the_crowd_the_more_frames_it_gets_at_a_time() {
        let growing = Growing::new(1, 0);
        let mut crowd: Vec<_> = (0..3 * FOLLOWERS_PER_FRAME).map(|_| growing.follow()).collect();
        let mut is_woken = |fragment: &'static [u8]| {
            growing.push(Bytes::from_static(fragment));
            let follower = &mut crowd[0].growth;
            let is_woken = follower.has_changed().unwrap();
            follower.mark_unchanged();
            is_woken
        };
        assert_eq!(
            [b"a", b"b", b"c", b"d"].map(|fragment| is_woken(fragment)),
            [false, false, true, false]
        );
        growing.finish();
        let mut all = Vec::new();
        while let Some(fragment) = crowd[0].next().await {
            all.extend(fragment);
        }
        assert_eq!(all, b"abcd");
    }
}
