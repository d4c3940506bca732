//! The event that tells of a channel's state.

use serde_json::{Value, json};

use super::assignments::Host;
use super::{Channel, lock};
use crate::db::Tx;
use crate::video::{Owner, OwnerKind};
use crate::{Error, broadcasts};

/// Tells of a channel whose being on air has changed; held meanwhile, so that the last of several tellings is true.
pub(crate) async fn retell(tx: &mut Tx, channel_id: &str) -> Result<(), Error> {
    match lock(tx, channel_id).await? {
        Some(channel) => tell(tx, &channel).await,
        None => Ok(()),
    }
}

/// `channel_update` on the channel's topic and on that of all channels: what a page shows of it that moves.
pub(crate) async fn tell(tx: &mut Tx, channel: &Channel) -> Result<(), Error> {
    let payload = payload(tx, channel).await?;
    let owner = Owner::channel(&*channel.id);
    tx.publish(&owner.topic(), "channel_update", &payload)?;
    tx.publish(owner.kind.list_topic(), "channel_update", &payload)
}

/// `channel_update` with the channel's hosts, on the topic of all channels only: who they are is for admins.
pub(super) async fn tell_hosts(tx: &mut Tx, channel: &Channel, hosts: &[Host]) -> Result<(), Error> {
    let mut payload = payload(tx, channel).await?;
    let host = |host: &Host| json!({ "hostUserId": host.user_id, "name": host.name });
    payload["hosts"] = hosts.iter().map(host).collect();
    tx.publish(OwnerKind::Channel.list_topic(), "channel_update", &payload)
}

async fn payload(tx: &mut Tx, channel: &Channel) -> Result<Value, Error> {
    let latest = broadcasts::store::latest(&mut *tx.conn(), &channel.arn).await?;
    let is_on_air = latest.is_some_and(|broadcast| broadcast.is_live());
    let now_ms = tx.now_ms();
    Ok(json!({
        "channelId": channel.id,
        "state": channel.state(is_on_air).as_str(),
        "onAir": is_on_air,
        "currentSessionId": channel.current_session_id(),
        "server_time": jiff::Timestamp::from_millisecond(now_ms).map_err(Error::internal)?.to_string(),
        "server_time_ms": now_ms,
    }))
}
