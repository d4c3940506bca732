//! The HTTP listener: both versions, TLS, RTMP on the same port, and clients that take their time.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use bytes::Bytes;
use engine::http::{Options, Peer, serve};
use engine::tls::{Source, Tls};
use engine::{Engine, EventKind};
use http::{Request, Response, StatusCode, Version};
use http_body_util::{BodyExt, Empty};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::sync::CancellationToken;

use crate::support::{Encoder, KEY, Media, Plane, SECURE_KEY, environment, until, within};

struct Server {
    addr: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<()>,
    /// One permit per request that waits in `/slow`.
    in_flight: Arc<Semaphore>,
}

impl Server {
    async fn start(tls: Option<Tls>, rtmp: Option<Engine>) -> Self {
        let who = async |ConnectInfo(addr): ConnectInfo<SocketAddr>, request: axum::extract::Request| {
            let peer = *request.extensions().get::<Peer>().unwrap();
            assert_eq!(peer.addr, addr);
            format!("{:?} {}", request.version(), peer.is_encrypted)
        };
        let (in_flight, shutdown) = (Arc::new(Semaphore::new(0)), CancellationToken::new());
        let (arrived, stopping) = (in_flight.clone(), shutdown.clone());
        let slow = move || {
            let stopping = stopping.clone();
            arrived.add_permits(1);
            async move { stopping.cancelled().await }
        };
        let router = Router::new().route("/who", get(who)).route("/slow", get(slow));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let options = Options {
            tls,
            rtmp,
            drain: Duration::from_secs(3),
            ..Options::default()
        };
        let task = tokio::spawn(serve(listener, router, options, shutdown.clone()));
        Self {
            addr,
            shutdown,
            task,
            in_flight,
        }
    }

    async fn tcp(&self) -> TcpStream {
        TcpStream::connect(self.addr).await.unwrap()
    }

    async fn stop(self) {
        self.shutdown.cancel();
        within(self.task).await.unwrap();
    }
}

fn self_signed(folder: &Path) -> Tls {
    Tls::open(
        &Source::SelfSigned {
            folder: folder.to_owned(),
            hosts: vec!["live.example".into()],
        },
        &environment(),
    )
    .unwrap()
}

async fn handshake(server: &Server, folder: &Path, name: &'static str, alpn: &[u8]) -> TlsStream<TcpStream> {
    try_handshake(server, folder, name, alpn).await.unwrap()
}

/// With a client that trusts the certificate of `folder` and no other.
async fn try_handshake(
    server: &Server,
    folder: &Path,
    name: &'static str,
    alpn: &[u8],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_file(folder.join("self-signed.crt")).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    if !alpn.is_empty() {
        config.alpn_protocols = vec![alpn.to_vec()];
    }
    let name = ServerName::try_from(name).unwrap();
    within(TlsConnector::from(Arc::new(config)).connect(name, server.tcp().await)).await
}

async fn get_h1<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(io: I, path: &str) -> Response<Incoming> {
    let (mut sender, connection) = http1::handshake(TokioIo::new(io)).await.unwrap();
    tokio::spawn(connection);
    within(sender.send_request(request(path))).await.unwrap()
}

async fn get_h2<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(io: I, path: &str) -> Response<Incoming> {
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(io)).await.unwrap();
    tokio::spawn(connection);
    within(sender.send_request(request(path))).await.unwrap()
}

fn request(path: &str) -> Request<Empty<Bytes>> {
    Request::get(format!("http://localhost{path}"))
        .header("host", "localhost")
        .body(Empty::new())
        .unwrap()
}

async fn text(response: Response<Incoming>) -> String {
    assert_eq!(response.status(), StatusCode::OK);
    String::from_utf8(
        within(response.into_body().collect())
            .await
            .unwrap()
            .to_bytes()
            .to_vec(),
    )
    .unwrap()
}

#[tokio::test]
async fn one_port_speaks_both_versions_of_http() {
    let server = Server::start(None, None).await;
    assert_eq!(text(get_h1(server.tcp().await, "/who").await).await, "HTTP/1.1 false");
    assert_eq!(text(get_h2(server.tcp().await, "/who").await).await, "HTTP/2.0 false");
    server.stop().await;
}

#[tokio::test]
async fn a_self_signed_certificate_serves_both_versions_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(Some(self_signed(folder.path())), None).await;
    for (name, alpn, expected) in [
        ("localhost", &b"h2"[..], "HTTP/2.0 true"),
        ("live.example", b"http/1.1", "HTTP/1.1 true"),
        ("127.0.0.1", b"h2", "HTTP/2.0 true"),
    ] {
        let io = handshake(&server, folder.path(), name, alpn).await;
        assert_eq!(io.get_ref().1.alpn_protocol(), Some(alpn));
        let response = if alpn == b"h2" {
            get_h2(io, "/who").await
        } else {
            get_h1(io, "/who").await
        };
        assert_eq!(text(response).await, expected);
    }
    server.stop().await;
}

