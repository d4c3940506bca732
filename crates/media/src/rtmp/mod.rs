//! RTMP, server side, sans-IO (Adobe RTMP 1.0, 2012; Enhanced RTMP v2 as far as refusing by name).
//!
//! One [`Session`] is one connection. Its driver feeds it what happens with [`Session::handle_input`] and drains
//! [`Session::poll_output`] after each input until it returns `None`; nothing else changes a session.
//!
//! ```
//! use std::time::Duration;
//! use media::rtmp::{Config, Input, Output, Session};
//!
//! let mut session = Session::new(Config::default(), [7; 1528]);
//! let result = session.handle_input(Duration::ZERO, Input::Bytes(&[3]));
//! while let Some(output) = session.poll_output() {
//!     match output {
//!         Output::Send(bytes) => drop(bytes),      // write to the socket
//!         Output::Event(event) => drop(event),     // ask the policy, hand a frame on
//!         Output::WaitUntil(at) => drop(at),       // Input::Timeout at that time
//!         Output::Close => break,                  // flush, then close
//!     }
//! }
//! assert!(result.is_ok());
//! ```
//!
//! # Memory
//! A peer that has not been let in makes a session hold at most [`BUFFERED_BYTES_MAX_BEFORE_PUBLISH`], afterwards
//! [`BUFFERED_BYTES_MAX`]. Buffers grow with bytes received, never with a length somebody announced.
//!
//! # Where to start reading
//! [`Session`] in `session/mod.rs`, then `chunk/reader.rs` for the framing below it and `session/publish.rs` for the
//! conversation.

pub mod chunk;
pub(crate) mod command;
mod error;
pub(crate) mod handshake;
pub(crate) mod message;
mod metadata;
mod session;
mod timeline;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

pub use error::Error;
pub use message::{Kind as MessageKind, Message};
pub use metadata::{ENCODER_CHARS_MAX, Metadata};
pub use session::{BUFFERED_BYTES_MAX, BUFFERED_BYTES_MAX_BEFORE_PUBLISH, Counters, Session, UNDECIDED_BYTES_MAX};
pub use timeline::{COMPOSITION_MS_MAX, CORRECTION_MS_MAX, GAP_MS_MAX, REGRESSION_MS_MAX, Timeline};

use crate::{CodecConfig, Frame};

/// What an operator may want to change; [`Config::default`] fits encoders on the internet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// From the first input to the publish request. Default 10 s; sending slowly does not extend it.
    pub publish_within: Duration,
    /// Longest silence of an encoder that publishes, or waits for an answer. Default 30 s.
    pub idle_max: Duration,
    /// Chunk size we announce and write, bytes. Default 4096: our answers then fit one chunk.
    pub chunk_size: u32,
    /// After how many bytes the encoder shall acknowledge, and its bandwidth limit. Default 2 500 000.
    pub window_bytes: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            publish_within: Duration::from_secs(10),
            idle_max: Duration::from_secs(30),
            chunk_size: 4_096,
            window_bytes: 2_500_000,
        }
    }
}

/// What happens to a session. Times are durations since one arbitrary start and never go back.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// The socket gave these bytes, in any split. While a publish request is undecided they are kept unread, up to
    /// [`UNDECIDED_BYTES_MAX`]; a driver that stops reading meanwhile never meets that limit.
    Bytes(&'a [u8]),
    /// The answer to [`Event::PublishRequested`]: yes.
    AcceptPublish,
    /// The answer to [`Event::PublishRequested`]: no. The encoder is told why, then the session closes.
    RejectPublish {
        /// A sentence for the encoder's log. OBS shows its own text instead.
        description: &'a str,
    },
    /// The time of the newest [`Output::WaitUntil`] came. Too early is harmless.
    Timeout,
}

/// What a driver has to do, in this order.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Write these bytes to the socket.
    Send(Bytes),
    /// Something happened.
    Event(Event),
    /// Come back with [`Input::Timeout`] at this time. Replaces any earlier one.
    WaitUntil(Duration),
    /// Write what was sent before, then close the socket.
    Close,
}

/// What a session reports. Printing one hides the stream key.
#[derive(Clone, PartialEq)]
pub enum Event {
    /// An encoder asks to publish; nothing was answered yet. Answer with [`Input::AcceptPublish`] or
    /// [`Input::RejectPublish`].
    PublishRequested {
        /// The application name, `app` in `rtmp://host/app/key`; no slash at its end.
        app: String,
        /// The stream key without its query string. A secret: keep it out of logs.
        key: String,
    },
    /// What the encoder says about itself; only when it differs from the last one.
    Metadata(Metadata),
    /// A decoder configuration; only when it differs from the last one of its track.
    Config(CodecConfig),
    /// One access unit, after its track's configuration.
    Frame(Frame),
    /// The encoder ended its stream. The connection stays open; it may publish again.
    Unpublished,
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PublishRequested { app, .. } => f
                .debug_struct("PublishRequested")
                .field("app", app)
                .field("key", &"***")
                .finish(),
            Self::Metadata(metadata) => f.debug_tuple("Metadata").field(metadata).finish(),
            Self::Config(config) => f.debug_tuple("Config").field(config).finish(),
            Self::Frame(frame) => f.debug_tuple("Frame").field(frame).finish(),
            Self::Unpublished => f.write_str("Unpublished"),
        }
    }
}
