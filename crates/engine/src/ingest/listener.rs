//! Accept loops of RTMP and RTMPS.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Ingest, Remote};
use crate::Error;
use crate::tls::Tls;

/// Pause after `accept` failed, which means out of file descriptors: others must close first.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

impl Ingest {
    /// Binds `addr` and accepts encoders there until shutdown: over TLS when there is a certificate. The bound address.
    pub(crate) async fn listen(self: &Arc<Self>, addr: SocketAddr, tls: Option<&Tls>) -> Result<SocketAddr, Error> {
        let listen_error = |source| Error::Listen { addr, source };
        let listener = TcpListener::bind(addr).await.map_err(listen_error)?;
        let bound = listener.local_addr().map_err(listen_error)?;
        let acceptor = tls.map(|tls| TlsAcceptor::from(tls.rtmp()));
        let ingest = self.clone();
        self.tasks.spawn(async move {
            let shutdown = ingest.shutdown.clone();
            shutdown
                .run_until_cancelled(ingest.accept_all(&listener, acceptor))
                .await;
        });
        Ok(bound)
    }

    async fn accept_all(self: &Arc<Self>, listener: &TcpListener, acceptor: Option<TlsAcceptor>) {
        loop {
            let (stream, addr) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept an encoder");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            // Answers are small and waited for.
            let _ = stream.set_nodelay(true);
            let remote = Remote {
                addr,
                is_encrypted: acceptor.is_some(),
            };
            match &acceptor {
                None => self.accept(stream, remote),
                Some(acceptor) => self.accept_after(acceptor.accept(stream), remote),
            }
        }
    }
}
