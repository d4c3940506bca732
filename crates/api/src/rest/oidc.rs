//! Signing in at the issuer and coming back. Both routes are for browsers that follow links, so every outcome is a page.

use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use platform::accounts::oidc;
use platform::{Context, Error, ErrorKind, Secret};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::client::Client;
use crate::config::Config;
use crate::cookie;
use crate::error::Problem;
use crate::gate::{Admitted, App};
use crate::json::Query;
use crate::rest::auth::device;

/// Where to go on.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StartQuery {
    /// Page to go on with after signing in, a path under `/ui/`.
    next: Option<String>,
}

/// What the issuer sends along.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CallbackQuery {
    /// One-time code.
    code: Option<String>,
    /// What we sent along.
    state: Option<String>,
    /// Why there is no code.
    error: Option<String>,
    /// The issuer's URL.
    iss: Option<String>,
}

/// Sends the browser to the issuer to sign in there.
#[utoipa::path(get, path = "/api/auth/oidc/start", operation_id = "oidc_start", tag = "auth", params(StartQuery),
    responses((status = 302, description = "To the issuer; or back to the sign-in page with `error` when it is down.")))]
pub(crate) async fn start(
    State(app): State<App>,
    Admitted(ctx): Admitted,
    client: Client,
    headers: HeaderMap,
    Query(query): Query<StartQuery>,
) -> Result<Response, Problem> {
    let started = match callback_url(&ctx, app.config()) {
        Ok(url) => oidc::start(&ctx, query.next.as_deref(), &url, &device(client, &headers)).await,
        Err(error) => Err(error),
    };
    let started = match started {
        Ok(started) => started,
        Err(error) => return failed(error, query.next.as_deref(), Vec::new()),
    };
    let cookie = cookie::set_errand(app.config(), client, started.cookie.reveal(), started.expires_in_s);
    Ok(redirect(started.location.as_str(), vec![cookie]))
}

/// Where the issuer sends the browser back to: signs in and goes on.
#[utoipa::path(get, path = "/api/auth/oidc/callback", operation_id = "oidc_callback", tag = "auth", params(CallbackQuery),
    responses((status = 302, description = "To the page to go on with, signed in by the refresh cookie; or to the sign-in page \
        with `error`, one of cancelled, expired, refused, closed, unavailable, busy, failed.")))]
pub(crate) async fn callback(
    State(app): State<App>,
    Admitted(ctx): Admitted,
    client: Client,
    headers: HeaderMap,
    Query(query): Query<CallbackQuery>,
) -> Result<Response, Problem> {
    let callback = oidc::Callback {
        code: query.code.map(Secret::new),
        state: query.state,
        error: query.error,
        iss: query.iss,
    };
    let errand = cookie::read_errand(&headers);
    let finished = match callback_url(&ctx, app.config()) {
        Ok(url) => oidc::finish(&ctx, callback, &errand, &url, &device(client, &headers)).await,
        Err(error) => Err(error),
    };
    // Whatever came of it, the errand is over.
    let over = cookie::set_errand(app.config(), client, "", 0);
    match finished {
        Ok(finished) => {
            let session = finished.session;
            let token = session.refresh_token.reveal();
            let cookie = cookie::set(app.config(), client, token, session.refresh_expires_in_s);
            // The page knows by this that it is worth asking who is here.
            Ok(redirect(&format!("{}#signed-in", finished.next), vec![over, cookie]))
        }
        Err(error) => failed(error, oidc::next_of(&ctx, &errand).as_deref(), vec![over]),
    }
}

/// The address that the issuer must know, when there is one.
fn callback_url(ctx: &Context, config: &Config) -> Result<Url, Error> {
    if oidc::method(&ctx.platform).is_none() {
        return Err(Error::not_found(
            "Sign-in through an issuer is not set up on this server",
        ));
    }
    let public = config.public_url.as_ref();
    let url = public.and_then(|url| url.join("/api/auth/oidc/callback").ok());
    url.ok_or_else(|| Error::internal("sign-in through an issuer needs server.public_url"))
}

/// The sign-in page with a word for what went wrong, and the page that was to come next. Only a server without an issuer
/// answers 404.
fn failed(error: Error, next: Option<&str>, cookies: Vec<HeaderValue>) -> Result<Response, Problem> {
    let word = match &error.kind {
        ErrorKind::NotFound => return Err(error.into()),
        ErrorKind::Invalid { field } if field == "error" => "cancelled",
        ErrorKind::Invalid { .. } => "expired",
        ErrorKind::Unauthenticated => "refused",
        ErrorKind::Forbidden => "closed",
        ErrorKind::LimitReached { .. } => "busy",
        ErrorKind::Unavailable { .. } => "unavailable",
        _ => "failed",
    };
    if let Some(detail) = &error.detail {
        tracing::warn!(word, detail, "a sign-in through the issuer failed: {detail}");
    }
    let mut page = form_urlencoded::Serializer::for_suffix(SIGN_IN_PAGE.to_owned(), SIGN_IN_PAGE.len());
    page.append_pair("error", word);
    // The pages name each other without their base, and judge themselves whether it is a page of ours.
    if let Some(next) = next
        .and_then(|next| next.strip_prefix("/ui"))
        .filter(|next| next.len() > 1)
    {
        page.append_pair("next", next);
    }
    Ok(redirect(&page.finish(), cookies))
}

fn redirect(location: &str, cookies: Vec<HeaderValue>) -> Response {
    let Ok(location) = HeaderValue::from_str(location) else {
        return Problem::internal("a redirect that is no header").into_response();
    };
    let fixed = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    let cookies = cookies.into_iter().map(|cookie| (header::SET_COOKIE, cookie));
    (
        StatusCode::FOUND,
        AppendHeaders(fixed.into_iter().chain(cookies).collect::<Vec<_>>()),
    )
        .into_response()
}

/// The sign-in page, up to its query.
const SIGN_IN_PAGE: &str = "/ui/sign-in?";
