//! Wiring of the video tower: the engine, the IVS API over it, and their listeners.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use engine::tls::{Source, Tls};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::config::Config;
use crate::data::DataDir;
use crate::secrets::Secrets;
use crate::{address, clock};

/// How long viewers and events may take to learn that the server stops.
const DRAIN: Duration = Duration::from_secs(5);

/// A running video tower.
pub struct VideoTower {
    /// Handle to the media plane.
    pub engine: engine::Engine,
    /// The certificate of RTMPS, and of HTTPS when the operator gave one.
    pub tls: Tls,
    /// Where the IVS API listens.
    pub ivs_addr: SocketAddr,
    tasks: TaskTracker,
    shutdown: CancellationToken,
}

impl VideoTower {
    /// Opens the store, binds the listeners and starts every task.
    ///
    /// # Errors
    /// The store, the certificate or a listener, with the setting to look at.
    pub async fn start(
        config: &Config,
        data: &DataDir,
        secrets: &Secrets,
        public_url: &Url,
        events_target: Option<Url>,
        player_page: Option<Bytes>,
    ) -> anyhow::Result<Self> {
        let ingest_host = address::ingest_host(config, public_url);
        let environment = clock::video();
        let tls = Tls::open(&certificate(config, data, &ingest_host), &environment)?;
        let ivs = ivs::Ivs::open(
            ivs_config(config, data, secrets, public_url, ingest_host, events_target),
            environment.clone(),
        )
        .await
        .context("the video store cannot be opened")?;
        let settings = engine::Config {
            rtmp_addr: Some(config.engine.rtmp_addr),
            rtmps_addr: Some(config.engine.rtmps_addr),
            tls: Some(tls.clone()),
            reconnect_window: Duration::from_secs(config.engine.reconnect_window_s),
            player_page,
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
        let router = ivs.router(engine.clone());
        tasks.spawn(engine::http::serve(
            listener,
            router,
            engine::http::Options::default(),
            shutdown.clone(),
        ));
        tasks.spawn(ivs.run(engine.clone(), events, shutdown.clone()));
        tasks.spawn(tls.clone().watch(shutdown.clone()));
        Ok(Self {
            engine,
            tls,
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

fn certificate(config: &Config, data: &DataDir, ingest_host: &str) -> Source {
    match (&config.http.tls_cert, &config.http.tls_key) {
        (Some(cert), Some(key)) => Source::Files {
            cert: cert.clone(),
            key: key.clone(),
        },
        _ => Source::SelfSigned {
            folder: data.path().to_owned(),
            hosts: vec![ingest_host.to_owned()],
        },
    }
}

fn ivs_config(
    config: &Config,
    data: &DataDir,
    secrets: &Secrets,
    public_url: &Url,
    ingest_host: String,
    events_target: Option<Url>,
) -> ivs::Config {
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
