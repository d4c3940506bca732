//! Request bodies and queries: bounded, typed, and refused with the place where they went wrong.

use axum::extract::{FromRequest, FromRequestParts, OptionalFromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::error::Category;

use crate::error::Problem;

/// A JSON body of at most `MAX` bytes, in requests and in answers. Unknown members of requests are ignored.
#[derive(Debug)]
pub(crate) struct Json<T, const MAX: usize = BODY_BYTES_MAX>(pub(crate) T);

/// Largest request body but for those that carry pictures: descriptions and lists are far smaller.
const BODY_BYTES_MAX: usize = 1024 * 1024;

impl<T: DeserializeOwned, S: Send + Sync, const MAX: usize> FromRequest<S> for Json<T, MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let message = "Content-Type must be application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
        // Reading stops at the limit, whatever the length the client promised.
        let body = Limited::new(request.into_body(), MAX)
            .collect()
            .await
            .map_err(|error| match error.is::<LengthLimitError>() {
                true => Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "Request body is too large"),
                false => Problem::new(StatusCode::BAD_REQUEST, "Request body could not be read"),
            })?;
        parse(&body.to_bytes()).map(Json)
    }
}

/// A body that may be absent: without a `Content-Type` there is none.
impl<T: DeserializeOwned, S: Send + Sync, const MAX: usize> OptionalFromRequest<S> for Json<T, MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Option<Self>, Problem> {
        if !request.headers().contains_key(header::CONTENT_TYPE) {
            return Ok(None);
        }
        <Self as FromRequest<S>>::from_request(request, state).await.map(Some)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// Parses an object; says line and column of a syntax error and the member of a wrong value.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        // The types would take a list of their members' values just as well; clients must not come to rely on that.
        serde_json::from_slice::<IgnoredAny>(bytes).map_err(|error| refuse(".", &error))?;
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "Request body must be a JSON object",
        ));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        refuse(&path, &error.into_inner())
    })?;
    deserializer.end().map_err(|error| refuse(".", &error))?;
    Ok(value)
}

fn refuse(path: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    let reason = text.strip_suffix(&place).unwrap_or(&text);
    if error.classify() != Category::Data {
        return Problem::new(StatusCode::BAD_REQUEST, format!("Invalid JSON{place}: {reason}"));
    }
    match missing(reason) {
        Some(name) if path == "." => Problem::validation(name, format!("{name} is required")),
        Some(name) => Problem::validation(format!("{path}.{name}"), format!("{name} is required")),
        None => Problem::validation(path, reason),
    }
}

/// The member that a sentence of serde misses; such an error is reported at the member's parent.
fn missing(reason: &str) -> Option<&str> {
    reason.strip_prefix("missing field `")?.strip_suffix('`')
}

fn is_json(headers: &http::HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let essence = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// A typed query string; unknown parameters are ignored.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let parsed = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        parsed.map(|query| Self(query.0)).map_err(|rejection| {
            let text = rejection.body_text();
            let reason = text
                .strip_prefix("Failed to deserialize query string: ")
                .unwrap_or(&text);
            if let Some(name) = missing(reason) {
                return Problem::validation(name, format!("{name} is required"));
            }
            let (field, message) = reason.split_once(": ").unwrap_or(("query", reason));
            Problem::validation(field, message)
        })
    }
}

/// The two variable segments of a path, in their order.
#[derive(Debug)]
pub(crate) struct TwoIds(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for TwoIds {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<(String, String)>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0.0, path.0.1))
            .map_err(|_| Problem::unknown_route())
    }
}

/// The one variable segment of a path.
#[derive(Debug)]
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0)).map_err(|_| Problem::unknown_route())
    }
}

/// The two variable segments of a path, the outer one first.
#[derive(Debug)]
pub(crate) struct Ids(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<(String, String)>::from_request_parts(parts, state).await;
        path.map(|path| Self(path.0.0, path.0.1))
            .map_err(|_| Problem::unknown_route())
    }
}
