//! The signature check, with Amazon's own signer as oracle.

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use axum::body::Body;
use http::{HeaderValue, Request, StatusCode};
use proptest::prelude::*;
use tokio::runtime::Runtime;

use crate::support::{ACCESS_KEY, FIXED_NOW_MS, InProcess, SECRET_KEY};

/// What a signer is told.
struct Signer {
    secret_key: &'static str,
    service: &'static str,
    at_ms: i64,
    with_hash_header: bool,
    session_token: Option<String>,
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
    fn sign(&self, method: &str, path_and_query: &str, headers: &[(&str, &str)], body: &str) -> Request<String> {
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

const JSON: (&str, &str) = ("content-type", "application/json");
const LIST: &str = r#"{"maxResults":5}"#;

fn good() -> Request<String> {
    Signer::default().sign("POST", "/ListChannels", &[JSON], LIST)
}

#[tokio::test]
async fn header_sets_of_all_official_sdks_verify() {
    let server = InProcess::start().await;
    let length = LIST.len().to_string();
    let boto3 = Signer::default().sign("POST", "/ListChannels", &[JSON], LIST);
    let rust_headers = [
        JSON,
        ("content-length", &length),
        ("x-amz-user-agent", "aws-sdk-rust/1.3.9  ua/2.1"),
    ];
    let rust = Signer::default().sign("POST", "/ListChannels", &rust_headers, LIST);
    let javascript_headers = [
        JSON,
        ("content-length", &length),
        ("amz-sdk-invocation-id", "7f7c1e6a-6d0e-4e8e-9a60-4f5c2c4f6a11"),
        ("amz-sdk-request", "attempt=1; max=3"),
        ("x-amz-user-agent", "aws-sdk-js/3.1135.0"),
    ];
    let javascript = Signer {
        with_hash_header: true,
        ..Signer::default()
    };
    let javascript = javascript.sign("POST", "/ListChannels", &javascript_headers, LIST);
    for (client, request) in [("boto3", boto3), ("rust", rust), ("javascript", javascript)] {
        let answer = server.send(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{client}: {}", answer.text);
    }
}

#[tokio::test]
async fn encoded_paths_and_repeated_query_keys_verify() {
    let server = InProcess::start().await;
    let arn = "arn%3Aaws%3Aivs%3Aus-east-1%3A000000000000%3Achannel%2FNowhere00000";
    let requests = [
        Signer::default().sign("GET", &format!("/tags/{arn}"), &[], ""),
        Signer::default().sign(
            "GET",
            "/tags/arn:aws:ivs:us-east-1:000000000000:channel/Nowhere00000",
            &[],
            "",
        ),
        Signer::default().sign(
            "DELETE",
            &format!("/tags/{arn}?tagKeys=k&tagKeys=k%202%2B%3D%2F&tagKeys=a"),
            &[],
            "",
        ),
        Signer::default().sign("POST", &format!("/tags/{arn}"), &[JSON], r#"{"tags":{"a":"b c"}}"#),
    ];
    for request in requests {
        let uri = request.uri().clone();
        let answer = server.send(request).await;
        assert_eq!(
            answer.error(),
            (StatusCode::NOT_FOUND, "ResourceNotFoundException"),
            "{uri}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn every_single_change_to_a_good_request_is_refused() {
    let server = InProcess::start().await;
    assert_eq!(server.send(good()).await.status, StatusCode::OK);
    let mut count = 0;
    for (what, request) in mutations() {
        let answer = server.send(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}: {}", answer.text);
        assert!(!answer.text.contains(SECRET_KEY));
        count += 1;
    }
    assert!(count >= 30, "{count} mutations");
}

fn mutations() -> Vec<(&'static str, Request<String>)> {
    let mut list = Vec::new();
    let mut with = |what, change: &dyn Fn(&mut Request<String>)| {
        let mut request = good();
        change(&mut request);
        list.push((what, request));
    };
    with("another path", &|r| *r.uri_mut() = "/ListStreams".parse().unwrap());
    with("a query", &|r| *r.uri_mut() = "/ListChannels?a=b".parse().unwrap());
    with("one byte of the body", &|r| *r.body_mut() = LIST.replace('5', "6"));
    with("no body", &|r| r.body_mut().clear());
    with("a longer body", &|r| r.body_mut().push(' '));
    with("another host", &|r| set(r, "host", "example.com"));
    with("no host", &|r| drop(r.headers_mut().remove("host")));
    with("a second host", &|r| append(r, "host", "127.0.0.1:4566"));
    with("another content type", &|r| set(r, "content-type", "text/plain"));
    with("no content type", &|r| drop(r.headers_mut().remove("content-type")));
    with("a second content type", &|r| {
        append(r, "content-type", "application/json")
    });
    with("another second", &|r| {
        edit(r, "x-amz-date", |text| text.replace("20Z", "21Z"))
    });
    with("another day", &|r| {
        edit(r, "x-amz-date", |text| text.replace("20231114", "20231115"))
    });
    with("a date in another form", &|r| {
        set(r, "x-amz-date", "2023-11-14T22:13:20Z")
    });
    with("no date", &|r| drop(r.headers_mut().remove("x-amz-date")));
    with("a second date", &|r| edit_append(r, "x-amz-date"));
    with("an unsigned amazon header", &|r| {
        set(r, "x-amz-target", "IVS.CreateChannel")
    });
    with("a session token", &|r| set(r, "x-amz-security-token", "token"));
    with("a wrong body hash", &|r| {
        set(r, "x-amz-content-sha256", &"0".repeat(64))
    });
    with("an unsigned payload", &|r| {
        set(r, "x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    });
    with("no authorization", &|r| drop(r.headers_mut().remove("authorization")));
    with("a second authorization", &|r| edit_append(r, "authorization"));
    with("presigned parameters", &|r| {
        *r.uri_mut() = "/ListChannels?X-Amz-Signature=0".parse().unwrap()
    });
    let edits: [(&str, &str, &str); 17] = [
        ("another scheme", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512"),
        ("a bearer token", "AWS4-HMAC-SHA256 ", "Bearer "),
        ("another key id", "AKIDTEST", "AKIDTESU"),
        ("an empty key id", "AKIDTEST", ""),
        ("another scope day", "/20231114/", "/20231113/"),
        ("a short scope day", "/20231114/", "/202311/"),
        ("another region", "/eu-west-1/", "/eu-west-2/"),
        ("an empty region", "/eu-west-1/", "//"),
        ("another service", "/ivs/", "/ivschat/"),
        ("another terminator", "/aws4_request", "/aws5_request"),
        ("one scope part more", "/aws4_request", "/x/aws4_request"),
        ("a signed header less", "content-type;host;", "host;"),
        (
            "a signed header that is absent",
            "content-type;host;",
            "accept;content-type;host;",
        ),
        (
            "signed headers out of order",
            "content-type;host;",
            "host;content-type;",
        ),
        ("a signed header twice", "content-type;host;", "content-type;host;host;"),
        ("an uppercase signed header", "content-type;host;", "Content-Type;host;"),
        ("an unknown part", "Signature=", "Extra=1, Signature="),
    ];
    for (what, from, to) in edits {
        with(what, &|r| edit(r, "authorization", |text| text.replacen(from, to, 1)));
    }
    with("no signature", &|r| {
        edit(r, "authorization", |text| {
            text.split(", Signature=").next().unwrap().to_owned()
        })
    });
    with("a short signature", &|r| {
        edit(r, "authorization", |text| text[..text.len() - 1].to_owned())
    });
    with("an uppercase signature", &|r| {
        edit(r, "authorization", |text| {
            let (start, signature) = text.split_once("Signature=").unwrap();
            format!("{start}Signature={}", signature.to_uppercase())
        });
    });
    with("one digit of the signature", &|r| {
        edit(r, "authorization", |text| {
            let last = if text.ends_with('0') { '1' } else { '0' };
            format!("{}{last}", &text[..text.len() - 1])
        });
    });
    with("hundreds of signed headers", &|r| {
        let many: String = (0..300).map(|number| format!("x{number:03};")).collect();
        edit(r, "authorization", |text| {
            text.replace(";x-amz-date", &format!(";x-amz-date;{many}y"))
        });
    });
    with("the signature twice", &|r| {
        edit(r, "authorization", |text| format!("{text}, Signature=00"))
    });
    list
}

fn set(request: &mut Request<String>, name: &'static str, value: &str) {
    request
        .headers_mut()
        .insert(name, HeaderValue::from_str(value).unwrap());
}

fn append(request: &mut Request<String>, name: &'static str, value: &str) {
    request
        .headers_mut()
        .append(name, HeaderValue::from_str(value).unwrap());
}

fn edit(request: &mut Request<String>, name: &'static str, change: impl Fn(String) -> String) {
    let old = request.headers()[name].to_str().unwrap().to_owned();
    let new = change(old.clone());
    assert_ne!(old, new, "the mutation changes nothing");
    set(request, name, &new);
}

fn edit_append(request: &mut Request<String>, name: &'static str) {
    let value = request.headers()[name].clone();
    request.headers_mut().append(name, value);
}

#[tokio::test]
async fn the_error_names_what_is_wrong() {
    let server = InProcess::start().await;
    let name_of = async |request| server.send(request).await.error_name();
    let mut request = good();
    request.headers_mut().remove("authorization");
    assert_eq!(name_of(request).await, "MissingAuthenticationTokenException");
    let wrong = Signer {
        secret_key: "other",
        ..Signer::default()
    };
    assert_eq!(
        name_of(wrong.sign("POST", "/ListChannels", &[JSON], LIST)).await,
        "InvalidSignatureException"
    );
    let chat = Signer {
        service: "ivschat",
        ..Signer::default()
    };
    assert_eq!(
        name_of(chat.sign("POST", "/ListChannels", &[JSON], LIST)).await,
        "InvalidSignatureException"
    );
    let token = Signer {
        session_token: Some("token".to_owned()),
        ..Signer::default()
    };
    assert_eq!(
        name_of(token.sign("POST", "/ListChannels", &[JSON], LIST)).await,
        "UnrecognizedClientException"
    );
    let mut request = good();
    edit(&mut request, "authorization", |text| {
        text.replace("Credential=", "Credentials=")
    });
    assert_eq!(name_of(request).await, "IncompleteSignatureException");
}

#[tokio::test]
async fn a_clock_may_be_five_minutes_off_and_no_more() {
    let server = InProcess::start().await;
    let minutes = |minutes: i64| Signer {
        at_ms: FIXED_NOW_MS + minutes * 60_000,
        ..Signer::default()
    };
    for good in [-5, 0, 5] {
        let answer = server
            .send(minutes(good).sign("POST", "/ListChannels", &[JSON], LIST))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{good} minutes: {}", answer.text);
    }
    let late = server
        .send(minutes(-6).sign("POST", "/ListChannels", &[JSON], LIST))
        .await;
    assert_eq!(late.error(), (StatusCode::FORBIDDEN, "InvalidSignatureException"));
    let expected =
        "Signature expired: 20231114T220720Z is now earlier than 20231114T220820Z (20231114T221320Z - 5 min.)";
    assert_eq!(late.message(), expected);
    let early = server
        .send(minutes(6).sign("POST", "/ListChannels", &[JSON], LIST))
        .await;
    assert!(
        early.message().starts_with("Signature not yet current: "),
        "{}",
        early.text
    );
}

#[tokio::test]
async fn other_services_of_the_family_are_recognised_by_their_own_signing_name() {
    let server = InProcess::start().await;
    for (service, path) in [
        ("ivschat", "/CreateRoom"),
        ("ivs", "/CreateStage"),
        ("chime", "/meetings"),
    ] {
        let signer = Signer {
            service,
            ..Signer::default()
        };
        let answer = server.send(signer.sign("POST", path, &[JSON], "{}")).await;
        assert_eq!(
            answer.error(),
            (StatusCode::NOT_IMPLEMENTED, "UnsupportedOperationException"),
            "{path}"
        );
    }
    let unknown = server
        .send(Signer::default().sign("POST", "/MakeCoffee", &[JSON], "{}"))
        .await;
    assert_eq!(unknown.error(), (StatusCode::NOT_FOUND, "UnknownOperationException"));
}

#[tokio::test]
async fn bodies_are_limited_before_they_are_hashed() {
    let server = InProcess::start().await;
    let body = format!(r#"{{"name":"{}"}}"#, "a".repeat(1024 * 1024));
    let answer = server
        .send(Signer::default().sign("POST", "/CreateChannel", &[JSON], &body))
        .await;
    assert_eq!(
        answer.error(),
        (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException")
    );
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let server = InProcess::start().await;
    tokio::time::pause();
    let never = Body::from_stream(futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>());
    let answer = server.send(good().map(|_| never)).await;
    assert_eq!(answer.error(), (StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException"));
}

#[tokio::test]
async fn every_answer_has_a_request_id_and_both_messages() {
    let server = InProcess::start().await;
    let refused = server
        .send(Request::post("/CreateChannel").body(Body::empty()).unwrap())
        .await;
    assert_eq!(refused.headers["x-amzn-requestid"].len(), 36);
    let body: serde_json::Value = serde_json::from_str(&refused.text).unwrap();
    assert_eq!(body["message"], body["exceptionMessage"]);
    assert_eq!(body["message"], "Missing Authentication Token");
    assert_eq!(server.send(good()).await.headers["x-amzn-requestid"].len(), 36);
}

/// One tower for all cases of the property tests.
static SHARED: LazyLock<(Runtime, InProcess)> = LazyLock::new(|| {
    let runtime = Runtime::new().unwrap();
    let server = runtime.block_on(InProcess::start());
    (runtime, server)
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is signed verifies: paths with every kind of character, odd queries, odd header spacing.
    #[test]
    fn requests_signed_by_the_oracle_verify(
        arn in "[a-zA-Z0-9:/_.~ %+&=é-]{1,40}",
        query in proptest::collection::vec(("[a-zA-Z0-9 é&=+/%~-]{1,8}", "[a-zA-Z0-9 é&=+/%~-]{0,8}"), 0..5),
        agent in "[a-z/ ]{0,20}",
    ) {
        // Dot segments are folded by the signer; no resource has one in its name.
        prop_assume!(!arn.contains("..") && !arn.contains("/.") && !arn.contains("//") && !arn.starts_with('.'));
        let encode = |text: &str| -> String {
            text.bytes().map(|c| if c.is_ascii_alphanumeric() { char::from(c).to_string() } else { format!("%{c:02X}") }).collect()
        };
        let query: Vec<String> = query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let uri = format!("/tags/{}?{}", encode(&arn), query.join("&"));
        let agent = format!("a{agent}");
        let request = Signer::default().sign("GET", uri.trim_end_matches('?'), &[("x-amz-user-agent", agent.trim())], "");
        let (runtime, server) = &*SHARED;
        let answer = runtime.block_on(server.send(request));
        // Past the gate: the ARN is malformed or names nothing.
        prop_assert!(matches!(answer.status.as_u16(), 400 | 404), "{uri}: {} {}", answer.status, answer.text);
    }

    /// No header or path makes the gate panic or open.
    #[test]
    fn garbage_is_refused(authorization in "\\PC{0,80}", path in "/[a-zA-Z/%0-9]{0,20}", date in "[0-9TZ]{0,17}") {
        let mut request = Request::post(format!("/tags{path}")).body(Body::empty()).unwrap();
        if let Ok(value) = HeaderValue::from_str(&format!("AWS4-HMAC-SHA256 {authorization}")) {
            request.headers_mut().insert("authorization", value);
        }
        request.headers_mut().insert("x-amz-date", HeaderValue::from_str(&date).unwrap());
        let (runtime, server) = &*SHARED;
        let answer = runtime.block_on(server.send(request));
        prop_assert!(matches!(answer.status.as_u16(), 403 | 404), "{} {}", answer.status, answer.text);
    }
}

/// A correctly signed call.
pub fn post(operation: &str, body: &str) -> Request<String> {
    Signer::default().sign("POST", &format!("/{operation}"), &[JSON], body)
}
