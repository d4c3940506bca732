//! Keeping order: the seller and administrators do.

use super::model::{FOREVER_MS, Measure, Member, Part, Restriction};
use super::{LOCKED, NOT_FOUND, part, refusal, store};
use crate::db::Tx;
use crate::video::{Owner, ProviderErrorKind};
use crate::{Context, Error, audit, id};

/// Characters of a reason at most; the provider takes 256, everybody in the room may read it.
pub const REASON_CHARS_MAX: usize = 200;
/// Longest measure that is not for good: 30 days, longer than any auction.
pub const MINUTES_MAX: i64 = 30 * 24 * 60;
/// Restrictions in one answer at most; the latest come first.
const RESTRICTIONS_MAX: i64 = 500;
/// Characters of a public id or a message's id at most; ours have fewer than 30, the provider's 12.
const ID_CHARS_MAX: usize = 128;

/// A measure against somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Public id of whom it concerns.
    pub user_id: String,
    /// How long, 1 to [`MINUTES_MAX`]; `None` for good.
    pub minutes: Option<i64>,
    /// What for.
    pub reason: Option<String>,
}

/// Takes a message back, for everybody in the room and in what is kept. A second time changes nothing.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than the seller and administrators,
/// [`crate::ErrorKind::Invalid`] naming `reason`, [`crate::ErrorKind::Provider`]; nothing changed then.
pub async fn delete_message(
    ctx: &Context,
    auction_id: &str,
    message_id: &str,
    reason: Option<String>,
) -> Result<(), Error> {
    let chair = chair(ctx, auction_id).await?;
    let reason = checked_reason(reason)?;
    if message_id.chars().count() > ID_CHARS_MAX
        || store::seq_of(ctx.db().read(), &chair.auction_id, message_id)
            .await?
            .is_none()
    {
        return Err(Error::not_found("Message not found"));
    }
    // The room first: should it fail, the message is still there for another try.
    if let Some(room) = chair.room.as_ref().filter(|_| chair.is_live) {
        let told = ctx
            .platform
            .video()
            .delete_message(&room.arn, message_id, reason.as_deref())
            .await;
        match told {
            Err(error) if error.kind == ProviderErrorKind::NotFound => {}
            told => told.map_err(|error| refusal("Failed to delete the message", error))?,
        }
    }
    let mut tx = ctx.db().begin().await?;
    if store::delete_line(tx.conn(), &chair.auction_id, message_id).await? {
        super::listener::publish(&mut tx, &chair.auction_id, &[], &[message_id])?;
    }
    note(
        ctx,
        &mut tx,
        &chair,
        "chat.delete_message",
        message_id,
        reason.as_deref(),
    )
    .await?;
    tx.commit().await
}

/// Mutes or bans somebody, at once: their connections end, and what they get next is what they may.
///
/// *errors*: [`crate::ErrorKind::NotFound`] also for people who never were in this chat, [`crate::ErrorKind::Forbidden`] for
/// others than the seller and administrators and against whom only an administrator may act,
/// [`crate::ErrorKind::Conflict`] when the auction has ended, [`crate::ErrorKind::Invalid`],
/// [`crate::ErrorKind::Provider`] when the measure stands and the connections could not be ended.
pub async fn restrict(ctx: &Context, auction_id: &str, measure: Measure, order: Order) -> Result<(), Error> {
    let until_ms = match order.minutes {
        None => FOREVER_MS,
        Some(minutes) if (1..=MINUTES_MAX).contains(&minutes) => ctx.now_ms + minutes * 60_000,
        Some(_) => return Err(Error::invalid("minutes", "minutes must be between 1 and 43200")),
    };
    let reason = checked_reason(order.reason)?;
    let action = match measure {
        Measure::Mute => "chat.mute",
        Measure::Ban => "chat.ban",
    };
    change(ctx, auction_id, &order.user_id, (measure, until_ms), action, reason).await
}

/// Ends a mute or a ban. Ending what is not changes nothing.
///
/// *errors*: as [`restrict`].
pub async fn lift(ctx: &Context, auction_id: &str, measure: Measure, user_id: &str) -> Result<(), Error> {
    let action = match measure {
        Measure::Mute => "chat.unmute",
        Measure::Ban => "chat.unban",
    };
    change(ctx, auction_id, user_id, (measure, 0), action, None).await
}

