//! The event that tells of a channel's state.

use serde_json::json;

use super::Channel;
use crate::db::Tx;
use crate::video::Owner;
use crate::{Error, broadcasts};

/// `channel_update` on the channel's topic and on that of all channels: what a page shows of it that moves.
pub(crate) async fn tell(tx: &mut Tx, channel: &Channel) -> Result<(), Error> {
    let latest = broadcasts::store::latest(&mut *tx.conn(), &channel.arn).await?;
    let is_on_air = latest.is_some_and(|broadcast| broadcast.is_live());
    let now_ms = tx.now_ms();
    let payload = json!({
        "channelId": channel.id,
        "state": channel.state(is_on_air).as_str(),
        "onAir": is_on_air,
        "currentSessionId": channel.current_session_id(),
        "server_time": jiff::Timestamp::from_millisecond(now_ms).map_err(Error::internal)?.to_string(),
        "server_time_ms": now_ms,
    });
    let owner = Owner::channel(&*channel.id);
    tx.publish(&owner.topic(), "channel_update", &payload)?;
    tx.publish(owner.kind.list_topic(), "channel_update", &payload)
}
