//! Asking for a channel for a group, and deciding that.

use http::StatusCode;
use platform::groups::channel_requests::{self, Approval, NewRequest, Part, Status};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Ids, Json, Query};
use crate::rest::channels::answer::NewChannel;
use crate::rest::time::rfc3339;

/// Somebody asks for a channel for a group.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelRequest {
    /// UUID.
    request_id: String,
    /// The group; it may be gone once the request is decided.
    group_id: String,
    group_name: String,
    /// Id of the account whose the group is, and who gets the channel.
    owner_id: String,
    owner_name: String,
    owner_email: String,
    /// What the channel shall be called.
    proposed_name: String,
    /// Words to whoever decides.
    #[schema(required)]
    note: Option<String>,
    /// The group's picture, relative to this site.
    #[schema(required)]
    image_url: Option<String>,
    status: RequestStatus,
    /// Why it was rejected.
    #[schema(required)]
    reason: Option<String>,
    /// The channel, once it is approved.
    #[schema(required)]
    channel_id: Option<String>,
    /// RFC 3339.
    requested_at: String,
    /// RFC 3339.
    #[schema(required)]
    decided_at: Option<String>,
    /// Id of the administrator's account or service key.
    #[schema(required)]
    decided_by: Option<String>,
}

/// How far a request is.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "UPPERCASE")]
#[schema(as = ChannelRequestStatus)]
pub(crate) enum RequestStatus {
    Pending,
    Approved,
    Rejected,
}

/// What is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewChannelRequest {
    /// 1 to 100 characters; the group's name when absent.
    proposed_name: Option<String>,
    /// Up to 1000 characters.
    note: Option<String>,
}

/// One request.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneChannelRequest {
    request: ChannelRequest,
}

/// A part of the requests: pending ones oldest first, others newest first.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelRequests {
    requests: Vec<ChannelRequest>,
    count: usize,
    /// For the requests that follow; absent behind the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next_token: Option<String>,
}

/// Which requests.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RequestsQuery {
    /// `PENDING`, `APPROVED` or `REJECTED`; all when absent.
    status: Option<String>,
    /// Requests at most, 1 to 100; 50 when absent.
    limit: Option<i64>,
    /// `nextToken` of the answer before.
    next_token: Option<String>,
}

/// Which part of a user's requests.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartQuery {
    /// Requests at most, 1 to 100; 50 when absent.
    limit: Option<i64>,
    /// `nextToken` of the answer before.
    next_token: Option<String>,
}

/// How a request is approved.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApproveChannelRequest {
    /// Whether what will be on air is recorded; true when absent.
    #[schema(nullable = false)]
    recording_enabled: Option<bool>,
}

/// Why a request is rejected.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RejectChannelRequest {
    /// 1 to 1000 characters; its owner reads them.
    reason: String,
}

/// A request was taken back.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChannelRequestWithdrawn {
    message: &'static str,
    request_id: String,
}

/// A request was approved.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelRequestApproved {
    message: &'static str,
    request: ChannelRequest,
    channel: NewChannel,
}

/// A request was rejected.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChannelRequestRejected {
    message: &'static str,
    request: ChannelRequest,
}

/// Asks for a channel for a group. A group has at most one pending request; an owner asks at most 20 times in 24 hours.
#[utoipa::path(post, path = "/users/{user_id}/groups/{group_id}/channel-requests", operation_id = "request_channel",
    tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."),
           ("group_id" = String, Path, description = "Id of the group.")),
    request_body = NewChannelRequest,
    responses((status = 201, description = "Administrators are told.", body = OneChannelRequest),
              (status = 409, description = "A request for this group is already pending.", body = crate::error::ErrorBody)))]
pub(crate) async fn submit(
    Admitted(ctx): Admitted,
    Ids(user_id, group_id): Ids,
    Json(body): Json<NewChannelRequest>,
) -> Result<(StatusCode, Json<OneChannelRequest>), Problem> {
    let new = NewRequest {
        proposed_name: body.proposed_name,
        note: body.note,
    };
    let request = channel_requests::submit(&ctx, &user_id, &group_id, new).await?.into();
    Ok((StatusCode::CREATED, Json(OneChannelRequest { request })))
}

/// Lists the requests of a user, newest first.
#[utoipa::path(get, path = "/users/{user_id}/channel-requests", operation_id = "list_own_channel_requests",
    tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."), PartQuery),
    responses((status = 200, description = "One part.", body = ChannelRequests)))]
pub(crate) async fn of_user(
    Admitted(ctx): Admitted,
    Id(user_id): Id,
    Query(query): Query<PartQuery>,
) -> Result<Json<ChannelRequests>, Problem> {
    let part = Part {
        limit: query.limit,
        next_token: query.next_token,
    };
    Ok(Json(channel_requests::of_owner(&ctx, &user_id, part).await?.into()))
}

