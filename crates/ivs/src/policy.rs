//! Answers the engine from memory: which key publishes to which channel, and which feeds may be played.
//!
//! Loaded when the data file is opened and changed after every commit, so it holds what the file holds. A presented key
//! is looked up by its HMAC: the time taken tells nothing about the keys that exist.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use engine::{PlaybackDenied, PlaybackRequest, Policy, PublishDenied, PublishGrant, PublishRequest};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use crate::arn;
use crate::ids;
use crate::low_latency::channel::Channel;
use crate::seal::Digest;
use crate::shared::Shared;

/// The application name of every ingest URL, as on AWS.
const APP: &str = "app";
/// Our keys have 65 characters or so; nobody is served by hashing megabytes.
const KEY_LENGTH_MAX: usize = 256;

/// What the engine may need to know of every channel.
#[derive(Default)]
pub struct Directory {
    /// Read for every playlist request, written when a channel or key changes; held for one lookup.
    entries: RwLock<Entries>,
}

#[derive(Default)]
struct Entries {
    /// Channel of each key.
    keys: HashMap<Digest, String>,
    /// Channel of each feed.
    channels: HashMap<String, Entry>,
}

struct Entry {
    arn: String,
    name: String,
    is_private: bool,
    takes_plain_rtmp: bool,
}

impl Directory {
    /// Adds a channel or replaces what is known of it.
    pub fn put_channel(&self, channel: &Channel) {
        let Some(feed) = arn::feed(&channel.arn) else { return };
        let entry = Entry {
            arn: channel.arn.clone(),
            name: channel.name.clone(),
            is_private: channel.authorized,
            takes_plain_rtmp: channel.insecure_ingest,
        };
        self.write().channels.insert(feed, entry);
    }

    /// Forgets a channel and its keys.
    pub fn remove_channel(&self, channel_arn: &str) {
        let mut entries = self.write();
        if let Some(feed) = arn::feed(channel_arn) {
            entries.channels.remove(&feed);
        }
        entries.keys.retain(|_, arn| arn != channel_arn);
    }

    /// Adds a key.
    pub fn put_key(&self, digest: Digest, channel_arn: &str) {
        self.write().keys.insert(digest, channel_arn.to_owned());
    }

    /// Forgets a key.
    pub fn remove_key(&self, digest: &Digest) {
        self.write().keys.remove(digest);
    }

    /// The channel behind a feed.
    pub fn channel_arn(&self, feed: &str) -> Option<String> {
        self.read().channels.get(feed).map(|entry| entry.arn.clone())
    }

    /// ARN and name of the channel behind a feed.
    pub fn channel(&self, feed: &str) -> Option<(String, String)> {
        self.read()
            .channels
            .get(feed)
            .map(|entry| (entry.arn.clone(), entry.name.clone()))
    }

    fn publisher(&self, digest: &Digest) -> Option<(String, bool)> {
        let entries = self.read();
        let feed = arn::feed(entries.keys.get(digest)?)?;
        let takes_plain_rtmp = entries.channels.get(&feed)?.takes_plain_rtmp;
        Some((feed, takes_plain_rtmp))
    }

    fn is_private(&self, feed: &str) -> Option<bool> {
        self.read().channels.get(feed).map(|entry| entry.is_private)
    }

    // A panic while the lock is held leaves the maps whole: every change is one insert, remove or retain.
    fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.entries.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.entries.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Policy for Shared {
    fn authorize_publish(&self, request: PublishRequest) -> BoxFuture<'_, Result<PublishGrant, PublishDenied>> {
        std::future::ready(self.grant(&request)).boxed()
    }

    fn authorize_playback(&self, request: PlaybackRequest<'_>) -> Result<(), PlaybackDenied> {
        match self.directory.is_private(request.feed) {
            None => Err(PlaybackDenied::UnknownFeed),
            // Playback key pairs do not exist here, so no token can be valid.
            Some(true) => Err(PlaybackDenied::Forbidden),
            Some(false) => Ok(()),
        }
    }
}

impl Shared {
    fn grant(&self, request: &PublishRequest) -> Result<PublishGrant, PublishDenied> {
        if request.app != APP {
            return Err(PublishDenied::UnknownApp);
        }
        if request.key.0.len() > KEY_LENGTH_MAX {
            return Err(PublishDenied::UnknownKey);
        }
        let digest = self.seal.digest(&request.key.0);
        let (feed, takes_plain_rtmp) = self.directory.publisher(&digest).ok_or(PublishDenied::UnknownKey)?;
        if !request.is_encrypted && !takes_plain_rtmp {
            return Err(PublishDenied::EncryptionRequired);
        }
        Ok(PublishGrant {
            feed,
            stream_id: ids::stream(&self.env),
        })
    }
}
