//! Deleting a channel that nobody uses and nobody is assigned to.

use serde_json::json;

use super::switch::{is_on_air, refusal};
use super::{NOT_FOUND, assignments, find, lock, store, topic};
use crate::video::{self, Owner};
use crate::{Context, Error, Role, audit, broadcasts, id};

/// Deletes a channel: its key at once, the rest at the provider after the commit, repeated until it is gone.
///
/// *errors*: [`crate::ErrorKind::NotFound`]; [`crate::ErrorKind::Forbidden`] for others than admins;
/// [`crate::ErrorKind::Conflict`] while it is claimed or on air, and while it has hosts.
pub async fn delete(ctx: &Context, channel_id: &str) -> Result<(), Error> {
    ctx.require_role(Role::Admin)?;
    let channel_id = id::parse(channel_id, NOT_FOUND)?;
    let missing = || Error::not_found(NOT_FOUND);
    let mut tx = ctx.db().begin().await?;
    let channel = find(&mut *tx.conn(), &channel_id).await?.ok_or_else(missing)?;
    // News of the channel's stream takes these two in the same order.
    broadcasts::store::lock_channel(tx.conn(), &channel.arn).await?;
    let channel = lock(&mut tx, &channel_id).await?.ok_or_else(missing)?;
    if channel.claim.is_some() || is_on_air(&mut tx, &channel).await? {
        return Err(refusal("Channel is live", &channel));
    }
    let hosts = assignments::hosts_of(&mut *tx.conn(), &[&channel_id]).await?;
    let hosts: Vec<String> = hosts.into_values().flatten().map(|host| host.user_id).collect();
    if !hosts.is_empty() {
        return Err(Error::conflict("Channel is assigned").with_fact("hostUserIds", hosts));
    }
    store::delete(tx.conn(), &channel_id, ctx.now_ms).await?;
    let owner = Owner::channel(&*channel_id);
    video::release(&mut tx, &owner, ctx.now_ms).await?;
    let payload = json!({ "channelId": channel_id });
    tx.publish(&owner.topic(), "channel_deleted", &payload)?;
    tx.publish(owner.kind.list_topic(), "channel_deleted", &payload)?;
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action: "channels.delete",
        target: &topic(&channel_id),
        detail: Some(&channel.name),
    })
    .await?;
    tx.commit().await?;
    tracing::info!(channel.id = channel_id, "channel {channel_id} is deleted");
    Ok(())
}
