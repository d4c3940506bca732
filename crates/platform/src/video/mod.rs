//! The video provider: Amazon IVS, or anything that speaks its wire API.
//!
//! **Invariants**
//! - This folder is the only one that names the AWS SDK, and only [`Client`] calls it.
//! - Every resource is written into the ledger, in its own transaction, *before* the call that makes it, and carries the
//!   id of that row as a tag. So whatever crashes in between, ledger and provider can be compared.
//! - An owner takes a resource ([`activate`]) and lets go of it ([`release`]) in the transaction that changes the owner.
//!   Deleting at the provider follows as a job that is retried until it succeeded.
//! - Nothing that does not carry this installation's tag is ever touched.
//!
//! **Where to start.** [`resource::State`] for the life of a resource, [`create_channel`], then `jobs` and `plan`.

pub mod budget;
pub mod client;
pub mod config;
mod deletion;
pub mod error;
pub mod ingest;
mod janitor;
pub mod jobs;
mod plan;
mod recordings;
pub mod resource;
pub mod rooms;
pub(crate) mod store;
mod streams;

pub use client::{ChannelSpec, Client, CreatedChannel, Latency};
pub use config::{ChannelType, Config, Credentials};
pub use error::{ProviderError, ProviderErrorKind};
pub use ingest::IngestUrls;
pub use janitor::{Leak, leaks};
pub use recordings::recording_configuration;
pub use resource::{Kind, Owner, OwnerKind, Resource, ResourceTags, State};
pub use rooms::{Bearer, Capability, ChatToken};
pub use streams::LiveStream;

use jobs::SettleResource;

use crate::db::Tx;
use crate::{Context, Error};

/// A channel that was made and is not owned yet: [`activate`] it, or it is deleted after the grace period.
pub struct NewChannel {
    /// Id of the ledger row.
    pub resource_id: String,
    /// What the provider made.
    pub created: CreatedChannel,
}

/// A chat room that was made and is not owned yet: [`activate_room`] it, or it is deleted after the grace period.
pub struct NewRoom {
    /// Id of the ledger row.
    pub resource_id: String,
    /// Name of the room at the provider.
    pub arn: String,
}

/// Makes a channel for an owner that is about to be saved.
///
/// *errors*: the provider's, with the cause and its remedy. Nothing is left behind: what may have been made in spite of the
/// error is found by its tag and deleted.
pub async fn create_channel(ctx: &Context, owner: &Owner, purpose: &str, name: &str) -> Result<NewChannel, Failure> {
    let spec = ChannelSpec {
        name,
        kind: ctx.platform.video().config().channel_type,
        latency: Latency::Low,
        recording_configuration_arn: None,
    };
    create_channel_as(ctx, owner, purpose, &spec).await
}

/// Makes a channel of another kind than the configured one, or one that is recorded: as [`create_channel`].
///
/// *errors*: as [`create_channel`].
pub async fn create_channel_as(
    ctx: &Context,
    owner: &Owner,
    purpose: &str,
    spec: &ChannelSpec<'_>,
) -> Result<NewChannel, Failure> {
    let what = Wanted::Channel(spec.kind);
    let (row, tags) = begin(ctx, what, &owner.topic(), purpose, spec.name).await?;
    match ctx.platform.video().create_channel(spec, &tags).await {
        Ok(created) => Ok(NewChannel {
            resource_id: row.id,
            created,
        }),
        Err(error) => Err(refused(ctx, &row, error).await?),
    }
}

/// Makes a chat room for an owner: as [`create_channel`].
///
/// *errors*: as [`create_channel`].
pub async fn create_room(ctx: &Context, owner: &Owner, purpose: &str, name: &str) -> Result<NewRoom, Failure> {
    let (row, tags) = begin(ctx, Wanted::Room, &owner.topic(), purpose, name).await?;
    match ctx.platform.video().create_room(name, &tags).await {
        Ok(arn) => Ok(NewRoom {
            resource_id: row.id,
            arn,
        }),
        Err(error) => Err(refused(ctx, &row, error).await?),
    }
}

