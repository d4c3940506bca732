//! Signing up and in with a code sent by e-mail; names and texts as clients of the first version know them.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use platform::accounts::Challenge;
use platform::{Secret, accounts, mail};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::client::Client;
use crate::error::Problem;
use crate::gate::{Admitted, App};
use crate::json::Json;
use crate::rest::auth::{Tokens, device, session_cookie};

/// The ways to sign in to this installation.
#[derive(Serialize, ToSchema)]
pub(crate) struct Methods {
    /// By e-mail address and password.
    password: bool,
    /// By a code sent by e-mail; with it, forgotten passwords can be set anew.
    email_code: bool,
    /// By an account elsewhere.
    #[schema(required)]
    oidc: Option<OidcMethod>,
}

/// Accounts elsewhere that let in here.
#[derive(Serialize, ToSchema)]
pub(crate) struct OidcMethod {
    /// What the button says.
    name: String,
}

/// Somebody who wants a code.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Initiate {
    /// E-mail address; required.
    #[schema(required)]
    email: Option<String>,
    /// True to create an account.
    #[serde(default)]
    is_signup: bool,
    /// Display name of a new account.
    name: Option<String>,
}

/// An attempt to sign in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Initiated {
    /// To be sent back with the code.
    session: String,
    /// To be sent back with the code: `SIGN_UP` or `CUSTOM_AUTH`.
    challenge_name: &'static str,
    /// The same for every address.
    message: &'static str,
}

/// A code from the mailbox.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerifyOtp {
    /// E-mail address; required.
    #[schema(required)]
    email: Option<String>,
    /// The six digits; required.
    #[schema(required)]
    otp: Option<String>,
    /// As `initiate` answered; required.
    #[schema(required)]
    session: Option<String>,
    /// As in `initiate`.
    #[serde(default)]
    is_signup: bool,
    /// As `initiate` answered; required for signing in.
    challenge_name: Option<String>,
    /// Display name of a new account, if it was not given before.
    name: Option<String>,
}

/// Somebody whose code has not arrived.
#[derive(Deserialize, ToSchema)]
pub(crate) struct ResendCode {
    /// E-mail address; required.
    #[schema(required)]
    email: Option<String>,
    /// As `initiate` answered; the latest attempt of the address when absent.
    session: Option<String>,
}

/// What was done, in a sentence.
#[derive(Serialize, ToSchema)]
pub(crate) struct Message {
    /// The same for every address.
    message: &'static str,
}

/// The ways to sign in.
#[utoipa::path(get, path = "/api/auth/methods", operation_id = "sign_in_methods", tag = "auth",
    responses((status = 200, description = "What this installation offers.", body = Methods)))]
pub(crate) async fn methods(Admitted(ctx): Admitted) -> Json<Methods> {
    Json(Methods {
        password: true,
        email_code: mail::is_configured(&ctx.platform),
        oidc: accounts::oidc::method(&ctx.platform).map(|name| OidcMethod { name }),
    })
}

/// Sends a code by e-mail.
///
/// The answer is the same whether the address has an account or not; the mail says which. Signing up with an address that has
/// an account signs in to it.
#[utoipa::path(post, path = "/api/auth/initiate", operation_id = "initiate", tag = "auth", request_body = Initiate,
    responses((status = 200, description = "Sent.", body = Initiated)))]
pub(crate) async fn initiate(
    Admitted(ctx): Admitted,
    client: Client,
    Json(body): Json<Initiate>,
) -> Result<Json<Initiated>, Problem> {
    let email = given(body.email).ok_or_else(|| bad_request("Email is required"))?;
    let challenge = match body.is_signup {
        true => Challenge::SignUp,
        false => Challenge::SignIn,
    };
    let input = accounts::CodeRequest {
        email,
        challenge,
        name: body.name,
        remote: client.address,
    };
    let session = accounts::request_code(&ctx, input).await?;
    Ok(Json(Initiated {
        session: session.reveal().to_owned(),
        challenge_name: challenge.as_str(),
        message: "Verification code sent to your email",
    }))
}

/// Sends another code for an attempt of the last hour; the one before it ends. At most every 30 seconds.
#[utoipa::path(post, path = "/api/auth/resend-code", operation_id = "resend_code", tag = "auth", request_body = ResendCode,
    responses((status = 200, description = "Sent, if there is such an attempt.", body = Message)))]
pub(crate) async fn resend(
    Admitted(ctx): Admitted,
    client: Client,
    Json(body): Json<ResendCode>,
) -> Result<Json<Message>, Problem> {
    let input = accounts::ResendRequest {
        email: given(body.email).ok_or_else(|| bad_request("Email is required"))?,
        session: given(body.session).map(Secret::new),
        remote: client.address,
    };
    accounts::resend_code(&ctx, input).await?;
    Ok(Json(Message {
        message: "Verification code resent successfully",
    }))
}

/// Signs in with the code; for a new address it makes an account without a password.
///
/// A code is good for ten minutes, once, and ends after five wrong ones.
#[utoipa::path(post, path = "/api/auth/verify-otp", operation_id = "verify_otp", tag = "auth", request_body = VerifyOtp,
    responses((status = 200, description = "Signed in.", body = Tokens)))]
pub(crate) async fn verify(
    State(app): State<App>,
    Admitted(ctx): Admitted,
    client: Client,
    headers: HeaderMap,
    Json(body): Json<VerifyOtp>,
) -> Result<Response, Problem> {
    let (email, otp) = given(body.email)
        .zip(given(body.otp))
        .ok_or_else(|| bad_request("Email and OTP are required"))?;
    let (session, name) = (given(body.session), given(body.challenge_name));
    let (session, challenge) = match body.is_signup {
        true => (
            session.ok_or_else(|| bad_request("Session is required"))?,
            Challenge::SignUp,
        ),
        false => {
            let (session, name) = session
                .zip(name)
                .ok_or_else(|| bad_request("Session and challenge name are required"))?;
            (session, name.parse()?)
        }
    };
    let input = accounts::CodeAnswer {
        email,
        code: Secret::new(otp),
        session: Secret::new(session),
        challenge,
        name: body.name,
        device: device(client, &headers),
    };
    let session = accounts::verify_code(&ctx, input).await?;
    let cookie = session_cookie(&app, client, &session);
    Ok((cookie, Json(Tokens::from(session))).into_response())
}

/// A member that is there and not empty.
fn given(member: Option<String>) -> Option<String> {
    member.filter(|text| !text.trim().is_empty())
}

fn bad_request(message: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, message)
}
