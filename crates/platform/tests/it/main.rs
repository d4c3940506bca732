//! The platform against a real video tower over loopback, on every database.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on fails, and says where")]

#[macro_use]
mod support;

mod auctions;
mod bids;
mod broadcasts;
mod callers;
mod channels;
mod chat;
mod chat_rooms;
mod checker;
mod costs;
mod crash;
mod groups;
mod mail;
mod on_air;
mod pictures;
mod sessions;
mod simulation;
mod stream_keys;
mod video;
