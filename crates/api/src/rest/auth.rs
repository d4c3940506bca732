//! Signing up, in and out.

use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
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

/// A refresh token from a client that keeps no cookies.
#[derive(Deserialize, ToSchema)]
pub(crate) struct RefreshToken {
    /// As an earlier answer named it. Absent: the cookie counts.
    #[serde(rename = "refreshToken")]
    #[schema(required = false)]
    refresh_token: Option<String>,
}

/// The tokens of somebody who signed in by a code, or whose client keeps no cookies.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tokens {
    /// Says who signed in, as a JSON Web Token to be read by the client. No credential.
    id_token: String,
    /// Goes into `Authorization: Bearer …`.
    access_token: String,
    /// Goes into the body of `POST /api/auth/refresh`, once; browsers have it in the cookie and need not keep it.
    refresh_token: String,
    /// Seconds until the access token expires.
    expires_in: i64,
    /// Who signed in.
    user: User,
}

/// Fresh tokens: without the refresh token for whoever sent it in the cookie, with it for whoever sent it in the body.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Refreshed {
    /// The next refresh token is in the cookie.
    Cookie(SignedIn),
    /// The next refresh token is in the answer; no cookie is set.
    Body(Tokens),
}

/// The signed-in person.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: User,
    /// False while the account can be entered by e-mail only; a link to set a password can be asked for.
    has_password: bool,
}

/// What a person may change about themselves.
#[derive(Deserialize, ToSchema)]
pub(crate) struct UpdateMe {
    /// Display name.
    name: String,
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

/// Exchanges the refresh token for a new one and a new access token: the cookie, or `refreshToken` in the body for clients
/// without cookies, which then get the next one in the answer.
///
/// Each token works once, and ten seconds longer for tabs that refresh at once; showing a used one later ends the session wherever it was copied to.
#[utoipa::path(post, path = "/api/auth/refresh", operation_id = "refresh", tag = "auth",
    request_body = Option<RefreshToken>,
    responses((status = 200, description = "Signed in again.", body = Refreshed)))]
pub(crate) async fn refresh(
    State(app): State<App>,
    Admitted(ctx): Admitted,
    client: Client,
    headers: HeaderMap,
    body: Option<Json<RefreshToken>>,
) -> Result<Response, Problem> {
    let device = device(client, &headers);
    if let Some(token) = in_body(body) {
        // Only a script that holds the token can have written it there: no cookie of the browser is read or set.
        let session = accounts::refresh(&ctx, &token, &device).await?;
        return Ok(Json(Refreshed::Body(session.into())).into_response());
    }
    cookie::require_same_origin(app.config(), &headers)?;
    let session = accounts::refresh(&ctx, &cookie::read(&headers), &device).await?;
    let cookie = session_cookie(&app, client, &session);
    Ok((cookie, Json(Refreshed::Cookie(session.into()))).into_response())
}

/// Ends this browser's session, or that of `refreshToken` in the body.
#[utoipa::path(post, path = "/api/auth/logout", operation_id = "logout", tag = "auth",
    request_body = Option<RefreshToken>,
    responses((status = 204, description = "Signed out; also when nobody was signed in.")))]
pub(crate) async fn logout(
    State(app): State<App>,
    Admitted(ctx): Admitted,
    client: Client,
    headers: HeaderMap,
    body: Option<Json<RefreshToken>>,
) -> Result<Response, Problem> {
    if let Some(token) = in_body(body) {
        accounts::logout(&ctx, &token).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    cookie::require_same_origin(app.config(), &headers)?;
    accounts::logout(&ctx, &cookie::read(&headers)).await?;
    let removal = cookie::set(app.config(), client, "", 0);
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, removal)])).into_response())
}

/// The signed-in account.
#[utoipa::path(get, path = "/api/auth/me", operation_id = "me", tag = "auth",
    responses((status = 200, description = "Who the token belongs to.", body = Me)))]
pub(crate) async fn me(Admitted(ctx): Admitted) -> Result<Json<Me>, Problem> {
    Ok(Json(Me {
        user: accounts::me(&ctx).await?.into(),
        has_password: accounts::has_password(&ctx).await?,
    }))
}

/// Changes the signed-in account's display name.
#[utoipa::path(post, path = "/api/auth/me", operation_id = "update_me", tag = "auth", request_body = UpdateMe,
    responses((status = 200, description = "Changed.", body = User)))]
pub(crate) async fn update_me(Admitted(ctx): Admitted, Json(body): Json<UpdateMe>) -> Result<Json<User>, Problem> {
    Ok(Json(accounts::rename(&ctx, &body.name).await?.into()))
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

fn in_body(body: Option<Json<RefreshToken>>) -> Option<Secret> {
    body.and_then(|Json(body)| body.refresh_token).map(Secret::new)
}

impl From<accounts::SignedIn> for SignedIn {
    fn from(session: accounts::SignedIn) -> Self {
        Self {
            access_token: session.access_token.reveal().to_owned(),
            token_type: "Bearer",
            expires_in: session.expires_in_s,
            user: session.account.into(),
        }
    }
}

impl From<accounts::SignedIn> for Tokens {
    fn from(session: accounts::SignedIn) -> Self {
        Self {
            id_token: session.id_token.reveal().to_owned(),
            access_token: session.access_token.reveal().to_owned(),
            refresh_token: session.refresh_token.reveal().to_owned(),
            expires_in: session.expires_in_s,
            user: session.account.into(),
        }
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
    let cookie = session_cookie(app, client, &session);
    (status, cookie, Json(SignedIn::from(session))).into_response()
}

/// The header that keeps somebody signed in.
pub(crate) fn session_cookie(
    app: &App,
    client: Client,
    session: &accounts::SignedIn,
) -> AppendHeaders<[(HeaderName, HeaderValue); 1]> {
    let token = session.refresh_token.reveal();
    let cookie = cookie::set(app.config(), client, token, session.refresh_expires_in_s);
    AppendHeaders([(header::SET_COOKIE, cookie)])
}
