//! The house rules, and the binary as people run it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod crash;
mod first_broadcast;
mod house;
mod replicas;
mod support;
