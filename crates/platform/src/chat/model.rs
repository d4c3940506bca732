//! What chat is made of.

use serde::Serialize;

use crate::Secret;
use crate::video::Capability;

/// The seller's id in the chat of an auction.
pub const HOST_ID: &str = "host";
/// "For good", as a moment.
pub const FOREVER_MS: i64 = i64::MAX;

/// What somebody is in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Sells, and keeps order.
    Host,
    /// An administrator: keeps order, also the host's.
    Moderator,
    /// Everybody else.
    Member,
}

impl Part {
    /// The word in tokens and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Moderator => "moderator",
            Self::Member => "member",
        }
    }

    /// Reads the word; what is unknown has no special rights.
    pub fn parse(word: &str) -> Self {
        match word {
            "host" => Self::Host,
            "moderator" => Self::Moderator,
            _ => Self::Member,
        }
    }
}

/// Somebody who was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) user_id: String,
    pub(crate) account_id: String,
    pub(crate) username: String,
    pub(crate) part: Part,
    pub(crate) muted_until_ms: i64,
    pub(crate) banned_until_ms: i64,
    pub(crate) reason: Option<String>,
}

impl Member {
    pub(crate) fn is_muted(&self, now_ms: i64) -> bool {
        self.muted_until_ms > now_ms
    }

    pub(crate) fn is_banned(&self, now_ms: i64) -> bool {
        self.banned_until_ms > now_ms
    }
}

/// The way into a chat, for one connection.
#[derive(Debug, Clone)]
pub struct Ticket {
    /// To be offered as the WebSocket's subprotocol within a minute.
    pub token: Secret,
    /// Where to connect.
    pub url: String,
    /// What the bearer may do besides reading.
    pub capabilities: Vec<Capability>,
    /// When the connection will end, epoch ms.
    pub session_expires_at_ms: i64,
    /// Until when the bearer is muted, epoch ms ([`FOREVER_MS`]: for good); `None` when not muted.
    pub muted_until_ms: Option<i64>,
    /// Public id of the bearer.
    pub user_id: String,
    /// What others call the bearer.
    pub username: String,
}

/// Something that was said. Its JSON is what clients read, in events and in answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The provider's id of it.
    pub message_id: String,
    /// In which auction.
    pub auction_id: String,
    /// Public id of who said it.
    pub user_id: String,
    /// What others call who said it.
    pub username: String,
    /// The text; empty once deleted.
    pub message: String,
    /// When, epoch ms.
    pub timestamp: i64,
    /// `chat`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The seller said it.
    pub is_host: bool,
    /// It was taken back.
    pub is_deleted: bool,
}

/// How somebody is kept from talking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Reads on, and does not speak.
    Mute,
    /// Does not get in.
    Ban,
}

/// Somebody who may not do everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restriction {
    /// Public id.
    pub user_id: String,
    /// What others call them.
    pub username: String,
    /// Epoch ms, [`FOREVER_MS`] for good; `None` when not muted.
    pub muted_until_ms: Option<i64>,
    /// Epoch ms, [`FOREVER_MS`] for good; `None` when not banned.
    pub banned_until_ms: Option<i64>,
    /// What the latest measure was for.
    pub reason: Option<String>,
}
