//! `rostrum serve`: both towers in one process, or the application alone on another IVS endpoint.

use anyhow::Context as _;
use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::application::Application;
use crate::config::Config;
use crate::config::choice::Video;
use crate::data::DataDir;
use crate::secrets::Secrets;
use crate::video_tower::VideoTower;
use crate::{address, report, shutdown, telemetry};

/// Runs until the process is told to stop.
///
/// # Errors
/// Whatever keeps the server from starting, with the setting to look at.
pub async fn run(config: &Config, is_dev: bool) -> anyhow::Result<()> {
    let metrics = telemetry::metrics()?;
    let data = DataDir::open(&config.server.data_dir)?;
    let secrets = Secrets::open(config, &data)?;
    let http = listen(config.http.addr, "http.addr").await?;
    let public_url = address::public_url(config, http.local_addr()?)?;
    // Events of the embedded engine come in by a door of their own, which neither TLS nor the public address concerns.
    let events = listen(([127, 0, 0, 1], 0).into(), "a free loopback port").await?;

    let tower = match config.video.mode {
        Video::Aws => None,
        Video::Embedded => {
            let target = Url::parse(&format!("http://{}/events/ivs", events.local_addr()?))?;
            let tower = VideoTower::start(
                config,
                &data,
                &secrets,
                &public_url,
                Some(target),
                api::ui::player_page(),
            );
            Some(tower.await?)
        }
    };
    let stop = CancellationToken::new();
    let application = Application::open(config, &data, &secrets, &public_url, tower.as_ref(), metrics, &stop).await?;

    let tasks = TaskTracker::new();
    tasks.spawn(engine::http::serve(
        events,
        application.router(),
        engine::http::Options::default(),
        stop.clone(),
    ));
    tasks.spawn(engine::http::serve(
        http,
        pages(&application, tower.as_ref()),
        http_options(config, tower.as_ref()),
        stop.clone(),
    ));
    let (platform, until) = (application.platform().clone(), stop.clone());
    tasks.spawn(async move { platform.run(until).await });
    report::ready(config, &secrets, &public_url, tower.as_ref(), &application, is_dev).await?;

    shutdown::requested().await?;
    tracing::info!("stopping");
    if let Some(tower) = tower {
        tower.stop().await;
    }
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    Ok(())
}

/// Binds a listener.
///
/// # Errors
/// The address and the setting it came from.
pub async fn listen(addr: std::net::SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(addr)
        .await
        .with_context(|| format!("cannot listen on {setting} = {addr}"))
}

/// Everything the HTTP listener answers: the application, and playback when the engine is here.
fn pages(application: &Application, tower: Option<&VideoTower>) -> Router {
    match tower {
        Some(tower) => application.router().merge(tower.engine.origin()),
        None => application.router(),
    }
}

/// The HTTP listener speaks TLS with the operator's certificate only: browsers refuse one of our own making.
pub fn http_options(config: &Config, tower: Option<&VideoTower>) -> engine::http::Options {
    engine::http::Options {
        tls: tower
            .filter(|_| config.http.tls_cert.is_some())
            .map(|tower| tower.tls.clone()),
        rtmp: tower.map(|tower| tower.engine.clone()),
        ..engine::http::Options::default()
    }
}
