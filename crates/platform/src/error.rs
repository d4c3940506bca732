//! One error for the whole application, free of any transport.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

/// Why an operation failed: what the client may read, and apart from it what the operator needs.
///
/// *shape*: `message` is a sentence for the client; `detail` never leaves the process except into the log, once, at the
/// edge that answers the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What kind of failure this is; edges choose their status from it.
    pub kind: ErrorKind,
    /// A sentence that may be shown to the caller.
    pub message: Cow<'static, str>,
    /// What the operator needs and the caller must not see.
    pub detail: Option<String>,
    /// Named values beside the sentence that the caller may read, such as a count and its limit.
    pub facts: Vec<(&'static str, Value)>,
}

/// The kinds of failure; each edge (REST, jobs, CLI) renders them in its own way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The named thing does not exist, or the caller may not know that it does.
    NotFound,
    /// The request contradicts the present state.
    Conflict,
    /// One input field breaks its rule.
    Invalid {
        /// Name of the field as the caller sent it.
        field: Cow<'static, str>,
    },
    /// Nobody is signed in, or the credentials are wrong.
    Unauthenticated,
    /// The caller is known and may not do this.
    Forbidden,
    /// Too many attempts.
    LimitReached {
        /// Seconds until another attempt can succeed.
        retry_after_s: u64,
    },
    /// Something we depend on is busy or down; the same request may succeed later.
    Unavailable {
        /// Seconds after which a retry makes sense.
        retry_after_s: u64,
    },
    /// The video provider refused or failed.
    Provider,
    /// A fault of ours.
    Internal,
}

/// Seconds a client should wait when the database was busy.
const BUSY_RETRY_S: u64 = 1;

impl Error {
    /// The thing asked for does not exist.
    pub fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::NotFound, message)
    }

    /// The request contradicts the present state.
    pub fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// Field `field` breaks its rule; `message` says which.
    pub fn invalid(field: impl Into<Cow<'static, str>>, message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Invalid { field: field.into() }, message)
    }

    /// Nobody is signed in, or the credentials are wrong.
    pub fn unauthenticated(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Unauthenticated, message)
    }

    /// The caller is known and may not do this.
    pub fn forbidden(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Forbidden, message)
    }

    /// Too many attempts; `retry_after_s` seconds until another can succeed.
    pub fn limit_reached(message: impl Into<Cow<'static, str>>, retry_after_s: u64) -> Self {
        Self::new(ErrorKind::LimitReached { retry_after_s }, message)
    }

    /// A dependency is busy or down.
    pub fn unavailable(retry_after_s: u64, detail: impl fmt::Display) -> Self {
        Self::new(
            ErrorKind::Unavailable { retry_after_s },
            "Service temporarily unavailable",
        )
        .with_detail(detail)
    }

    /// The video provider refused or failed; `message` is for the client.
    pub fn provider(message: impl Into<Cow<'static, str>>, detail: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Provider, message).with_detail(detail)
    }

    /// A fault of ours; the client reads only "Internal server error".
    pub fn internal(detail: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Internal, "Internal server error").with_detail(detail)
    }

    /// The same error with words for the operator.
    #[must_use]
    pub fn with_detail(mut self, detail: impl fmt::Display) -> Self {
        self.detail = Some(detail.to_string());
        self
    }

    /// The same error with one more value for the caller.
    #[must_use]
    pub fn with_fact(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.facts.push((name, value.into()));
        self
    }

    /// True when the same request may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.kind,
            ErrorKind::Unavailable { .. } | ErrorKind::LimitReached { .. } | ErrorKind::Provider | ErrorKind::Internal
        )
    }

    fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            kind,
            message: message.into(),
            detail: None,
            facts: Vec::new(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.detail {
            Some(detail) => write!(f, "{}: {detail}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        if is_contention(&error) {
            Self::unavailable(BUSY_RETRY_S, format_args!("database: {error}"))
        } else {
            Self::internal(format_args!("database: {error}"))
        }
    }
}

/// True for failures that a retry of the whole transaction can cure.
fn is_contention(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed | sqlx::Error::Io(_) => true,
        sqlx::Error::Database(database) => match database.code().as_deref() {
            // PostgreSQL: serialization failure, deadlock, lock and statement timeouts, shutdown, too many clients.
            Some("40001" | "40P01" | "55P03" | "57014" | "57P01" | "57P03" | "53300") => true,
            // SQLite: BUSY, LOCKED, BUSY_SNAPSHOT.
            Some("5" | "6" | "517") => true,
            _ => false,
        },
        _ => false,
    }
}
