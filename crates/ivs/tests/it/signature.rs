//! The signature check: what is let in, and how refusals are named.

use std::sync::LazyLock;

use axum::body::Body;
use http::{HeaderValue, Request, StatusCode};
use proptest::prelude::*;
use tokio::runtime::Runtime;

use crate::mutations::edit;
use crate::signer::{JSON, LIST, Signer, good};
use crate::support::{FIXED_NOW_MS, InProcess};

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
        ("ivschat", "/CreateLoggingConfiguration"),
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
async fn the_body_of_a_request_without_a_claim_is_not_waited_for() {
    let server = InProcess::start().await;
    let never = || Body::from_stream(futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>());
    let anonymous = Request::post("/CreateChannel").body(never()).unwrap();
    assert_eq!(
        server.send(anonymous).await.error_name(),
        "MissingAuthenticationTokenException"
    );
    let mut stranger = good();
    edit(&mut stranger, "authorization", |text| {
        text.replace("AKIDTEST", "AKIDELSE")
    });
    assert_eq!(
        server.send(stranger.map(|_| never())).await.error_name(),
        "UnrecognizedClientException"
    );
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
