//! Approving a request: a saga of an id, a channel, and an assignment.
//!
//! | step | what is committed | killed afterwards |
//! |---|---|---|
//! | [`begin`] | the channel's id, and who decides for how long; [`FinishApproval`] is planned for then | the job goes on |
//! | [`channels::create_as`] | the channel of that id | the job finds it made, and goes on |
//! | [`finish`] | assignment, APPROVED, notices and mail; the job is cancelled | nothing is left to do |
//!
//! An approval that cannot be finished leaves a pending request and no channel ([`give_up`]).

use serde::{Deserialize, Serialize};

use super::jobs::FinishApproval;
use super::model::UnderWay;
use super::{Request, Status, decided, lock, record, store, telling};
use crate::channels::{self, Channel, NewChannel, assignments};
use crate::groups::store as groups;
use crate::{Caller, Context, Error, ErrorKind, Platform, Role};

/// How an admin approves.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Approval {
    /// Whether what will be on air is recorded.
    pub is_recording_enabled: bool,
}

/// What an approval made.
#[derive(Debug, Clone)]
pub struct Approved {
    /// The request, approved.
    pub request: Request,
    /// The channel, assigned to the request's owner.
    pub channel: Channel,
}

/// One attempt to approve a request, as the job remembers it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Attempt {
    /// UUID v7.
    pub(super) id: String,
    pub(super) request_id: String,
    pub(super) channel_id: String,
    pub(super) approval: Approval,
    pub(super) approver_id: String,
    /// True for a program with a service key.
    is_service: bool,
    /// True when nobody else could approve it.
    is_own: bool,
}

/// Approves a pending request: makes a channel and assigns it to the request's owner; for admins.
///
/// *errors*: [`crate::ErrorKind::NotFound`]; [`crate::ErrorKind::Forbidden`] for others than admins, and for an own request
/// while there is another admin; [`crate::ErrorKind::Conflict`] when it is decided, somebody is approving it, or the owner
/// has a channel; [`crate::ErrorKind::LimitReached`] when the pool is full, [`crate::ErrorKind::Provider`] with the
/// provider's cause. The request stays pending then, and can be approved later.
pub async fn approve(ctx: &Context, request_id: &str, approval: Approval) -> Result<Approved, Error> {
    ctx.require_role(Role::Admin)?;
    let (attempt, request) = begin(ctx, request_id, approval).await?;
    ctx.platform.failpoint().reached("request.begun");
    let error = match complete(ctx, &attempt, &request).await {
        Ok(approved) => return Ok(approved),
        Err(error) => error,
    };
    if let Err(failure) = give_up(ctx, &attempt).await {
        let request_id = &attempt.request_id;
        tracing::warn!(request_id, %failure, "approval of {request_id} is not undone yet, the job goes on: {failure}");
    }
    Err(error)
}

async fn begin(ctx: &Context, request_id: &str, approval: Approval) -> Result<(Attempt, Request), Error> {
    let mut tx = ctx.db().begin().await?;
    let request = lock(&mut tx, request_id).await?;
    request.require_open(ctx.now_ms)?;
    let admins = groups::admins(&mut *tx.conn()).await?;
    let has_others = admins.iter().any(|admin| ctx.caller.id() != Some(&*admin.id));
    let is_own = request.may_be_approved_by(&ctx.caller, has_others)?;
    if groups::person(&mut *tx.conn(), &request.owner_id).await?.is_none() {
        return Err(Error::conflict("The account of the group's owner is closed"));
    }
    if let Some(assignment) = assignments::of_host(&mut *tx.conn(), &request.owner_id).await? {
        let error = Error::conflict("Host already has a channel assigned");
        return Err(error.with_fact("channelId", assignment.channel_id));
    }
    let attempt = Attempt {
        id: ctx.new_id(),
        request_id: request.id.clone(),
        // What an attempt that was cut short has made is used.
        channel_id: request
            .under_way
            .as_ref()
            .map_or_else(|| ctx.new_id(), |it| it.channel_id.clone()),
        approval,
        approver_id: ctx.caller.id().unwrap_or_default().to_owned(),
        is_service: matches!(ctx.caller, Caller::Service { .. }),
        is_own,
    };
    let until_ms = lease_until_ms(&ctx.platform);
    store::begin(tx.conn(), &request.id, &attempt.under_way(until_ms)).await?;
    tx.enqueue(&FinishApproval::of(attempt.clone()), until_ms).await?;
    tx.commit().await?;
    Ok((attempt, request))
}