/// Who is muted or banned, the latest first, at most five hundred.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`].
pub async fn restrictions(ctx: &Context, auction_id: &str) -> Result<Vec<Restriction>, Error> {
    let chair = chair(ctx, auction_id).await?;
    let members = store::restricted(ctx.db().read(), &chair.auction_id, ctx.now_ms, RESTRICTIONS_MAX).await?;
    let restriction = |member: Member| Restriction {
        muted_until_ms: member.is_muted(ctx.now_ms).then_some(member.muted_until_ms),
        banned_until_ms: member.is_banned(ctx.now_ms).then_some(member.banned_until_ms),
        user_id: member.user_id,
        username: member.username,
        reason: member.reason,
    };
    Ok(members.into_iter().map(restriction).collect())
}

/// Whoever keeps order, and where.
struct Chair {
    auction_id: String,
    part: Part,
    is_live: bool,
    room: Option<store::Room>,
}

async fn chair(ctx: &Context, auction_id: &str) -> Result<Chair, Error> {
    ctx.require_signed_in()?;
    let auction_id = id::parse(auction_id, NOT_FOUND)?;
    let (auction, room) = store::auction(ctx.db().read(), &auction_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    let part = match part(ctx, &auction.host_user_id) {
        Part::Member => return Err(Error::forbidden("Only the host can moderate this chat")),
        // Who sells and administrates has the rights of both.
        Part::Host if ctx.caller.has_role(crate::Role::Admin) => Part::Moderator,
        part => part,
    };
    Ok(Chair {
        auction_id,
        part,
        is_live: auction.is_live,
        room,
    })
}

async fn change(
    ctx: &Context,
    auction_id: &str,
    user_id: &str,
    (measure, until_ms): (Measure, i64),
    action: &'static str,
    reason: Option<String>,
) -> Result<(), Error> {
    let chair = chair(ctx, auction_id).await?;
    if !chair.is_live {
        return Err(Error::conflict(LOCKED));
    }
    let unknown = || Error::not_found("Nobody of that id has been in this chat");
    if user_id.chars().count() > ID_CHARS_MAX {
        return Err(unknown());
    }
    let mut tx = ctx.db().begin().await?;
    let member = store::member(&mut *tx.conn(), &chair.auction_id, user_id)
        .await?
        .ok_or_else(unknown)?;
    if member.part != Part::Member && chair.part != Part::Moderator {
        return Err(Error::forbidden(
            "Only an administrator can do this to the host or a moderator",
        ));
    }
    if Some(member.account_id.as_str()) == ctx.caller.id() {
        return Err(Error::invalid("user_id", "You cannot do this to yourself"));
    }
    let measures = (measure, until_ms);
    store::restrict(
        tx.conn(),
        &chair.auction_id,
        user_id,
        measures,
        reason.as_deref(),
        ctx.now_ms,
    )
    .await?;
    note(ctx, &mut tx, &chair, action, user_id, reason.as_deref()).await?;
    tx.commit().await?;
    let Some(room) = &chair.room else {
        return Ok(());
    };
    // Also when a measure ends: the client comes back with what it may now.
    let ended = ctx
        .platform
        .video()
        .disconnect_user(&room.arn, user_id, reason.as_deref())
        .await;
    match ended {
        Err(error) if error.kind == ProviderErrorKind::NotFound => Ok(()),
        ended => ended.map_err(|error| refusal("It is written down, but the person could not be disconnected", error)),
    }
}

async fn note(
    ctx: &Context,
    tx: &mut Tx,
    chair: &Chair,
    action: &'static str,
    of: &str,
    reason: Option<&str>,
) -> Result<(), Error> {
    let detail = match reason {
        Some(reason) => format!("{of}: {reason}"),
        None => of.to_owned(),
    };
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action,
        target: &Owner::auction(&chair.auction_id).topic(),
        detail: Some(&detail),
    })
    .await
}

fn checked_reason(reason: Option<String>) -> Result<Option<String>, Error> {
    let reason = reason
        .map(|reason| reason.trim().to_owned())
        .filter(|reason| !reason.is_empty());
    match &reason {
        Some(text) if text.chars().count() > REASON_CHARS_MAX || text.chars().any(char::is_control) => Err(
            Error::invalid("reason", "reason must be one line of at most 200 characters"),
        ),
        _ => Ok(reason),
    }
}
