//! What a person was told: the bell.

use axum::extract::Path;
use http::StatusCode;
use platform::{Page, notifications};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Json, Query};
use crate::rest::time::rfc3339;
use crate::rest::users::PageQuery;

/// One thing the caller was told.
#[derive(Serialize, ToSchema)]
pub(crate) struct Notification {
    /// UUID.
    id: String,
    /// What it is about: `outbid`, `auction_won`, `auction_lost`, `auction_sold`, `auction_unsold`, `auction_withdrawn`,
    /// `channel_requested`, `channel_request_approved`, `channel_request_rejected`, `channel_request_not_approved`;
    /// more may come.
    kind: String,
    /// One line.
    title: String,
    /// One or two sentences.
    text: String,
    /// Path on this server to look at, such as `/ui/auctions/{id}`.
    href: String,
    /// RFC 3339.
    created_at: String,
    created_at_ms: i64,
    /// When it was read, RFC 3339.
    #[schema(required)]
    read_at: Option<String>,
}

/// A page of the caller's notifications, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Notifications {
    notifications: Vec<Notification>,
    /// How many of all are unread.
    unread_count: i64,
    limit: i64,
    offset: i64,
}

/// How many notifications are unread: the snapshot of topic `account:{id}`.
#[derive(Serialize, ToSchema)]
pub(crate) struct Unread {
    unread_count: i64,
}

/// Lists what the caller was told.
#[utoipa::path(get, path = "/api/notifications", operation_id = "list_notifications", tag = "notifications",
    params(PageQuery), responses((status = 200, description = "One page.", body = Notifications)))]
pub(crate) async fn list(
    Admitted(ctx): Admitted,
    Query(query): Query<PageQuery>,
) -> Result<Json<Notifications>, Problem> {
    let page = Page::new(query.limit, query.offset)?;
    Ok(Json(notifications::list(&ctx, page).await?.into()))
}

/// Marks one notification as read.
#[utoipa::path(post, path = "/api/notifications/{id}/read", operation_id = "read_notification", tag = "notifications",
    params(("id" = String, Path, description = "Its UUID.")),
    responses((status = 204, description = "It is read.")))]
pub(crate) async fn read(Admitted(ctx): Admitted, Path(id): Path<String>) -> Result<StatusCode, Problem> {
    notifications::read(&ctx, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Marks all of the caller's notifications as read.
#[utoipa::path(post, path = "/api/notifications/read-all", operation_id = "read_all_notifications",
    tag = "notifications", responses((status = 204, description = "All are read.")))]
pub(crate) async fn read_all(Admitted(ctx): Admitted) -> Result<StatusCode, Problem> {
    notifications::read_all(&ctx).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl From<notifications::List> for Notifications {
    fn from(list: notifications::List) -> Self {
        Self {
            notifications: list.notifications.into_iter().map(Notification::from).collect(),
            unread_count: list.unread,
            limit: list.page.limit,
            offset: list.page.offset,
        }
    }
}

impl From<notifications::Notification> for Notification {
    fn from(told: notifications::Notification) -> Self {
        Self {
            id: told.id,
            kind: told.kind,
            title: told.title,
            text: told.text,
            href: told.href,
            created_at: rfc3339(told.created_at_ms),
            created_at_ms: told.created_at_ms,
            read_at: told.read_at_ms.map(rfc3339),
        }
    }
}

impl From<notifications::Unread> for Unread {
    fn from(unread: notifications::Unread) -> Self {
        Self {
            unread_count: unread.count,
        }
    }
}
