//! Amazon's own signer, the oracle of the signature tests.

use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use http::{HeaderValue, Request};

use crate::support::{ACCESS_KEY, FIXED_NOW_MS, SECRET_KEY};

/// What a signer is told.
pub struct Signer {
    pub secret_key: &'static str,
    pub service: &'static str,
    pub at_ms: i64,
    pub with_hash_header: bool,
    pub session_token: Option<String>,
}

impl Default for Signer {
    fn default() -> Self {
        let at_ms = FIXED_NOW_MS;
        Self {
            secret_key: SECRET_KEY,
            service: "ivs",
            at_ms,
            with_hash_header: false,
            session_token: None,
        }
    }
}

impl Signer {
    pub fn sign(&self, method: &str, path_and_query: &str, headers: &[(&str, &str)], body: &str) -> Request<String> {
        let uri = format!("http://127.0.0.1:4566{path_and_query}");
        let mut all = vec![("host", "127.0.0.1:4566")];
        all.extend_from_slice(headers);
        let mut settings = SigningSettings::default();
        if self.with_hash_header {
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        let identity = Credentials::new(ACCESS_KEY, self.secret_key, self.session_token.clone(), None, "test").into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region("eu-west-1")
            .name(self.service)
            .time(UNIX_EPOCH + Duration::from_millis(u64::try_from(self.at_ms).unwrap()))
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let signable =
            SignableRequest::new(method, &uri, all.iter().copied(), SignableBody::Bytes(body.as_bytes())).unwrap();
        let (instructions, _) = sign(signable, &params).unwrap().into_parts();
        let mut request = Request::builder()
            .method(method)
            .uri(path_and_query)
            .body(body.to_owned())
            .unwrap();
        for (name, value) in all {
            request.headers_mut().append(
                http::HeaderName::try_from(name).unwrap(),
                HeaderValue::from_str(value).unwrap(),
            );
        }
        instructions.apply_to_request_http1x(&mut request);
        // The signer writes the whole URI back; on the wire stands only the path.
        *request.uri_mut() = path_and_query.parse().unwrap();
        request
    }
}

pub const JSON: (&str, &str) = ("content-type", "application/json");
pub const LIST: &str = r#"{"maxResults":5}"#;

/// A call that is answered.
pub fn good() -> Request<String> {
    Signer::default().sign("POST", "/ListChannels", &[JSON], LIST)
}

/// A correctly signed call.
pub fn post(operation: &str, body: &str) -> Request<String> {
    Signer::default().sign("POST", &format!("/{operation}"), &[JSON], body)
}
