//! The state that the API, the policy and the event tasks have in common.

use engine::Environment;
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use crate::chat::Chat;
use crate::config::Config;
use crate::error::Error;
use crate::events::Target;
use crate::policy::Directory;
use crate::seal::Seal;
use crate::sigv4::Gate;
use crate::store::rooms::{self, Filter};
use crate::store::{Store, channels, stream_keys};

/// What [`crate::Ivs`] is made of.
pub struct Shared {
    /// What the operator decided.
    pub config: Config,
    /// Clock and randomness.
    pub env: Environment,
    /// The data file.
    pub store: Store,
    /// Seals and digests stream keys.
    pub seal: Seal,
    /// Checks signatures.
    pub gate: Gate,
    /// What the engine asks.
    pub directory: Directory,
    /// Rooms, tokens and connections of chat.
    pub chat: Chat,
    /// The receiver of events.
    pub target: Option<Target>,
    /// Running calls: a client that hangs up must not stop a call between its commit and the memory that follows it.
    pub calls: TaskTracker,
    /// Rung after a commit that queued events.
    pub outbox_bell: Notify,
}

impl Shared {
    /// Opens the data file and loads the directory.
    ///
    /// # Errors
    /// [`Error`] when the configuration cannot work or the file cannot be used.
    pub async fn open(config: Config, env: Environment) -> Result<Self, Error> {
        check(&config)?;
        let seal = Seal::new(&config.sealing_key)?;
        let target = Target::new(&config)?;
        let store = Store::open(&config.data_file).await?;
        store.check_sealing_key(seal.digest("probe")).await?;
        let directory = Directory::default();
        let mut reader = store.read().await?;
        for (_, channel) in channels::list(&mut reader, channels::Filter::All, 0, i64::MAX).await? {
            directory.put_channel(&channel);
        }
        for (digest, channel_arn) in stream_keys::digests(&mut reader).await? {
            directory.put_key(digest, &channel_arn);
        }
        let chat = Chat::new();
        for (_, room) in rooms::list(&mut reader, Filter::default(), 0, i64::MAX).await? {
            chat.hub.open(&room.arn, room.settings());
        }
        drop(reader);
        let gate = Gate::new(config.access_key.clone(), config.secret_key.clone());
        Ok(Self {
            config,
            env,
            store,
            seal,
            gate,
            directory,
            chat,
            target,
            calls: TaskTracker::new(),
            outbox_bell: Notify::new(),
        })
    }
}

fn check(config: &Config) -> Result<(), Error> {
    let is_region = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    if config.region.is_empty() || config.region.len() > 32 || !config.region.bytes().all(is_region) {
        return Err(Error::Config(format!(
            "region '{}' must be 1 to 32 of a-z, 0-9 and '-'",
            config.region
        )));
    }
    if config.account.len() != 12 || !config.account.bytes().all(|c| c.is_ascii_digit()) {
        return Err(Error::Config(format!("account '{}' must be 12 digits", config.account)));
    }
    if config.access_key.is_empty() || config.secret_key.expose().is_empty() {
        return Err(Error::Config("access key and secret key must not be empty".to_owned()));
    }
    Ok(())
}
