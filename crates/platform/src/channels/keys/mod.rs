//! The stream key of a channel: shown to its hosts, and replaced.
//!
//! **Invariants**
//! - A key is sealed at rest and leaves by [`reveal`] and [`rotate`] only; each time is audited.
//! - A change is ordered by a row and a job in the commit that makes it necessary. From that commit until the new key is
//!   stored nobody is shown a key, so a key that somebody knows then is one that is about to open nothing.
//! - The provider keeps one key per channel and cuts nobody off by itself: the old key is deleted, the stream stopped, a
//!   new key made, and the stream stopped once more, because nobody can know the new key yet. Every step may be repeated;
//!   whoever dies on the way is followed by the job.
//! - One holder at a time is at a change. One who was given up too early can leave a key at the provider, which his
//!   successor deletes; he cannot store it.
//!
//! **Where to start.** [`rotate`], [`replace_now`].

pub(crate) mod jobs;
mod store;

use std::time::Duration;

use super::{Channel, assignments, host, topic};
use crate::db::Tx;
use crate::notifications::{self, NewNotification};
use crate::video::{IngestUrls, ProviderError, ProviderErrorKind};
use crate::{Caller, Context, Error, Platform, Secret, audit};

use jobs::RotateKey;

/// Where to publish, and the key.
#[derive(Debug, Clone)]
pub struct Ingest {
    /// Which channel.
    pub channel_id: String,
    /// Host name of the ingest server, as the provider names it.
    pub endpoint: String,
    /// Server addresses.
    pub servers: IngestUrls,
    /// The secret that lets an encoder publish.
    pub stream_key: Secret,
}

/// The right to carry out a change, until it ends.
#[derive(Debug, Clone)]
pub(super) struct Hold {
    channel_id: String,
    holder: String,
}

/// How long the request that orders a change is at it before the job takes over.
const AT_ONCE_MAX: Duration = Duration::from_secs(5);
/// How long a change is held: longer than anybody is at it, by the time that a commit may take.
const HELD_MS: i64 = 8_000;
/// Keys of a holder that was given up may come in between: how often that is put up with.
const ROUNDS_MAX: u32 = 3;
const IN_CHANGE: &str = "The stream key is being changed, try again in a moment";

/// The key of a host's channel. Each reveal is audited.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than the host and admins, [`crate::ErrorKind::NotFound`] when he has
/// no channel, [`crate::ErrorKind::Conflict`] while the key is being changed.
pub async fn reveal(ctx: &Context, host_user_id: &str) -> Result<Ingest, Error> {
    let mut tx = ctx.db().begin().await?;
    let channel = host::locked_channel(ctx, &mut tx, host_user_id).await?;
    if store::ordered(&mut *tx.conn(), &channel.id).await?.is_some() {
        return Err(Error::conflict(IN_CHANGE));
    }
    let sealed = store::sealed(&mut *tx.conn(), &channel.id)
        .await?
        .ok_or_else(|| Error::internal(format_args!("channel {} has no stream key", channel.id)))?;
    let stream_key = ctx
        .platform
        .seal()
        .open(&super::stream_key_purpose(&channel.id), &sealed)?;
    note(&mut tx, &ctx.caller, "channels.reveal_stream_key", &channel.id).await?;
    tx.commit().await?;
    Ok(ingest(&ctx.platform, channel, stream_key))
}

/// Gives a host's channel another key. Whoever publishes is cut off, and the old key opens nothing any more.
///
/// *errors*: as [`reveal`]; [`crate::ErrorKind::Provider`] with the cause: then the old key is given up all the same and the
/// change goes on by itself.
pub async fn rotate(ctx: &Context, host_user_id: &str) -> Result<Ingest, Error> {
    let mut tx = ctx.db().begin().await?;
    let channel = host::locked_channel(ctx, &mut tx, host_user_id).await?;
    let hold = revoke(&mut tx, ctx, &channel.id)
        .await?
        .ok_or_else(|| Error::conflict(IN_CHANGE))?;
    note(&mut tx, &ctx.caller, "channels.rotate_stream_key", &channel.id).await?;
    tx.commit().await?;
    ctx.platform.failpoint().reached("key.change_planned");
    let stream_key = replace_now(ctx, &hold).await?;
    // Between the order and now the channel may have been taken from him.
    match assignments::of_host(ctx.db().read(), host_user_id).await? {
        Some(assignment) if assignment.channel_id == channel.id => Ok(ingest(&ctx.platform, channel, stream_key)),
        _ => Err(Error::not_found(host::NO_CHANNEL)),
    }
}

/// Orders a new key in the transaction that takes the old one away. `None` when one is being made already: nobody knows
/// that one yet, so it will do.
pub(super) async fn revoke(tx: &mut Tx, ctx: &Context, channel_id: &str) -> Result<Option<Hold>, Error> {
    let now_ms = tx.now_ms();
    let hold = Hold {
        channel_id: channel_id.to_owned(),
        holder: tx.new_id(),
    };
    let by = assignments::actor(ctx);
    if !store::order(tx.conn(), channel_id, &by, &hold.holder, now_ms, now_ms + HELD_MS).await? {
        return Ok(None);
    }
    let channel_id = channel_id.to_owned();
    tx.enqueue(&RotateKey { channel_id }, now_ms + HELD_MS).await?;
    Ok(Some(hold))
}

