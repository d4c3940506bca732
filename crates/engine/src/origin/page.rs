//! The built-in player page: what a browser shows at a playback URL.

use http::{HeaderMap, header};

/// The page; everything it does is in the script.
pub(super) const HTML: &[u8] = include_bytes!("player.html");
/// Waits while the stream is offline and starts by itself.
pub(super) const SCRIPT: &[u8] = include_bytes!("player.js");
/// Its looks.
pub(super) const STYLE: &[u8] = include_bytes!("player.css");

/// True for a browser that navigates here, false for players: they ask for anything, or for playlists.
pub(super) fn is_wanted(request: &HeaderMap) -> bool {
    let accepted = request
        .get(header::ACCEPT)
        .and_then(|accepted| accepted.to_str().ok())
        .unwrap_or_default();
    accepted.contains("text/html") && !accepted.contains("mpegurl")
}