#[tokio::test]
async fn the_certificate_is_kept_private_used_again_and_replaced_while_running() {
    let folder = tempfile::tempdir().unwrap();
    let tls = self_signed(folder.path());
    let (cert, key) = (
        folder.path().join("self-signed.crt"),
        folder.path().join("self-signed.key"),
    );
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let made = std::fs::read(&cert).unwrap();
    drop(self_signed(folder.path()));
    assert!(
        std::fs::read(&cert).unwrap() == made,
        "a second start uses the first one's"
    );

    let server = Server::start(Some(tls.clone()), None).await;
    let other = tempfile::tempdir().unwrap();
    drop(self_signed(other.path()));
    std::fs::copy(other.path().join("self-signed.crt"), &cert).unwrap();
    assert!(!tls.reload(), "a certificate without its key is not taken");
    std::fs::copy(other.path().join("self-signed.key"), &key).unwrap();
    assert!(tls.reload());
    let io = handshake(&server, other.path(), "localhost", b"http/1.1").await;
    assert_eq!(text(get_h1(io, "/who").await).await, "HTTP/1.1 true");
    server.stop().await;
}

#[tokio::test]
async fn a_changed_certificate_is_noticed() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let tls = self_signed(folder.path());
    drop(self_signed(other.path()));
    let server = Server::start(Some(tls.clone()), None).await;
    let watch = tokio::spawn(tls.watch(server.shutdown.clone()));
    assert!(try_handshake(&server, other.path(), "localhost", b"").await.is_err());
    for file in ["self-signed.key", "self-signed.crt"] {
        std::fs::copy(other.path().join(file), folder.path().join(file)).unwrap();
    }
    until(async || try_handshake(&server, other.path(), "localhost", b"").await.is_ok()).await;
    server.stop().await;
    within(watch).await.unwrap();
}

#[tokio::test]
async fn rtmp_and_rtmps_come_in_on_the_http_port() {
    let mut plane = Plane::start().await;
    let plain = Server::start(None, Some(plane.engine.clone())).await;
    let mut encoder = Encoder::new(plain.tcp().await, "app", KEY);
    encoder.publish().await.unwrap();
    encoder.send(Media::seconds(0, 5)).await;
    plane.event_that(|kind| *kind == EventKind::StreamStarted).await;

    let folder = tempfile::tempdir().unwrap();
    let encrypted = Server::start(Some(self_signed(folder.path())), Some(plane.engine.clone())).await;
    // Encoders offer no ALPN. This key is for encrypted connections only.
    let io = handshake(&encrypted, folder.path(), "localhost", b"").await;
    let mut encoder = Encoder::new(io, "app", SECURE_KEY);
    encoder.publish().await.unwrap();
    plane.event_that(|kind| *kind == EventKind::TakenOver).await;
    assert_eq!(
        text(get_h1(plain.tcp().await, "/who").await).await,
        "HTTP/1.1 false",
        "and HTTP still does"
    );
    encrypted.stop().await;
    plain.stop().await;
}

// The clock is paused: it jumps to the next deadline whenever everybody waits, so ten seconds take none.
#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_finish_its_request_is_closed() {
    let server = Server::start(None, None).await;
    for beginning in [
        "",
        "G",
        "GET /who HTTP/1.1\r\nhost: localhost\r\n",
        "PRI * HTTP/2.0\r\n",
    ] {
        let mut io = server.tcp().await;
        io.write_all(beginning.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = within(io.read_to_end(&mut answer)).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{beginning:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_request_in_flight_finishes_before_the_server_stops() {
    let server = Server::start(None, None).await;
    let addr = server.addr;
    let in_flight = tokio::spawn(get_h1(server.tcp().await, "/slow"));
    let in_flight_h2 = tokio::spawn(get_h2(server.tcp().await, "/slow"));
    within(server.in_flight.acquire_many(2)).await.unwrap().forget();
    server.stop().await;
    for response in [in_flight.await.unwrap(), in_flight_h2.await.unwrap()] {
        assert_eq!(response.status(), StatusCode::OK);
        assert!([Version::HTTP_11, Version::HTTP_2].contains(&response.version()));
    }
    assert!(TcpStream::connect(addr).await.is_err(), "nobody listens any more");
}
