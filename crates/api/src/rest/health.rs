//! For operators and their machines.

use std::sync::LazyLock;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use platform::health;
use serde::Serialize;
use utoipa::ToSchema;

use crate::gate::{Admitted, App};
use crate::json::Json;

/// State of the process.
#[derive(Serialize, ToSchema)]
pub(crate) struct Alive {
    /// Always `ok`.
    status: &'static str,
    /// Version of the server.
    version: &'static str,
}

/// Whether requests can be served, part by part.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ready {
    /// `ok`, or `degraded` when a part is not.
    status: PartState,
    /// The database answers and its schema is current.
    database: PartState,
    /// The video provider answered recently.
    video: PartState,
}

/// State of one part.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PartState {
    Ok,
    Degraded,
}

/// Whether the process runs; says nothing about what it depends on.
#[utoipa::path(get, path = "/healthz", operation_id = "alive", tag = "health",
    responses((status = 200, description = "It runs.", body = Alive)))]
pub(crate) async fn alive() -> Json<Alive> {
    Json(Alive {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Whether requests can be served, part by part.
#[utoipa::path(get, path = "/readyz", operation_id = "ready", tag = "health",
    responses((status = 200, description = "Requests can be served, perhaps without video.", body = Ready),
              (status = 503, description = "Requests cannot be served.", body = Ready)))]
pub(crate) async fn ready(Admitted(ctx): Admitted) -> (StatusCode, Json<Ready>) {
    let health = health::check(&ctx).await;
    let (database, video) = (PartState::of(health.is_database_up), PartState::of(health.is_video_up));
    let status = PartState::of(health.is_database_up && health.is_video_up);
    // Without video the rest still works, and taking every replica out of service would only make it worse.
    let code = if health.is_database_up {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (
        code,
        Json(Ready {
            status,
            database,
            video,
        }),
    )
}

impl PartState {
    fn of(is_ok: bool) -> Self {
        if is_ok { Self::Ok } else { Self::Degraded }
    }
}

/// Metrics in the Prometheus text format, for this machine and administrators.
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "health",
    responses((status = 200, description = "Prometheus text.", body = String, content_type = "text/plain")))]
pub(crate) async fn metrics(State(app): State<App>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        app.metrics().render(),
    )
}

/// This document.
#[utoipa::path(get, path = "/openapi.json", operation_id = "openapi", tag = "health",
    responses((status = 200, description = "OpenAPI 3.1.", body = Object)))]
pub(crate) async fn document() -> Response {
    static DOCUMENT: LazyLock<String> = LazyLock::new(crate::openapi_json);
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str()).into_response()
}
