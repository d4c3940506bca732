//! Logs and metrics of the process.

use std::io::IsTerminal as _;

use anyhow::Context as _;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{self, choice::LogFormat};

/// What this crate set would say about every HTTP connection and SQL statement is noise below a warning.
/// Some of it would carry tokens and codes on their way.
const QUIET: &str = "hyper=warn,h2=warn,rustls=warn,sqlx=warn,aws_config=warn,aws_smithy_runtime=warn,aws_sdk_ivs=warn,\
    aws_sdk_ivschat=warn,tungstenite=warn,tokio_tungstenite=warn,lettre=warn,reqwest=warn,hyper_util=warn";

/// Starts logging to standard error.
///
/// # Errors
/// `server.log` is not in the syntax of EnvFilter.
pub fn log(settings: &config::Server) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(format!("{QUIET},{}", settings.log)).with_context(|| {
        format!(
            "server.log = {:?} is not a filter such as info,engine=debug",
            settings.log
        )
    })?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let is_terminal = std::io::stderr().is_terminal();
    match settings.log_format {
        LogFormat::Text => lines.with_target(false).with_ansi(is_terminal).init(),
        LogFormat::Json => lines.json().init(),
    }
    Ok(())
}

/// Starts collecting metrics; `/metrics` renders the handle.
///
/// # Errors
/// Metrics are collected already.
pub fn metrics() -> anyhow::Result<PrometheusHandle> {
    PrometheusBuilder::new()
        .install_recorder()
        .context("metrics cannot be collected")
}
