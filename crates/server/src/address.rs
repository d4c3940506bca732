//! What this server is called from outside.

use std::net::SocketAddr;

use anyhow::Context as _;
use url::Url;

use crate::config::Config;

/// The address people type. Built from the listener when nobody configured it.
///
/// # Errors
/// The setting has no host.
pub fn public_url(config: &Config, http: SocketAddr) -> anyhow::Result<Url> {
    if let Some(url) = &config.server.public_url {
        anyhow::ensure!(
            url.has_host(),
            "server.public_url must look like https://live.example.com"
        );
        return Ok(url.clone());
    }
    let scheme = if config.http.tls_cert.is_some() {
        "https"
    } else {
        "http"
    };
    Url::parse(&format!("{scheme}://localhost:{}", http.port())).context("no public address")
}

/// The host that encoders publish to.
pub fn ingest_host(config: &Config, public_url: &Url) -> String {
    let host = public_url.host_str().unwrap_or("localhost");
    config.engine.ingest_host.clone().unwrap_or_else(|| host.to_owned())
}
