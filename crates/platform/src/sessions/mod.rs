//! Sessions: a host takes his channel for a show, and gives it back.
//!
//! **Invariants**
//! - A session that runs holds its channel, and a channel is held by one session at most: the claim and the session's row
//!   are one commit, and so are the release and the session's end.
//! - A session ends exactly once, however many try: its host, an admin, the lease when nothing was heard of the host and
//!   nothing was on air, or the clock when another host's booked time begins. It is counted once, by the channel.
//! - What a session has shown follows from the channel's broadcasts; nothing about it is stored here.
//! - Ending a session does not end a broadcast unless somebody asks for it: the channel stays LIVE while it is on air.
//!
//! **Where to start.** [`model`] for the rules, [`create()`] and [`end()`] for the two ends, [`jobs`] for the time between.

mod create;
mod ending;
pub(crate) mod jobs;
pub mod model;
mod news;
mod store;
mod tend;
mod view;

pub use create::create;
pub use ending::end;
pub(crate) use ending::{end_by_operator, end_of_host};
pub(crate) use jobs::look_again;
pub use model::{EPISODE_LEN_MAX, EndCause, Ended, NewSession, Session, Status, Streaming};
pub use tend::{Lease, heartbeat};
pub use view::{ChannelFacts, Closing, Filter, List, Publisher, View};

use store::Narrow;
use view::Row;

use crate::{Context, Error, Secret, id};

/// Sessions in one answer when the caller names no limit.
const LIMIT_DEFAULT: i64 = 50;
/// Sessions in one answer at most.
const LIMIT_MAX: i64 = 100;
/// Characters of a token at most; ours have about a hundred.
const TOKEN_LEN_MAX: usize = 300;
const TOKEN_PURPOSE: &str = "sessions.next_token";
const NOT_FOUND: &str = "Session not found";

/// One session, running or over.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than its host and admins.
pub async fn get(ctx: &Context, id: &str) -> Result<View, Error> {
    let row = own(ctx, id).await?;
    view(ctx, row).await
}

/// Sessions, newest first: the caller's own, or everybody's for admins.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `limit` or `nextToken`.
pub async fn list(ctx: &Context, filter: Filter) -> Result<List, Error> {
    let caller = ctx.require_signed_in()?;
    let limit = filter.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Error::invalid("limit", "limit must be between 1 and 100"));
    }
    let before_id = filter.next_token.map(|token| opened(ctx, &token)).transpose()?;
    let channel_id = filter
        .channel_id
        .map(|channel| id::parse(&channel, crate::channels::NOT_FOUND))
        .transpose()?;
    let narrow = Narrow {
        host_user_id: (!ctx.caller.is_admin()).then_some(caller),
        channel_id: channel_id.as_deref(),
        status: filter.status,
        before_id: before_id.as_deref(),
    };
    let mut snapshot = ctx.db().snapshot().await?;
    // One more than asked for: whether there is a next page.
    let mut rows = store::list(&mut *snapshot.conn(), &narrow, limit + 1).await?;
    let has_more = rows.len() > usize::try_from(limit).unwrap_or_default();
    rows.truncate(usize::try_from(limit).unwrap_or_default());
    let last = rows.last().filter(|_| has_more).map(|row| row.session.id.clone());
    let ids: Vec<&str> = rows.iter().map(|row| row.session.id.as_str()).collect();
    let mut shown = store::streaming(&mut *snapshot.conn(), &ids, ctx.now_ms).await?;
    let views = rows.into_iter().map(|row| {
        let streaming = shown.remove(&row.session.id);
        row.with(streaming)
    });
    Ok(List {
        sessions: views.collect(),
        next_token: last
            .map(|id| ctx.platform.seal().seal(TOKEN_PURPOSE, &Secret::new(id)))
            .transpose()?,
    })
}

fn opened(ctx: &Context, token: &str) -> Result<String, Error> {
    let invalid = || Error::invalid("nextToken", "Invalid nextToken");
    if token.len() > TOKEN_LEN_MAX {
        return Err(invalid());
    }
    let opened = ctx.platform.seal().open(TOKEN_PURPOSE, token).map_err(|_| invalid())?;
    Ok(opened.reveal().to_owned())
}

/// A session that the caller hosts or administrates.
async fn own(ctx: &Context, id: &str) -> Result<Row, Error> {
    let caller = ctx.require_signed_in()?;
    let id = id::parse(id, NOT_FOUND)?;
    let row = store::find(ctx.db().read(), &id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    if row.session.host_user_id == caller || ctx.caller.is_admin() {
        Ok(row)
    } else {
        Err(Error::forbidden("You are not the host of this session"))
    }
}

async fn view(ctx: &Context, row: Row) -> Result<View, Error> {
    let mut shown = store::streaming(ctx.db().read(), &[&row.session.id], ctx.now_ms).await?;
    let streaming = shown.remove(&row.session.id);
    Ok(row.with(streaming))
}

#[cfg(test)]
mod tests;
