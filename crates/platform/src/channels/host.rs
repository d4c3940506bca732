//! The channel of a host, for him and for admins.

use super::bookings::{self, Booking};
use super::{Channel, State, assignments};
use crate::db::Tx;
use crate::{Context, Error, broadcasts, id};

/// A host's channel and what he has to know to go live on it.
#[derive(Debug, Clone)]
pub struct HostChannel {
    /// The channel.
    pub channel: Channel,
    /// Its state at this moment.
    pub state: State,
    /// Whether the provider receives a broadcast.
    pub is_on_air: bool,
    /// What viewers see.
    pub video: broadcasts::Video,
    /// Since when it is his, epoch ms.
    pub assigned_at_ms: i64,
    /// His windows on it that are not over, in order.
    pub bookings: Vec<Booking>,
}

pub(super) const NO_CHANNEL: &str = "No channel assigned to this host";
const NOT_YOURS: &str = "You can only see your own channel";

/// The channel of a host.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than the host and admins, [`crate::ErrorKind::NotFound`] when he has
/// none.
pub async fn channel(ctx: &Context, host_user_id: &str) -> Result<HostChannel, Error> {
    let host_user_id = admitted(ctx, host_user_id)?;
    let mut snapshot = ctx.db().snapshot().await?;
    let assignment = assignments::of_host(&mut *snapshot.conn(), &host_user_id)
        .await?
        .ok_or_else(|| Error::not_found(NO_CHANNEL))?;
    let channel = super::find(&mut *snapshot.conn(), &assignment.channel_id)
        .await?
        .ok_or_else(|| Error::not_found(super::NOT_FOUND))?;
    let latest = broadcasts::store::latest(&mut *snapshot.conn(), &channel.arn).await?;
    let is_on_air = latest.as_ref().is_some_and(broadcasts::Broadcast::is_live);
    Ok(HostChannel {
        state: channel.state(is_on_air),
        is_on_air,
        video: broadcasts::Video::of(latest.as_ref(), channel.created_at_ms),
        assigned_at_ms: assignment.assigned_at_ms,
        bookings: bookings::of_host(snapshot.conn(), &channel.id, &host_user_id, ctx.now_ms).await?,
        channel,
    })
}

/// How the video of a host's channel does; the id of the channel comes with it.
///
/// *errors*: as [`channel`].
pub async fn health(ctx: &Context, host_user_id: &str) -> Result<(String, broadcasts::Report), Error> {
    let host_user_id = admitted(ctx, host_user_id)?;
    let assignment = assignments::of_host(ctx.db().read(), &host_user_id)
        .await?
        .ok_or_else(|| Error::not_found(NO_CHANNEL))?;
    let channel = super::find(ctx.db().read(), &assignment.channel_id)
        .await?
        .ok_or_else(|| Error::not_found(super::NOT_FOUND))?;
    Ok((channel.id, broadcasts::health(ctx, &channel.arn).await?))
}

/// The channel of a host, held until the transaction ends, for the host and for admins.
///
/// *errors*: as [`channel`].
pub(super) async fn locked_channel(ctx: &Context, tx: &mut Tx, host_user_id: &str) -> Result<Channel, Error> {
    let host_user_id = admitted(ctx, host_user_id)?;
    let no_channel = || Error::not_found(NO_CHANNEL);
    let assignment = assignments::of_host(&mut *tx.conn(), &host_user_id)
        .await?
        .ok_or_else(no_channel)?;
    let channel = assignments::locked(tx, &assignment.channel_id).await?;
    // Whoever held the channel before us may have taken it from him.
    match assignments::of_host(&mut *tx.conn(), &host_user_id).await? {
        Some(present) if present.channel_id == channel.id => Ok(channel),
        _ => Err(no_channel()),
    }
}

/// The host's id in its one spelling, for himself and for admins.
fn admitted(ctx: &Context, host_user_id: &str) -> Result<String, Error> {
    let host_user_id = id::parse(host_user_id, NO_CHANNEL);
    if ctx.caller.is_admin() {
        return host_user_id;
    }
    let caller = ctx.require_signed_in()?;
    match host_user_id {
        Ok(id) if id == caller => Ok(id),
        _ => Err(Error::forbidden(NOT_YOURS)),
    }
}
