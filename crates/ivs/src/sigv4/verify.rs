//! The check itself.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::{digest, hmac};
use http::{HeaderMap, request};
use jiff::Timestamp;

use crate::config::Secret;
use crate::error::ApiError;

use super::canonical;
use super::credentials::{ALGORITHM, Authorization, CredentialScope, incomplete};

/// How far the client's clock may be off. AWS's own figure; it is also how long a captured request can be replayed.
const SKEW_MAX_MS: i64 = 5 * 60 * 1000;
/// Headers whose meaning would depend on which of two copies is read.
const SINGLE_HEADERS: [&str; 7] = [
    "host",
    "content-type",
    "content-length",
    "content-encoding",
    "x-amz-date",
    "x-amz-content-sha256",
    "x-amz-target",
];

/// Proof that a request was signed with the configured secret. Only [`Claim::verify`] makes one.
#[derive(Debug, Clone)]
pub struct Authenticated {
    scope: CredentialScope,
}

impl Authenticated {
    /// Who signed, and for which region.
    pub fn scope(&self) -> &CredentialScope {
        &self.scope
    }
}

/// Holds the one key pair that may call.
pub struct Gate {
    access_key: String,
    secret_key: Secret,
}

impl Gate {
    /// A gate for one key pair.
    pub fn new(access_key: String, secret_key: Secret) -> Self {
        Self { access_key, secret_key }
    }

    /// Checks all that can be checked before the body is read: form, key id, scope, date.
    ///
    /// # Errors
    /// 403 with AWS's name for what is wrong.
    pub fn open(&self, now_ms: i64, service: &str, parts: &request::Parts) -> Result<Claim<'_>, ApiError> {
        refuse_presigned(parts)?;
        let authorization = Authorization::read(&parts.headers)?;
        check_headers(&parts.headers, &authorization.signed_headers)?;
        let is_known = verify_slices_are_equal(authorization.scope.access_key.as_bytes(), self.access_key.as_bytes());
        // This server issues no session tokens, so a request that carries one belongs to other credentials.
        if is_known.is_err() || parts.headers.contains_key("x-amz-security-token") {
            let message = "The security token included in the request is invalid.";
            return Err(ApiError::signature("UnrecognizedClientException", message));
        }
        if authorization.scope.service != service {
            return Err(invalid(format!(
                "Credential should be scoped to correct service: '{service}'."
            )));
        }
        let signed_at = signed_at(&parts.headers)?;
        if !signed_at.starts_with(&authorization.scope.date) || authorization.scope.date.len() != 8 {
            return Err(invalid(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP",
            ));
        }
        check_skew(now_ms, signed_at)?;
        Ok(Claim {
            gate: self,
            authorization,
            signed_at: signed_at.to_owned(),
        })
    }
}

/// A request that says who sent it, not yet believed.
pub struct Claim<'a> {
    gate: &'a Gate,
    authorization: Authorization,
    signed_at: String,
}

impl Claim<'_> {
    /// Compares the signature, in constant time, with the one computed over request and body.
    ///
    /// # Errors
    /// `InvalidSignatureException` when they differ.
    pub fn verify(self, parts: &request::Parts, body: &[u8]) -> Result<Authenticated, ApiError> {
        let payload_hash = hex(digest::digest(&digest::SHA256, body).as_ref());
        if let Some(declared) = parts.headers.get("x-amz-content-sha256")
            && declared.as_bytes() != payload_hash.as_bytes()
        {
            return Err(invalid(
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
            ));
        }
        let Authorization {
            scope,
            signed_headers,
            signature,
        } = self.authorization;
        let canonical = canonical::request(parts, &signed_headers, &payload_hash)?;
        let string_to_sign = format!(
            "{ALGORITHM}\n{}\n{}/{}/{}/aws4_request\n{}",
            self.signed_at,
            scope.date,
            scope.region,
            scope.service,
            hex(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref()),
        );
        let key = signing_key(&self.gate.secret_key, &scope);
        let expected = hex(hmac::sign(&key, string_to_sign.as_bytes()).as_ref());
        verify_slices_are_equal(expected.as_bytes(), signature.as_bytes()).map_err(|_| {
            invalid(
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
                 Access Key and signing method. Consult the service documentation for details.",
            )
        })?;
        Ok(Authenticated { scope })
    }
}

