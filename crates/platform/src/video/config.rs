//! Where the provider is, who we are to it, and what we ask of it.

use std::fmt;
use std::time::Duration;

/// Default ports of Amazon's ingest; the engine's own are set by the server in embedded mode.
pub const RTMP_PORT: u16 = 1935;
/// Port of `rtmps://` on Amazon IVS.
pub const RTMPS_PORT: u16 = 443;
/// Amazon's rate for most operations, per account and region.
pub const CALLS_PER_SECOND: u32 = 5;

/// Settings of the video provider.
#[derive(Debug, Clone)]
pub struct Config {
    /// Region of the endpoint and of the signature, such as `us-east-1`.
    pub region: String,
    /// Another endpoint than Amazon's, such as `http://127.0.0.1:4566`.
    pub endpoint_url: Option<String>,
    /// Another chat endpoint than Amazon's. Our engine answers both at one address.
    pub chat_endpoint_url: Option<String>,
    /// Who signs the calls. `None` asks the SDK's default chain: environment, profile, container, instance.
    pub credentials: Option<Credentials>,
    /// Type of the channels we create.
    pub channel_type: ChannelType,
    /// Channels also take plain `rtmp://`. Amazon's default is no.
    pub insecure_ingest: bool,
    /// Port of plain ingest.
    pub rtmp_port: u16,
    /// Port of TLS ingest.
    pub rtmps_port: u16,
    /// Calls per second and operation; `None` is unlimited.
    pub calls_per_second: Option<u32>,
    /// Value of the tag `rostrum:installation`: what carries another value, or none, is never touched.
    pub installation: String,
    /// How long one call may take, attempts together.
    pub call_timeout: Duration,
    /// How long a creation may stay undecided before it is cleaned up. Longer than [`Config::call_timeout`] plus the wait for the rate budget.
    pub creation_grace: Duration,
}

impl Config {
    /// Amazon's defaults for a region: the SDK's own endpoint and credentials, 5 calls a second, encrypted ingest only.
    pub fn new(region: impl Into<String>, installation: impl Into<String>) -> Self {
        Self {
            region: region.into(),
            endpoint_url: None,
            chat_endpoint_url: None,
            credentials: None,
            channel_type: ChannelType::Standard,
            insecure_ingest: false,
            rtmp_port: RTMP_PORT,
            rtmps_port: RTMPS_PORT,
            calls_per_second: Some(CALLS_PER_SECOND),
            installation: installation.into(),
            call_timeout: Duration::from_secs(20),
            creation_grace: Duration::from_secs(45),
        }
    }
}

/// A fixed key pair.
#[derive(Clone)]
pub struct Credentials {
    /// Access key id.
    pub access_key: String,
    /// Secret access key; never printed.
    pub secret_key: String,
    /// Session token of temporary credentials; never printed.
    pub session_token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key", &self.access_key)
            .field("secret_key", &"***")
            .finish()
    }
}

/// What the provider does with the picture (`IVS_CHANNEL_TYPE`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChannelType {
    /// Transcoded to a ladder of qualities.
    Standard,
    /// Passed through as sent: cheaper, for demonstrations.
    Basic,
}

impl ChannelType {
    /// The provider's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "STANDARD",
            Self::Basic => "BASIC",
        }
    }
}

impl std::str::FromStr for ChannelType {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "STANDARD" => Ok(Self::Standard),
            "BASIC" => Ok(Self::Basic),
            other => Err(format!("channel type {other:?} is unknown: use STANDARD or BASIC")),
        }
    }
}
