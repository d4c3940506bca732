//! What the HTTP surface must be told.

use platform::Secret;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::client::Network;
use crate::sse::STREAMS_PER_ADDRESS_MAX;

/// Settings of the HTTP surface; `server` fills them from its configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address under which browsers reach this server; decides secure cookies and the same-origin check.
    pub public_url: Option<Url>,
    /// Whether the listener itself speaks TLS.
    pub is_tls: bool,
    /// Peers whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    pub trusted_proxies: Vec<Network>,
    /// Secret that `POST /events/ivs` must present; `None` refuses every event.
    pub events_secret: Option<Secret>,
    /// Origins besides our own from which the browser may fetch playlists and segments, or to which it may open chat
    /// connections, as `https://host[:port]`, `wss://host[:port]` or a pattern such as `https://*.live-video.net`.
    pub media_origins: Vec<String>,
    /// Event streams that one address may hold open.
    pub streams_per_address_max: usize,
    /// Cancelled when the server stops: open event streams then end.
    pub shutdown: CancellationToken,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: None,
            is_tls: false,
            trusted_proxies: Vec::new(),
            events_secret: None,
            media_origins: Vec::new(),
            streams_per_address_max: STREAMS_PER_ADDRESS_MAX,
            shutdown: CancellationToken::new(),
        }
    }
}
