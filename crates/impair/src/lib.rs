//! A bad network on loopback, for tests: a proxy that delays, stalls, throttles, cuts and silences connections.
//!
//! What happens is data: a [`Plan`] of one seed and, for each connection, the [`Step`]s of its life. The same plan over the
//! same bytes does the same, however the operating system cuts them into reads.
//!
//! # Invariants
//! - Bytes arrive unaltered, in order and once; a cut takes the rest, never a middle.
//! - What waits in the proxy is bounded ([`QUEUE_BYTES_MAX`] each way); a sender that is faster than the line is not read.
//! - Packets are judged by [`shaper`], which knows no socket: [`tcp`] turns a lost packet into the stall that its
//!   retransmission would be. A datagram proxy would drop it and let later ones pass.
//!
//! Tests depend on it; nothing that ships does.

mod connection;
mod plan;
mod pump;
mod rng;
pub mod shaper;
pub mod tcp;

pub use plan::{Change, Line, Plan, Step, When};
pub use pump::QUEUE_BYTES_MAX;
pub use rng::Rng;
pub use tcp::{Proxy, Totals};
