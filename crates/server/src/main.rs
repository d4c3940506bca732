//! The binary `rostrum`: command line, settings, wiring, clock, telemetry, shutdown. No rules.

mod address;
mod application;
mod cli;
mod client;
mod clock;
mod commands;
mod config;
mod data;
mod demo;
mod engine_alone;
mod failpoint;
mod ground;
mod prices;
mod report;
mod secrets;
mod serve;
mod shutdown;
mod storage;
mod telemetry;
mod video_tower;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser as _;

use crate::cli::{Auction, Cli, Command, ConfigCommand, Demo, User};
use crate::config::{Config, Layers};

fn main() -> ExitCode {
    match start(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, causes included: whoever started this reads it, and scripts look at the status.
            let _ = writeln!(std::io::stderr(), "rostrum: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli) -> anyhow::Result<()> {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("another crypto provider is installed"))?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no runtime")?
        .block_on(run(cli))
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Config {
            what: ConfigCommand::Example,
        } => return commands::config::example(),
        Command::Gen { root } => return commands::generate::run(&root),
        Command::Demo {
            what: Demo::Auction(demo),
        } => return demo::auction(demo).await,
        _ => {}
    }
    let config = settings(cli.settings)?;
    telemetry::log(&config.server)?;
    match cli.command {
        Command::Serve { dev } => serve::run(config, dev).await,
        Command::Engine { dev } => engine_alone::run(config, dev).await,
        Command::Demo {
            what: Demo::Channel(demo),
        } => demo::channel(&config, demo).await,
        Command::Leaks { json } => commands::operator::leaks(&config, json).await,
        Command::Auction {
            what: Auction::Verify { id, json },
        } => commands::operator::verify_auction(&config, &id, json).await,
        Command::User {
            what: User::AddAdmin { email },
        } => commands::operator::add_admin(&config, &email).await,
        Command::Config {
            what: ConfigCommand::Check,
        } => commands::config::check(&config),
        Command::Config {
            what: ConfigCommand::Example,
        }
        | Command::Gen { .. }
        | Command::Demo { .. } => Ok(()),
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the home of the environment")]
fn settings(settings: cli::Settings) -> anyhow::Result<Config> {
    let path = settings.config.clone().unwrap_or_else(|| PathBuf::from("rostrum.toml"));
    let text = config::read_file(Path::new(&path), settings.config.is_some())?;
    config::load(Layers {
        file: text.map(|text| (path.as_path(), text)),
        environment: &|name| std::env::var(name).ok(),
        flags: settings.set,
    })
}
