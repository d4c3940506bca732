//! The chat hub: who is in which room, and what reaches them.
//!
//! A room is opened by whoever keeps rooms. A member joins it with [`Hub::join`], which gives two halves: a [`Seat`] to speak
//! from, and an [`Inbox`] to read. Dropping the seat leaves the room. The hub carries frames it does not read: whoever
//! translates a protocol makes each once, and every member of the room shares its bytes.
//!
//! # Invariants
//! - Every member of a room gets the frames of the room in one order, and its own among them.
//! - A member waits for nobody: one whose queue is full is ended with [`End::TooSlow`].
//! - A member that was ended reads what was sent to it before, except when it was too slow.
//! - Nobody is in a room that is not open, nor joins after [`Hub::drain`].

mod hub;
mod member;
mod room;
mod window;

use std::net::IpAddr;

pub use hub::Hub;
pub use member::{Inbox, Seat};
pub use window::Window;

/// One frame of text as it goes out. Cloning shares the bytes.
pub type Frame = axum::extract::ws::Utf8Bytes;

/// What a room allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Messages a second, of all members together.
    pub messages_per_second: usize,
    /// Longest message, in code points.
    pub content_length_max: usize,
    /// Nobody may speak.
    pub is_silent: bool,
}

/// How many connections the hub takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// In all rooms together.
    pub connections: usize,
    /// In one room.
    pub per_room: usize,
    /// From one address. A school or an office may share one.
    pub per_address: usize,
}

/// A connection costs about 20 KiB with its buffers, so 10,000 of them stay below 200 MiB. One room may have half, one
/// address a tenth.
impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            per_room: 5_000,
            per_address: 1_000,
        }
    }
}

/// Who joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// The name that [`Hub::disconnect`] knows it by. One user may have several connections.
    pub user: String,
    /// Where it connects from.
    pub address: IpAddr,
}

/// Why nobody may join.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinRefused {
    /// No such room is open.
    #[error("the room is closed")]
    RoomClosed,
    /// A limit on connections is reached.
    #[error("too many connections")]
    Full,
    /// The hub shuts down.
    #[error("the server is stopping")]
    Draining,
}

/// Why a message was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SayRefused {
    /// The room is gone.
    #[error("the room is closed")]
    RoomClosed,
    /// Nobody may speak in the room.
    #[error("the room takes no messages")]
    Silent,
    /// The message is longer than the room allows.
    #[error("the message is longer than {max} characters")]
    TooLong {
        /// Code points.
        max: usize,
    },
    /// The room has had its messages of this second.
    #[error("the room takes {max} messages a second")]
    TooFast {
        /// Messages a second.
        max: usize,
    },
}

/// Why the hub ended a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// The room was closed.
    RoomClosed,
    /// The user was disconnected.
    Disconnected,
    /// It read more slowly than the room spoke.
    TooSlow,
    /// The hub shuts down.
    Drained,
}
