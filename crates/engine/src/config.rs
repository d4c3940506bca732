//! What an operator may choose. Everything else is a constant beside its use.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;

use crate::tls::Tls;

/// Settings of one engine. `Config::default()` listens nowhere: it serves only streams handed to
/// [`Engine::accept_rtmp`](crate::Engine::accept_rtmp).
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to accept RTMP; port 0 picks a free one.
    pub rtmp_addr: Option<SocketAddr>,
    /// Where to accept RTMPS; needs [`Config::tls`].
    pub rtmps_addr: Option<SocketAddr>,
    /// The certificate of the RTMPS listener.
    pub tls: Option<Tls>,
    /// How long a feed outlives a lost connection. Within it an encoder with the same key continues the same stream.
    pub reconnect_window: Duration,
    /// Parts are cut near this. It sets how many requests a viewer makes and how far players stay behind (three parts); media
    /// itself travels frame by frame to players that read a part while it grows.
    pub part_target: Duration,
    /// Segments are cut at the first keyframe after this.
    pub segment_target: Duration,
    /// Segments a playlist lists besides the one being written, at least. Older ones stay fetchable for as long again.
    pub playlist_segments: usize,
    /// The page a browser gets at a playback URL; `None` is the built-in one.
    pub player_page: Option<Bytes>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            rtmp_addr: None,
            rtmps_addr: None,
            tls: None,
            reconnect_window: Duration::from_secs(20),
            part_target: Duration::from_millis(200),
            segment_target: Duration::from_secs(2),
            playlist_segments: 3,
            player_page: None,
        }
    }
}
