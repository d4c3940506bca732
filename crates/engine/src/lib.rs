//! The media plane: listeners, live feeds, packager, HLS origin; and beside it the chat hub.
//!
//! Bytes of an encoder come in through a listener or [`Engine::accept_rtmp`], become frames in `media::rtmp::Session`, and
//! are pushed by the connection's own task through the feed's packager into its window, where viewers wait for them.
//! Nothing in between queues: what one read of the socket completed can be fetched before the next read.
//!
//! # Invariants
//! - It knows no account, key, channel or auction. Who may do what is asked of the one port, [`Policy`].
//! - Every table, queue and buffer has a bound, named beside it with what happens when it is full.
//! - One feed has one producer at a time; generation numbers keep a dead connection from touching its successor.
//! - A byte of media is kept once, whoever watches: viewers share the buffers of a part, and a segment is its parts.
//! - Every task is tracked and stops with the engine.
//!
//! # Specifications
//! | what | version | implemented | deliberate deviations |
//! |---|---|---|---|
//! | HTTP Live Streaming | RFC 8216bis §6 (delivery) | blocking reload with 400 and 503 as §6.2.5.2 says, delta updates, preload hints, retention of removed segments | removed segments stay for one playlist length instead of that and their own duration |
//! | HTTP/1.1, HTTP/2 | RFC 9110 to 9113 | by hyper; `If-None-Match`, single ranges of segments | several ranges, or one of a part, get the whole resource |
//! | TLS | 1.2 and 1.3 | by rustls; certificates replaced while connections run | no client certificates |
//! | RTMP, RTMPS | Adobe 1.0 | by `media::rtmp`, over TCP, TLS, and the HTTP port | as there |
//!
//! # Where to start reading
//! `engine.rs` (the handle), `ingest/connection.rs` (an encoder's life), `feed/mod.rs` (a stream's life), `packager.rs` and
//! `origin/window.rs` (from frames to what is offered), `origin/routes.rs` (a viewer's requests).

pub mod chat;
mod config;
mod engine;
mod environment;
mod error;
pub mod event;
mod feed;
mod health;
pub mod http;
mod ingest;
mod metrics;
mod origin;
mod packager;
pub mod policy;
mod registry;
pub mod status;
pub mod tls;

pub use config::Config;
pub use engine::Engine;
pub use environment::{Environment, Random};
pub use error::Error;
pub use event::{EndReason, Event, EventKind};
pub use policy::{PlaybackDenied, PlaybackRequest, Policy, PublishDenied, PublishGrant, PublishRequest, StreamKey};
pub use status::{Health, Status};
pub use tls::Tls;
