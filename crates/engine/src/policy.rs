//! What the engine asks before it lets anybody in. One implementor answers; the engine knows no account, key or channel.

use std::fmt;
use std::net::SocketAddr;

use futures_util::future::BoxFuture;

/// A stream key on its way to the policy. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct StreamKey(pub String);

impl fmt::Debug for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamKey(***)")
    }
}

/// An encoder asks to publish.
#[derive(Debug, Clone)]
pub struct PublishRequest {
    /// The application name of the ingest URL (`app` in `rtmp://host/app/key`).
    pub app: String,
    /// The key it presents, without a query string.
    pub key: StreamKey,
    /// Where it connects from.
    pub remote: SocketAddr,
    /// True when the connection is TLS.
    pub is_encrypted: bool,
}

/// Yes: what may be published, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishGrant {
    /// Name of the feed, `[A-Za-z0-9._-]{1,128}`: also the file name of its playback URL.
    pub feed: String,
    /// Identity of this live period if a new one begins. A reconnect within the window keeps the earlier one.
    pub stream_id: String,
}

/// No, and why. The encoder is told `NetStream.Publish.BadName` with this text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishDenied {
    /// No such key.
    #[error("unknown stream key: copy it again from the channel's page")]
    UnknownKey,
    /// The channel takes encrypted ingest only.
    #[error("this channel accepts rtmps only: change the server address to rtmps://")]
    EncryptionRequired,
    /// The ingest URL names another application than `app`.
    #[error("the server address must end in /app/")]
    UnknownApp,
    /// The store could not be asked; trying again may work.
    #[error("the server could not check the stream key: try again")]
    Unavailable,
}

/// A player asks for a playlist.
#[derive(Debug, Clone, Copy)]
pub struct PlaybackRequest<'a> {
    /// Name of the feed in the URL.
    pub feed: &'a str,
    /// The `token` query parameter, if any.
    pub token: Option<&'a str>,
    /// The `Origin` header, if any.
    pub origin: Option<&'a str>,
}

/// Why a player is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaybackDenied {
    /// Nothing of that name exists (as opposed to: exists and is offline).
    #[error("no such channel")]
    UnknownFeed,
    /// It exists, but not for this player.
    #[error("playback is not allowed")]
    Forbidden,
}

/// The one port of the engine.
pub trait Policy: Send + Sync + 'static {
    /// May this key publish? Asked once per publish, before any success is answered.
    fn authorize_publish(&self, request: PublishRequest) -> BoxFuture<'_, Result<PublishGrant, PublishDenied>>;

    /// May this player read this feed? Asked for every playlist, several times a second and player, so it must answer from
    /// memory. Media is not asked for: only a playlist tells the stream id that its names contain.
    ///
    /// # Errors
    /// [`PlaybackDenied`] says which answer the player gets: 404 or 403.
    fn authorize_playback(&self, request: PlaybackRequest<'_>) -> Result<(), PlaybackDenied>;
}
