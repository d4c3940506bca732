//! Who may broadcast on which channel.
//!
//! **Invariants**
//! - A host has one channel at most; several hosts may share one ([`super::bookings`]).
//! - Nothing of the channel is copied: whoever needs it reads the channel, so nothing goes stale.
//! - Unassigning takes the stream key away in the same commit: from then on nobody is shown the old one, and
//!   [`super::keys`] sees to it that it opens nothing, also after a crash.
//!
//! **Where to start.** [`assign`], [`unassign`].

mod store;

use std::collections::HashMap;

use sqlx::{AnyConnection, AnyExecutor};

use super::{Channel, bookings, keys, news, topic};
use crate::db::Tx;
use crate::notifications::{self, NewNotification};
use crate::{Context, Error, Role, accounts, audit, id, sessions};

/// A host's channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The host's account.
    pub host_user_id: String,
    /// His channel.
    pub channel_id: String,
    /// Since when, epoch ms.
    pub assigned_at_ms: i64,
    /// Who did it: id of an account or service key, or `system`.
    pub assigned_by: String,
}

/// A host of a channel, for the list of channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// His account.
    pub user_id: String,
    /// Display name.
    pub name: String,
    /// E-mail address.
    pub email: String,
    /// Since when, epoch ms.
    pub assigned_at_ms: i64,
    /// Who did it: id of an account or service key, or `system`.
    pub assigned_by: String,
}

/// How the host is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssignTo {
    /// By the id of his account.
    UserId(String),
    /// By his e-mail address.
    Email(String),
}

const HAS_ANOTHER: &str = "Host already has a channel assigned";
pub(super) const NOT_ASSIGNED: &str = "Channel is not assigned to this host";
const NO_USER: &str = "User not found";

/// Gives a host a channel, and tells him. The same again changes nothing.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins, [`crate::ErrorKind::NotFound`] for an unknown channel
/// or person, [`crate::ErrorKind::Conflict`] with `channelId` when he has another.
pub async fn assign(ctx: &Context, channel_id: &str, to: &AssignTo) -> Result<Assignment, Error> {
    ctx.require_role(Role::Admin)?;
    let channel_id = id::parse(channel_id, super::NOT_FOUND)?;
    let host = match to {
        AssignTo::UserId(user_id) => accounts::open_account(ctx, &id::parse(user_id, NO_USER)?)
            .await?
            .ok_or_else(|| Error::not_found(NO_USER))?,
        AssignTo::Email(email) => open(accounts::find_by_email(ctx, email).await?)?,
    };
    let mut tx = ctx.db().begin().await?;
    let assignment = assign_in(&mut tx, ctx, &channel_id, &host.id).await?;
    tx.commit().await?;
    accounts::forget_callers(ctx);
    Ok(assignment)
}

/// Takes a channel from a host: his windows on it go, his session on it ends, its stream key stops working and whoever
/// publishes with it is cut off. The other hosts of the channel get a new key.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins, [`crate::ErrorKind::NotFound`] for an unknown channel
/// or when it is not this host's.
pub async fn unassign(ctx: &Context, channel_id: &str, host_user_id: &str) -> Result<(), Error> {
    ctx.require_role(Role::Admin)?;
    let channel_id = id::parse(channel_id, super::NOT_FOUND)?;
    let mut tx = ctx.db().begin().await?;
    let channel = locked(&mut tx, &channel_id).await?;
    let host_user_id = id::parse(host_user_id, NOT_ASSIGNED)?;
    if !store::remove(tx.conn(), &channel_id, &host_user_id).await? {
        return Err(Error::not_found(NOT_ASSIGNED));
    }
    bookings::give_up(&mut tx, &channel_id, &host_user_id, ctx.now_ms).await?;
    sessions::end_of_host(&mut tx, ctx, &channel_id, &host_user_id).await?;
    let hold = keys::revoke(&mut tx, ctx, &channel.id).await?;
    note(ctx, &mut tx, "channels.unassign", &channel_id, &host_user_id).await?;
    tell(&mut tx, &channel, &host_user_id, false, ctx.now_ms).await?;
    tell_admins(&mut tx, &channel_id).await?;
    tx.commit().await?;
    ctx.platform.failpoint().reached("key.change_planned");
    // The host is out whatever the provider says: what fails here is repeated by the job until it succeeds.
    if let Some(hold) = hold {
        keys::replace_now(ctx, &hold).await.ok();
    }
    Ok(())
}

/// The channel of a host, if he has one.
pub(crate) async fn of_host(executor: impl AnyExecutor<'_>, host_user_id: &str) -> Result<Option<Assignment>, Error> {
    store::of_host(executor, host_user_id).await
}

