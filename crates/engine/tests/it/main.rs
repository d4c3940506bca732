//! The media plane from outside: encoders at one end, players at the other.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failing test says so by panicking, in its helpers too"
)]

mod age;
mod broadcast;
mod delivery;
mod ffmpeg;
mod hostile;
mod listeners;
mod low_latency;
mod odd;
mod reconnect;
mod support;
