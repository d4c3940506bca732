//! Starting a session: the claim and the row in one commit, then what the provider has to make for it.

use super::model::{NewSession, Session};
use super::view::{Publisher, Row, View};
use super::{ending, jobs, news, store, tend};
use crate::channels::bookings::{self, Refused};
use crate::channels::claims::{self, Taken};
use crate::channels::{self, Claim, assignments};
use crate::db::Tx;
use crate::shows::{self, Show};
use crate::{Context, Error, audit, id};

const NO_SHOW: &str = "Show not found";
const NO_CHANNEL: &str = "No channel assigned to your account. Please contact support.";
const MISCONFIGURED: &str = "Channel configuration error. Please contact support.";
const BUSY: &str = "Channel is currently in use. Please try again later.";
const OFFLINE: &str = "Channel is temporarily unavailable. Please contact support.";
/// Seconds after which it is worth trying a channel again that was out of service.
const OFFLINE_RETRY_S: u64 = 60;

/// Takes the caller's channel for one of his shows. A broadcast that is on air already becomes the session's.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `showId` or `episodeId`; [`crate::ErrorKind::NotFound`] for the show;
/// [`crate::ErrorKind::Forbidden`] for somebody else's show, and with `hostUserId` when no channel is assigned to the caller;
/// [`crate::ErrorKind::Conflict`] with `channelId` and `currentSessionId` while the channel is in use, and with `nextWindow`
/// outside the caller's booked time; [`crate::ErrorKind::Unavailable`] while it is out of service;
/// [`crate::ErrorKind::Internal`] when it is assigned and does not exist; [`crate::ErrorKind::Provider`] when a later step
/// failed: the channel is given back then.
pub async fn create(ctx: &Context, new: NewSession) -> Result<View, Error> {
    let host_user_id = ctx.require_signed_in()?;
    let (show_id, episode_id) = new.validated()?;
    let show_id = id::parse(&show_id, NO_SHOW)?;
    let show = shows::find(ctx.db().read(), &show_id)
        .await?
        .ok_or_else(|| Error::not_found(NO_SHOW))?;
    if show.host_user_id != host_user_id && !ctx.caller.is_admin() {
        return Err(Error::forbidden("You are not the host of this show"));
    }
    let row = begin(ctx, host_user_id, &show, episode_id).await?;
    ctx.platform.failpoint().reached("session.saved");
    if let Err(error) = prepare(ctx).await {
        ending::give_back(ctx, &row).await?;
        return Err(error);
    }
    let (session, channel) = (&row.session, &row.channel);
    tracing::info!(
        session.id = session.id,
        channel.id = session.channel_id,
        "session {} has channel {}",
        session.id,
        channel.name
    );
    super::view(ctx, row).await
}

/// What a session needs at the provider before it is answered; where stages are going to be made. Killed here, the session is
/// ended by its lease.
async fn prepare(ctx: &Context) -> Result<(), Error> {
    ctx.platform
        .failpoint()
        .attempt("session.prepared")
        .map_err(|detail| Error::provider("Failed to create session", detail))
}

/// Claims the channel and writes the session, in one commit.
async fn begin(ctx: &Context, host_user_id: &str, show: &Show, episode_id: Option<String>) -> Result<Row, Error> {
    let unassigned = || Error::forbidden(NO_CHANNEL).with_fact("hostUserId", host_user_id);
    let mut tx = ctx.db().begin().await?;
    let assignment = assignments::of_host(&mut *tx.conn(), host_user_id)
        .await?
        .ok_or_else(unassigned)?;
    let channel_id = assignment.channel_id;
    let Some(channel) = channels::lock(&mut tx, &channel_id).await? else {
        return Err(misconfigured(host_user_id, &channel_id));
    };
    // Read again: assignments of a channel change under its lock only.
    match assignments::of_host(&mut *tx.conn(), host_user_id).await? {
        Some(now) if now.channel_id == channel_id => {}
        _ => return Err(unassigned()),
    }
    // The clock's verdict on the session before is due at its moment, not when its job gets to it.
    if let Some(before) = store::active_on(&mut *tx.conn(), &channel_id).await? {
        tend::settle(&mut tx, ctx, &before, Some(&channel)).await?;
    }
    // Not the moment of the request: it may have waited for the channel.
    let now_ms = tx.now_ms();
    let session = Session {
        id: tx.new_id(),
        host_user_id: host_user_id.to_owned(),
        show_id: show.id.clone(),
        episode_id,
        channel_id,
        created_at_ms: now_ms,
        updated_at_ms: now_ms,
        ended: None,
    };
    let row = take(&mut tx, ctx, session, now_ms).await?;
    news::started(&mut tx, &row, show)?;
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action: "sessions.create",
        target: &channels::topic(&row.session.channel_id),
        detail: Some(&row.session.id),
    })
    .await?;
    ctx.platform.failpoint().reached("session.claimed");
    tx.commit().await?;
    Ok(row)
}

async fn take(tx: &mut Tx, ctx: &Context, session: Session, now_ms: i64) -> Result<Row, Error> {
    let (host, channel_id) = (&session.host_user_id, &session.channel_id);
    let lease_until_ms = now_ms + tend::lease_ms(&ctx.platform);
    let claim = Claim::session(&*session.id, host, now_ms, lease_until_ms);
    let channel = match claims::claim(tx, channel_id, &claim, now_ms).await? {
        Taken::Claimed(channel) => channel,
        Taken::Busy {
            channel_id,
            current_session_id,
        } => {
            let busy = Error::conflict(BUSY).with_fact("channelId", channel_id);
            return Err(busy.with_fact("currentSessionId", current_session_id));
        }
        Taken::Offline => {
            let unavailable = Error::unavailable(OFFLINE_RETRY_S, format_args!("channel {channel_id} is disabled"));
            return Err(Error {
                message: OFFLINE.into(),
                ..unavailable
            });
        }
        Taken::Missing => return Err(misconfigured(host, channel_id)),
    };
    bookings::may_start(&mut *tx.conn(), channel_id, host, now_ms)
        .await?
        .map_err(outside)?;
    store::insert(tx.conn(), &session).await?;
    jobs::plan(tx, &session, lease_until_ms, now_ms).await?;
    Ok(Row {
        channel: channel.into(),
        lease_until_ms: Some(lease_until_ms),
        publisher: Publisher::Silent,
        session,
    })
}

fn misconfigured(host_user_id: &str, channel_id: &str) -> Error {
    let internal = Error::internal(format_args!(
        "channel {channel_id} is assigned to {host_user_id} and does not exist"
    ));
    Error {
        message: MISCONFIGURED.into(),
        ..internal
    }
}

fn outside(refused: Refused) -> Error {
    let window = refused.next_window.map(|window| {
        let written = |at_ms| jiff::Timestamp::from_millisecond(at_ms).ok().map(|at| at.to_string());
        serde_json::json!({ "startsAt": written(window.starts_at_ms), "endsAt": written(window.ends_at_ms) })
    });
    Error::conflict(refused.message).with_fact("nextWindow", window)
}
