//! What happens between start and end: being heard of, and what follows when a session is not.

use super::model::{EndCause, Ended, Verdict, judge};
use super::view::{Publisher, Row};
use super::{NOT_FOUND, ending, own, store};
use crate::channels::{self, Channel, bookings, claims};
use crate::db::Tx;
use crate::{Context, Error, Platform};

const OVER: &str = "Session has ended";

/// How long a session holds its channel from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The session.
    pub session_id: String,
    /// Epoch ms.
    pub until_ms: i64,
}

/// What came of looking at a session that runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// It is over now.
    Ended,
    /// It goes on.
    Held {
        /// When to look again, epoch ms.
        look_at_ms: i64,
    },
}

/// Hears of a session's host: its lease begins anew.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than its host and admins,
/// [`crate::ErrorKind::Conflict`] when it is over, also when it is so from now on because another host's booked time began.
pub async fn heartbeat(ctx: &Context, id: &str) -> Result<Lease, Error> {
    let row = own(ctx, id).await?;
    let mut tx = ctx.db().begin().await?;
    let channel = channels::lock(&mut tx, &row.session.channel_id).await?;
    let row = store::find(&mut *tx.conn(), &row.session.id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    if row.session.ended.is_some() {
        return Err(Error::conflict(OVER));
    }
    let until_ms = tx.now_ms() + lease_ms(&ctx.platform);
    // Heard of first: a heartbeat that comes before anybody looked is in time.
    let session_id = row.session.id.clone();
    claims::renew(&mut tx, &row.session.channel_id, &session_id, until_ms).await?;
    let row = Row {
        lease_until_ms: row.lease_until_ms.map(|_| until_ms),
        ..row
    };
    let settled = settle(&mut tx, ctx, &row, channel.as_ref()).await?;
    tx.commit().await?;
    match settled {
        Settled::Held { .. } => Ok(Lease { session_id, until_ms }),
        Settled::Ended => Err(Error::conflict(OVER)),
    }
}

/// Brings a session that runs in line with the clock, under its channel's lock: ends it, or moves its lease.
pub(super) async fn settle(tx: &mut Tx, ctx: &Context, row: &Row, channel: Option<&Channel>) -> Result<Settled, Error> {
    let (session, now_ms) = (&row.session, tx.now_ms());
    let claim = channel.and_then(|channel| channel.claim.as_ref());
    let mut shown = store::streaming(&mut *tx.conn(), &[&session.id], now_ms).await?;
    let streaming = shown.remove(&session.id).unwrap_or_default();
    let verdict = match (claim, row.lease_until_ms) {
        (Some(claim), Some(lease_until_ms)) if claim.id == session.id => {
            let (channel_id, host) = (&session.channel_id, &session.host_user_id);
            let foreign = bookings::next_foreign_start(&mut *tx.conn(), channel_id, host, now_ms).await?;
            judge(lease_until_ms, lease_ms(&ctx.platform), &streaming, foreign, now_ms)
        }
        // The channel was taken away from it.
        _ => Verdict::Over(EndCause::Operator),
    };
    match verdict {
        Verdict::Over(cause) => {
            let publisher = if streaming.is_live {
                Publisher::Left
            } else {
                Publisher::Silent
            };
            let ended = Ended {
                at_ms: now_ms,
                cause,
                by: None,
            };
            ending::finish(tx, row, &ended, &publisher).await?;
            Ok(Settled::Ended)
        }
        Verdict::Held { until_ms, look_at_ms } => {
            if row.lease_until_ms != Some(until_ms) {
                claims::renew(tx, &session.channel_id, &session.id, until_ms).await?;
            }
            Ok(Settled::Held { look_at_ms })
        }
    }
}

/// How long a session holds its channel after it was last heard of.
pub(super) fn lease_ms(platform: &Platform) -> i64 {
    i64::try_from(platform.config().channels.session_lease.as_millis()).unwrap_or(i64::MAX / 2)
}
