//! Why a session ended itself.

use super::chunk;
use crate::{amf0, flv};

/// What the peer did wrong. After one the session ignores further input; drain its output, then close the socket.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Not RTMP at all (22 is TLS: an rtmps client on the plain port), or the encrypted RTMPE (6).
    #[error("rtmp handshake: version {0} instead of 3")]
    Version(u8),
    /// [`super::Config::publish_within`] is over.
    #[error("no publish request within {0:?}")]
    PublishDeadline(std::time::Duration),
    /// [`super::Config::idle_max`] is over.
    #[error("no bytes for {0:?}")]
    Idle(std::time::Duration),
    /// Framing.
    #[error(transparent)]
    Chunk(#[from] chunk::Error),
    /// A command or script message.
    #[error(transparent)]
    Amf0(#[from] amf0::Error),
    /// A protocol control message of the wrong length or with a value outside its range.
    #[error("rtmp {0} message is malformed")]
    Control(&'static str),
    /// A command without the arguments it must have, or with text beyond a limit.
    #[error("rtmp command {command}: {problem}")]
    Command {
        /// Name of the command.
        command: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A command that does not fit what was agreed before it.
    #[error("rtmp command {0} out of order")]
    OutOfOrder(&'static str),
    /// More commands than any encoder sends before it publishes.
    #[error("more than {0} rtmp messages before a publish request")]
    TooManyMessages(u32),
    /// More bytes than a driver should read while a publish request is undecided.
    #[error("more than {0} bytes while the publish request is undecided")]
    TooEager(usize),
    /// The peer wants to watch.
    #[error("rtmp play is not offered: watch over hls")]
    Play,
    /// A codec we do not carry; the encoder was told.
    #[error(transparent)]
    Media(#[from] flv::Error),
    /// An aggregate of more tags than any server batches.
    #[error("more than {0} tags in one rtmp aggregate")]
    TooManyTags(usize),
    /// Too many tags of a running stream could not be read; the newest says why.
    #[error("more than {limit} unreadable media tags: {last}")]
    TooManyBadTags {
        /// How many are tolerated.
        limit: u32,
        /// Why the last one could not be read.
        last: flv::Error,
    },
}