/// Takes a pending request back.
#[utoipa::path(delete, path = "/users/{user_id}/channel-requests/{request_id}", operation_id = "withdraw_channel_request",
    tag = "groups",
    params(("user_id" = String, Path, description = "Id of the account; admins may name any."),
           ("request_id" = String, Path, description = "Id of the request.")),
    responses((status = 200, description = "It is gone.", body = ChannelRequestWithdrawn)))]
pub(crate) async fn withdraw(
    Admitted(ctx): Admitted,
    Ids(user_id, request_id): Ids,
) -> Result<Json<ChannelRequestWithdrawn>, Problem> {
    channel_requests::withdraw(&ctx, &user_id, &request_id).await?;
    let message = "Channel request withdrawn";
    Ok(Json(ChannelRequestWithdrawn { message, request_id }))
}

/// Lists requests: pending ones oldest first, others newest first.
#[utoipa::path(get, path = "/admin/channel-requests", operation_id = "list_channel_requests", tag = "channels",
    params(RequestsQuery),
    responses((status = 200, description = "One part.", body = ChannelRequests)))]
pub(crate) async fn list(
    Admitted(ctx): Admitted,
    Query(query): Query<RequestsQuery>,
) -> Result<Json<ChannelRequests>, Problem> {
    let status = query.status.as_deref().map(Status::shown).transpose()?;
    let part = Part {
        limit: query.limit,
        next_token: query.next_token,
    };
    Ok(Json(channel_requests::list(&ctx, status, part).await?.into()))
}

/// Approves a pending request: makes a channel and assigns it to the request's owner. When that cannot be, nothing is left
/// behind and the request stays pending. Nobody approves an own request while there is another administrator.
#[utoipa::path(post, path = "/admin/channel-requests/{id}/approve", operation_id = "approve_channel_request",
    tag = "channels",
    params(("id" = String, Path, description = "Id of the request.")), request_body = Option<ApproveChannelRequest>,
    responses((status = 200, description = "The channel is its owner's.", body = ChannelRequestApproved),
              (status = 429, description = "The pool is full: `currentCount` of `maxLimit`.", body = crate::error::ErrorBody)))]
pub(crate) async fn approve(
    Admitted(ctx): Admitted,
    Id(id): Id,
    body: Option<Json<ApproveChannelRequest>>,
) -> Result<Json<ChannelRequestApproved>, Problem> {
    let approval = Approval {
        is_recording_enabled: body.and_then(|Json(body)| body.recording_enabled).unwrap_or(true),
    };
    let approved = channel_requests::approve(&ctx, &id, approval).await?;
    Ok(Json(ChannelRequestApproved {
        message: "Channel request approved",
        request: approved.request.into(),
        channel: approved.channel.into(),
    }))
}

/// Rejects a pending request, with a reason that its owner is told.
#[utoipa::path(post, path = "/admin/channel-requests/{id}/reject", operation_id = "reject_channel_request",
    tag = "channels",
    params(("id" = String, Path, description = "Id of the request.")), request_body = RejectChannelRequest,
    responses((status = 200, description = "Rejected.", body = ChannelRequestRejected)))]
pub(crate) async fn reject(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Json(body): Json<RejectChannelRequest>,
) -> Result<Json<ChannelRequestRejected>, Problem> {
    let request = channel_requests::reject(&ctx, &id, &body.reason).await?.into();
    let message = "Channel request rejected";
    Ok(Json(ChannelRequestRejected { message, request }))
}

impl From<channel_requests::Request> for ChannelRequest {
    fn from(request: channel_requests::Request) -> Self {
        Self {
            request_id: request.id,
            group_id: request.group_id,
            group_name: request.group_name,
            owner_id: request.owner_id,
            owner_name: request.owner_name,
            owner_email: request.owner_email,
            proposed_name: request.proposed_name,
            note: request.note,
            image_url: request.picture.as_ref().map(platform::pictures::Stored::url),
            status: match request.status {
                Status::Approved => RequestStatus::Approved,
                Status::Rejected => RequestStatus::Rejected,
                // What was withdrawn is never answered.
                Status::Pending | Status::Withdrawn => RequestStatus::Pending,
            },
            reason: request.reason,
            channel_id: request.channel_id,
            requested_at: rfc3339(request.requested_at_ms),
            decided_at: request.decided_at_ms.map(rfc3339),
            decided_by: request.decided_by,
        }
    }
}

impl From<channel_requests::List> for ChannelRequests {
    fn from(list: channel_requests::List) -> Self {
        let requests: Vec<ChannelRequest> = list.requests.into_iter().map(ChannelRequest::from).collect();
        Self {
            count: requests.len(),
            requests,
            next_token: list.next_token,
        }
    }
}
