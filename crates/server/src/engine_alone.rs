//! `rostrum engine`: the video tower alone.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::ground::Ground;
use crate::video_tower::VideoTower;
use crate::{report, shutdown};

/// Runs until the process is told to stop.
///
/// # Errors
/// Whatever keeps the engine from starting, with the setting to look at.
pub async fn run(config: Config, is_dev: bool) -> anyhow::Result<()> {
    let (ground, http) = Ground::open(config).await?;
    let target = ground.config.engine.events_target.clone();
    let tower = VideoTower::start(&ground, target).await?;

    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let router = tower.pages.clone().merge(api::ui::router());
    tasks.spawn(engine::http::serve(
        http,
        router,
        ground.http_options(Some(tower.engine.clone())),
        stop.clone(),
    ));
    if let Some(tls) = ground.tls.clone() {
        tasks.spawn(tls.watch(stop.clone()));
    }
    report::engine_ready(&ground, &tower, is_dev)?;

    shutdown::requested().await?;
    tracing::info!("stopping");
    tower.stop().await;
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    Ok(())
}