async fn refused(ctx: &Context, row: &Resource, error: ProviderError) -> Result<Failure, Error> {
    let leftover = if error.is_outcome_unknown() {
        Leftover::Possible
    } else {
        Leftover::None
    };
    let_go(ctx, &row.id, row.kind, leftover, &error.to_string()).await?;
    Ok(Failure::Provider(error))
}

/// Why there is no new channel.
#[derive(Debug)]
pub enum Failure {
    /// The provider, or our budget for it, said no.
    Provider(ProviderError),
    /// Our own store failed.
    Store(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    /// The error for the caller, who was told `message` in the provider's case.
    pub fn into_error(self, message: &'static str) -> Error {
        match self {
            Self::Store(error) => error,
            Self::Provider(error) => match error.kind {
                ProviderErrorKind::Busy => {
                    Error::unavailable(error.retry_after.map_or(1, |wait| wait.as_secs().max(1)), error)
                }
                _ => Error::provider(message, error),
            },
        }
    }
}

/// Marks a new channel as owned, in the transaction that saves its owner.
///
/// *errors*: [`crate::ErrorKind::Conflict`] when it took so long that the channel was given up meanwhile.
pub async fn activate(tx: &mut Tx, channel: &NewChannel, now_ms: i64) -> Result<(), Error> {
    if own(tx, &channel.resource_id, &channel.created.arn, now_ms).await? {
        return Ok(());
    }
    Err(Error::conflict(
        "The video channel was given up because its creation took too long",
    ))
}

/// Marks a new room as owned: as [`activate`].
///
/// *errors*: as [`activate`].
pub async fn activate_room(tx: &mut Tx, room: &NewRoom, now_ms: i64) -> Result<(), Error> {
    if own(tx, &room.resource_id, &room.arn, now_ms).await? {
        return Ok(());
    }
    Err(Error::conflict(
        "The chat room was given up because its creation took too long",
    ))
}

async fn own(tx: &mut Tx, id: &str, arn: &str, now_ms: i64) -> Result<bool, Error> {
    store::advance(tx.conn(), id, State::Creating, State::Active, Some(arn), now_ms).await
}

/// Lets go of everything an owner has, in the transaction that ends the owner; deletion begins after the commit.
pub async fn release(tx: &mut Tx, owner: &Owner, now_ms: i64) -> Result<(), Error> {
    for resource_id in store::release(tx.conn(), owner, now_ms).await? {
        tx.enqueue(&SettleResource { resource_id }, now_ms).await?;
    }
    Ok(())
}

/// A row of the ledger that stands for nothing at the provider, for owners without video in tests.
#[cfg(any(test, feature = "testing"))]
pub(crate) async fn ledger_row_without_resource(
    connection: &mut sqlx::AnyConnection,
    owner: &Owner,
    id: &str,
    now_ms: i64,
) -> Result<(), Error> {
    let row = Resource {
        id: id.to_owned(),
        kind: Kind::Channel,
        owner: owner.topic(),
        purpose: "test".to_owned(),
        name: owner.topic(),
        state: State::Deleted,
        arn: None,
        attempts: 0,
        last_error: None,
        created_at_ms: now_ms,
        changed_at_ms: now_ms,
    };
    store::insert(connection, &row, None).await
}

/// Lets go of one resource of an owner that keeps its others: as [`release`].
pub async fn release_one(tx: &mut Tx, resource_id: &str, now_ms: i64) -> Result<(), Error> {
    for state in [State::Active, State::Lost] {
        if store::advance(tx.conn(), resource_id, state, State::Deleting, None, now_ms).await? {
            let resource_id = resource_id.to_owned();
            tx.enqueue(&SettleResource { resource_id }, now_ms).await?;
            break;
        }
    }
    Ok(())
}

/// Gives up a new channel whose owner could not be saved.
pub async fn give_up(ctx: &Context, channel: &NewChannel, reason: &str) -> Result<(), Error> {
    let (id, arn) = (&channel.resource_id, &channel.created.arn);
    let_go(ctx, id, Kind::Channel, Leftover::Known(arn), reason).await
}

/// Gives up a new room that its owner has no use for.
pub async fn give_up_room(ctx: &Context, room: &NewRoom, reason: &str) -> Result<(), Error> {
    let (id, arn) = (&room.resource_id, &room.arn);
    let_go(ctx, id, Kind::Room, Leftover::Known(arn), reason).await
}

/// What a failed creation may have left at the provider.
enum Leftover<'a> {
    None,
    Possible,
    Known(&'a str),
}

/// What is about to be asked for.
#[derive(Clone, Copy)]
enum Wanted {
    Channel(ChannelType),
    Room,
    Recording,
}

impl Wanted {
    fn kind(self) -> Kind {
        match self {
            Self::Channel(_) => Kind::Channel,
            Self::Room => Kind::Room,
            Self::Recording => Kind::Recording,
        }
    }

