//! `rostrum engine`: the video tower alone.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::data::DataDir;
use crate::secrets::Secrets;
use crate::video_tower::VideoTower;
use crate::{address, report, serve, shutdown};

/// Runs until the process is told to stop.
///
/// # Errors
/// Whatever keeps the engine from starting, with the setting to look at.
pub async fn run(config: &Config, is_dev: bool) -> anyhow::Result<()> {
    let data = DataDir::open(&config.server.data_dir)?;
    let secrets = Secrets::open(config, &data)?;
    let http = serve::listen(config.http.addr, "http.addr").await?;
    let public_url = address::public_url(config, http.local_addr()?)?;
    let target = config.engine.events_target.clone();
    let tower = VideoTower::start(config, &data, &secrets, &public_url, target, api::ui::player_page()).await?;

    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    let router = tower.engine.origin().merge(api::ui::router());
    tasks.spawn(engine::http::serve(
        http,
        router,
        serve::http_options(config, Some(&tower)),
        stop.clone(),
    ));
    report::engine_ready(config, &secrets, &public_url, &tower, is_dev)?;

    shutdown::requested().await?;
    tracing::info!("stopping");
    tower.stop().await;
    stop.cancel();
    tasks.close();
    tasks.wait().await;
    Ok(())
}
