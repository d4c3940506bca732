//! `rostrum serve`: both towers in one process, or the application alone on another IVS endpoint.

use axum::Router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::application::Application;
use crate::commands::operator;
use crate::config::Config;
use crate::config::choice::Video;
use crate::ground::{Ground, listen};
use crate::video_tower::VideoTower;
use crate::{report, shutdown, telemetry};

/// Runs until the process is told to stop.
///
/// # Errors
/// Whatever keeps the server from starting, with the setting to look at.
pub async fn run(config: Config, is_dev: bool) -> anyhow::Result<()> {
    let metrics = telemetry::metrics()?;
    let (ground, http) = Ground::open(config).await?;
    // Events of the embedded engine and the operator's commands come in by a door of their own, which neither TLS nor the
    // public address concerns.
    let door = listen(([127, 0, 0, 1], 0).into(), "a free loopback port").await?;
    ground
        .data
        .keep(operator::DOOR, &format!("http://{}", door.local_addr()?))?;
    let tower = match ground.config.video.mode {
        Video::Aws => None,
        Video::Embedded => Some(VideoTower::start(&ground, Some(events_target(&door)?)).await?),
    };
    let stop = CancellationToken::new();
    let application = Application::open(&ground, tower.as_ref(), metrics, &stop, is_dev).await?;
    // Before anybody is answered: whoever waits until we are ready may then sign in as the administrator.
    let administrator = application.administrator(is_dev).await?;

    let tasks = TaskTracker::new();
    let internal = engine::http::Options::default();
    tasks.spawn(engine::http::serve(door, application.router(), internal, stop.clone()));
    let options = ground.http_options(tower.as_ref().map(|tower| tower.engine.clone()));
    tasks.spawn(engine::http::serve(
        http,
        pages(&application, tower.as_ref()),
        options,
        stop.clone(),
    ));
    if let Some(tls) = ground.tls.clone() {
        tasks.spawn(tls.watch(stop.clone()));
    }
    let (platform, until) = (application.platform().clone(), stop.clone());
    tasks.spawn(async move { platform.run(until).await });
    report::ready(&ground, tower.as_ref(), &application, administrator, is_dev)?;

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

fn events_target(listener: &TcpListener) -> anyhow::Result<Url> {
    Ok(Url::parse(&format!("http://{}/events/ivs", listener.local_addr()?))?)
}

/// Everything the HTTP listener answers: the application, and playback and chat when the engine is here.
fn pages(application: &Application, tower: Option<&VideoTower>) -> Router {
    match tower {
        Some(tower) => application.router().merge(tower.pages.clone()),
        None => application.router(),
    }
}
