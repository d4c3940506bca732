//! IVS Chat: rooms, tokens and the messaging WebSocket.
//!
//! Rooms are kept in the data file and open in the hub of the engine, which changes after each commit, in their order.
//! Everything else is in memory and ends with the process, as on AWS: tokens, connections, messages.
//!
//! # What AWS leaves open
//! - A token is used up by the connection that presents it, whether or not that succeeds.
//! - DisconnectUser ends the user's connections and takes back the user's unused tokens of the room: who was shown out
//!   does not come back with a token fetched a moment before. A token made afterwards is as good as any.
//! - A message review handler is a Lambda function, which nothing here can call. Rooms that name one get its
//!   `fallbackResult`, as they do on AWS while the function does not answer: `ALLOW` delivers, `DENY` refuses with 406.
//! - Logging configurations cannot be made here, so every ARN of one is "not found" and lists of them are empty.
//! - Every member gets the sender's `RequestId`, because a frame is made once for all of them.

pub mod message;
pub mod room;
mod socket;
pub mod token;
pub mod wire;

use std::net::IpAddr;

use engine::chat::{Hub, Limits};
use tokio_util::task::TaskTracker;

pub use socket::{PATH, PING_PERIOD, router};
pub use token::Tokens;

/// Where a client connects from when a proxy is in front; an extension of the request. Without it the peer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// What the API and the connections have in common.
pub struct Chat {
    /// The rooms of the data file, open.
    pub hub: Hub,
    /// Tokens that nobody has used yet.
    pub tokens: Tokens,
    /// Open connections.
    pub connections: TaskTracker,
}

impl Chat {
    /// No room is open yet.
    pub fn new() -> Self {
        Self {
            hub: Hub::new(Limits::default()),
            tokens: Tokens::default(),
            connections: TaskTracker::new(),
        }
    }

    /// Ends every connection and waits for their goodbyes.
    pub async fn drain(&self) {
        self.hub.drain();
        self.connections.close();
        self.connections.wait().await;
    }
}