/// Gives a host a channel inside a larger change, as [`assign`] does.
///
/// *errors*: [`crate::ErrorKind::NotFound`] for an unknown channel, [`crate::ErrorKind::Conflict`] with `channelId` when he
/// has another.
pub(crate) async fn assign_in(
    tx: &mut Tx,
    ctx: &Context,
    channel_id: &str,
    host_user_id: &str,
) -> Result<Assignment, Error> {
    let channel = locked(tx, channel_id).await?;
    let assignment = Assignment {
        host_user_id: host_user_id.to_owned(),
        channel_id: channel_id.to_owned(),
        assigned_at_ms: ctx.now_ms,
        assigned_by: actor(ctx),
    };
    if !store::insert(tx.conn(), &assignment).await? {
        return match store::of_host(&mut *tx.conn(), host_user_id).await? {
            Some(present) if present.channel_id == channel_id => Ok(present),
            Some(other) => Err(Error::conflict(HAS_ANOTHER).with_fact("channelId", other.channel_id)),
            // It was there a moment ago.
            None => Err(Error::conflict("The host was unassigned meanwhile, try again")),
        };
    }
    // Without the role he could not make the show that a session needs.
    accounts::make_host(tx, ctx, host_user_id).await?;
    note(ctx, tx, "channels.assign", channel_id, host_user_id).await?;
    tell(tx, &channel, host_user_id, true, ctx.now_ms).await?;
    tell_admins(tx, channel_id).await?;
    Ok(assignment)
}

/// The hosts of these channels, with one statement.
pub(crate) async fn hosts_of(
    executor: impl AnyExecutor<'_>,
    channel_ids: &[&str],
) -> Result<HashMap<String, Vec<Host>>, Error> {
    if channel_ids.is_empty() {
        return Ok(HashMap::new());
    }
    store::hosts_of(executor, channel_ids).await
}

/// The host of that id, if this channel is his.
pub(super) async fn host_of(
    connection: &mut AnyConnection,
    channel_id: &str,
    host_user_id: &str,
) -> Result<Option<Host>, Error> {
    let hosts = store::hosts_of(connection, &[channel_id]).await?;
    let mut hosts = hosts.into_values().flatten();
    Ok(hosts.find(|host| host.user_id == host_user_id))
}

/// Who makes a change, as it is written beside it.
pub(super) fn actor(ctx: &Context) -> String {
    ctx.caller.id().unwrap_or("system").to_owned()
}

fn open(found: accounts::Found) -> Result<accounts::Account, Error> {
    match found.is_open {
        true => Ok(found.account),
        false => Err(Error::not_found(NO_USER)),
    }
}

/// The channel, held until the transaction ends.
///
/// *errors*: [`crate::ErrorKind::NotFound`].
pub(super) async fn locked(tx: &mut Tx, channel_id: &str) -> Result<Channel, Error> {
    let channel = super::lock(tx, channel_id).await?;
    channel.ok_or_else(|| Error::not_found(super::NOT_FOUND))
}

/// Tells admins who the hosts are, and the state as it is now: the end of a session may have changed it.
async fn tell_admins(tx: &mut Tx, channel_id: &str) -> Result<(), Error> {
    let channel = super::find(&mut *tx.conn(), channel_id).await?;
    let channel = channel.ok_or_else(|| Error::not_found(super::NOT_FOUND))?;
    let mut hosts = store::hosts_of(&mut *tx.conn(), &[channel_id]).await?;
    news::tell_hosts(tx, &channel, &hosts.remove(channel_id).unwrap_or_default()).await
}

async fn note(
    ctx: &Context,
    tx: &mut Tx,
    action: &'static str,
    channel_id: &str,
    host_user_id: &str,
) -> Result<(), Error> {
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action,
        target: &topic(channel_id),
        detail: Some(host_user_id),
    })
    .await
}

async fn tell(tx: &mut Tx, channel: &Channel, host_user_id: &str, is_assigned: bool, now_ms: i64) -> Result<(), Error> {
    let name = &channel.name;
    let (kind, title, text) = if is_assigned {
        (
            "channel_assigned",
            format!("{name} is your channel now"),
            "Your page shows how to go live on it.",
        )
    } else {
        (
            "channel_unassigned",
            format!("{name} is no longer your channel"),
            "Its stream key has stopped working. Ask an administrator if this is a surprise.",
        )
    };
    let new = NewNotification {
        account_id: host_user_id.to_owned(),
        kind,
        // Each time is a notice of its own: a host may come and go.
        subject_key: format!("{kind}:{}:{now_ms}", channel.id),
        title,
        text: text.to_owned(),
        href: "/ui/my-channel".to_owned(),
    };
    notifications::notify(tx, new).await?;
    Ok(())
}

#[cfg(test)]
mod tests;
