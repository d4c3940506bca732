//! The `Authorization` header, taken apart.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::error::ApiError;

/// The only algorithm of header-signed requests with a shared secret.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Official SDKs sign at most nine headers; more only buys work before the signature is checked.
const SIGNED_HEADERS_MAX: usize = 64;

/// `{access key}/{yyyymmdd}/{region}/{service}/aws4_request`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialScope {
    /// Access key id.
    pub access_key: String,
    /// Day of the signature, `yyyymmdd`.
    pub date: String,
    /// Region the client signed for.
    pub region: String,
    /// Signing name of the service.
    pub service: String,
}

/// The header's three parts.
#[derive(Debug)]
pub struct Authorization {
    /// Who signed, when and for what.
    pub scope: CredentialScope,
    /// Names of the signed headers: lowercase, ascending, without repeats.
    pub signed_headers: Vec<String>,
    /// 64 hexadecimal digits.
    pub signature: String,
}

impl Authorization {
    /// Reads the one `Authorization` header.
    ///
    /// # Errors
    /// `MissingAuthenticationTokenException` without the header, `IncompleteSignatureException` when it is repeated or
    /// malformed.
    pub fn read(headers: &HeaderMap) -> Result<Self, ApiError> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next() else {
            let message = "Missing Authentication Token";
            return Err(ApiError::signature("MissingAuthenticationTokenException", message));
        };
        if values.next().is_some() {
            return Err(incomplete("the Authorization header is given more than once"));
        }
        let text = value
            .to_str()
            .map_err(|_| incomplete("the Authorization header is not ASCII text"))?;
        let rest = text
            .strip_prefix(ALGORITHM)
            .and_then(|rest| rest.strip_prefix(' '))
            .ok_or_else(|| incomplete("the Authorization header must begin with 'AWS4-HMAC-SHA256 '"))?;
        let [mut credential, mut signed_headers, mut signature] = [None, None, None];
        for part in rest.split(',') {
            let (name, value) = part
                .trim()
                .split_once('=')
                .ok_or_else(|| incomplete("a part has no '='"))?;
            let slot = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => return Err(incomplete("the Authorization header has an unknown part")),
            };
            if slot.replace(value).is_some() {
                return Err(incomplete("the Authorization header has a part twice"));
            }
        }
        Ok(Self {
            scope: scope(required("Credential", credential)?)?,
            signed_headers: header_names(required("SignedHeaders", signed_headers)?)?,
            signature: required("Signature", signature)?.to_owned(),
        })
    }
}

fn required<'a>(part: &str, value: Option<&'a str>) -> Result<&'a str, ApiError> {
    value.ok_or_else(|| incomplete(&format!("Authorization header requires '{part}' parameter")))
}

fn scope(text: &str) -> Result<CredentialScope, ApiError> {
    let parts: Vec<&str> = text.split('/').collect();
    let [access_key, date, region, service, "aws4_request"] = parts[..] else {
        return Err(incomplete(
            "Credential must be '{access key}/{yyyymmdd}/{region}/{service}/aws4_request'",
        ));
    };
    if [access_key, date, region, service].iter().any(|part| part.is_empty()) {
        return Err(incomplete("Credential has an empty part"));
    }
    Ok(CredentialScope {
        access_key: access_key.to_owned(),
        date: date.to_owned(),
        region: region.to_owned(),
        service: service.to_owned(),
    })
}

fn header_names(text: &str) -> Result<Vec<String>, ApiError> {
    let names: Vec<String> = text.split(';').map(str::to_owned).collect();
    let is_name = |name: &String| !name.is_empty() && !name.bytes().any(|c| c.is_ascii_uppercase());
    if names.len() > SIGNED_HEADERS_MAX || !names.iter().all(is_name) || !names.is_sorted_by(|a, b| a < b) {
        return Err(incomplete(
            "SignedHeaders must be lowercase names in ascending order without repeats",
        ));
    }
    Ok(names)
}

/// 403 `IncompleteSignatureException`.
pub fn incomplete(message: &str) -> ApiError {
    ApiError::signature("IncompleteSignatureException", message)
}
