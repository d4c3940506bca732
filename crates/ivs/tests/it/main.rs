//! The Amazon half of the video tower, through its HTTP surface.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod chat;
mod chat_rooms;
mod corpus;
mod events;
mod forged;
mod live;
mod mutations;
mod persistence;
mod policy;
mod receiver;
mod recording;
mod room;
mod sdk;
mod signature;
mod signer;
mod support;
mod validation;
mod wire;
