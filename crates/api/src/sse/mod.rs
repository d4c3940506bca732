//! Server-sent events: each client pulls at its own pace, and nothing is queued for it.
//!
//! An event is rendered once and its bytes are shared by everybody who reads it ([`frames`]); a connection holds its
//! place in the log and at most the frames that its socket is being given. **When full**: a client that does not read
//! stops asking for frames; the listener cuts its connection after 20 s without a byte taken, and it may come back with
//! the number of the last event it saw. One that reads too slowly is told that number (`event: resume`) and sent away.
//! Neither delays another client.

mod feed;
mod frames;

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header;
use tokio_util::sync::CancellationToken;

pub(crate) use self::feed::Feed;
use self::frames::Frames;
pub(crate) use self::frames::snapshot as snapshot_frame;
use crate::error::Problem;

/// How patient a stream is.
const PACE: Pace = Pace {
    ping_every: Duration::from_secs(10),
    lifetime: Duration::from_secs(3600),
};
/// Streams of this process at most; each is a socket, a task and its buffers, some 30 KiB.
const STREAMS_MAX: usize = 10_000;
/// Streams of one address at most, unless configured: an office behind one router fits, an attacker with one machine
/// does not.
pub(crate) const STREAMS_PER_ADDRESS_MAX: usize = 100;
/// Seconds a client should wait when there are too many streams.
const FULL_RETRY_S: u64 = 10;
/// Moments over which the pings of many streams are spread.
const PING_SLOTS: u32 = 64;

/// How patient a stream is; tests are less so.
#[derive(Clone, Copy)]
struct Pace {
    /// A comment after this much silence, or up to twice as much, keeps proxies from closing a quiet stream, and finds
    /// out about clients that vanished.
    ping_every: Duration,
    /// A stream ends after this long, so that whoever lost their access notices.
    lifetime: Duration,
}

/// All open streams.
pub(crate) struct Streams {
    pace: Pace,
    per_address_max: usize,
    shutdown: CancellationToken,
    open: Open,
    frames: Arc<Frames>,
    /// Numbers streams, so that those opened together do not ping together.
    opened: AtomicU32,
}

/// Open streams by address. The lock guards a count, and is never held across `.await`.
#[derive(Clone, Default)]
struct Open(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// The right to one stream; dropping it gives it back.
pub(crate) struct Slot {
    open: Open,
    address: IpAddr,
}

impl Streams {
    /// None open yet; each address may open `per_address_max`.
    pub(crate) fn new(shutdown: CancellationToken, per_address_max: usize) -> Self {
        Self::with_pace(shutdown, per_address_max, PACE)
    }

    fn with_pace(shutdown: CancellationToken, per_address_max: usize, pace: Pace) -> Self {
        Self {
            pace,
            per_address_max,
            shutdown,
            open: Open::default(),
            frames: Arc::default(),
            opened: AtomicU32::new(0),
        }
    }

    /// Reserves a stream for a client at `address`; 503 when there are too many.
    pub(crate) fn reserve(&self, address: IpAddr) -> Result<Slot, Problem> {
        let full = |whose| Err(Problem::unavailable(whose, FULL_RETRY_S));
        let address = network_of(address);
        let mut counts = self.open.lock();
        if counts.total >= STREAMS_MAX {
            return full("Too many event streams");
        }
        let of_address = counts.by_address.entry(address).or_default();
        if *of_address >= self.per_address_max {
            return full("Too many event streams from your address");
        }
        *of_address += 1;
        counts.total += 1;
        drop(counts);
        metrics::gauge!("rostrum_event_streams").increment(1.0);
        Ok(Slot {
            open: self.open.clone(),
            address,
        })
    }

    /// Answers with the stream.
    pub(crate) fn answer(&self, slot: Slot, feed: Feed) -> Response {
        let headers = [
            (header::CONTENT_TYPE, "text/event-stream"),
            (header::CACHE_CONTROL, "no-store"),
            // Proxies that buffer answers would hold events back.
            (http::HeaderName::from_static("x-accel-buffering"), "no"),
        ];
        let turn = self.opened.fetch_add(1, Ordering::Relaxed) % PING_SLOTS;
        let first_ping = self.pace.ping_every + self.pace.ping_every * turn / PING_SLOTS;
        let frames = feed.into_frames(slot, self.frames.clone(), self.shutdown.clone(), self.pace, first_ping);
        (headers, Body::from_stream(frames)).into_response()
    }
}

/// Whom a limit counts as one: an IPv4 address, or the /64 that one IPv6 customer has at least.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64))),
        v4 => v4,
    }
}

impl Open {
    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        metrics::gauge!("rostrum_event_streams").decrement(1.0);
        let mut counts = self.open.lock();
        counts.total -= 1;
        if let Some(of_address) = counts.by_address.get_mut(&self.address) {
            *of_address -= 1;
            if *of_address == 0 {
                counts.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests;