fn refuse_presigned(parts: &request::Parts) -> Result<(), ApiError> {
    let is_presigned = canonical::pairs(parts.uri.query().unwrap_or_default())
        .any(|(name, _)| name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"x-amz-")));
    if is_presigned {
        return Err(incomplete(
            "Presigned requests are not accepted: sign the Authorization header",
        ));
    }
    Ok(())
}

fn check_headers(headers: &HeaderMap, signed: &[String]) -> Result<(), ApiError> {
    let is_signed = |name: &str| signed.iter().any(|signed| signed == name);
    if let Some(required) = ["host", "x-amz-date"].into_iter().find(|name| !is_signed(name)) {
        return Err(incomplete(&format!(
            "'{required}' must be a 'SignedHeader' in the AWS Authorization."
        )));
    }
    if let Some(repeated) = SINGLE_HEADERS
        .into_iter()
        .find(|name| headers.get_all(*name).iter().count() > 1)
    {
        return Err(incomplete(&format!("the header '{repeated}' is given more than once")));
    }
    let unsigned = headers
        .keys()
        .find(|name| name.as_str().starts_with("x-amz-") && !is_signed(name.as_str()));
    if let Some(unsigned) = unsigned {
        return Err(incomplete(&format!("the header '{unsigned}' is not signed")));
    }
    Ok(())
}

/// `x-amz-date`, exactly `yyyymmddThhmmssZ`. The `Date` header is not accepted in its place; no SDK sends it.
fn signed_at(headers: &HeaderMap) -> Result<&str, ApiError> {
    let text = headers.get("x-amz-date").and_then(|value| value.to_str().ok());
    let text = text.ok_or_else(|| incomplete("Authorization header requires existence of a 'X-Amz-Date' header."))?;
    let shape = |(index, c): (usize, u8)| match index {
        8 => c == b'T',
        15 => c == b'Z',
        _ => c.is_ascii_digit(),
    };
    if text.len() == 16 && text.bytes().enumerate().all(shape) {
        return Ok(text);
    }
    Err(incomplete("Date must be in ISO-8601 'basic format': yyyymmddThhmmssZ"))
}

fn check_skew(now_ms: i64, signed_at: &str) -> Result<(), ApiError> {
    let signed: Timestamp = signed_at.parse().map_err(|_| incomplete("X-Amz-Date is no date"))?;
    let difference_ms = signed.as_millisecond().saturating_sub(now_ms);
    if difference_ms.abs() <= SKEW_MAX_MS {
        return Ok(());
    }
    let now = basic(now_ms);
    let message = if difference_ms < 0 {
        let limit = basic(now_ms - SKEW_MAX_MS);
        format!("Signature expired: {signed_at} is now earlier than {limit} ({now} - 5 min.)")
    } else {
        let limit = basic(now_ms + SKEW_MAX_MS);
        format!("Signature not yet current: {signed_at} is still later than {limit} ({now} + 5 min.)")
    };
    Err(invalid(message))
}

fn basic(at_ms: i64) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn signing_key(secret: &Secret, scope: &CredentialScope) -> hmac::Key {
    let root = zeroize::Zeroizing::new(format!("AWS4{}", secret.expose()));
    let mut key = hmac::Key::new(hmac::HMAC_SHA256, root.as_bytes());
    for part in [&scope.date, &scope.region, &scope.service, "aws4_request"] {
        let next = hmac::sign(&key, part.as_bytes());
        key = hmac::Key::new(hmac::HMAC_SHA256, next.as_ref());
    }
    key
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::signature("InvalidSignatureException", message)
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = bytes
        .iter()
        .flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    digits.map(char::from).collect()
}