/// Carries out an ordered change within the request that ordered it; what cannot be done now is left to the job.
///
/// *errors*: [`crate::ErrorKind::Provider`] with the cause; the job is at it then.
pub(super) async fn replace_now(ctx: &Context, hold: &Hold) -> Result<Secret, Error> {
    let platform = &ctx.platform;
    let replaced = match tokio::time::timeout(AT_ONCE_MAX, replace(platform, hold)).await {
        Ok(replaced) => replaced,
        Err(_) => Err(Error::provider(
            "Failed to change the stream key",
            "the provider took too long",
        )),
    };
    if let Err(error) = &replaced {
        tracing::warn!(channel.id = hold.channel_id, %error, "the stream key of channel {} is not changed yet", hold.channel_id);
        let mut tx = ctx.db().begin().await?;
        store::let_go(tx.conn(), &hold.channel_id, &hold.holder).await?;
        let now_ms = tx.now_ms();
        let channel_id = hold.channel_id.clone();
        tx.enqueue(&RotateKey { channel_id }, now_ms).await?;
        tx.commit().await?;
    }
    replaced
}

/// Every step from the old key to the new one; nothing is known of what a predecessor has done.
async fn replace(platform: &Platform, hold: &Hold) -> Result<Secret, Error> {
    let Some(channel) = super::find(platform.db().read(), &hold.channel_id).await? else {
        return Err(Error::not_found(super::NOT_FOUND));
    };
    let refused = |error: ProviderError| Error::provider("Failed to change the stream key", error);
    let made = make(platform, &channel).await.map_err(refused)?;
    platform.failpoint().reached("key.created");
    // Whoever is on air now came in with an old key while it was being deleted.
    platform.video().stop_stream(&channel.arn).await.map_err(refused)?;
    store_made(platform, hold, &channel, &made).await?;
    platform.failpoint().reached("key.stored");
    tracing::info!(channel.id = channel.id, "channel {} has a new stream key", channel.id);
    Ok(made)
}

async fn make(platform: &Platform, channel: &Channel) -> Result<Secret, ProviderError> {
    let video = platform.video();
    let mut round = 1;
    loop {
        video.delete_stream_keys(&channel.arn).await?;
        platform.failpoint().reached("key.deleted");
        video.stop_stream(&channel.arn).await?;
        platform.failpoint().reached("key.stream_stopped");
        match video.create_stream_key(&channel.arn).await {
            // Its one place is taken by the key of somebody who was given up: it goes too.
            Err(error) if error.kind == ProviderErrorKind::Quota && round < ROUNDS_MAX => round += 1,
            made => return made,
        }
    }
}

async fn store_made(platform: &Platform, hold: &Hold, channel: &Channel, made: &Secret) -> Result<(), Error> {
    let sealed = platform.seal().seal(&super::stream_key_purpose(&channel.id), made)?;
    let mut tx = platform.db().begin().await?;
    let now_ms = tx.now_ms();
    assignments::locked(&mut tx, &channel.id).await?;
    if !store::finish(tx.conn(), &channel.id, &hold.holder).await? {
        return Err(Error::conflict(IN_CHANGE));
    }
    store::put(tx.conn(), &channel.id, &sealed, now_ms).await?;
    note(&mut tx, &Caller::System, "channels.stream_key_changed", &channel.id).await?;
    tell_hosts(&mut tx, channel, now_ms).await?;
    tx.commit().await
}

/// An encoder that was set up with the old key fails silently: its owner has to know why.
async fn tell_hosts(tx: &mut Tx, channel: &Channel, now_ms: i64) -> Result<(), Error> {
    let hosts = assignments::hosts_of(&mut *tx.conn(), &[&channel.id]).await?;
    for host in hosts.into_values().flatten() {
        let new = NewNotification {
            account_id: host.user_id,
            kind: "stream_key_changed",
            subject_key: format!("stream_key_changed:{}:{now_ms}", channel.id),
            title: format!("{} has a new stream key", channel.name),
            text: "The old one has stopped working: copy the new one into your encoder.".to_owned(),
            href: "/ui/my-channel".to_owned(),
        };
        notifications::notify(tx, new).await?;
    }
    Ok(())
}

async fn note(tx: &mut Tx, actor: &Caller, action: &'static str, channel_id: &str) -> Result<(), Error> {
    tx.audit(audit::Entry {
        actor,
        action,
        target: &topic(channel_id),
        detail: None,
    })
    .await
}

fn ingest(platform: &Platform, channel: Channel, stream_key: Secret) -> Ingest {
    Ingest {
        servers: IngestUrls::new(platform.video().config(), &channel.ingest_endpoint),
        channel_id: channel.id,
        endpoint: channel.ingest_endpoint,
        stream_key,
    }
}
