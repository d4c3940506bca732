//! What happened on a channel, for admins; and the little that everybody may know.

mod store;
mod timeline;

pub use timeline::{Moment, MomentKind};

use super::bookings::Window;
use super::{Channel, State, bookings};
use crate::audit::Line;
use crate::broadcasts::{self, Broadcast, Video};
use crate::pictures::Stored;
use crate::{Context, Error, Page, Role, audit, costs, groups, id};

/// Entries of a timeline in one answer at most.
pub const TIMELINE_MAX: i64 = 200;

/// How the latest broadcast of a channel does or did.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than admins, [`crate::ErrorKind::NotFound`].
pub async fn health(ctx: &Context, channel_id: &str) -> Result<broadcasts::Report, Error> {
    let channel = for_admin(ctx, channel_id).await?;
    broadcasts::health(ctx, &channel.arn).await
}

/// The broadcasts of a channel, newest first, and how many there are.
///
/// *errors*: as [`health`].
pub async fn broadcasts(ctx: &Context, channel_id: &str, page: Page) -> Result<(Vec<Broadcast>, i64), Error> {
    let channel = for_admin(ctx, channel_id).await?;
    let mut snapshot = ctx.db().snapshot().await?;
    let rows = broadcasts::store::of_channel(&mut *snapshot.conn(), &channel.arn, page).await?;
    let total = broadcasts::store::count_of_channel(&mut *snapshot.conn(), &channel.arn).await?;
    Ok((rows, total))
}

/// What the broadcasts of a channel have cost, or would cost where nobody sends a bill.
///
/// *errors*: as [`health`].
pub async fn cost(ctx: &Context, channel_id: &str) -> Result<costs::Estimate, Error> {
    let channel = for_admin(ctx, channel_id).await?;
    costs::of_channel(ctx, &channel.arn).await
}

/// Who did what to a channel, newest first. Actors who are people come with the name of their account.
///
/// *errors*: as [`health`].
pub async fn audit(ctx: &Context, channel_id: &str, page: Page) -> Result<(Vec<(Line, Option<String>)>, i64), Error> {
    let channel = for_admin(ctx, channel_id).await?;
    let target = super::topic(&channel.id);
    let mut snapshot = ctx.db().snapshot().await?;
    let lines = audit::page(snapshot.conn(), &target, page).await?;
    let total = audit::count(snapshot.conn(), &target).await?;
    let people = lines.iter().filter_map(|line| line.actor.strip_prefix("account:"));
    let names = store::names(snapshot.conn(), people.collect()).await?;
    let named = |line: Line| {
        let name = names.get(&line.actor).cloned();
        (line, name)
    };
    Ok((lines.into_iter().map(named).collect(), total))
}

/// What happened on a channel before `before_ms`, newest first: broadcasts and their interruptions, sessions, and what
/// people did to it.
///
/// *errors*: as [`health`]; [`crate::ErrorKind::Invalid`] naming `limit`.
pub async fn timeline(
    ctx: &Context,
    channel_id: &str,
    before_ms: Option<i64>,
    limit: i64,
) -> Result<Vec<Moment>, Error> {
    if !(1..=TIMELINE_MAX).contains(&limit) {
        return Err(Error::invalid("limit", "limit must be between 1 and 200"));
    }
    let channel = for_admin(ctx, channel_id).await?;
    let before_ms = before_ms.unwrap_or(i64::MAX);
    let mut snapshot = ctx.db().snapshot().await?;
    let rows = store::rows(snapshot.conn(), &channel, before_ms, limit).await?;
    let people = rows
        .audit
        .iter()
        .flat_map(|line| [line.actor.strip_prefix("account:"), line.detail.as_deref()]);
    let names = store::names(snapshot.conn(), people.flatten().collect()).await?;
    Ok(timeline::compose(
        rows,
        &names,
        before_ms,
        usize::try_from(limit).unwrap_or(usize::MAX),
    ))
}

/// What everybody may know of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Public {
    /// The channel; only its name and playback URL are for everybody.
    pub channel: Channel,
    /// Its state at this moment.
    pub state: State,
    /// Whether the provider receives a broadcast.
    pub is_on_air: bool,
    /// What viewers see.
    pub video: Video,
    /// The booked window that is running or comes next.
    pub next_window: Option<Window>,
    /// The picture of the group that it was made for.
    pub picture: Option<Stored>,
}

/// A channel as its viewers know it.
///
/// *errors*: [`crate::ErrorKind::NotFound`].
pub async fn public(ctx: &Context, channel_id: &str) -> Result<Public, Error> {
    let channel_id = id::parse(channel_id, super::NOT_FOUND)?;
    let mut snapshot = ctx.db().snapshot().await?;
    let channel = super::find(&mut *snapshot.conn(), &channel_id)
        .await?
        .ok_or_else(|| Error::not_found(super::NOT_FOUND))?;
    let latest = broadcasts::store::latest(&mut *snapshot.conn(), &channel.arn).await?;
    let is_on_air = latest.as_ref().is_some_and(Broadcast::is_live);
    Ok(Public {
        state: channel.state(is_on_air),
        is_on_air,
        video: Video::of(latest.as_ref(), channel.created_at_ms),
        picture: groups::picture_of_channel(&mut *snapshot.conn(), &channel.id).await?,
        next_window: bookings::next_window(&mut *snapshot.conn(), &channel.id, ctx.now_ms).await?,
        channel,
    })
}

/// Channels in one answer of [`now`] at most.
const NOW_MAX: i64 = 100;

/// The channels that a session uses and that are on air, the most watched first, at most a hundred. What is on air without
/// a session is a rehearsal: it is not listed.
pub async fn now(ctx: &Context) -> Result<Vec<(Channel, Video)>, Error> {
    let mut snapshot = ctx.db().snapshot().await?;
    let live = store::on_air_in_session(snapshot.conn(), NOW_MAX).await?;
    let arns: Vec<&str> = live.iter().map(|channel| channel.arn.as_str()).collect();
    let latest = broadcasts::latest(&mut *snapshot.conn(), &arns).await?;
    let shown = |channel: Channel| {
        let video = Video::of(latest.get(&channel.arn), channel.created_at_ms);
        (channel, video)
    };
    Ok(live.into_iter().map(shown).collect())
}

async fn for_admin(ctx: &Context, channel_id: &str) -> Result<Channel, Error> {
    ctx.require_role(Role::Admin)?;
    let channel_id = id::parse(channel_id, super::NOT_FOUND)?;
    super::find(ctx.db().read(), &channel_id)
        .await?
        .ok_or_else(|| Error::not_found(super::NOT_FOUND))
}
