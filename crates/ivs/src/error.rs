//! Errors as AWS words them, and the errors of opening the tower.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

use crate::arn;

/// Why the tower could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data file cannot be opened, read or written.
    #[error("ivs data file: {0}")]
    Store(#[from] sqlx::Error),
    /// Another process has the data file open.
    #[error("ivs data file {file} is in use: another process has it open")]
    InUse {
        /// Path of the data file.
        file: String,
    },
    /// The lock beside the data file cannot be made.
    #[error("ivs data file: cannot lock {file}: {cause}")]
    Lock {
        /// Path of the lock.
        file: String,
        /// Why.
        cause: std::io::Error,
    },
    /// The data file was written by a newer version.
    #[error("ivs data file has schema version {found}, this program knows up to {known}: use the newer program")]
    NewerSchema {
        /// Version in the file.
        found: i64,
        /// Newest version this program can read.
        known: i64,
    },
    /// The data file holds keys sealed with another key-encryption key.
    #[error("ivs data file was made with another sealing key: give the one it was made with")]
    WrongSealingKey,
    /// A row does not decode.
    #[error("ivs data file: {what} does not decode: {cause}")]
    Corrupt {
        /// Which row.
        what: String,
        /// Why.
        cause: String,
    },
    /// A setting cannot work.
    #[error("ivs configuration: {0}")]
    Config(String),
}

/// SQLite's primary result codes that somebody or time can cure: busy, locked, read-only, input or output failed, disk
/// full, cannot open (<https://www.sqlite.org/rescode.html>).
const PASSING_CODES: [i32; 6] = [5, 6, 8, 10, 13, 14];

impl Error {
    /// Whether the same write may succeed later.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Store(sqlx::Error::Database(cause)) => {
                let extended: Option<i32> = cause.code().and_then(|code| code.parse().ok());
                extended.is_some_and(|code| PASSING_CODES.contains(&(code & 0xff)))
            }
            Self::Store(cause) => matches!(cause, sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut),
            _ => false,
        }
    }
}

/// An answer that refuses a request. The name is what SDKs turn into a typed exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status that AWS models for the name.
    pub status: StatusCode,
    /// `x-amzn-ErrorType`, for instance `ResourceNotFoundException`.
    pub name: &'static str,
    /// For the caller to read.
    pub message: String,
    /// What it is about; told by the errors of chat only, as AWS models them.
    pub about: About,
}

/// What a refusal is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// Nothing that has a name.
    Nothing,
    /// One member of the request.
    Field {
        /// Its name.
        name: String,
        /// What it breaks.
        rule: String,
    },
    /// One resource.
    Resource {
        /// Its ARN.
        arn: String,
        /// The limit that was reached.
        limit: Option<u32>,
    },
}

impl ApiError {
    fn new(status: StatusCode, name: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            name,
            message: message.into(),
            about: About::Nothing,
        }
    }

    /// The same, about a member of the request.
    #[must_use]
    pub fn of_field(self, name: &str, rule: String) -> Self {
        let name = name.to_owned();
        Self {
            about: About::Field { name, rule },
            ..self
        }
    }

    /// The same, about a resource and perhaps a limit on it.
    #[must_use]
    pub fn of_resource(self, arn: &str, limit: Option<u32>) -> Self {
        let arn = arn.to_owned();
        Self {
            about: About::Resource { arn, limit },
            ..self
        }
    }

    /// 400: a member breaks its constraint. The message names the member.
    pub fn validation(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ValidationException", message)
    }

    /// 404: no resource of this ARN.
    pub fn not_found(arn: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "ResourceNotFoundException",
            format!("Resource: {arn} not found"),
        )
        .of_resource(arn, None)
    }

    /// 404: the channel exists and is offline. SDKs tell it from [`Self::not_found`] by name.
    pub fn not_broadcasting(arn: &str) -> Self {
        let message = format!("The channel is not broadcasting: {arn}");
        Self::new(StatusCode::NOT_FOUND, "ChannelNotBroadcasting", message)
    }

    /// 409: the resource is in a state that forbids it.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "ConflictException", message)
    }

    /// 503: the stream could not be ended in time. SDKs try again.
    pub fn stream_unavailable(arn: &str) -> Self {
        let message = format!("The stream cannot be stopped at the moment, try again: {arn}");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "StreamUnavailable", message)
    }

    /// 402, which no SDK retries.
    pub fn quota(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYMENT_REQUIRED, "ServiceQuotaExceededException", message)
    }

    /// 429, which SDKs retry after a pause.
    pub fn throttled(message: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "ThrottlingException", message)
    }

    /// 404: no such method and path in any service of the family.
    pub fn unknown_operation() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "UnknownOperationException",
            "The requested operation is not recognised",
        )
    }

    /// 501: an operation of the family that this server does not have. Not retried by SDKs, unlike 500, 502, 503 and 504.
    pub fn unsupported(operation: &str) -> Self {
        let message = format!("{operation} is not available on this server");
        Self::new(StatusCode::NOT_IMPLEMENTED, "UnsupportedOperationException", message)
    }

    /// 413: the body is over the limit.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("The request body is larger than {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", message)
    }

    /// 408: the body did not arrive in time.
    pub fn body_timeout() -> Self {
        Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "RequestTimeoutException",
            "The request body did not arrive in time",
        )
    }

    /// 403 of the signature check; `name` says which part failed.
    pub fn signature(name: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, name, message)
    }

    /// 500: logs the cause for the operator and tells the caller nothing of it.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(cause = %cause, "an Amazon IVS call failed inside the server");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerException",
            "Internal server error",
        )
    }
}

impl From<sqlx::Error> for ApiError {
    fn from(cause: sqlx::Error) -> Self {
        Self::internal(&cause)
    }
}

impl From<Error> for ApiError {
    fn from(cause: Error) -> Self {
        Self::internal(&cause)
    }
}

impl ApiError {
    /// The answer of an operation of chat: `message`, and what it is about.
    pub fn into_chat_response(self) -> Response {
        let mut body = serde_json::json!({ "message": self.message });
        match &self.about {
            About::Nothing if self.status == StatusCode::BAD_REQUEST => body["reason"] = "OTHER".into(),
            About::Nothing => {}
            About::Field { name, rule } => {
                body["reason"] = "FIELD_VALIDATION_FAILED".into();
                body["fieldList"] = serde_json::json!([{ "name": name, "message": rule }]);
            }
            About::Resource { arn, limit } => {
                body["resourceId"] = arn::id(arn).unwrap_or_default().into();
                // The only type the service model knows.
                body["resourceType"] = "ROOM".into();
                if let Some(limit) = limit {
                    body["limit"] = (*limit).into();
                }
            }
        }
        self.respond(&body)
    }

    fn respond(&self, body: &serde_json::Value) -> Response {
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("x-amzn-errortype", HeaderValue::from_static(self.name));
        response
    }
}

/// Both `message` and `exceptionMessage`: AWS models the second, most SDKs show the first.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.respond(&serde_json::json!({ "message": self.message, "exceptionMessage": self.message }))
    }
}
