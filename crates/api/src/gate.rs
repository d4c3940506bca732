//! The one gate in front of every route: it reads credentials, applies the route's policy, and hands the handler a
//! [`Context`] as proof. Handlers have no other way to reach the application.

use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::extract::{FromRequestParts, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, header};
use metrics_exporter_prometheus::PrometheusHandle;
use platform::{Caller, Context, Platform, Role};

use crate::client::Client;
use crate::config::Config;
use crate::error::Problem;
use crate::policy::Policy;
use crate::sse::Streams;

/// What handlers share. The platform itself is private to this module: only an admitted request gets a context.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

struct Shared {
    platform: Platform,
    config: Config,
    metrics: PrometheusHandle,
    streams: Streams,
}

impl App {
    pub(crate) fn new(platform: Platform, config: Config, metrics: PrometheusHandle) -> Self {
        let streams = Streams::new(config.shutdown.clone(), config.streams_per_address_max);
        Self(Arc::new(Shared {
            platform,
            config,
            metrics,
            streams,
        }))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn metrics(&self) -> &PrometheusHandle {
        &self.0.metrics
    }

    pub(crate) fn streams(&self) -> &Streams {
        &self.0.streams
    }

    /// A fresh id, for naming requests in logs.
    pub(crate) fn new_request_id(&self) -> String {
        self.0.platform.context(Caller::Anonymous).new_id().to_string()
    }
}

/// Proof that the gate let this request through, with the context every operation takes.
pub(crate) struct Admitted(pub(crate) Context);

impl FromRequestParts<App> for Admitted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let context = parts.extensions.get::<Context>().cloned();
        context
            .map(Self)
            .ok_or_else(|| Problem::internal("a handler was reached without passing the gate"))
    }
}

/// Who called from where; for handlers that limit by address or set cookies.
impl FromRequestParts<App> for Client {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Self::Rejection> {
        Ok(Self::of(
            &parts.extensions,
            &parts.headers,
            &app.config().trusted_proxies,
        ))
    }
}

/// Middleware of every route: admits the request with a context, or answers why not.
pub(crate) async fn admit(State((app, policy)): State<(App, Policy)>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match caller(&app, policy, &parts).await {
        Ok(caller) => {
            parts.extensions.insert(app.0.platform.context(caller));
            next.run(Request::from_parts(parts, body)).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn caller(app: &App, policy: Policy, parts: &Parts) -> Result<Caller, Problem> {
    let headers = &parts.headers;
    match policy {
        Policy::Open => Ok(Caller::Anonymous),
        Policy::Public if headers.contains_key(header::AUTHORIZATION) => authenticated(app, headers).await,
        Policy::Public => Ok(Caller::Anonymous),
        Policy::SignedIn => authenticated(app, headers).await,
        Policy::Role(role) => with_role(app, headers, role).await,
        Policy::EventsSecret => events_sender(app, headers),
        Policy::LoopbackOrAdmin => {
            let client = Client::of(&parts.extensions, headers, &app.config().trusted_proxies);
            if client.is_local {
                Ok(Caller::Anonymous)
            } else {
                with_role(app, headers, Role::Admin).await
            }
        }
    }
}

async fn with_role(app: &App, headers: &HeaderMap, role: Role) -> Result<Caller, Problem> {
    let caller = authenticated(app, headers).await?;
    if caller.has_role(role) {
        Ok(caller)
    } else {
        Err(Problem::forbidden("You do not have permission to do this"))
    }
}

async fn authenticated(app: &App, headers: &HeaderMap) -> Result<Caller, Problem> {
    let value = headers
        .get(header::AUTHORIZATION)
        .ok_or_else(|| Problem::unauthenticated(NO_HEADER))?;
    let text = value.to_str().map_err(|_| Problem::unauthenticated(BAD_HEADER))?;
    let (scheme, token) = text
        .split_once(' ')
        .ok_or_else(|| Problem::unauthenticated(BAD_HEADER))?;
    if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
        return Err(Problem::unauthenticated(BAD_HEADER));
    }
    Ok(platform::accounts::authenticate(&app.0.platform, token.trim()).await?)
}

fn events_sender(app: &App, headers: &HeaderMap) -> Result<Caller, Problem> {
    let secret = app.config().events_secret.as_ref();
    let shown = headers.get(EVENTS_SECRET_HEADER).map(http::HeaderValue::as_bytes);
    let is_known = match (secret, shown) {
        (Some(secret), Some(shown)) => verify_slices_are_equal(secret.reveal().as_bytes(), shown).is_ok(),
        _ => false,
    };
    if is_known {
        Ok(Caller::System)
    } else {
        Err(Problem::unauthenticated("Missing or wrong events secret"))
    }
}

/// Header that carries the secret of the event feed.
pub(crate) const EVENTS_SECRET_HEADER: &str = "x-rostrum-events-secret";
const NO_HEADER: &str = "Missing authorization header";
const BAD_HEADER: &str = "Invalid authorization header format";
