//! What the server hands in; reading files, flags and variables is its business.

use std::fmt;
use std::time::Duration;

use url::Url;
use zeroize::Zeroizing;

use crate::failpoint::Failpoint;
use crate::{Currency, Secret, accounts, costs, mail, storage, video};

/// Settings of the application.
#[derive(Debug, Clone)]
pub struct Config {
    /// `sqlite:///path/to/rostrum.sqlite3` (the folder must exist) or `postgres://user:password@host/database`.
    pub database_url: Secret,
    /// Currency of every price of this installation.
    pub currency: Currency,
    /// Key that everything secret is derived from. Losing it makes sealed values unreadable and signs everybody out.
    pub secret_key: SecretKey,
    /// Shared with the sender of video events; compared with header `x-rostrum-events-secret`. `None` refuses them all.
    pub events_secret: Option<Secret>,
    /// Issuer through which people may sign in besides; `None` for none.
    pub oidc: Option<accounts::oidc::Config>,
    /// Settings of auctions.
    pub auctions: Auctions,
    /// Settings of persistent channels.
    pub channels: Channels,
    /// Where the video provider is.
    pub video: video::Config,
    /// Where clients open chat connections, for instance `wss://live.example.com/chat`; told with every chat token.
    pub chat_url: String,
    /// Where we ourselves open chat connections to hear what is said; `None`: where clients do.
    pub chat_listen_url: Option<String>,
    /// Address people type to reach this installation; links in mails begin with it.
    pub public_url: Url,
    /// Outgoing mail.
    pub mail: mail::Config,
    /// Where files are kept.
    pub storage: storage::Config,
    /// What video costs.
    pub costs: costs::Config,
    /// Hears of the steps at which crash tests kill the process; silent by default.
    pub failpoint: Failpoint,
}

/// Settings of auctions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Auctions {
    /// Who may sell.
    pub sellers: Sellers,
    /// Bids a bidder may place each second, twice as many at once; 0 for no limit.
    pub bids_per_second: u32,
}

impl Default for Auctions {
    fn default() -> Self {
        Self {
            sellers: Sellers::Any,
            bids_per_second: 5,
        }
    }
}

/// Settings of persistent channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Channels {
    /// How many there may be.
    pub capacity: i64,
    /// How long a session holds its channel after its host was last heard of.
    pub session_lease: Duration,
    /// The bucket that channels are recorded to; `None` where there is none.
    pub recording_bucket: Option<String>,
}

impl Default for Channels {
    fn default() -> Self {
        Self {
            capacity: 20,
            session_lease: Duration::from_secs(300),
            recording_bucket: None,
        }
    }
}

/// Who may create an auction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sellers {
    /// Every signed-in account.
    Any,
    /// Accounts with the role `host`.
    Host,
}

/// The installation's 256-bit key; prints `***`.
#[derive(Clone)]
pub struct SecretKey(Zeroizing<[u8; 32]>);

impl SecretKey {
    /// Wraps 32 random bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, for deriving keys in [`crate::seal`].
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
