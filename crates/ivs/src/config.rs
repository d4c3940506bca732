//! What the operator decides about this tower. `server` reads the settings and fills the struct in.

use std::fmt;
use std::path::PathBuf;

use url::Url;
use zeroize::Zeroizing;

/// Everything [`crate::Ivs`] is told at start.
#[derive(Debug, Clone)]
pub struct Config {
    /// Region in the ARNs and stream keys of new resources, for instance `us-east-1`. Requests may be signed for any region.
    pub region: String,
    /// Account in the ARNs of new resources: 12 digits, `000000000000` unless the operator has a reason.
    pub account: String,
    /// The one access key id that may call the API.
    pub access_key: String,
    /// Its secret access key.
    pub secret_key: Secret,
    /// Seals stream keys at rest and keys their lookup. A data file opens only with the key it was made with.
    pub sealing_key: SealingKey,
    /// Where players reach the origin, for instance `http://localhost:8000`. `playbackUrl` is this plus
    /// `/api/video/v1/{feed}.m3u8`.
    pub playback_url_base: Url,
    /// `ingestEndpoint` of every channel: a bare host name, because clients build `rtmps://{host}:443/app/` from it.
    pub ingest_host: String,
    /// The SQLite file of this tower; created when it is missing.
    pub data_file: PathBuf,
    /// Where events are posted; `None` queues and sends none.
    pub events_target: Option<Url>,
    /// Sent as `x-rostrum-events-secret` with every event.
    pub events_secret: Option<Secret>,
    /// How many of each resource may exist.
    pub quotas: Quotas,
}

/// How many of each resource may exist; more is `ServiceQuotaExceededException`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Channels. All of them are held in memory (about 300 bytes each) to answer encoders and players.
    pub channels: u32,
    /// Stream keys of one channel. `CreateChannel` makes the first.
    pub stream_keys_per_channel: u32,
    /// Recording configurations.
    pub recording_configurations: u32,
    /// Chat rooms. All of them are open in memory (about 300 bytes each).
    pub rooms: u32,
}

/// Amazon's defaults: 5,000 channels, one stream key each, 20 recording configurations, 50,000 chat rooms.
impl Default for Quotas {
    fn default() -> Self {
        Self {
            channels: 5_000,
            stream_keys_per_channel: 1,
            recording_configurations: 20,
            rooms: 50_000,
        }
    }
}

/// A secret text. Wiped on drop, never printed.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Wraps the text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text, for the one place that must use it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// The 256-bit key-encryption key. Wiped on drop, never printed.
#[derive(Clone)]
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl SealingKey {
    /// Wraps the bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(***)")
    }
}
