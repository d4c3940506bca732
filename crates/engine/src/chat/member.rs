//! The two halves of one connection in one room.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio_util::sync::CancellationToken;

use super::hub::Hub;
use super::room::Room;
use super::{End, Frame, SayRefused, Settings};

/// Frames waiting for one connection. At ten messages a second, a room's default, it may stand still for 25 seconds. When
/// full the connection ends with [`End::TooSlow`], because a chat with holes is worse than one that reconnects.
pub(super) const FRAMES_WAITING_MAX: usize = 256;

/// Where a member speaks from. Dropping it leaves the room.
pub struct Seat {
    pub(super) hub: Hub,
    pub(super) room: Arc<Room>,
    pub(super) id: u64,
    pub(super) address: IpAddr,
    /// Weak, so that the queue ends when the room lets go of it.
    pub(super) queue: mpsc::WeakSender<Frame>,
    pub(super) ending: Ending,
}

impl Seat {
    /// What the room allows now.
    pub fn settings(&self) -> Settings {
        self.room.settings()
    }

    /// Sends a message to everyone in the room, the speaker included. `content` is what its limits count.
    ///
    /// # Errors
    /// [`SayRefused`] when the room does not take it.
    pub fn say(&self, content: &str, frame: &Frame) -> Result<(), SayRefused> {
        self.room.say(content, frame)
    }

    /// Sends a frame to everyone that is no member's message. False when the room is closed.
    pub fn announce(&self, frame: &Frame) -> bool {
        self.room.announce(frame)
    }

    /// [`Self::announce`], after which every connection of the user in this room ends, perhaps this one.
    pub fn disconnect(&self, user: &str, frame: &Frame) -> bool {
        self.room.disconnect(user, frame)
    }

    /// Sends a frame to this connection alone. With a full queue the connection ends instead.
    pub fn tell(&self, frame: Frame) {
        let Some(queue) = self.queue.upgrade() else { return };
        if let Err(TrySendError::Full(_)) = queue.try_send(frame) {
            self.ending.set(End::TooSlow);
            self.room.leave(self.id);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.room.leave(self.id);
        self.hub.left(self.address);
    }
}

/// What reaches a member.
pub struct Inbox {
    pub(super) queue: mpsc::Receiver<Frame>,
    pub(super) ending: Ending,
}

impl Inbox {
    /// The next frame. Cancelling it loses nothing.
    ///
    /// # Errors
    /// The hub ended the connection, and everything before was read.
    pub async fn next(&mut self) -> Result<Frame, End> {
        tokio::select! {
            biased;
            () = self.ending.slow.cancelled() => Err(End::TooSlow),
            frame = self.queue.recv() => frame.ok_or_else(|| self.ending.get()),
        }
    }

    /// The next frame if it is there already.
    pub fn ready(&mut self) -> Option<Frame> {
        self.queue.try_recv().ok()
    }

    /// Resolves when the connection ended as too slow: whoever waits for its socket must stop.
    pub fn too_slow(&self) -> impl Future<Output = ()> + Send + use<> {
        self.ending.slow.clone().cancelled_owned()
    }
}

/// Why a connection ended; the first reason counts.
#[derive(Clone, Default)]
pub(super) struct Ending {
    reason: Arc<OnceLock<End>>,
    /// Cancelled with [`End::TooSlow`], which does not wait for the queue to be read.
    slow: CancellationToken,
}

impl Ending {
    pub(super) fn set(&self, end: End) {
        if self.reason.set(end).is_ok() && end == End::TooSlow {
            self.slow.cancel();
        }
    }

    /// A queue that ended without a reason lost its seat.
    fn get(&self) -> End {
        self.reason.get().copied().unwrap_or(End::Disconnected)
    }
}
