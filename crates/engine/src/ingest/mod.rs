//! Where encoders come in: listeners, the gate before them, one task per connection.

mod connection;
mod gate;
pub(crate) mod info;
mod listener;
mod refusals;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::connection::Connection;
use self::gate::Gate;
use self::refusals::Refusals;
use crate::metrics::Metrics;
use crate::registry::Registry;
use crate::{Environment, Policy};

/// What every ingest connection needs.
pub(crate) struct Ingest {
    pub policy: Arc<dyn Policy>,
    pub registry: Arc<Registry>,
    pub environment: Environment,
    pub metrics: Metrics,
    pub tasks: TaskTracker,
    pub shutdown: CancellationToken,
    gate: Arc<Gate>,
    refusals: Refusals,
}

/// An encoder's address, and whether its connection is TLS.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remote {
    pub addr: SocketAddr,
    pub is_encrypted: bool,
}

impl Ingest {
    pub(crate) fn new(
        policy: Arc<dyn Policy>,
        registry: Arc<Registry>,
        environment: Environment,
        metrics: Metrics,
        tasks: TaskTracker,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            policy,
            registry,
            environment,
            metrics,
            tasks,
            shutdown,
            gate: Arc::default(),
            refusals: Refusals::default(),
        }
    }

    /// Serves one connection in a task of its own. Closed at once when there is no room.
    pub(crate) fn accept<I>(self: &Arc<Self>, io: I, remote: Remote)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        self.accept_after(std::future::ready(Ok(io)), remote);
    }

    /// The same for a connection that still has to open, by a TLS handshake: that is on the clock of the half-open, too.
    pub(crate) fn accept_after<I, F>(self: &Arc<Self>, open: F, remote: Remote)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Future<Output = std::io::Result<I>> + Send + 'static,
    {
        let Some(pass) = self.gate.enter(remote.addr.ip()) else {
            self.metrics.ingest_refused.increment(1);
            return;
        };
        let ingest = self.clone();
        self.tasks.spawn(async move {
            ingest.metrics.ingest_connections.increment(1);
            Connection::serve(&ingest, open, remote, pass).await;
            ingest.metrics.ingest_connections.decrement(1);
        });
    }
}
