//! Room for connections, so that those who have not said who they are cannot crowd out those who publish.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::sync::CancellationToken;

/// Connections at a time, publishing or not. When full, new ones are closed at once.
pub(crate) const CONNECTIONS_MAX: usize = 4_096;
/// Connections that have not published yet. When full, the oldest of them is closed: an encoder needs milliseconds to
/// publish, so the oldest is the least likely to be one.
pub(crate) const HALF_OPEN_MAX: usize = 1_024;
/// The same, for one address; 64 KiB each, so that one address holds at most 16 MiB.
pub(crate) const HALF_OPEN_PER_ADDRESS_MAX: usize = 256;

/// Counts connections and decides who has to leave.
#[derive(Default)]
pub(crate) struct Gate {
    /// Locked once per accepted, published and closed connection, for at most one walk over the half-open ones.
    places: Mutex<Places>,
}

#[derive(Default)]
struct Places {
    connections: usize,
    next_id: u64,
    /// By order of arrival.
    half_open: BTreeMap<u64, (IpAddr, CancellationToken)>,
}

/// A place inside; dropping it gives it back.
pub(crate) struct Pass {
    gate: Arc<Gate>,
    id: u64,
    /// Cancelled when the place is needed by a newer connection. Never after [`Pass::published`].
    pub evicted: CancellationToken,
}

impl Gate {
    /// A place among the half-open, if there is any room at all.
    pub(crate) fn enter(self: &Arc<Self>, ip: IpAddr) -> Option<Pass> {
        let mut places = self.lock();
        if places.connections >= CONNECTIONS_MAX {
            return None;
        }
        let of_address = places.half_open.values().filter(|(other, _)| *other == ip).count();
        let oldest = if of_address >= HALF_OPEN_PER_ADDRESS_MAX {
            places
                .half_open
                .iter()
                .find(|(_, (other, _))| *other == ip)
                .map(|(id, _)| *id)
        } else if places.half_open.len() >= HALF_OPEN_MAX {
            places.half_open.keys().next().copied()
        } else {
            None
        };
        if let Some((_, evicted)) = oldest.and_then(|id| places.half_open.remove(&id)) {
            evicted.cancel();
        }
        let (id, evicted) = (places.next_id, CancellationToken::new());
        places.next_id += 1;
        places.connections += 1;
        places.half_open.insert(id, (ip, evicted.clone()));
        Some(Pass {
            gate: self.clone(),
            id,
            evicted,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// The connection has a valid key: it is not half-open any more. False when it had to leave a moment ago.
    pub(crate) fn published(&self) -> bool {
        self.gate.lock().half_open.remove(&self.id).is_some()
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut places = self.gate.lock();
        places.half_open.remove(&self.id);
        places.connections -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(n: usize) -> IpAddr {
        Ipv4Addr::from(u32::try_from(n).unwrap()).into()
    }

    #[test]
    fn the_oldest_half_open_connection_of_a_crowded_address_leaves() {
        let gate = Arc::new(Gate::default());
        let other = gate.enter(address(9)).unwrap();
        let crowd: Vec<_> = (0..HALF_OPEN_PER_ADDRESS_MAX)
            .map(|_| gate.enter(address(1)).unwrap())
            .collect();
        let newest = gate.enter(address(1)).unwrap();
        assert!(crowd[0].evicted.is_cancelled() && !crowd[0].published());
        assert!(!crowd[1].evicted.is_cancelled() && !other.evicted.is_cancelled());
        assert!(newest.published());
    }

    #[test]
    fn many_addresses_share_one_bound() {
        let gate = Arc::new(Gate::default());
        let passes: Vec<_> = (0..=HALF_OPEN_MAX).map(|n| gate.enter(address(n)).unwrap()).collect();
        assert!(passes[0].evicted.is_cancelled());
        assert_eq!(passes.iter().filter(|pass| pass.evicted.is_cancelled()).count(), 1);
    }

    #[test]
    fn who_publishes_is_never_evicted_and_a_full_house_refuses() {
        let gate = Arc::new(Gate::default());
        let publishing: Vec<_> = (0..CONNECTIONS_MAX)
            .map(|_| {
                let pass = gate.enter(address(1)).unwrap();
                assert!(pass.published());
                pass
            })
            .collect();
        assert!(gate.enter(address(2)).is_none());
        assert!(publishing.iter().all(|pass| !pass.evicted.is_cancelled()));
        drop(publishing);
        assert!(gate.enter(address(2)).is_some());
    }
}
