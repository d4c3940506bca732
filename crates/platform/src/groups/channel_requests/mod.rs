//! Asking for a channel for a group, and deciding that.
//!
//! **Invariants**
//! - A group has at most one pending request, whoever asks at once: a unique index says so.
//! - An approval makes one channel and gives it to the owner, or changes nothing, however many approve and whenever the
//!   process dies: see [`approve()`].
//! - Nobody approves an own request unless nobody else could; the audit then says so.
//! - Admins hear of a request, its owner of the decision, in the application and by mail; once each.
//!
//! **Where to start.** [`submit`], then [`approve()`].

mod approval;
pub(crate) mod jobs;
mod letters;
mod model;
pub(super) mod store;
mod telling;

pub use approval::{Approval, Approved, approve};
pub use model::{NOTE_LEN_MAX, NewRequest, PROPOSED_NAME_LEN_MAX, Request, Status};

use super::{owner, store as groups};
use crate::db::Tx;
use crate::{Context, Error, Role, Secret, audit, id};

/// Requests of one owner within a day at most: each writes to every admin.
pub const DAILY_MAX: i64 = 20;
/// Requests in one answer at most.
pub const LIMIT_MAX: i64 = 100;
/// Requests when the caller names no limit.
pub const LIMIT_DEFAULT: i64 = 50;
const DAY_MS: i64 = 24 * 3600 * 1000;
const NOT_FOUND: &str = "Channel request not found";

/// A page of requests.
#[derive(Debug)]
pub struct List {
    /// The page: pending ones oldest first, others newest first.
    pub requests: Vec<Request>,
    /// What to ask with for those that follow.
    pub next_token: Option<String>,
}

/// Which part of a list.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// 1 to [`LIMIT_MAX`].
    pub limit: Option<i64>,
    /// [`List::next_token`] of the page before.
    pub next_token: Option<String>,
}

/// Asks for a channel for a group.
///
/// *errors*: [`crate::ErrorKind::Invalid`] with the field; [`crate::ErrorKind::Conflict`] while a request for this group is
/// pending, [`crate::ErrorKind::LimitReached`] after [`DAILY_MAX`] in a day; [`crate::ErrorKind::NotFound`],
/// [`crate::ErrorKind::Forbidden`] for others than the owner and admins.
pub async fn submit(ctx: &Context, user_id: &str, group_id: &str, new: NewRequest) -> Result<Request, Error> {
    let requested_by = ctx.require_signed_in()?.to_owned();
    let (mut tx, group) = super::lock(ctx, user_id, group_id).await?;
    let owner = groups::person(tx.conn(), &group.owner_id)
        .await?
        .ok_or_else(|| Error::not_found(super::NO_USER))?;
    let (proposed_name, note) = new.validate(&group.about.name)?;
    let request = Request {
        id: ctx.new_id(),
        group_id: group.id,
        group_name: group.about.name,
        picture: group.picture,
        owner_id: owner.id,
        owner_name: owner.name,
        owner_email: owner.email,
        requested_by,
        proposed_name,
        note,
        status: Status::Pending,
        reason: None,
        channel_id: None,
        under_way: None,
        requested_at_ms: ctx.now_ms,
        decided_at_ms: None,
        decided_by: None,
    };
    // The pending one is the reason to tell, also on the day's last try.
    if group.request.as_ref().is_some_and(Request::is_pending) {
        return Err(pending());
    }
    require_patience(&mut tx, &request.owner_id, ctx.now_ms).await?;
    if !store::insert(tx.conn(), &request).await? {
        return Err(pending());
    }
    record(ctx, &mut tx, "channel_requests.submit", &request, None).await?;
    telling::submitted(ctx, &mut tx, &request).await?;
    tx.commit().await?;
    Ok(request)
}

fn pending() -> Error {
    Error::conflict("A request for this group is already pending")
}

/// Passes an owner who asked fewer than [`DAILY_MAX`] times within a day.
async fn require_patience(tx: &mut Tx, owner_id: &str, now_ms: i64) -> Result<(), Error> {
    match store::requested_before(tx.conn(), owner_id, DAILY_MAX).await? {
        Some(at_ms) if at_ms > now_ms - DAY_MS => {
            let wait_ms = u64::try_from(at_ms + DAY_MS - now_ms).unwrap_or_default();
            let message = format!("There were {DAILY_MAX} requests within a day");
            Err(Error::limit_reached(message, wait_ms.div_ceil(1000)))
        }
        _ => Ok(()),
    }
}

