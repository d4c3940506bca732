//! Server-sent events: one bounded, supervised writer per client.
//!
//! **When full.** A client that does not read has [`QUEUE_FRAMES`] frames waiting and then 20 s to take one; after that
//! its stream ends, and it may come back with the number of the last event it saw. It never delays another client.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::StreamExt;
use http::header;
use platform::Context;
use platform::events::{Event, Present, Watch, Watched};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::error::Problem;
use crate::rest::time::rfc3339;

/// Frames waiting for one client at most; a busy auction makes about ten a second.
const QUEUE_FRAMES: usize = 64;
/// How patient a stream is.
const PACE: Pace = Pace {
    write_deadline: Duration::from_secs(20),
    ping_every: Duration::from_secs(15),
    lifetime: Duration::from_secs(3600),
};
/// Streams of this process at most; each is a socket, a task and a queue.
const STREAMS_MAX: usize = 10_000;
/// Streams of one address at most: an office behind one router fits, an attacker with one machine does not.
const STREAMS_PER_ADDRESS_MAX: usize = 100;
/// Seconds a client should wait when there are too many streams.
const FULL_RETRY_S: u64 = 10;

/// How patient a stream is; tests are less so.
#[derive(Clone, Copy)]
struct Pace {
    /// How long a full queue is waited for before the client counts as dead.
    write_deadline: Duration,
    /// A comment at least this often keeps proxies from closing a quiet stream.
    ping_every: Duration,
    /// A stream ends after this long, so that whoever lost their access notices.
    lifetime: Duration,
}

/// All open streams.
pub(crate) struct Streams {
    pace: Pace,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    open: Open,
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

/// What one stream carries.
pub(crate) struct Feed {
    /// For the clock.
    pub(crate) ctx: Context,
    /// Frame to begin with, if any.
    pub(crate) first: Option<Bytes>,
    /// The events after it.
    pub(crate) watch: Watch,
    /// Counts the client among the people who watch, as long as the stream lives.
    pub(crate) _present: Present,
}

impl Streams {
    pub(crate) fn new(shutdown: CancellationToken) -> Self {
        Self::with_pace(shutdown, PACE)
    }

    fn with_pace(shutdown: CancellationToken, pace: Pace) -> Self {
        Self {
            pace,
            tasks: TaskTracker::new(),
            shutdown,
            open: Open::default(),
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
        if *of_address >= STREAMS_PER_ADDRESS_MAX {
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

    /// Answers with the stream and starts its writer.
    pub(crate) fn answer(&self, slot: Slot, feed: Feed) -> Response {
        let (queue, frames) = mpsc::channel(QUEUE_FRAMES);
        let writer = Writer { queue, pace: self.pace };
        let shutdown = self.shutdown.clone();
        self.tasks.spawn(async move {
            // Frames are queued whole: whichever arm ends the stream, no reader sees half an event.
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = writer.queue.closed() => {}
                _ = writer.write(feed) => {}
            }
            drop(slot);
        });
        let headers = [
            (header::CONTENT_TYPE, "text/event-stream"),
            (header::CACHE_CONTROL, "no-store"),
            // Proxies that buffer answers would hold events back.
            (http::HeaderName::from_static("x-accel-buffering"), "no"),
        ];
        let body = Body::from_stream(ReceiverStream::new(frames).map(Ok::<_, Infallible>));
        (headers, body).into_response()
    }
}

/// The client left or does not read.
struct Gone;

/// Fills one client's queue.
struct Writer {
    queue: mpsc::Sender<Bytes>,
    pace: Pace,
}

impl Writer {
    /// Writes until the client is gone, lags or has been served for long enough.
    async fn write(&self, mut feed: Feed) -> Result<(), Gone> {
        let ends_at = Instant::now() + self.pace.lifetime;
        if let Some(first) = feed.first.take() {
            self.send(first).await?;
        }
        loop {
            let ping_at = Instant::now() + self.pace.ping_every;
            tokio::select! {
                watched = feed.watch.next() => match watched {
                    Ok(Watched::Event(event)) => self.send(event_frame(&event, feed.now_ms())).await?,
                    Ok(Watched::Lagged { resume_from }) => {
                        let data = format!("event: resume\ndata: {{\"after\":{resume_from}}}\n\n");
                        return self.send(data.into()).await;
                    }
                    Err(error) => {
                        tracing::warn!(%error, "an event stream ended early: {error}");
                        return Err(Gone);
                    }
                },
                () = sleep_until(ping_at) => self.send(Bytes::from_static(b": ping\n\n")).await?,
                () = sleep_until(ends_at) => return Ok(()),
            }
        }
    }

    async fn send(&self, frame: Bytes) -> Result<(), Gone> {
        match timeout(self.pace.write_deadline, self.queue.send(frame)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Gone),
            Err(_) => {
                metrics::counter!("rostrum_event_streams_stalled_total").increment(1);
                Err(Gone)
            }
        }
    }
}

impl Feed {
    fn now_ms(&self) -> i64 {
        self.ctx.platform.environment().now_ms()
    }
}

/// `event: snapshot` with the state at event number `seq`.
pub(crate) fn snapshot_frame(seq: i64, state: &impl serde::Serialize) -> Result<Bytes, Problem> {
    let data = serde_json::to_string(state).map_err(|error| Problem::internal(format!("snapshot: {error}")))?;
    Ok(format!("id: {seq}\nevent: snapshot\ndata: {data}\n\n").into())
}

/// One event: the envelope's members, then those of its payload.
fn event_frame(event: &Event, now_ms: i64) -> Bytes {
    let envelope = serde_json::json!({
        "topic": event.topic, "seq": event.seq, "kind": event.kind, "at": rfc3339(event.at_ms), "server_time_ms": now_ms
    });
    let envelope = envelope.to_string();
    let data = match event.payload.strip_prefix('{') {
        Some(members) if members != "}" => format!("{},{members}", envelope.trim_end_matches('}')),
        _ => envelope,
    };
    format!("id: {}\nevent: {}\ndata: {data}\n\n", event.seq, event.kind).into()
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
