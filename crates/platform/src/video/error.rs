//! What the provider answered instead of what we asked for, in words an operator can act on.

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// The kinds of refusal that callers tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderErrorKind {
    /// The credentials may not do this.
    AccessDenied,
    /// The provider does not know the credentials, or the signature is wrong.
    BadCredentials,
    /// The account awaits verification by Amazon.
    PendingVerification,
    /// Too many calls, also after the SDK's retries.
    Throttled,
    /// A quota of the account is used up.
    Quota,
    /// No such resource.
    NotFound,
    /// The channel exists and nobody publishes.
    NotBroadcasting,
    /// The resource is in use: a live channel cannot be deleted.
    Conflict,
    /// The provider considers the request malformed.
    Invalid,
    /// No answer: wrong endpoint, wrong region, no network. Whether the call had an effect is unknown.
    Unreachable,
    /// The provider failed. Whether the call had an effect is unknown.
    Failed,
    /// Our own rate budget has no room.
    Busy,
}

/// A call to the provider that did not succeed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{operation}: {message}")]
pub struct ProviderError {
    /// Name of the operation, such as `CreateChannel`.
    pub operation: &'static str,
    /// Which kind.
    pub kind: ProviderErrorKind,
    /// The cause and what to do about it. Carries no key, no token and no request.
    pub message: String,
    /// When trying again may help.
    pub retry_after: Option<Duration>,
}

impl ProviderError {
    /// True when the call may have had its effect although it was not confirmed.
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(self.kind, ProviderErrorKind::Unreachable | ProviderErrorKind::Failed)
    }

    /// Our own rate budget turned the call away.
    pub(super) fn busy(operation: &'static str, retry_after: Duration) -> Self {
        let message = "too many calls to the video provider are waiting: try again in a moment".to_owned();
        Self {
            operation,
            kind: ProviderErrorKind::Busy,
            message,
            retry_after: Some(retry_after),
        }
    }

    /// What an answer means that is no refusal by itself.
    pub(super) fn told(operation: &'static str, kind: ProviderErrorKind, message: String) -> Self {
        Self {
            operation,
            kind,
            message,
            retry_after: None,
        }
    }

    /// The answer lacks a member that the contract promises.
    pub(super) fn incomplete(operation: &'static str, member: &str) -> Self {
        let message = format!("the provider's answer has no {member}: is the endpoint an Amazon IVS API?");
        Self {
            operation,
            kind: ProviderErrorKind::Failed,
            message,
            retry_after: None,
        }
    }

    /// Sorts what the SDK reports. `place` names the endpoint and region for the reader.
    pub(super) fn from_sdk<E>(operation: &'static str, place: &str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let (kind, message) = match error {
            SdkError::ServiceError(service) => {
                let status = service.raw().status().as_u16();
                let code = service.err().code().unwrap_or_default();
                let said = service.err().message().unwrap_or_default();
                let kind = kind_of(code, status);
                (kind, describe(kind, code, status, said, place))
            }
            SdkError::ConstructionFailure(_) => {
                let cause = innermost(error);
                (
                    ProviderErrorKind::BadCredentials,
                    format!("the call could not be signed ({cause}): check the credentials and the region"),
                )
            }
            SdkError::TimeoutError(_) => (
                ProviderErrorKind::Unreachable,
                format!("no answer in time from {place}: check the network"),
            ),
            _ => {
                let cause = innermost(error);
                (
                    ProviderErrorKind::Unreachable,
                    format!("no answer from {place} ({cause}): check the endpoint, the region and the network"),
                )
            }
        };
        Self {
            operation,
            kind,
            message,
            retry_after: None,
        }
    }
}

fn kind_of(code: &str, status: u16) -> ProviderErrorKind {
    use ProviderErrorKind as Kind;
    match code {
        "AccessDeniedException" | "AccessDenied" => Kind::AccessDenied,
        "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignatureException"
        | "ExpiredTokenException"
        | "InvalidClientTokenId" => Kind::BadCredentials,
        "PendingVerification" => Kind::PendingVerification,
        "ThrottlingException" | "Throttling" | "TooManyRequestsException" => Kind::Throttled,
        "ServiceQuotaExceededException" => Kind::Quota,
        "ResourceNotFoundException" => Kind::NotFound,
        "ChannelNotBroadcasting" => Kind::NotBroadcasting,
        "ConflictException" => Kind::Conflict,
        "ValidationException" => Kind::Invalid,
        _ => match status {
            402 => Kind::Quota,
            403 => Kind::AccessDenied,
            409 => Kind::Conflict,
            429 => Kind::Throttled,
            // An API answers its own 404 with a name; a bare one comes from something else on that port.
            404 => Kind::Unreachable,
            400..500 => Kind::Invalid,
            _ => Kind::Failed,
        },
    }
}

fn describe(kind: ProviderErrorKind, code: &str, status: u16, said: &str, place: &str) -> String {
    use ProviderErrorKind as Kind;
    let code = if code.is_empty() {
        format!("HTTP {status}")
    } else {
        code.to_owned()
    };
    let said = if said.is_empty() {
        code.clone()
    } else {
        format!("{code}: {said}")
    };
    let advice = match kind {
        Kind::AccessDenied => "allow this operation in the IAM policy of the credentials",
        Kind::BadCredentials => "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and this machine's clock",
        Kind::PendingVerification => "Amazon is verifying the account: wait, or ask AWS Support",
        Kind::Throttled => "too many calls: lower video.calls_per_second or try again later",
        Kind::Quota => "a quota of the account is used up: run `rostrum leaks`, or ask AWS for a higher quota",
        Kind::NotFound => "it does not exist in this account and region",
        Kind::NotBroadcasting => "nobody is publishing",
        Kind::Conflict => "it is in use",
        Kind::Invalid => "the provider refused the request as malformed",
        Kind::Unreachable => {
            return format!(
                "{said} from {place}: this is not an Amazon IVS endpoint; check the endpoint and the region"
            );
        }
        Kind::Failed => "the provider failed: try again",
        Kind::Busy => "too many calls are waiting",
    };
    format!("{said} ({advice})")
}

fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_its_own_kind_and_says_what_to_do() {
        use ProviderErrorKind as Kind;
        let table = [
            ("AccessDeniedException", 403, Kind::AccessDenied, "IAM policy"),
            (
                "UnrecognizedClientException",
                403,
                Kind::BadCredentials,
                "AWS_ACCESS_KEY_ID",
            ),
            ("PendingVerification", 403, Kind::PendingVerification, "AWS Support"),
            ("ThrottlingException", 429, Kind::Throttled, "calls_per_second"),
            ("ServiceQuotaExceededException", 402, Kind::Quota, "rostrum leaks"),
            ("ResourceNotFoundException", 404, Kind::NotFound, "account and region"),
            (
                "ChannelNotBroadcasting",
                404,
                Kind::NotBroadcasting,
                "nobody is publishing",
            ),
            ("ConflictException", 409, Kind::Conflict, "in use"),
            ("", 404, Kind::Unreachable, "not an Amazon IVS endpoint"),
            ("", 503, Kind::Failed, "try again"),
        ];
        for (code, status, kind, advice) in table {
            assert_eq!(kind_of(code, status), kind, "{code} {status}");
            let text = describe(kind, code, status, "", "http://127.0.0.1:1 in us-east-1");
            assert!(text.contains(advice), "{text}");
        }
    }
}
