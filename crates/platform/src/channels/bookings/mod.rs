//! The calendar of a channel that several hosts share.
//!
//! **Invariants**
//! - Windows of one channel never overlap: whoever writes holds the channel's row.
//! - While a channel has a window that is not over, its calendar is in force: a host starts in a window of his own. A
//!   channel without such windows is taken by whoever comes first.
//! - Only hosts of the channel have windows on it; a host who is unassigned loses his.
//!
//! **Where to start.** [`rules`].

mod rules;
mod store;

use sqlx::AnyExecutor;

pub(crate) use rules::Refused;
pub use rules::{NOTE_CHARS_MAX, WINDOW_MS_MAX, Window};

use super::{Channel, assignments, news, topic};
use crate::db::Tx;
use crate::notifications::{self, NewNotification};
use crate::text::optional;
use crate::{Context, Error, Role, audit, id, sessions};

/// A host's window on a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// UUID v7.
    pub id: String,
    /// Which channel.
    pub channel_id: String,
    /// Whose it is.
    pub host_user_id: String,
    /// His display name.
    pub host_name: String,
    /// When.
    pub window: Window,
    /// For people who read the calendar.
    pub note: Option<String>,
    /// Who made it: id of an account or service key, or `system`.
    pub created_by: String,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct NewBooking {
    /// A host of the channel.
    pub host_user_id: String,
    /// Epoch ms.
    pub starts_at_ms: i64,
    /// Epoch ms; at most [`WINDOW_MS_MAX`] later, and in the future.
    pub ends_at_ms: i64,
    /// At most [`NOTE_CHARS_MAX`] characters.
    pub note: Option<String>,
}

/// Windows of a channel that are not over, at most: two a day for more than a year.
pub const FUTURE_MAX: i64 = 1_000;
/// Own windows that a host is shown at most.
const OWN_MAX: i64 = 50;
const NOT_FOUND: &str = "Booking not found";

/// The bookings of a channel that have a moment between `from_ms` and `to_ms`, in order, at most [`FUTURE_MAX`]; without
/// bounds, those that are not over.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins, [`crate::ErrorKind::NotFound`].
pub async fn list(
    ctx: &Context,
    channel_id: &str,
    from_ms: Option<i64>,
    to_ms: Option<i64>,
) -> Result<Vec<Booking>, Error> {
    ctx.require_role(Role::Admin)?;
    let channel_id = id::parse(channel_id, super::NOT_FOUND)?;
    let mut snapshot = ctx.db().snapshot().await?;
    if super::find(&mut *snapshot.conn(), &channel_id).await?.is_none() {
        return Err(Error::not_found(super::NOT_FOUND));
    }
    let window = Window {
        starts_at_ms: from_ms.unwrap_or(ctx.now_ms),
        ends_at_ms: to_ms.unwrap_or(i64::MAX),
    };
    store::between(snapshot.conn(), &channel_id, window, FUTURE_MAX).await
}

/// The window of a channel that is running or comes next.
pub(crate) async fn next_window(
    executor: impl AnyExecutor<'_>,
    channel_id: &str,
    now_ms: i64,
) -> Result<Option<Window>, Error> {
    let open = store::open(executor, channel_id, now_ms).await?;
    Ok(open
        .into_iter()
        .map(|entry| entry.window)
        .min_by_key(|window| window.starts_at_ms))
}

/// Books a window for a host of the channel, and tells him.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins, [`crate::ErrorKind::NotFound`],
/// [`crate::ErrorKind::Invalid`] naming the member, [`crate::ErrorKind::Conflict`] when some of it is taken (with
/// `conflictingBookingId`), the person is no host of this channel, or its calendar is full.
pub async fn add(ctx: &Context, channel_id: &str, new: NewBooking) -> Result<Booking, Error> {
    ctx.require_role(Role::Admin)?;
    let channel_id = id::parse(channel_id, super::NOT_FOUND)?;
    let window = Window::bookable(new.starts_at_ms, new.ends_at_ms, ctx.now_ms)?;
    let note = optional("note", new.note, NOTE_CHARS_MAX)?;
    let mut tx = ctx.db().begin().await?;
    let channel = assignments::locked(&mut tx, &channel_id).await?;
    let host = assignments::host_of(tx.conn(), &channel_id, &new.host_user_id)
        .await?
        .ok_or_else(|| Error::conflict(assignments::NOT_ASSIGNED))?;
    if let Some(booking_id) = store::overlapping(tx.conn(), &channel_id, window).await? {
        return Err(Error::conflict("Booking overlaps another one").with_fact("conflictingBookingId", booking_id));
    }
    if store::count_open(tx.conn(), &channel_id, ctx.now_ms).await? >= FUTURE_MAX {
        return Err(Error::conflict(
            "A channel can have at most 1000 bookings that are not over",
        ));
    }
    let booking = Booking {
        id: ctx.new_id(),
        channel_id,
        host_user_id: host.user_id,
        host_name: host.name,
        window,
        note,
        created_by: assignments::actor(ctx),
    };
    store::insert(tx.conn(), &booking, ctx.now_ms).await?;
    sessions::look_again(&mut tx, &channel.id).await?;
    note_change(ctx, &mut tx, &booking, "channels.book").await?;
    tell(&mut tx, &channel, &booking, "booking_added").await?;
    news::tell(&mut tx, &channel).await?;
    tx.commit().await?;
    Ok(booking)
}

