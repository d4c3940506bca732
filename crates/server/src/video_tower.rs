//! Wiring of the video tower: the engine, the IVS API over it, and their listeners.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use engine::tls::{Source, Tls};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::application::networks;
use crate::ground::Ground;
use crate::{address, clock};

/// How long viewers and events may take to learn that the server stops.
const DRAIN: Duration = Duration::from_secs(5);

/// A running video tower.
pub struct VideoTower {
    /// Handle to the media plane.
    pub engine: engine::Engine,
    /// Where the IVS API listens.
    pub ivs_addr: SocketAddr,
    /// What it answers on the public listener: playback and chat.
    pub pages: Router,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl VideoTower {
    /// Opens the store, binds the listeners and starts every task. RTMPS uses the operator's certificate, or one of our own
    /// making.
    ///
    /// # Errors
    /// The store, the certificate or a listener, with the setting to look at.
    pub async fn start(ground: &Ground, events_target: Option<Url>) -> anyhow::Result<Self> {
        let config = &ground.config;
        let ingest_host = address::ingest_host(config, &ground.public_url);
        let environment = clock::video();
        let tls = match &ground.tls {
            Some(tls) => tls.clone(),
            None => {
                let (folder, hosts) = (ground.data.path().to_owned(), vec![ingest_host.clone()]);
                Tls::open(&Source::SelfSigned { folder, hosts }, &environment)?
            }
        };
        let ivs = ivs::Ivs::open(ivs_config(ground, ingest_host, events_target), environment.clone())
            .await
            .context("the video store cannot be opened")?;
        let settings = engine::Config {
            rtmp_addr: Some(config.engine.rtmp_addr),
            rtmps_addr: Some(config.engine.rtmps_addr),
            tls: Some(tls),
            reconnect_window: Duration::from_secs(config.engine.reconnect_window_s),
            player_page: api::ui::player_page(),
            ..engine::Config::default()
        };
        let (engine, events) = engine::Engine::start(settings, ivs.policy(), environment)
            .await
            .context("the video engine cannot start; look at engine.rtmp_addr and engine.rtmps_addr")?;
        let listener = TcpListener::bind(config.engine.ivs_addr)
            .await
            .with_context(|| format!("cannot listen on engine.ivs_addr = {}", config.engine.ivs_addr))?;
        let ivs_addr = listener.local_addr()?;

        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        // The application hears what is said over loopback, which neither TLS nor the public address concerns.
        let router = ivs.router(engine.clone()).merge(ivs.chat());
        tasks.spawn(engine::http::serve(
            listener,
            router,
            engine::http::Options::default(),
            shutdown.clone(),
        ));
        tasks.spawn(ivs.run(engine.clone(), events, shutdown.clone()));
        let proxies = networks(&config.server.trusted_proxies)?;
        let chat = ivs
            .chat()
            .layer(middleware::from_fn_with_state(proxies.into(), name_client));
        Ok(Self {
            pages: engine.origin().merge(chat),
            engine,
            ivs_addr,
            tasks,
            shutdown,
        })
    }

    /// Ends every broadcast properly, tells of it, and stops. Returns when nothing of the tower runs any more.
    pub async fn stop(self) {
        self.engine.drain(DRAIN).await;
        self.shutdown.cancel();
        self.tasks.close();
        if tokio::time::timeout(DRAIN, self.tasks.wait()).await.is_err() {
            tracing::warn!("the video tower did not stop in time");
        }
    }
}

/// Tells chat where a connection comes from, proxies aside.
async fn name_client(State(proxies): State<Arc<[api::Network]>>, mut request: Request, next: Next) -> Response {
    let address = api::client_address(request.extensions(), request.headers(), &proxies);
    request.extensions_mut().insert(ivs::ClientAddress(address));
    next.run(request).await
}

fn ivs_config(ground: &Ground, ingest_host: String, events_target: Option<Url>) -> ivs::Config {
    let Ground {
        config,
        data,
        secrets,
        public_url,
        ..
    } = ground;
    ivs::Config {
        region: config.video.region.clone(),
        account: config.engine.account.clone(),
        access_key: secrets.access_key_id.expose().to_owned(),
        secret_key: ivs::Secret::new(secrets.secret_access_key.expose()),
        sealing_key: ivs::SealingKey::new(secrets.key),
        playback_url_base: public_url.clone(),
        ingest_host,
        data_file: data.file("ivs.sqlite3"),
        events_target,
        events_secret: Some(ivs::Secret::new(secrets.events.expose())),
        quotas: ivs::Quotas::default(),
    }
}
