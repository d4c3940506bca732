//! Room for requests that wait.

use std::sync::Arc;

use metrics::Gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests that may wait in one feed: a playlist and a part for 8,000 viewers. When full, further ones are answered 503
/// with `Retry-After`.
pub(crate) const HELD_PER_FEED_MAX: usize = 16_384;
/// The same for all feeds; about 4 KiB each.
pub(crate) const HELD_MAX: usize = 32_768;

/// Room in one feed, or in all.
#[derive(Clone)]
pub(crate) struct Room(Arc<Semaphore>);

/// A place to wait; dropping it gives it back.
pub(super) struct Place {
    _permits: [OwnedSemaphorePermit; 2],
    held: Gauge,
}

impl Room {
    pub(crate) fn new(places: usize) -> Self {
        Self(Arc::new(Semaphore::new(places)))
    }

    /// A place in this room and in `other`, counted in `held`. `None` when either is full.
    pub(super) fn enter(&self, other: &Self, held: &Gauge) -> Option<Place> {
        let permits = [
            self.0.clone().try_acquire_owned().ok()?,
            other.0.clone().try_acquire_owned().ok()?,
        ];
        held.increment(1);
        Some(Place {
            _permits: permits,
            held: held.clone(),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.held.decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_feed_leaves_room_for_others() {
        let (all, full, other) = (Room::new(3), Room::new(1), Room::new(2));
        let place = full.enter(&all, &Gauge::noop()).unwrap();
        assert!(full.enter(&all, &Gauge::noop()).is_none());
        let _others = [
            other.enter(&all, &Gauge::noop()).unwrap(),
            other.enter(&all, &Gauge::noop()).unwrap(),
        ];
        drop(place);
        assert!(full.enter(&all, &Gauge::noop()).is_some());
    }
}
