//! The one accept loop for every HTTP listener: HTTP/1.1 and HTTP/2, with or without TLS, and RTMP on the same port.

mod io;
mod sniff;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use self::io::{Replay, WRITE_STALL_MAX};
use self::sniff::{Protocol, sniff};
use crate::Engine;
use crate::tls::Tls;

/// From accept to a known protocol, TLS handshake included; and the longest wait for the headers of a request. A viewer
/// needs a few round trips; a client that sends a byte a second needs a connection slot for ever.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Bytes of one request's headers. Tokens and cookies fit several times.
const HEADERS_SIZE_MAX: usize = 32 * 1024;
/// Bytes read or written ahead on an HTTP/1.1 connection; media is queued as shared buffers and only counted here.
const CONNECTION_BUFFER_MAX: usize = 128 * 1024;
/// Requests at a time on one HTTP/2 connection. A player holds a playlist and a part per rendition.
const H2_STREAMS_MAX: u32 = 64;
/// Streams a client may open and reset before its connection is closed (CVE-2023-44487, rapid reset).
const H2_RESETS_MAX: usize = 32;
/// Bytes of a response buffered per HTTP/2 stream: about one part, so that a slow viewer holds no more.
const H2_SEND_BUFFER: usize = 128 * 1024;
/// An HTTP/2 client that answers no ping within this is gone.
const H2_PING_INTERVAL: Duration = Duration::from_secs(20);
/// Bytes of one connection that the system keeps unsent; more wait in shared memory with whoever writes. Without it the
/// system takes megabytes for a client that reads nothing.
const UNSENT_MAX: u32 = 64 * 1024;
/// Pause after `accept` failed, which means out of file descriptors: others must close first.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How a listener serves.
#[derive(Clone)]
pub struct Options {
    /// Speak TLS, with this certificate.
    pub tls: Option<Tls>,
    /// Hand connections whose first byte is RTMP's (0x03) to this engine; without one they are closed.
    pub rtmp: Option<Engine>,
    /// Connections at a time. When full, further ones wait in the system's accept queue until one closes.
    pub connections_max: usize,
    /// How long requests in flight may take after shutdown began.
    pub drain: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tls: None,
            rtmp: None,
            connections_max: 10_000,
            drain: Duration::from_secs(10),
        }
    }
}

/// Who is at the other end, as every request carries it in its extensions, beside axum's `ConnectInfo<SocketAddr>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Address of the socket: the proxy's when one is in front.
    pub addr: SocketAddr,
    /// True when this connection is TLS.
    pub is_encrypted: bool,
}

/// Serves `router` on `listener` until `shutdown`, then lets requests in flight finish within [`Options::drain`].
pub async fn serve(listener: TcpListener, router: Router, options: Options, shutdown: CancellationToken) {
    let drain = options.drain;
    let slots = Arc::new(Semaphore::new(options.connections_max));
    let server = Arc::new(Server {
        tls: options.tls.map(|tls| TlsAcceptor::from(tls.http())),
        rtmp: options.rtmp,
        router,
        shutdown: shutdown.clone(),
        abort: CancellationToken::new(),
        streams: TaskTracker::new(),
    });
    let connections = TaskTracker::new();
    while let Some((stream, addr, slot)) = shutdown.run_until_cancelled(accept(&listener, &slots)).await {
        let server = server.clone();
        connections.spawn(async move {
            let abort = server.abort.clone();
            abort.run_until_cancelled(server.connection(stream, addr)).await;
            drop(slot);
        });
    }
    drop(listener);
    connections.close();
    if tokio::time::timeout(drain, connections.wait()).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "connections were cut at the end of the drain"
        );
        server.abort.cancel();
        connections.wait().await;
    }
}

