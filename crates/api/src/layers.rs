//! What every answer gets, whatever its route: a request id, a log line, metrics, security headers, CORS, and a decent
//! 500 when a handler panics.

use std::any::Any;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tokio::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::compat;
use crate::config::Config;
use crate::error::Problem;
use crate::gate::App;

/// Wraps the whole router; the last layer here is the first to see a request.
pub(crate) fn wrap(router: Router<App>, app: &App) -> Router<App> {
    router
        .layer(CatchPanicLayer::custom(answer_panic))
        .layer(from_fn(compat::speak))
        .layer(CompressionLayer::new())
        .layer(from_fn(cross_origin))
        .layer(from_fn_with_state(
            content_security_policy(app.config()),
            security_headers,
        ))
        .layer(from_fn_with_state(app.clone(), observe))
}

fn answer_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or(panic.downcast_ref::<&str>().copied());
    Problem::internal(format!("a handler panicked: {}", text.unwrap_or("without a message"))).into_response()
}

async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = app.new_request_id();
    let method = request.method().clone();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str)
        .to_owned();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    tracing::debug!(
        request.id = id, %method, route, status, duration_ms = elapsed.as_millis(), "{method} {route} answered {status}"
    );
    let labels = [
        ("method", label(&method).to_owned()),
        ("route", route),
        ("status", status.to_string()),
    ];
    metrics::counter!("rostrum_http_requests_total", &labels).increment(1);
    metrics::histogram!("rostrum_http_request_duration_seconds", &labels).record(elapsed.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response
            .headers_mut()
            .insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

/// Method as a metric label: clients may invent methods, and must not invent time series.
fn label(method: &Method) -> &str {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE | Method::OPTIONS => {
            method.as_str()
        }
        _ => "other",
    }
}

/// The headers of [`wrap`] that pages need, for pages that are served without the application.
pub(crate) fn wrap_pages(router: Router) -> Router {
    router.layer(from_fn_with_state(
        content_security_policy(&Config::default()),
        security_headers,
    ))
}

/// Scripts from here only; media from here, from our public address (where playback URLs of our own engine point, which
/// may be another name for here), and from the configured origins.
fn content_security_policy(config: &Config) -> HeaderValue {
    let public = config.public_url.iter().map(|url| url.origin().ascii_serialization());
    let media = public
        .chain(config.media_origins.iter().cloned())
        .map(|origin| format!(" {origin}"))
        .collect::<String>();
    let text = format!(
        // The component library sets inline styles; hls.js plays through blob URLs from a blob worker; pictures that are
        // about to be uploaded are shown from blob URLs.
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob: http: https:; \
         connect-src 'self'{media}; media-src 'self' blob:{media}; worker-src 'self' blob:; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    );
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("default-src 'self'"))
}

async fn security_headers(State(policy): State<HeaderValue>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if is_api && !headers.contains_key(header::CACHE_CONTROL) {
        // Answers depend on who asks and when.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    // Pictures and mails bring a stricter one.
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// Pages of other origins may call the API with a bearer token or without any credentials; the routes that act on the
/// refresh cookie stay closed to them.
async fn cross_origin(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if !path.starts_with("/api/") || COOKIE_ROUTES.contains(&path) {
        return next.run(request).await;
    }
    let is_preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        preflight()
    } else {
        next.run(request).await
    };
    allow_origin(response.headers_mut());
    response
}

fn preflight() -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, DELETE"),
    );
    let allowed = HeaderValue::from_static("authorization, content-type, idempotency-key, last-event-id");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    response
}

fn allow_origin(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let exposed = HeaderValue::from_static("retry-after, x-request-id");
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
}

const COOKIE_ROUTES: [&str; 2] = ["/api/auth/refresh", "/api/auth/logout"];
