//! What this server is called from outside.

use std::net::SocketAddr;

use anyhow::Context as _;
use url::Url;

use crate::config::Config;
use crate::config::choice::Video;

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

/// Where clients open chat connections: `/chat` of this server, or Amazon's own messaging endpoint of the region.
///
/// # Errors
/// The public address has a scheme that no WebSocket can have.
pub fn chat_url(config: &Config, public_url: &Url) -> anyhow::Result<Url> {
    let video = &config.video;
    if let Some(url) = &video.chat_url {
        return Ok(url.clone());
    }
    let is_amazon = video.mode == Video::Aws && video.chat_endpoint.is_none() && video.endpoint.is_none();
    if is_amazon {
        return Ok(Url::parse(&format!(
            "wss://edge.ivschat.{}.amazonaws.com",
            video.region
        ))?);
    }
    let mut url = public_url.join("chat")?;
    let scheme = if public_url.scheme() == "https" { "wss" } else { "ws" };
    anyhow::ensure!(
        url.set_scheme(scheme).is_ok(),
        "server.public_url must start with http:// or https://"
    );
    Ok(url)
}

/// The host that encoders publish to.
pub fn ingest_host(config: &Config, public_url: &Url) -> String {
    let host = public_url.host_str().unwrap_or("localhost");
    config.engine.ingest_host.clone().unwrap_or_else(|| host.to_owned())
}
