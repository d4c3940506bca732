//! The handle to a running media plane.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;

use crate::{Config, Environment, Error, Event, Policy, Status};

/// Events waiting for their reader. A healthy broadcast has a handful, so this is room for hundreds starting at once.
const EVENTS_WAITING_MAX: usize = 1_024;

/// Handle to a running media plane; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    rtmp_addr: Option<SocketAddr>,
    rtmps_addr: Option<SocketAddr>,
}

impl Engine {
    /// Binds the listeners of `config` and starts their tasks.
    ///
    /// The receiver yields what happens, in order per feed. It must be read: when it is full, feeds wait with their news
    /// (media flows on).
    ///
    /// # Errors
    /// A listener cannot be bound, or RTMPS was asked for without a certificate.
    pub async fn start(
        _config: Config,
        _policy: Arc<dyn Policy>,
        _environment: Environment,
    ) -> Result<(Self, mpsc::Receiver<Event>), Error> {
        let (_events, receiver) = mpsc::channel(EVENTS_WAITING_MAX);
        Ok((
            Self {
                rtmp_addr: None,
                rtmps_addr: None,
            },
            receiver,
        ))
    }

    /// Where RTMP is accepted.
    pub fn rtmp_addr(&self) -> Option<SocketAddr> {
        self.rtmp_addr
    }

    /// Where RTMPS is accepted.
    pub fn rtmps_addr(&self) -> Option<SocketAddr> {
        self.rtmps_addr
    }

    /// Serves one RTMP connection that was accepted elsewhere. Returns at once; a task of the engine does the work.
    pub fn accept_rtmp<I>(&self, io: I, _remote: SocketAddr, _is_encrypted: bool)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        drop(io);
    }

    /// The HLS origin: `/api/video/v1/{feed}.m3u8` and what its playlists refer to.
    pub fn origin(&self) -> Router {
        Router::new()
    }

    /// The live feed of this name.
    pub fn status(&self, _feed: &str) -> Option<Status> {
        None
    }

    /// All live feeds, by name.
    pub fn live(&self) -> Vec<Status> {
        Vec::new()
    }

    /// Disconnects the encoder and ends the live period at once, without waiting for a reconnect.
    ///
    /// False when nothing of that name is live. Resolves after `StreamEnded` was sent.
    pub async fn stop(&self, _feed: &str) -> bool {
        false
    }

    /// Shuts down: no new connections, every feed ends with [`EndReason::Drained`](crate::EndReason::Drained), the last
    /// events are sent. Returns when all tasks are gone, at the latest after `deadline`.
    pub async fn drain(&self, _deadline: Duration) {}
}
