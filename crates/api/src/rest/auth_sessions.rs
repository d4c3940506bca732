//! Where a person is signed in.

use http::{HeaderMap, StatusCode, header};
use platform::{Platform, accounts};
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Json};
use crate::rest::time::rfc3339;

/// One place where the caller is signed in.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountSession)]
pub(crate) struct Session {
    /// UUID.
    id: String,
    /// When the person signed in, RFC 3339.
    created_at: String,
    /// When the session was last renewed, RFC 3339; an open page renews it every quarter of an hour.
    last_used_at: String,
    /// Network address it was last renewed from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    address: Option<String>,
    /// What the browser or program called itself; may be empty.
    user_agent: String,
    /// True for the session that asks.
    is_current: bool,
}

/// All sessions of the caller, the one used last first.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountSessions)]
pub(crate) struct Sessions {
    sessions: Vec<Session>,
}

/// Lists the caller's sessions.
#[utoipa::path(get, path = "/api/auth/sessions", operation_id = "list_sessions", tag = "auth",
    responses((status = 200, description = "All of them, at most 100.", body = Sessions)))]
pub(crate) async fn list(Admitted(ctx): Admitted, headers: HeaderMap) -> Result<Json<Sessions>, Problem> {
    let current = current(&ctx.platform, &headers);
    let sessions = accounts::list_sessions(&ctx).await?.into_iter().map(|session| Session {
        is_current: current.as_ref() == Some(&session.id),
        id: session.id,
        created_at: rfc3339(session.created_at_ms),
        last_used_at: rfc3339(session.last_used_at_ms),
        address: session.address,
        user_agent: session.user_agent,
    });
    Ok(Json(Sessions {
        sessions: sessions.collect(),
    }))
}

/// Ends one of the caller's sessions. Its access tokens stop working within seconds.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", operation_id = "end_session", tag = "auth",
    params(("id" = String, Path, description = "Id of the session.")),
    responses((status = 204, description = "Ended.")))]
pub(crate) async fn revoke(Admitted(ctx): Admitted, Id(id): Id) -> Result<StatusCode, Problem> {
    accounts::end_session(&ctx, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends all of the caller's sessions but the one that asks.
#[utoipa::path(post, path = "/api/auth/sessions/revoke-others", operation_id = "end_other_sessions", tag = "auth",
    responses((status = 204, description = "Ended.")))]
pub(crate) async fn revoke_others(Admitted(ctx): Admitted, headers: HeaderMap) -> Result<StatusCode, Problem> {
    let current = current(&ctx.platform, &headers);
    accounts::end_other_sessions(&ctx, current.as_deref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The session of the token that the gate let in.
fn current(platform: &Platform, headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (_, token) = value.split_once(' ')?;
    accounts::session_of(platform, token.trim())
}