/// Removes a booking and tells its host, in other words when he is live. His session goes on until somebody else's window
/// begins.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins, [`crate::ErrorKind::NotFound`].
pub async fn remove(ctx: &Context, channel_id: &str, booking_id: &str) -> Result<Booking, Error> {
    ctx.require_role(Role::Admin)?;
    let channel_id = id::parse(channel_id, super::NOT_FOUND)?;
    let booking_id = id::parse(booking_id, NOT_FOUND)?;
    let mut tx = ctx.db().begin().await?;
    let channel = assignments::locked(&mut tx, &channel_id).await?;
    let booking = store::find(&mut *tx.conn(), &channel_id, &booking_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    store::remove(tx.conn(), &booking_id).await?;
    sessions::look_again(&mut tx, &channel.id).await?;
    note_change(ctx, &mut tx, &booking, "channels.unbook").await?;
    // What is over is history: nobody needs to hear that it was tidied away.
    if booking.window.ends_at_ms > ctx.now_ms {
        tell(&mut tx, &channel, &booking, "booking_removed").await?;
        news::tell(&mut tx, &channel).await?;
    }
    tx.commit().await?;
    Ok(booking)
}

/// Whether this host may start a session on this channel now, as far as its calendar says.
pub(crate) async fn may_start(
    executor: impl AnyExecutor<'_>,
    channel_id: &str,
    host_user_id: &str,
    now_ms: i64,
) -> Result<Result<(), Refused>, Error> {
    let calendar = store::open(executor, channel_id, now_ms).await?;
    Ok(rules::judge(&calendar, host_user_id, now_ms))
}

/// When a session of this host has to make room: the start of the first window of anybody else that is not over at
/// `after_ms`. In the past when that window has begun.
pub(crate) async fn next_foreign_start(
    executor: impl AnyExecutor<'_>,
    channel_id: &str,
    host_user_id: &str,
    after_ms: i64,
) -> Result<Option<i64>, Error> {
    store::next_foreign_start(executor, channel_id, host_user_id, after_ms).await
}

/// The first windows of a host on a channel that are not over, in order.
pub(super) async fn of_host(
    executor: impl AnyExecutor<'_>,
    channel_id: &str,
    host_user_id: &str,
    now_ms: i64,
) -> Result<Vec<Booking>, Error> {
    store::of_host(executor, channel_id, host_user_id, now_ms, OWN_MAX).await
}

/// Takes a host's windows off the calendar of a channel that is no longer his; what is over stays.
pub(super) async fn give_up(tx: &mut Tx, channel_id: &str, host_user_id: &str, now_ms: i64) -> Result<u64, Error> {
    store::give_up(tx.conn(), channel_id, host_user_id, now_ms).await
}

async fn note_change(ctx: &Context, tx: &mut Tx, booking: &Booking, action: &'static str) -> Result<(), Error> {
    let (starts, ends) = (written(booking.window.starts_at_ms), written(booking.window.ends_at_ms));
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action,
        target: &topic(&booking.channel_id),
        detail: Some(&format!("{} from {starts} to {ends}", booking.host_user_id)),
    })
    .await
}

async fn tell(tx: &mut Tx, channel: &Channel, booking: &Booking, kind: &'static str) -> Result<(), Error> {
    let (starts, ends) = (written(booking.window.starts_at_ms), written(booking.window.ends_at_ms));
    let is_live = channel
        .claim
        .as_ref()
        .is_some_and(|claim| claim.by == booking.host_user_id);
    let (title, text) = match kind {
        "booking_added" => (
            format!("{} is booked for you", channel.name),
            format!("From {starts} to {ends} the channel is yours."),
        ),
        _ if is_live => (
            format!("Your booked time on {} was removed", channel.name),
            "You are live: your session goes on until somebody else's booked time begins.".to_owned(),
        ),
        _ => (
            format!("Your booked time on {} was removed", channel.name),
            format!("It was from {starts} to {ends}."),
        ),
    };
    let new = NewNotification {
        account_id: booking.host_user_id.clone(),
        kind,
        subject_key: format!("{kind}:{}", booking.id),
        title,
        text,
        href: "/ui/my-channel".to_owned(),
    };
    notifications::notify(tx, new).await?;
    Ok(())
}

/// A moment for people, in UTC to the minute.
fn written(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .strftime("%Y-%m-%d %H:%M UTC")
        .to_string()
}

#[cfg(test)]
mod tests;
