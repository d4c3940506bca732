//! Signing up, in and out.

use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use platform::{Secret, accounts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::client::Client;
use crate::cookie;
use crate::error::Problem;
use crate::gate::{Admitted, App};
use crate::json::Json;
use crate::rest::users::User;

/// A new account.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Register {
    /// E-mail address, the name one signs in with.
    email: String,
    /// At least 8 characters.
    password: String,
    /// Display name.
    name: String,
}

/// Credentials.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Login {
    /// E-mail address of the account.
    email: String,
    /// Its password.
    password: String,
}

/// The first administrator.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Setup {
    /// One-time token from the link the server printed.
    token: String,
    /// E-mail address, the name one signs in with.
    email: String,
    /// At least 8 characters.
    password: String,
    /// Display name.
    name: String,
}

/// A signed-in account with its access token; the refresh token is in the cookie.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignedIn {
    /// Goes into `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token expires.
    expires_in: i64,
    /// Who signed in.
    user: User,
}

/// Whether this installation still lacks an administrator.
#[derive(Serialize, ToSchema)]
pub(crate) struct SetupStatus {
    /// True until the first administrator exists.
    setup_needed: bool,
}

/// Creates an account and signs it in.
#[utoipa::path(post, path = "/api/auth/register", operation_id = "register", tag = "auth", request_body = Register,
    responses((status = 201, description = "Registered and signed in.", body = SignedIn)))]
pub(crate) async fn register(
    State(app): State<App>,
    Admitted(ctx): Admitted,
    client: Client,
    headers: HeaderMap,
    Json(body): Json<Register>,
) -> Result<Response, Problem> {
    let input = account(body.email, body.password, body.name);
    let session = accounts::register(&ctx, input, &device(client, &headers)).await?;
    Ok(signed_in(&app, client, StatusCode::CREATED, session))
}

/// Signs in with e-mail address and password.
#[utoipa::path(post, path = "/api/auth/login", operation_id = "login", tag = "auth", request_body = Login,
    responses((status = 200, description = "Signed in.", body = SignedIn)))]
pub(crate) async fn login(
    State(app): State<App>,
    Admitted(ctx): Admitted,
    client: Client,
    headers: HeaderMap,
    Json(body): Json<Login>,
) -> Result<Response, Problem> {
    let input = accounts::Login {
        email: body.email,
        password: Secret::new(body.password),
        device: device(client, &headers),
    };
    let session = accounts::login(&ctx, input).await?;
    Ok(signed_in(&app, client, StatusCode::OK, session))
}

/// Exchanges the refresh cookie for a new one and a new access token.
///
/// Each cookie works once, and ten seconds longer for tabs that refresh at once; showing a used one later signs that browser out everywhere it was copied to.
#[utoipa::path(post, path = "/api/auth/refresh", operation_id = "refresh", tag = "auth",
    responses((status = 200, description = "Signed in again.", body = SignedIn)))]
pub(crate) async fn refresh(
    State(app): State<App>,
    Admitted(ctx): Admitted,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    cookie::require_same_origin(app.config(), &headers)?;
    let session = accounts::refresh(&ctx, &cookie::read(&headers), &device(client, &headers)).await?;
    Ok(signed_in(&app, client, StatusCode::OK, session))
}

/// Ends this browser's sign-in.
#[utoipa::path(post, path = "/api/auth/logout", operation_id = "logout", tag = "auth",
    responses((status = 204, description = "Signed out; also when nobody was signed in.")))]
pub(crate) async fn logout(
    State(app): State<App>,
    Admitted(ctx): Admitted,
    client: Client,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    cookie::require_same_origin(app.config(), &headers)?;
    accounts::logout(&ctx, &cookie::read(&headers)).await?;
    let removal = cookie::set(app.config(), client, "", 0);
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, removal)])).into_response())
}

/// The signed-in account.
#[utoipa::path(get, path = "/api/auth/me", operation_id = "me", tag = "auth",
    responses((status = 200, description = "Who the token belongs to.", body = User)))]
pub(crate) async fn me(Admitted(ctx): Admitted) -> Result<Json<User>, Problem> {
    Ok(Json(accounts::me(&ctx).await?.into()))
}

/// Whether the first administrator must still be set up.
#[utoipa::path(get, path = "/api/auth/setup", operation_id = "setup_status", tag = "auth",
    responses((status = 200, description = "State of the installation.", body = SetupStatus)))]
pub(crate) async fn setup_status(Admitted(ctx): Admitted) -> Result<Json<SetupStatus>, Problem> {
    Ok(Json(SetupStatus {
        setup_needed: accounts::setup_needed(&ctx.platform).await?,
    }))
}

/// Creates the first administrator with the one-time token that the server printed, and signs in.
#[utoipa::path(post, path = "/api/auth/setup", operation_id = "setup", tag = "auth", request_body = Setup,
    responses((status = 201, description = "Set up and signed in.", body = SignedIn)))]
pub(crate) async fn setup(
    State(app): State<App>,
    Admitted(ctx): Admitted,
    client: Client,
    headers: HeaderMap,
    Json(body): Json<Setup>,
) -> Result<Response, Problem> {
    let input = account(body.email, body.password, body.name);
    let session = accounts::set_up(&ctx, &Secret::new(body.token), input, &device(client, &headers)).await?;
    Ok(signed_in(&app, client, StatusCode::CREATED, session))
}

fn account(email: String, password: String, name: String) -> accounts::NewAccount {
    accounts::NewAccount {
        email,
        password: Secret::new(password),
        name,
    }
}

/// What the request says about the person's device.
pub(crate) fn device(client: Client, headers: &HeaderMap) -> accounts::Device {
    let user_agent = headers.get(header::USER_AGENT).map(HeaderValue::as_bytes);
    accounts::Device {
        address: client.address,
        user_agent: String::from_utf8_lossy(user_agent.unwrap_or_default()).into_owned(),
    }
}

/// The answer to whoever signed in by a page: the refresh token goes into the cookie.
pub(crate) fn signed_in(app: &App, client: Client, status: StatusCode, session: accounts::SignedIn) -> Response {
    let cookie = cookie::set(
        app.config(),
        client,
        session.refresh_token.reveal(),
        session.refresh_expires_in_s,
    );
    let body = SignedIn {
        access_token: session.access_token.reveal().to_owned(),
        token_type: "Bearer",
        expires_in: session.expires_in_s,
        user: session.account.into(),
    };
    let headers = AppendHeaders([
        (header::SET_COOKIE, cookie),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ]);
    (status, headers, Json(body)).into_response()
}
