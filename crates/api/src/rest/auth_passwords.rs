//! Passwords: forgotten, set anew, changed.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use platform::{Secret, accounts};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::client::Client;
use crate::error::Problem;
use crate::gate::{Admitted, App};
use crate::json::Json;
use crate::rest::auth::{SignedIn, device, signed_in};

/// Somebody who forgot the password, or never had one.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ForgotPassword {
    /// E-mail address of the account.
    email: String,
}

/// A new password, by the link from the mailbox.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ResetPassword {
    /// From the link.
    token: String,
    /// At least 8 characters.
    password: String,
}

/// A new password, by the old one.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ChangePassword {
    /// The password until now.
    current_password: String,
    /// At least 8 characters.
    new_password: String,
}

/// Sends a link to set a password, if the address has an account. The answer is the same for every address.
#[utoipa::path(post, path = "/api/auth/password/forgot", operation_id = "forgot_password", tag = "auth",
    request_body = ForgotPassword, responses((status = 202, description = "Noted.")))]
pub(crate) async fn forgot(
    Admitted(ctx): Admitted,
    client: Client,
    Json(body): Json<ForgotPassword>,
) -> Result<StatusCode, Problem> {
    accounts::forgot_password(&ctx, &body.email, client.address).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Sets a password by the link, which is good for an hour, once. Ends every session of the account.
#[utoipa::path(post, path = "/api/auth/password/reset", operation_id = "reset_password", tag = "auth",
    request_body = ResetPassword, responses((status = 204, description = "Set; sign in with it.")))]
pub(crate) async fn reset(Admitted(ctx): Admitted, Json(body): Json<ResetPassword>) -> Result<StatusCode, Problem> {
    let (token, password) = (Secret::new(body.token), Secret::new(body.password));
    accounts::reset_password(&ctx, &token, &password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Changes the password. Ends every session and access token of the account; the answer begins a new session.
#[utoipa::path(post, path = "/api/auth/password/change", operation_id = "change_password", tag = "auth",
    request_body = ChangePassword, responses((status = 200, description = "Changed and signed in again.", body = SignedIn)))]
pub(crate) async fn change(
    State(app): State<App>,
    Admitted(ctx): Admitted,
    client: Client,
    headers: HeaderMap,
    Json(body): Json<ChangePassword>,
) -> Result<Response, Problem> {
    let input = accounts::PasswordChange {
        current: Secret::new(body.current_password),
        new: Secret::new(body.new_password),
        device: device(client, &headers),
    };
    let session = accounts::change_password(&ctx, input).await?;
    Ok(signed_in(&app, client, StatusCode::OK, session))
}