/// Takes a pending request back.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than the owner and admins,
/// [`crate::ErrorKind::Conflict`] when it is decided.
pub async fn withdraw(ctx: &Context, user_id: &str, request_id: &str) -> Result<(), Error> {
    let owner_id = owner(ctx, user_id)?;
    let mut tx = ctx.db().begin().await?;
    let request = lock(&mut tx, request_id).await?;
    if request.owner_id != owner_id {
        return Err(Error::not_found(NOT_FOUND));
    }
    request.require_open(ctx.now_ms)?;
    let request = decided(ctx, request, Status::Withdrawn, None);
    store::decide(tx.conn(), &request).await?;
    record(ctx, &mut tx, "channel_requests.withdraw", &request, None).await?;
    telling::withdrawn(&mut tx, &request).await?;
    tx.commit().await
}

/// Rejects a pending request; for admins.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `reason`; [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`],
/// [`crate::ErrorKind::Conflict`] when it is decided.
pub async fn reject(ctx: &Context, request_id: &str, reason: &str) -> Result<Request, Error> {
    ctx.require_role(Role::Admin)?;
    let reason = model::reason(reason)?;
    let mut tx = ctx.db().begin().await?;
    let request = lock(&mut tx, request_id).await?;
    request.require_open(ctx.now_ms)?;
    let request = decided(ctx, request, Status::Rejected, Some(reason));
    store::decide(tx.conn(), &request).await?;
    record(
        ctx,
        &mut tx,
        "channel_requests.reject",
        &request,
        request.reason.as_deref(),
    )
    .await?;
    telling::rejected(ctx, &mut tx, &request).await?;
    tx.commit().await?;
    Ok(request)
}

fn decided(ctx: &Context, request: Request, status: Status, reason: Option<String>) -> Request {
    Request {
        status,
        reason,
        decided_at_ms: Some(ctx.now_ms),
        decided_by: ctx.caller.id().map(str::to_owned),
        ..request
    }
}

/// All requests, those of one status if it is named; for admins.
///
/// *errors*: [`crate::ErrorKind::Forbidden`], [`crate::ErrorKind::Invalid`] naming `limit` or `nextToken`.
pub async fn list(ctx: &Context, status: Option<Status>, part: Part) -> Result<List, Error> {
    ctx.require_role(Role::Admin)?;
    part_of(ctx, status, None, part).await
}

/// The requests of an owner.
///
/// *errors*: as [`list`]; [`crate::ErrorKind::Forbidden`] for others than the owner and admins.
pub async fn of_owner(ctx: &Context, user_id: &str, part: Part) -> Result<List, Error> {
    let owner_id = owner(ctx, user_id)?;
    part_of(ctx, None, Some(&owner_id), part).await
}

async fn part_of(ctx: &Context, status: Option<Status>, owner_id: Option<&str>, part: Part) -> Result<List, Error> {
    let limit = part.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Error::invalid(
            "limit",
            format!("limit must be between 1 and {LIMIT_MAX}"),
        ));
    }
    // A token is good for the list that it came from.
    let purpose = format!(
        "channel-requests:{}:{}",
        status.map_or("", Status::as_str),
        owner_id.unwrap_or_default()
    );
    let after = match &part.next_token {
        None => None,
        Some(token) => {
            let opened = ctx.platform.seal().open(&purpose, token);
            Some(opened.map_err(|_| Error::invalid("nextToken", "Invalid nextToken"))?)
        }
    };
    let after = after.as_ref().map(Secret::reveal);
    // One more than is shown tells whether more follow.
    let mut requests = store::list(ctx.db().read(), status, owner_id, after, limit + 1).await?;
    let has_more = requests.len() > usize::try_from(limit).map_err(Error::internal)?;
    let next_token = if has_more {
        requests.pop();
        let last = requests.last().map(|request| Secret::new(request.id.as_str()));
        last.map(|last| ctx.platform.seal().seal(&purpose, &last)).transpose()?
    } else {
        None
    };
    Ok(List { requests, next_token })
}

/// Makes other decisions about a request wait, and reads it.
async fn lock(tx: &mut Tx, request_id: &str) -> Result<Request, Error> {
    let request_id = id::parse(request_id, NOT_FOUND)?;
    store::hold(tx.conn(), &request_id).await?;
    store::find(&mut *tx.conn(), &request_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))
}

async fn record(
    ctx: &Context,
    tx: &mut Tx,
    action: &'static str,
    request: &Request,
    detail: Option<&str>,
) -> Result<(), Error> {
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action,
        target: &format!("channel_request:{}", request.id),
        detail,
    })
    .await
}
