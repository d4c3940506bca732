//! The house rules, and the binary as people run it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

mod canaries;
mod channel;
mod crash;
mod cuts;
mod first_broadcast;
mod house;
mod readiness;
mod replicas;
mod request_crash;
mod session_crash;
mod stream_keys;
mod support;
mod thumbnails;
