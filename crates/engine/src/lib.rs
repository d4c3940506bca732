//! The media plane: listeners, live feeds, packager, HLS origin.
//!
//! Bytes of an encoder come in through [`ingest`](Engine::accept_rtmp), become frames in `media::rtmp::Session`, and are
//! pushed by the connection's own task through the feed's packager into its window, where viewers wait for them. Nothing
//! in between queues: a frame that was read from the socket can be fetched before the next one is read.
//!
//! Invariants:
//! - It knows no account, key, channel or auction. Who may do what is asked of the one port, [`Policy`].
//! - Every table, queue and buffer has a bound, named beside it with what happens when it is full.
//! - One feed has one producer at a time; generation numbers keep a dead connection from touching its successor.
//! - Every task is tracked and stops with the engine.
//!
//! | Specification | Implemented | Deliberate deviations |
//! |---|---|---|
//! | HTTP Live Streaming, RFC 8216bis §6 (delivery) | blocking reload, delta updates, preload hints, retention of removed segments | a request held for three target durations is answered 503; removed segments stay for one playlist length instead of that and their own duration |
//! | HTTP/1.1 and HTTP/2, RFC 9110 to 9113 | by hyper; `If-None-Match`, single ranges of segments | several ranges get the whole segment |
//! | RTMP 1.0 over TCP and TLS | by `media::rtmp` | |
//!
//! Where to start reading: `engine.rs` (the handle), `ingest/connection.rs` (an encoder's life), `feed.rs` (a stream's
//! life), `origin/routes.rs` (a viewer's requests).

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
