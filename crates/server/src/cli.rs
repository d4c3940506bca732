//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use url::Url;

/// Live video a team can build a business on: auctions, channels, shows, stages and classes.
#[derive(Debug, Parser)]
#[command(
    name = "rostrum",
    version,
    about,
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Cli {
    /// Where settings come from.
    #[command(flatten)]
    pub settings: Settings,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// Where settings come from.
#[derive(Debug, Args)]
pub struct Settings {
    /// Settings file; ./rostrum.toml is read when it exists
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Override one setting, for instance --set http.addr=127.0.0.1:9000
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the application, with the video engine embedded unless video.mode is aws
    Serve {
        /// Print addresses, keys and an administrator, ready to copy
        #[arg(long)]
        dev: bool,
    },
    /// Start the video engine alone: RTMP in, LL-HLS out, controlled through the Amazon IVS API
    Engine {
        /// Print addresses and keys, ready to copy
        #[arg(long)]
        dev: bool,
    },
    /// Play the part of a host on a running server
    Demo {
        /// What to show
        #[command(subcommand)]
        what: Demo,
    },
    /// List provider resources that nobody owns any more; changes nothing
    Leaks {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Auctions
    Auction {
        /// What to do with them
        #[command(subcommand)]
        what: Auction,
    },
    /// Accounts
    User {
        /// What to do with them
        #[command(subcommand)]
        what: User,
    },
    /// Settings
    Config {
        /// What to do with them
        #[command(subcommand)]
        what: ConfigCommand,
    },
    /// Write every generated file of a source checkout
    #[command(hide = true)]
    Gen {
        /// Root of the checkout
        #[arg(default_value = ".")]
        root: PathBuf,
    },
}

/// What to show.
#[derive(Debug, Subcommand)]
pub enum Demo {
    /// Create an auction, stream a test picture with sound to it, and print the page to watch it on
    Auction(DemoAuction),
    /// Go live with a test picture on a persistent channel, as a host of its own, and print the page to watch it on; asks
    /// the server that runs on this data folder
    Channel(DemoChannel),
}

/// A synthetic seller.
#[derive(Debug, Args)]
pub struct DemoAuction {
    /// The running server
    #[arg(long, env = "ROSTRUM_PUBLIC_URL", default_value = "http://localhost:8000")]
    pub url: Url,
    /// How long the auction lasts, in seconds
    #[arg(long, default_value_t = 1800, value_parser = clap::value_parser!(u32).range(1..))]
    pub duration: u32,
    /// Title of the auction
    #[arg(long, default_value = "Demo: a clock that is always on time")]
    pub title: String,
}

/// A synthetic host.
#[derive(Debug, Args)]
pub struct DemoChannel {
    /// Name of the channel; made when there is none that is free
    #[arg(long, default_value = "Demo channel")]
    pub name: String,
}

/// What to do with auctions.
#[derive(Debug, Subcommand)]
pub enum Auction {
    /// Replay the history of an auction, recompute winner and price, and name the first wrong link
    Verify {
        /// Its id
        id: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum User {
    /// Create an account with the role admin; the password is read from standard input
    AddAdmin {
        /// Its e-mail address
        email: String,
    },
}

/// What to do with settings.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Check the settings, and print what is active and where each value came from
    Check,
    /// Print an example file with every setting and its default
    Example,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("must look like section.key=value")?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_setting_may_be_overridden_after_the_command() {
        let cli = Cli::parse_from(["rostrum", "serve", "--dev", "--set", "http.addr=127.0.0.1:1"]);
        assert_eq!(cli.settings.set, [("http.addr".to_owned(), "127.0.0.1:1".to_owned())]);
    }
}
