//! The rooms that are open, and how many are in them.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::mpsc;

use super::member::{Ending, FRAMES_WAITING_MAX, Inbox, Seat};
use super::room::Room;
use super::{End, Frame, Guest, JoinRefused, Limits, Settings};
use crate::metrics::ChatMetrics;

/// Handle to all rooms; cheap to clone.
#[derive(Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

struct Shared {
    limits: Limits,
    metrics: ChatMetrics,
    /// Held to find, open and close rooms and to count connections; not while a frame is handed out. A room's own lock may
    /// be taken under it, never the other way round.
    rooms: Mutex<Rooms>,
}

#[derive(Default)]
struct Rooms {
    is_draining: bool,
    open: HashMap<String, Arc<Room>>,
    connections: usize,
    by_address: HashMap<IpAddr, usize>,
    last_id: u64,
}

impl Hub {
    /// A hub without rooms.
    pub fn new(limits: Limits) -> Self {
        let shared = Shared {
            limits,
            metrics: ChatMetrics::new(),
            rooms: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Opens a room, or changes what an open one allows.
    pub fn open(&self, room: &str, settings: Settings) {
        let mut rooms = self.lock();
        match rooms.open.get(room) {
            Some(open) => open.set(settings),
            None => {
                let metrics = self.shared.metrics.clone();
                rooms
                    .open
                    .insert(room.to_owned(), Arc::new(Room::new(settings, metrics)));
            }
        }
    }

    /// Closes a room; everyone in it ends with [`End::RoomClosed`]. One that is not open stays so.
    pub fn close(&self, room: &str) {
        let closed = self.lock().open.remove(room);
        if let Some(closed) = closed {
            closed.close(End::RoomClosed);
        }
    }

    /// Takes a guest into a room.
    ///
    /// # Errors
    /// [`JoinRefused`] when the room is closed or a limit is reached.
    pub fn join(&self, room: &str, guest: Guest) -> Result<(Seat, Inbox), JoinRefused> {
        let limits = self.shared.limits;
        let mut rooms = self.lock();
        if rooms.is_draining {
            return Err(JoinRefused::Draining);
        }
        let room = rooms.open.get(room).cloned().ok_or(JoinRefused::RoomClosed)?;
        let from_there = rooms.by_address.get(&guest.address).copied().unwrap_or_default();
        if rooms.connections >= limits.connections || from_there >= limits.per_address || room.size() >= limits.per_room
        {
            self.shared.metrics.refused.increment(1);
            return Err(JoinRefused::Full);
        }
        rooms.connections += 1;
        rooms.by_address.insert(guest.address, from_there + 1);
        rooms.last_id += 1;
        let id = rooms.last_id;
        let (queue, waiting) = mpsc::channel(FRAMES_WAITING_MAX);
        let (weak, ending) = (queue.downgrade(), Ending::default());
        room.enter(id, guest.user, queue, ending.clone());
        drop(rooms);
        self.shared.metrics.connections.increment(1.0);
        let inbox = Inbox {
            queue: waiting,
            ending: ending.clone(),
        };
        let seat = Seat {
            hub: self.clone(),
            room,
            id,
            address: guest.address,
            queue: weak,
            ending,
        };
        Ok((seat, inbox))
    }

    /// Sends a frame to everyone in a room. False when it is not open.
    pub fn announce(&self, room: &str, frame: &Frame) -> bool {
        let room = self.lock().open.get(room).cloned();
        room.is_some_and(|room| room.announce(frame))
    }

    /// [`Self::announce`], after which every connection of the user in the room ends.
    pub fn disconnect(&self, room: &str, user: &str, frame: &Frame) -> bool {
        let room = self.lock().open.get(room).cloned();
        room.is_some_and(|room| room.disconnect(user, frame))
    }

    /// Connections now.
    pub fn connections(&self) -> usize {
        self.lock().connections
    }

    /// Ends every connection with [`End::Drained`]; nobody joins again.
    pub fn drain(&self) {
        let mut rooms = self.lock();
        rooms.is_draining = true;
        let open: Vec<_> = rooms.open.drain().collect();
        drop(rooms);
        for (_, room) in open {
            room.close(End::Drained);
        }
    }

    pub(super) fn left(&self, address: IpAddr) {
        let mut rooms = self.lock();
        rooms.connections = rooms.connections.saturating_sub(1);
        if let Some(count) = rooms.by_address.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                rooms.by_address.remove(&address);
            }
        }
        drop(rooms);
        self.shared.metrics.connections.decrement(1.0);
    }

    // A panic while the lock is held can leave a count off by one, no more.
    fn lock(&self) -> MutexGuard<'_, Rooms> {
        self.shared.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
