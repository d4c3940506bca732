//! The proxy for TCP connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::task::JoinSet;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::connection::Connection;
use crate::{Change, Plan};

/// Changes on the spot that a connection may be behind; a test makes them one by one.
const CHANGES_MAX: usize = 64;

/// A bad network in front of one server. Dropped, it resets what it carries.
pub struct Proxy {
    address: SocketAddr,
    changes: broadcast::Sender<Change>,
    counts: Arc<Counts>,
    _stop: DropGuard,
}

/// What a proxy has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Totals {
    /// Connections accepted.
    pub accepted: u64,
    /// Of these, how many are over.
    pub over: u64,
}

#[derive(Default)]
struct Counts {
    accepted: AtomicU64,
    over: AtomicU64,
}

impl Proxy {
    /// Listens on a free port of loopback in front of `server`.
    ///
    /// # Errors
    /// When loopback has no port left.
    pub async fn start(server: SocketAddr, plan: Plan) -> io::Result<Self> {
        let listener = TcpListener::bind((server.ip(), 0)).await?;
        let address = listener.local_addr()?;
        let (changes, _) = broadcast::channel(CHANGES_MAX);
        let counts = Arc::<Counts>::default();
        let stop = CancellationToken::new();
        let accepting = Accepting {
            server,
            plan,
            changes: changes.clone(),
            counts: counts.clone(),
        };
        let stopped = stop.clone();
        tokio::spawn(async move {
            stopped.run_until_cancelled(accepting.run(listener)).await;
        });
        Ok(Self {
            address,
            changes,
            counts,
            _stop: stop.drop_guard(),
        })
    }

    /// Where clients connect.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Does this to every connection there is now; the plan of each goes on unless it is over.
    pub fn apply(&self, change: Change) {
        // Without a connection nobody receives it, and nothing is left to change.
        let _ = self.changes.send(change);
    }

    /// What it has seen so far.
    pub fn totals(&self) -> Totals {
        Totals {
            accepted: self.counts.accepted.load(Ordering::Acquire),
            over: self.counts.over.load(Ordering::Acquire),
        }
    }
}

struct Accepting {
    server: SocketAddr,
    plan: Plan,
    changes: broadcast::Sender<Change>,
    counts: Arc<Counts>,
}

impl Accepting {
    /// The set aborts its connections when this is dropped.
    async fn run(self, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((client, _)) => self.carry(&mut connections, client),
                    // Out of descriptors: wait until a connection gives one back.
                    Err(_) => { connections.join_next().await; }
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }

    fn carry(&self, connections: &mut JoinSet<()>, client: TcpStream) {
        let connection = Connection {
            plan: self.plan.clone(),
            number: self.counts.accepted.fetch_add(1, Ordering::AcqRel),
            changes: self.changes.subscribe(),
        };
        let (server, counts) = (self.server, self.counts.clone());
        connections.spawn(async move {
            // A client of a server that is not there finds nobody either.
            if let Ok(server) = TcpStream::connect(server).await {
                // Small writes must not wait for each other here: what waits is the plan's to say.
                let _ = (client.set_nodelay(true), server.set_nodelay(true));
                let _ = connection.run(client, server).await;
            } else {
                let _ = client.set_zero_linger();
            }
            counts.over.fetch_add(1, Ordering::AcqRel);
        });
    }
}
