//! Making a channel: a saga of a place in the pool, a channel at the provider, and a row.

use super::capacity::{self, Capacity, Reservation};
use super::model::{Channel, NewChannel, ivs_name};
use super::{news, store, topic};
use crate::video::{self, ChannelSpec, ChannelType, Failure, Latency, Owner, ProviderErrorKind};
use crate::{Context, Error, Role, Secret, audit, broadcasts};

const PURPOSE: &str = "persistent channel";
const NO_BUCKET: &str = "Recording is not set up: set channels.recording_bucket, or send recordingEnabled false";
const NOT_RECORDABLE: &str =
    "Failed to configure recording; send recordingEnabled false to create the channel without it";
/// Seconds after which a full pool is worth another try: somebody has to delete a channel first.
const FULL_RETRY_S: u64 = 600;

/// Why there is no new channel.
#[derive(Debug)]
pub enum CreateError {
    /// Every place of the pool, or the provider's quota, is used up.
    Full {
        /// Channels there are, with those being made.
        current: i64,
        /// Channels there may be.
        max: i64,
        /// What the provider said, when it was its quota.
        cause: Option<String>,
    },
    /// Anything else.
    Failed(Error),
}

impl From<Error> for CreateError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<CreateError> for Error {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Failed(error) => error,
            CreateError::Full { current, max, cause } => {
                let full = Self::limit_reached("Maximum channel limit reached", FULL_RETRY_S)
                    .with_fact("currentCount", current)
                    .with_fact("maxLimit", max);
                match cause {
                    Some(cause) => full.with_detail(cause),
                    None => full,
                }
            }
        }
    }
}

/// Makes a channel that stays until somebody deletes it.
///
/// *errors*: [`CreateError::Full`]; [`crate::ErrorKind::Forbidden`] for others than admins, [`crate::ErrorKind::Invalid`]
/// with the field, [`crate::ErrorKind::Provider`] with the provider's cause; nothing is left behind then.
pub async fn create(ctx: &Context, input: NewChannel) -> Result<Channel, CreateError> {
    ctx.require_role(Role::Admin)?;
    create_as(ctx, &ctx.new_id(), input).await
}

/// Makes the channel of this id, or finds it made: whoever remembers the id may ask again after a crash.
///
/// *errors*: as [`create`].
pub(crate) async fn create_as(ctx: &Context, channel_id: &str, input: NewChannel) -> Result<Channel, CreateError> {
    let input = input.validated()?;
    if let Some(channel) = store::find(ctx.db().read(), channel_id).await? {
        return Ok(channel);
    }
    let reservation = match capacity::reserve(ctx, channel_id).await? {
        Ok(reservation) => reservation,
        Err(Capacity { current, max }) => {
            let cause = None;
            return Err(CreateError::Full { current, max, cause });
        }
    };
    ctx.platform.failpoint().reached("channel.reserved");
    let made = make(ctx, channel_id, input, &reservation).await;
    if made.is_err() {
        capacity::give_back(ctx, &reservation).await?;
    }
    made
}

async fn make(
    ctx: &Context,
    channel_id: &str,
    input: NewChannel,
    reservation: &Reservation,
) -> Result<Channel, CreateError> {
    let recording_configuration_arn = recording(ctx, input.recording_enabled).await?;
    let owner = Owner::channel(channel_id);
    let ivs_name = ivs_name(&input.name, channel_id);
    let spec = ChannelSpec {
        name: &ivs_name,
        kind: ChannelType::Standard,
        latency: Latency::Low,
        recording_configuration_arn: recording_configuration_arn.as_deref(),
    };
    let new = match video::create_channel_as(ctx, &owner, PURPOSE, &spec).await {
        Ok(new) => new,
        Err(failure) => return Err(refused(ctx, failure).await?),
    };
    ctx.platform.failpoint().reached("channel.created");
    // The provider may have taken seconds.
    let now_ms = ctx.platform.environment().now_ms();
    let channel = Channel {
        id: channel_id.to_owned(),
        name: input.name,
        ivs_name: ivs_name.clone(),
        arn: new.created.arn.clone(),
        playback_url: new.created.playback_url.clone(),
        ingest_endpoint: new.created.ingest_endpoint.clone(),
        resource_id: new.resource_id.clone(),
        recording_enabled: input.recording_enabled,
        recording_configuration_arn,
        disabled_at_ms: None,
        claim: None,
        sessions_ended: 0,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
    };
    match save(ctx, &channel, &new, reservation).await {
        Ok(true) => {}
        Ok(false) => return another(ctx, channel_id, &new).await,
        Err(error) => {
            video::give_up(ctx, &new, &format!("the channel was not saved: {error}")).await?;
            return Err(error.into());
        }
    }
    ctx.platform.failpoint().reached("channel.saved");
    tracing::info!(
        channel.id = channel_id,
        channel.arn = channel.arn,
        "channel {channel_id} is made"
    );
    Ok(channel)
}

/// How a channel is recorded, for those that shall be.
async fn recording(ctx: &Context, is_wanted: bool) -> Result<Option<String>, Error> {
    if !is_wanted {
        return Ok(None);
    }
    let Some(bucket) = &ctx.platform.config().channels.recording_bucket else {
        return Err(Error::invalid("recordingEnabled", NO_BUCKET));
    };
    let arn = video::recording_configuration(ctx, bucket).await;
    arn.map(Some).map_err(|failure| failure.into_error(NOT_RECORDABLE))
}

/// Saves the channel. False when somebody else made the channel of this id meanwhile.
async fn save(
    ctx: &Context,
    channel: &Channel,
    new: &video::NewChannel,
    reservation: &Reservation,
) -> Result<bool, Error> {
    let stream_key = Secret::new(new.created.stream_key.clone());
    let sealed = ctx
        .platform
        .seal()
        .seal(&stream_key_purpose(&channel.id), &stream_key)?;
    let mut tx = ctx.db().begin().await?;
    video::activate(&mut tx, new, channel.created_at_ms).await?;
    if !store::insert(tx.conn(), channel, &sealed).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    capacity::take(&mut tx, reservation).await?;
    broadcasts::jobs::expect(&mut tx, channel.created_at_ms).await?;
    news::tell(&mut tx, channel).await?;
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action: "channels.create",
        target: &topic(&channel.id),
        detail: Some(&channel.name),
    })
    .await?;
    tx.commit().await?;
    Ok(true)
}

async fn another(ctx: &Context, channel_id: &str, new: &video::NewChannel) -> Result<Channel, CreateError> {
    video::give_up(ctx, new, "the channel was made by somebody else meanwhile").await?;
    let channel = store::find(ctx.db().read(), channel_id).await?;
    Ok(channel.ok_or_else(|| Error::conflict("The channel was made and deleted meanwhile"))?)
}

async fn refused(ctx: &Context, failure: Failure) -> Result<CreateError, Error> {
    match failure {
        Failure::Provider(error) if error.kind == ProviderErrorKind::Quota => {
            let Capacity { current, max } = capacity::now(ctx).await?;
            let cause = Some(error.to_string());
            Ok(CreateError::Full { current, max, cause })
        }
        failure => Ok(CreateError::Failed(failure.into_error("Failed to create IVS channel"))),
    }
}

/// What a channel's stream key is sealed for.
pub fn stream_key_purpose(channel_id: &str) -> String {
    format!("channel-stream-key:{channel_id}")
}
