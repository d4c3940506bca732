//! Ending a session: its row, the claim and what follows in one commit, once.

use super::jobs::TendSession;
use super::model::{EndCause, Ended};
use super::view::{Closing, Publisher, Row};
use super::{NOT_FOUND, news, own, store, tend};
use crate::channels::{self, Channel, claims};
use crate::db::Tx;
use crate::{Context, Error, audit};

/// Ends a session and gives its channel back; a session that is over stays as it ended. With `stops_publisher`, the encoder is
/// disconnected first, while the channel is still the session's; one that connects again is let in.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than its host and admins.
pub async fn end(ctx: &Context, id: &str, stops_publisher: bool) -> Result<Closing, Error> {
    let row = own(ctx, id).await?;
    if row.session.ended.is_some() {
        return Ok(row.closing());
    }
    let stopped = match stops_publisher {
        true => stop(ctx, &row).await?,
        false => None,
    };
    let cause = if ctx.caller.id() == Some(&*row.session.host_user_id) {
        EndCause::Host
    } else {
        EndCause::Admin
    };
    let mut tx = ctx.db().begin().await?;
    channels::lock(&mut tx, &row.session.channel_id).await?;
    let ended = Ended {
        at_ms: tx.now_ms(),
        cause,
        by: ctx.caller.id().map(str::to_owned),
    };
    let publisher = match stopped {
        Some(publisher) => publisher,
        None => left(&mut tx, &row).await?,
    };
    if finish(&mut tx, &row, &ended, &publisher).await? {
        tx.audit(audit::Entry {
            actor: &ctx.caller,
            action: "sessions.end",
            target: &channels::topic(&row.session.channel_id),
            detail: Some(&row.session.id),
        })
        .await?;
    }
    ctx.platform.failpoint().reached("session.end_begun");
    tx.commit().await?;
    ctx.platform.failpoint().reached("session.ended");
    let row = store::find(ctx.db().read(), &row.session.id).await?;
    Ok(row.ok_or_else(|| Error::not_found(NOT_FOUND))?.closing())
}

/// Ends the session that holds a channel, because an admin takes the channel away; called under the channel's lock, in the
/// transaction that does so. False when no session holds it.
pub(crate) async fn end_by_operator(tx: &mut Tx, ctx: &Context, channel: &Channel) -> Result<bool, Error> {
    match store::active_on(&mut *tx.conn(), &channel.id).await? {
        Some(row) => take_back(tx, ctx, &row).await,
        None => Ok(false),
    }
}

/// Ends the session of a host who loses his channel: as [`end_by_operator`].
pub(crate) async fn end_of_host(
    tx: &mut Tx,
    ctx: &Context,
    channel_id: &str,
    host_user_id: &str,
) -> Result<bool, Error> {
    let running = store::active_on(&mut *tx.conn(), channel_id).await?;
    match running.filter(|row| row.session.host_user_id == host_user_id) {
        Some(row) => take_back(tx, ctx, &row).await,
        None => Ok(false),
    }
}

async fn take_back(tx: &mut Tx, ctx: &Context, row: &Row) -> Result<bool, Error> {
    let ended = Ended {
        at_ms: tx.now_ms(),
        cause: EndCause::Operator,
        by: ctx.caller.id().map(str::to_owned),
    };
    let publisher = left(tx, row).await?;
    finish(tx, row, &ended, &publisher).await
}

/// Gives the channel of a session back that could not be prepared: it is as if there had been none.
pub(super) async fn give_back(ctx: &Context, row: &Row) -> Result<(), Error> {
    let mut tx = ctx.db().begin().await?;
    channels::lock(&mut tx, &row.session.channel_id).await?;
    let ended = Ended {
        at_ms: tx.now_ms(),
        cause: EndCause::Failed,
        by: None,
    };
    finish(&mut tx, row, &ended, &Publisher::Silent).await?;
    tx.commit().await
}

/// Ends a session under its channel's lock. False when it is over already: then nothing was changed and nothing counted.
pub(super) async fn finish(tx: &mut Tx, row: &Row, ended: &Ended, publisher: &Publisher) -> Result<bool, Error> {
    let session = &row.session;
    if !store::end(tx.conn(), &session.id, ended, publisher).await? {
        return Ok(false);
    }
    let counts = ended.cause.counts();
    claims::release(tx, &session.channel_id, &session.id, ended.at_ms, counts).await?;
    tx.cancel_job::<TendSession>(&session.id).await?;
    let mut shown = store::streaming(&mut *tx.conn(), &[&session.id], ended.at_ms).await?;
    let minutes = shown.remove(&session.id).unwrap_or_default().minutes();
    news::ended(tx, row, ended, minutes).await?;
    tracing::info!(
        session.id = session.id,
        channel.id = session.channel_id,
        minutes,
        "session {} is over after {minutes} min on air: {}",
        session.id,
        ended.cause.as_str()
    );
    Ok(true)
}

async fn left(tx: &mut Tx, row: &Row) -> Result<Publisher, Error> {
    let now_ms = tx.now_ms();
    let shown = store::streaming(&mut *tx.conn(), &[&row.session.id], now_ms).await?;
    let is_live = shown.get(&row.session.id).is_some_and(|streaming| streaming.is_live);
    Ok(if is_live { Publisher::Left } else { Publisher::Silent })
}

/// Disconnects the encoder; `None` when the channel is no longer the session's, and whoever publishes is somebody else.
async fn stop(ctx: &Context, row: &Row) -> Result<Option<Publisher>, Error> {
    let mut tx = ctx.db().begin().await?;
    let until_ms = tx.now_ms() + tend::lease_ms(&ctx.platform);
    // Renewed, so that it does not run out while the provider is asked.
    let is_ours = claims::renew(&mut tx, &row.session.channel_id, &row.session.id, until_ms).await?;
    tx.commit().await?;
    if !is_ours {
        return Ok(None);
    }
    let stopped = ctx.platform.video().stop_stream(&row.channel.arn).await;
    Ok(Some(match stopped {
        Ok(()) => Publisher::Stopped,
        Err(error) => Publisher::Failed(error.to_string()),
    }))
}
