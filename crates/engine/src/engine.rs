//! The handle to a running media plane.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::feed::Feed;
use crate::ingest::{Ingest, Remote};
use crate::metrics::Metrics;
use crate::origin::Origin;
use crate::registry::Registry;
use crate::{Config, EndReason, Environment, Error, Event, Policy, Status};

/// Events waiting for their reader. A healthy broadcast has a handful, so this is room for hundreds starting at once.
const EVENTS_WAITING_MAX: usize = 1_024;

/// Handle to a running media plane; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    registry: Arc<Registry>,
    ingest: Arc<Ingest>,
    origin: Arc<Origin>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
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
        config: Config,
        policy: Arc<dyn Policy>,
        environment: Environment,
    ) -> Result<(Self, mpsc::Receiver<Event>), Error> {
        let (events, receiver) = mpsc::channel(EVENTS_WAITING_MAX);
        let (tasks, shutdown, metrics) = (TaskTracker::new(), CancellationToken::new(), Metrics::new());
        let config = Arc::new(config);
        let registry = Arc::new(Registry::new(
            config.clone(),
            environment.clone(),
            events,
            metrics.clone(),
            tasks.clone(),
            shutdown.clone(),
        ));
        let origin = Arc::new(Origin::new(
            registry.clone(),
            policy.clone(),
            environment.clone(),
            metrics.clone(),
            config.player_page.clone(),
        ));
        let ingest = Arc::new(Ingest::new(
            policy,
            registry.clone(),
            environment,
            metrics,
            tasks.clone(),
            shutdown.clone(),
        ));
        let mut engine = Self {
            registry,
            ingest,
            origin,
            tasks,
            shutdown,
            rtmp_addr: None,
            rtmps_addr: None,
        };
        if let Some(addr) = config.rtmp_addr {
            engine.rtmp_addr = Some(engine.ingest.listen(addr, None).await?);
        }
        if let Some(addr) = config.rtmps_addr {
            let tls = config.tls.as_ref().ok_or(Error::NoCertificate)?;
            engine.rtmps_addr = Some(engine.ingest.listen(addr, Some(tls)).await?);
        }
        Ok((engine, receiver))
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
    pub fn accept_rtmp<I>(&self, io: I, remote: SocketAddr, is_encrypted: bool)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.ingest.accept(
            io,
            Remote {
                addr: remote,
                is_encrypted,
            },
        );
    }

    /// The HLS origin: `/api/video/v1/{feed}.m3u8` and what its playlists refer to.
    pub fn origin(&self) -> Router {
        self.origin.clone().router()
    }

    /// The live feed of this name.
    pub fn status(&self, feed: &str) -> Option<Status> {
        self.registry.live(feed).map(|feed| feed.status())
    }

    /// All live feeds, by name.
    pub fn live(&self) -> Vec<Status> {
        let mut live: Vec<_> = self.registry.all().iter().map(|feed| feed.status()).collect();
        live.sort_by(|a, b| a.feed.cmp(&b.feed));
        live
    }

    /// Disconnects the encoder and ends the live period at once, without waiting for a reconnect.
    ///
    /// False when nothing of that name is live. Resolves after `StreamEnded` was sent, so whoever reads the events must not
    /// wait for it while the channel is full.
    pub async fn stop(&self, feed: &str) -> bool {
        let Some(feed) = self.registry.live(feed) else {
            return false;
        };
        feed.end(EndReason::Stopped);
        feed.finished().await;
        true
    }

    /// Shuts down: no new connections, every feed ends with [`EndReason::Drained`], the last events are sent. Returns when
    /// all tasks are gone, at the latest after `deadline`.
    pub async fn drain(&self, deadline: Duration) {
        let drained = async {
            self.registry.drain();
            let feeds: Vec<Arc<Feed>> = self.registry.all();
            for feed in feeds {
                feed.finished().await;
            }
            self.shutdown.cancel();
            self.tasks.close();
            self.tasks.wait().await;
        };
        if tokio::time::timeout(deadline, drained).await.is_err() {
            self.shutdown.cancel();
            tracing::warn!(tasks = self.tasks.len(), "the engine did not drain in time");
        }
    }
}
