//! What a client reads when something did not work: `{"error": "<sentence>", "details"?: […]}` and a status.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use platform::ErrorKind;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A refusal or failure on its way to the client.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    message: String,
    details: Vec<Detail>,
    facts: Vec<(&'static str, Value)>,
    retry_after_s: Option<u64>,
    /// For the operator only: logged when the answer is made, never sent.
    internal: Option<String>,
}

/// The body of every answer that is not a success.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorBody {
    /// One sentence for a person.
    error: String,
    /// What exactly was wrong, where that can be said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    details: Vec<Detail>,
    /// Values that belong to the sentence, each under its own name.
    #[serde(flatten)]
    #[schema(ignore)]
    facts: Map<String, Value>,
}

/// One thing that was wrong.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ErrorDetail)]
pub(crate) struct Detail {
    /// Member of the request that was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    field: Option<String>,
    /// Why it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    message: Option<String>,
    /// What the video provider answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    cause: Option<String>,
}

impl Problem {
    /// A refusal with one sentence.
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            details: Vec::new(),
            facts: Vec::new(),
            retry_after_s: None,
            internal: None,
        }
    }

    /// A request member that cannot be accepted.
    pub(crate) fn validation(field: impl Into<String>, message: impl Into<String>) -> Self {
        let detail = Detail {
            field: Some(field.into()),
            message: Some(message.into()),
            cause: None,
        };
        Self {
            details: vec![detail],
            ..Self::new(StatusCode::BAD_REQUEST, "Validation error")
        }
    }

    /// No acceptable credentials.
    pub(crate) fn unauthenticated(message: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// Known, but not allowed.
    pub(crate) fn forbidden(message: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// Too busy; the client may come back.
    pub(crate) fn unavailable(message: &str, retry_after_s: u64) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
        }
    }

    /// A fault of ours; `detail` is for the operator.
    pub(crate) fn internal(detail: impl Into<String>) -> Self {
        let problem = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error");
        Self {
            internal: Some(detail.into()),
            ..problem
        }
    }

    /// The video provider refused or failed; what it said is the caller's only way to a remedy.
    fn provider(message: impl Into<String>, cause: Option<String>) -> Self {
        let details = cause.iter().map(|cause| Detail {
            field: None,
            message: None,
            cause: Some(cause.clone()),
        });
        Self {
            details: details.collect(),
            internal: cause,
            ..Self::new(StatusCode::BAD_GATEWAY, message)
        }
    }

    /// No route of that name.
    pub(crate) fn unknown_route() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Resource not found")
    }
}

impl ErrorBody {
    /// The same in the words of routes whose clients read `message`: the sentence under both names, and where a member was
    /// refused the sentence about that member.
    pub(crate) fn with_message(mut self) -> Self {
        let about_member = self.details.iter().find(|detail| detail.field.is_some());
        if let Some(text) = about_member.and_then(|detail| detail.message.clone()) {
            self.error = text;
        }
        self.facts
            .insert("message".to_owned(), Value::from(self.error.as_str()));
        self
    }
}

impl From<platform::Error> for Problem {
    fn from(mut error: platform::Error) -> Self {
        let facts = std::mem::take(&mut error.facts);
        Self {
            facts,
            ..Self::plain(error)
        }
    }
}

impl Problem {
    /// The same with a sentence that says what failed, where the failure itself is nobody's business.
    pub(crate) fn failing(self, message: &'static str) -> Self {
        if self.status != StatusCode::INTERNAL_SERVER_ERROR {
            return self;
        }
        Self {
            message: message.to_owned(),
            ..self
        }
    }

    fn plain(error: platform::Error) -> Self {
        let status = match &error.kind {
            ErrorKind::Invalid { field } => return Self::validation(field.clone(), error.message),
            ErrorKind::Internal => {
                return Self {
                    message: error.message.into_owned(),
                    ..Self::internal(error.detail.unwrap_or_default())
                };
            }
            ErrorKind::Provider => return Self::provider(error.message, error.detail),
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ErrorKind::LimitReached { .. } => StatusCode::TOO_MANY_REQUESTS,
            ErrorKind::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            kind => return Self::internal(format!("an error of the unknown kind {kind:?}: {error}")),
        };
        let retry_after_s = match error.kind {
            ErrorKind::LimitReached { retry_after_s } | ErrorKind::Unavailable { retry_after_s } => Some(retry_after_s),
            _ => None,
        };
        Self {
            retry_after_s,
            internal: error.detail,
            ..Self::new(status, error.message)
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = self.status.as_u16();
        match &self.internal {
            Some(detail) if self.status == StatusCode::INTERNAL_SERVER_ERROR => {
                tracing::error!(status, detail, "request failed: {detail}");
            }
            Some(detail) => tracing::warn!(status, detail, "request refused: {detail}"),
            None => {}
        }
        let facts = self.facts.into_iter();
        let body = ErrorBody {
            error: self.message,
            details: self.details,
            facts: facts.map(|(name, value)| (name.to_owned(), value)).collect(),
        };
        let mut response = (self.status, axum::Json(&body)).into_response();
        // For those who tell it in other words.
        response.extensions_mut().insert(body);
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