    /// What a channel is made as: its price depends on it.
    fn channel_type(self) -> Option<&'static str> {
        match self {
            Self::Channel(kind) => Some(kind.as_str()),
            Self::Room | Self::Recording => None,
        }
    }
}

async fn begin(
    ctx: &Context,
    what: Wanted,
    owner: &str,
    purpose: &str,
    name: &str,
) -> Result<(Resource, ResourceTags), Error> {
    let begun = begin_once(ctx, what, owner, purpose, name).await?;
    begun.ok_or_else(|| Error::conflict("It is being made already"))
}

/// Writes a row down before the call; `None` when there may be only one of it, and somebody was faster.
async fn begin_once(
    ctx: &Context,
    what: Wanted,
    owner: &str,
    purpose: &str,
    name: &str,
) -> Result<Option<(Resource, ResourceTags)>, Error> {
    // Not the moment of the request: another call to the provider may have come before.
    let now_ms = ctx.platform.environment().now_ms();
    let row = Resource {
        id: ctx.platform.new_id(now_ms),
        kind: what.kind(),
        owner: owner.to_owned(),
        purpose: purpose.to_owned(),
        name: name.to_owned(),
        state: State::Creating,
        arn: None,
        attempts: 0,
        last_error: None,
        created_at_ms: now_ms,
        changed_at_ms: now_ms,
    };
    let tags = ResourceTags {
        installation: ctx.platform.video().config().installation.clone(),
        owner: row.owner.clone(),
        purpose: row.purpose.clone(),
        resource: row.id.clone(),
    };
    let mut tx = ctx.db().begin().await?;
    if !store::insert_if_free(tx.conn(), &row, what.channel_type()).await? {
        tx.rollback().await?;
        return Ok(None);
    }
    // If this process dies before the owner is saved, this job finds the channel and deletes it.
    tx.enqueue(
        &SettleResource {
            resource_id: row.id.clone(),
        },
        now_ms + jobs::grace_ms(&ctx.platform),
    )
    .await?;
    tx.commit().await?;
    ctx.platform.failpoint().reached("video.resource_written");
    Ok(Some((row, tags)))
}

async fn let_go(ctx: &Context, id: &str, kind: Kind, leftover: Leftover<'_>, reason: &str) -> Result<(), Error> {
    let now_ms = ctx.platform.environment().now_ms();
    let (state, arn) = match leftover {
        Leftover::None => (State::Deleted, None),
        Leftover::Possible => (State::Deleting, None),
        Leftover::Known(arn) => (State::Deleting, Some(arn)),
    };
    let mut tx = ctx.db().begin().await?;
    store::abandon(tx.conn(), id, state, arn, reason, now_ms).await?;
    match state {
        State::Deleting => {
            tx.enqueue(
                &SettleResource {
                    resource_id: id.to_owned(),
                },
                now_ms,
            )
            .await?
        }
        _ => tx.cancel_job::<SettleResource>(id).await?,
    }
    tx.commit().await?;
    tracing::warn!(video.resource = id, "a {} was not created: {reason}", kind.noun());
    Ok(())
}
