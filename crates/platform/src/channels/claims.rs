//! Who uses a channel: taken by one statement, so that of many who try at the same moment one succeeds.

use super::model::{Channel, Claim, ClaimKind};
use super::{news, store};
use crate::Error;
use crate::db::Tx;

/// What came of trying to claim a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "it lives from the call to the match")]
pub(crate) enum Taken {
    /// It is claimed now; the channel as it is with the claim.
    Claimed(Channel),
    /// Somebody else has it.
    Busy {
        /// The channel.
        channel_id: String,
        /// Whose session has it, where that is known.
        current_session_id: Option<String>,
    },
    /// It is out of service.
    Offline,
    /// There is no such channel.
    Missing,
}

/// Claims a channel that nobody has and tells its watchers.
pub(crate) async fn claim(tx: &mut Tx, channel_id: &str, claim: &Claim, now_ms: i64) -> Result<Taken, Error> {
    let is_taken = store::claim(tx.conn(), channel_id, claim, now_ms).await?;
    // A statement of its own: what was committed while the claim waited for its turn counts.
    let Some(channel) = store::find(&mut *tx.conn(), channel_id).await? else {
        return Ok(Taken::Missing);
    };
    if is_taken {
        if claim.kind == ClaimKind::Session {
            store::begin_use(tx.conn(), channel_id, claim).await?;
        }
        news::tell(tx, &channel).await?;
        return Ok(Taken::Claimed(channel));
    }
    if channel.disabled_at_ms.is_some() {
        return Ok(Taken::Offline);
    }
    Ok(Taken::Busy {
        current_session_id: channel.current_session_id().map(str::to_owned),
        channel_id: channel.id,
    })
}

/// Gives a claim until `lease_until_ms`. False when the channel is not claimed by it (any more).
pub(crate) async fn renew(tx: &mut Tx, channel_id: &str, claim_id: &str, lease_until_ms: i64) -> Result<bool, Error> {
    store::renew(tx.conn(), channel_id, claim_id, lease_until_ms).await
}

/// Gives a channel back and tells its watchers. `counts_session`: a session is over and counts as a broadcast; otherwise it
/// is as if the claim had never been.
///
/// False when the channel is not claimed by this claim (any more): then nothing was changed and nothing counted.
pub(crate) async fn release(
    tx: &mut Tx,
    channel_id: &str,
    claim_id: &str,
    now_ms: i64,
    counts_session: bool,
) -> Result<bool, Error> {
    if !store::release(tx.conn(), channel_id, claim_id, now_ms, counts_session).await? {
        return Ok(false);
    }
    if counts_session {
        store::end_use(tx.conn(), channel_id, claim_id, now_ms).await?;
    } else {
        store::forget_use(tx.conn(), channel_id, claim_id).await?;
    }
    if let Some(channel) = store::find(&mut *tx.conn(), channel_id).await? {
        news::tell(tx, &channel).await?;
    }
    Ok(true)
}