/// The next connection, once there is room for it.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        let Ok(slot) = slots.clone().acquire_owned().await else {
            // The semaphore is never closed; waiting is what an impossible case may do here.
            std::future::pending::<()>().await;
            continue;
        };
        match listener.accept().await {
            Ok((stream, addr)) => return (stream, addr, slot),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

struct Server {
    tls: Option<TlsAcceptor>,
    rtmp: Option<Engine>,
    router: Router,
    shutdown: CancellationToken,
    /// Cuts what is still open when the drain is over.
    abort: CancellationToken,
    /// HTTP/2 runs every request as a task of its own.
    streams: TaskTracker,
}

impl Server {
    /// Everything from the accepted socket to its close. Errors end the connection and concern nobody else.
    async fn connection(&self, stream: TcpStream, addr: SocketAddr) {
        // Parts are written whole; waiting for more to fill a packet would only add delay.
        let _ = stream.set_nodelay(true);
        bound(&stream);
        let peer = Peer {
            addr,
            is_encrypted: self.tls.is_some(),
        };
        let opened = async {
            Some(match &self.tls {
                None => Opened::Plain(sniff(stream).await?),
                Some(tls) => Opened::Encrypted(sniff(Box::new(tls.accept(stream).await.ok()?)).await?),
            })
        };
        match tokio::time::timeout(HEADER_TIMEOUT, opened).await {
            Ok(Some(Opened::Plain((protocol, io)))) => self.speak(protocol, io, peer).await,
            Ok(Some(Opened::Encrypted((protocol, io)))) => self.speak(protocol, io, peer).await,
            Ok(None) | Err(_) => tracing::debug!(%addr, "a connection sent no request"),
        }
    }

    async fn speak<I>(&self, protocol: Protocol, io: Replay<I>, peer: Peer)
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let served = match protocol {
            Protocol::Rtmp => {
                if let Some(engine) = &self.rtmp {
                    engine.accept_rtmp(io, peer.addr, peer.is_encrypted);
                }
                Ok(())
            }
            Protocol::Http1 => self.http1(io, peer).await,
            Protocol::Http2 => self.http2(io, peer).await,
        };
        if let Err(error) = served {
            tracing::debug!(addr = %peer.addr, %error, "a connection ended early");
        }
    }

    async fn http1<I>(&self, io: Replay<I>, peer: Peer) -> hyper::Result<()>
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let service = service_fn(move |request| self.answer(request, peer));
        let mut connection = pin!(
            hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIMEOUT)
                .max_header_size(HEADERS_SIZE_MAX)
                .max_buf_size(CONNECTION_BUFFER_MAX)
                .serve_connection(TokioIo::new(io), service)
                .with_upgrades()
        );
        tokio::select! {
            served = connection.as_mut() => return served,
            () = self.shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        connection.await
    }

    async fn http2<I>(&self, io: Replay<I>, peer: Peer) -> hyper::Result<()>
    where
        I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let router = self.router.clone();
        let service = service_fn(move |request| answer(router.clone(), request, peer));
        let mut connection = pin!(
            hyper::server::conn::http2::Builder::new(Tracked(self.streams.clone()))
                .timer(TokioTimer::new())
                .max_concurrent_streams(H2_STREAMS_MAX)
                .max_pending_accept_reset_streams(H2_RESETS_MAX)
                .max_local_error_reset_streams(H2_RESETS_MAX)
                .max_header_list_size(u32::try_from(HEADERS_SIZE_MAX).unwrap_or(u32::MAX))
                .max_send_buf_size(H2_SEND_BUFFER)
                .keep_alive_interval(H2_PING_INTERVAL)
                .serve_connection(TokioIo::new(io), service)
        );
        tokio::select! {
            served = connection.as_mut() => return served,
            () = self.shutdown.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        connection.await
    }

    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Result<Response, Infallible> {
        answer(self.router.clone(), request, peer).await
    }
}

/// Bounds what the system holds for a client that reads nothing, and how long it waits for one that vanished: a peer that
/// acknowledges nothing is as gone as one that reads nothing. Where the system cannot, it holds more for longer.
fn bound(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    #[cfg(target_os = "linux")]
    let bounded = socket
        .set_tcp_notsent_lowat(UNSENT_MAX)
        .and_then(|()| socket.set_tcp_user_timeout(Some(WRITE_STALL_MAX)));
    #[cfg(not(target_os = "linux"))]
    let bounded = socket.set_send_buffer_size(UNSENT_MAX as usize);
    if let Err(error) = bounded {
        tracing::debug!(%error, "a connection's buffers cannot be bounded");
    }
}

async fn answer(mut router: Router, mut request: Request<Incoming>, peer: Peer) -> Result<Response, Infallible> {
    request.extensions_mut().insert(peer);
    request.extensions_mut().insert(ConnectInfo(peer.addr));
    router.call(request).await
}

/// A connection whose protocol is known.
enum Opened<P, E> {
    Plain(P),
    Encrypted(E),
}

/// Starts HTTP/2's tasks where the server can see them.
#[derive(Clone)]
struct Tracked(TaskTracker);

impl<F> hyper::rt::Executor<F> for Tracked
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}
