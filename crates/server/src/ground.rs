//! What both commands that serve stand on: settings, data folder, secrets, the HTTP listener and its certificate.

use std::net::SocketAddr;

use anyhow::Context as _;
use engine::tls::{Source, Tls};
use tokio::net::TcpListener;
use url::Url;

use crate::config::Config;
use crate::data::DataDir;
use crate::secrets::Secrets;
use crate::{address, clock};

/// Everything that is there before a tower starts.
pub struct Ground {
    /// Settings.
    pub config: Config,
    /// Folder that survives a restart.
    pub data: DataDir,
    /// Keys.
    pub secrets: Secrets,
    /// What people type to reach this server.
    pub public_url: Url,
    /// The operator's certificate. Without one HTTP is plain, because browsers refuse one of our own making.
    pub tls: Option<Tls>,
}

impl Ground {
    /// Opens the data folder and the HTTP listener.
    ///
    /// # Errors
    /// What cannot be opened, with the setting to look at.
    pub async fn open(config: Config) -> anyhow::Result<(Self, TcpListener)> {
        let data = DataDir::open(&config.server.data_dir)?;
        let secrets = Secrets::open(&config, &data)?;
        let http = listen(config.http.addr, "http.addr").await?;
        let public_url = address::public_url(&config, http.local_addr()?)?;
        let tls = match (&config.http.tls_cert, &config.http.tls_key) {
            (Some(cert), Some(key)) => {
                let source = Source::Files {
                    cert: cert.clone(),
                    key: key.clone(),
                };
                Some(Tls::open(&source, &clock::video()).context("look at http.tls_cert and http.tls_key")?)
            }
            _ => None,
        };
        Ok((
            Self {
                config,
                data,
                secrets,
                public_url,
                tls,
            },
            http,
        ))
    }

    /// How the HTTP listener serves. With an engine, its port carries RTMP (or RTMPS) as well.
    pub fn http_options(&self, engine: Option<engine::Engine>) -> engine::http::Options {
        engine::http::Options {
            tls: self.tls.clone(),
            rtmp: engine,
            ..engine::http::Options::default()
        }
    }
}

/// Binds a listener.
///
/// # Errors
/// The address and the setting it came from.
pub async fn listen(addr: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(addr)
        .await
        .with_context(|| format!("cannot listen on {setting} = {addr}"))
}