/// Until when an approval that goes on now is nobody else's: longer than the provider may take for a recording
/// configuration and a channel.
pub(super) fn lease_until_ms(platform: &Platform) -> i64 {
    let lease = platform.video().config().creation_grace.saturating_mul(2);
    let lease_ms = i64::try_from(lease.as_millis()).unwrap_or(i64::MAX / 2);
    platform.environment().now_ms() + lease_ms
}

/// Makes the channel and gives it to the owner.
///
/// *errors*: as [`approve`]; what was made is there, for [`give_up`].
pub(super) async fn complete(ctx: &Context, attempt: &Attempt, request: &Request) -> Result<Approved, Error> {
    let new = NewChannel {
        name: request.proposed_name.clone(),
        recording_enabled: attempt.approval.is_recording_enabled,
    };
    let channel = channels::create_as(ctx, &attempt.channel_id, new).await?;
    ctx.platform.failpoint().reached("request.channel_made");
    let request = finish(ctx, attempt, &channel).await?;
    ctx.platform.failpoint().reached("request.approved");
    Ok(Approved { request, channel })
}

async fn finish(ctx: &Context, attempt: &Attempt, channel: &Channel) -> Result<Request, Error> {
    let mut tx = ctx.db().begin().await?;
    let request = lock(&mut tx, &attempt.request_id).await?;
    if !attempt.is_under_way(&request) {
        return Err(Error::conflict("Channel request was decided meanwhile"));
    }
    assignments::assign_in(&mut tx, ctx, &channel.id, &request.owner_id).await?;
    let request = Request {
        channel_id: Some(channel.id.clone()),
        under_way: None,
        ..decided(ctx, request, Status::Approved, None)
    };
    store::decide(tx.conn(), &request).await?;
    store::end_approval(tx.conn(), &request.id).await?;
    let detail = attempt.is_own.then_some("an own request, approved by the only admin");
    record(ctx, &mut tx, "channel_requests.approve", &request, detail).await?;
    tx.cancel_job::<FinishApproval>(&request.id).await?;
    telling::approved(ctx, &mut tx, &request, &channel.playback_url).await?;
    tx.commit().await?;
    // Who was assigned a channel is a host from now on.
    crate::accounts::forget_callers(ctx);
    Ok(request)
}

/// Undoes an attempt that cannot be finished: its channel goes, and the request waits for another one.
///
/// *errors*: the database's, and those of deleting the channel; the job then tries again.
pub(super) async fn give_up(ctx: &Context, attempt: &Attempt) -> Result<(), Error> {
    let request = store::find(ctx.db().read(), &attempt.request_id).await?;
    let is_ours = request.as_ref().is_some_and(|request| attempt.is_ours(request));
    if !is_ours {
        return Ok(());
    }
    if channels::find(ctx.db().read(), &attempt.channel_id).await?.is_some() {
        match channels::delete(ctx, &attempt.channel_id).await {
            // Somebody found it in the pool and uses it: it is theirs.
            Err(error) if error.kind == ErrorKind::Conflict => {}
            deleted => drop(deleted?),
        }
    }
    let mut tx = ctx.db().begin().await?;
    store::forget_approval(tx.conn(), &attempt.request_id, &attempt.id).await?;
    tx.cancel_job::<FinishApproval>(&attempt.request_id).await?;
    tx.commit().await
}

impl Attempt {
    /// This attempt, as the request remembers it.
    pub(super) fn under_way(&self, until_ms: i64) -> UnderWay {
        UnderWay {
            id: self.id.clone(),
            channel_id: self.channel_id.clone(),
            until_ms,
        }
    }

    /// True while the request waits for this attempt and no other.
    pub(super) fn is_under_way(&self, request: &Request) -> bool {
        request.is_pending() && self.is_ours(request)
    }

    /// True when this is the last attempt, and came to no end.
    fn is_ours(&self, request: &Request) -> bool {
        request
            .under_way
            .as_ref()
            .is_some_and(|approval| approval.id == self.id)
    }

    /// The admin who approves, as far as a job knows.
    pub(super) fn approver(&self) -> Caller {
        let (id, roles) = (self.approver_id.clone(), vec![Role::Admin]);
        let name = String::new();
        if id.is_empty() {
            Caller::System
        } else if self.is_service {
            Caller::Service { id, name, roles }
        } else {
            let email = String::new();
            Caller::Account { id, email, name, roles }
        }
    }
}
