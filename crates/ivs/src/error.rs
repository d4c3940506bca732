//! Errors as AWS words them, and the errors of opening the tower.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

/// Why the tower could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The data file cannot be opened, read or written.
    #[error("ivs data file: {0}")]
    Store(#[from] sqlx::Error),
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

/// An answer that refuses a request. The name is what SDKs turn into a typed exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status that AWS models for the name.
    pub status: StatusCode,
    /// `x-amzn-ErrorType`, for instance `ResourceNotFoundException`.
    pub name: &'static str,
    /// For the caller to read.
    pub message: String,
}

impl ApiError {
    fn new(status: StatusCode, name: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            name,
            message: message.into(),
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

    /// 402, which no SDK retries.
    pub fn quota(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PAYMENT_REQUIRED, "ServiceQuotaExceededException", message)
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

/// Both `message` and `exceptionMessage`: AWS models the second, most SDKs show the first.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "message": self.message, "exceptionMessage": self.message }).to_string();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("x-amzn-errortype", HeaderValue::from_static(self.name));
        response
    }
}
