//! Requests signed with the right secret in ways that must not count: what is not signed can be changed by anybody who
//! sees the request.

use aws_lc_rs::{digest, hmac};
use http::{Request, StatusCode};

use crate::support::{ACCESS_KEY, InProcess, SECRET_KEY};

const AT: &str = "20231114T221320Z";
const HOST: (&str, &str) = ("host", "127.0.0.1:4566");
const DATE: (&str, &str) = ("x-amz-date", AT);
const BODY: &str = r#"{"maxResults":5}"#;

/// A signature made by hand, because Amazon's signer cannot make these.
struct Forger {
    day: &'static str,
    region: &'static str,
    /// What is signed in place of the hash of the body.
    payload_hash: Option<&'static str>,
    target: &'static str,
}

impl Default for Forger {
    fn default() -> Self {
        Self {
            day: "20231114",
            region: "us-east-1",
            payload_hash: None,
            target: "/ListChannels",
        }
    }
}

impl Forger {
    /// A request with `sent` headers of which those of `signed` are signed, in this order.
    fn sign(&self, signed: &[(&str, &str)], sent: &[(&str, &str)]) -> Request<String> {
        let names = signed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
        let lines: String = signed.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let hash = self.payload_hash.map_or_else(|| sha256(BODY), str::to_owned);
        let (path, query) = self.target.split_once('?').unwrap_or((self.target, ""));
        let canonical = format!("POST\n{path}\n{query}\n{lines}\n{names}\n{hash}");
        let scope = format!("{}/{}/ivs/aws4_request", self.day, self.region);
        let text = format!("AWS4-HMAC-SHA256\n{AT}\n{scope}\n{}", sha256(&canonical));
        let mut key = format!("AWS4{SECRET_KEY}").into_bytes();
        for part in scope.split('/').chain([text.as_str()]) {
            let next = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), part.as_bytes());
            key = next.as_ref().to_vec();
        }
        let signature = hex(&key);
        let credential = format!("{ACCESS_KEY}/{scope}");
        let mut request = Request::post(self.target).header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={names},Signature={signature}"),
        );
        for (name, value) in sent {
            request = request.header(*name, *value);
        }
        request.body(BODY.to_owned()).unwrap()
    }
}

fn sha256(text: &str) -> String {
    hex(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn what_the_forger_signs_verifies_when_it_is_complete() {
    let server = InProcess::start().await;
    let answer = server.send(Forger::default().sign(&[HOST, DATE], &[HOST, DATE])).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

#[tokio::test]
async fn a_request_that_leaves_something_open_is_refused() {
    let server = InProcess::start().await;
    let hash = ("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    let streaming = ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    let plain = Forger::default;
    let with_hash = |payload_hash| Forger {
        payload_hash: Some(payload_hash),
        ..Forger::default()
    };
    let token = ("x-amz-security-token", "token");
    let agent = ("x-amz-user-agent", "a");
    let cases = [
        ("the host is not signed", plain().sign(&[DATE], &[HOST, DATE])),
        ("the date is not signed", plain().sign(&[HOST], &[HOST, DATE])),
        ("nothing is signed", plain().sign(&[], &[HOST, DATE])),
        (
            "a Date header instead",
            plain().sign(&[("date", AT), HOST], &[("date", AT), HOST]),
        ),
        (
            "an Amazon header beside",
            plain().sign(&[HOST, DATE], &[HOST, DATE, agent]),
        ),
        ("headers out of order", plain().sign(&[DATE, HOST], &[HOST, DATE])),
        ("a header twice", plain().sign(&[HOST, HOST, DATE], &[HOST, DATE])),
        (
            "a signed header sent twice",
            plain().sign(
                &[("accept", "a"), HOST, DATE],
                &[("accept", "a"), ("accept", "b"), HOST, DATE],
            ),
        ),
        (
            "the body is declared unsigned",
            with_hash("UNSIGNED-PAYLOAD").sign(&[HOST, hash, DATE], &[HOST, hash, DATE]),
        ),
        (
            "the body is declared unsigned and is signed",
            plain().sign(&[HOST, hash, DATE], &[HOST, hash, DATE]),
        ),
        (
            "the body is declared a stream",
            with_hash("STREAMING-UNSIGNED-PAYLOAD-TRAILER").sign(&[HOST, streaming, DATE], &[HOST, streaming, DATE]),
        ),
        ("the hash of no body", with_hash("").sign(&[HOST, DATE], &[HOST, DATE])),
        (
            "a token of others",
            plain().sign(&[HOST, DATE, token], &[HOST, DATE, token]),
        ),
        (
            "a scope of another day",
            Forger {
                day: "20231113",
                ..plain()
            }
            .sign(&[HOST, DATE], &[HOST, DATE]),
        ),
        (
            "a scope of a year",
            Forger { day: "2023", ..plain() }.sign(&[HOST, DATE], &[HOST, DATE]),
        ),
        (
            "presigned parameters beside",
            Forger {
                target: "/ListChannels?X-Amz-Algorithm=AWS4-HMAC-SHA256",
                ..plain()
            }
            .sign(&[HOST, DATE], &[HOST, DATE]),
        ),
    ];
    for (what, request) in cases {
        let answer = server.send(request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}: {}", answer.text);
    }
}

#[tokio::test]
async fn the_wire_form_of_path_and_query_counts() {
    let server = InProcess::start().await;
    // One is signed, the other is sent: they look alike to a decoder.
    for (signed, sent) in [
        ("/tags/a%252Fb", "/tags/a%2fb"),
        ("/tags/a%252Fb", "/tags/a/b"),
        ("/tags/a", "//tags/a"),
        ("/tags/a", "/tags//a"),
        ("/tags/a", "/tags/./a"),
        ("/tags/a?b=%2B", "/tags/a?b=%20"),
        ("/tags/a?b=1&b=2", "/tags/a?b=1%26b=2"),
        ("/tags/a?b=1", "/tags/a?b=1&b=1"),
    ] {
        let forger = Forger {
            target: signed,
            ..Forger::default()
        };
        let mut request = forger.sign(&[HOST, DATE], &[HOST, DATE]);
        *request.uri_mut() = sent.parse().unwrap();
        let answer = server.send(request).await;
        assert!(
            matches!(answer.status.as_u16(), 403 | 404),
            "{signed} sent as {sent}: {}",
            answer.text
        );
        assert_ne!(answer.error_name(), "ResourceNotFoundException");
    }
    // What is signed once more encoded is what was sent: the answer comes from behind the gate.
    for (signed, sent) in [
        ("/tags/a%252Fb", "/tags/a%2Fb"),
        ("/tags/a%252fb", "/tags/a%2fb"),
        ("/tags/a%25FF%252F", "/tags/a%FF%2F"),
        ("/tags/a?b=%2B", "/tags/a?b=+"),
        ("/tags/a?b=1&b=2", "/tags/a?b=2&b=1"),
    ] {
        let forger = Forger {
            target: signed,
            ..Forger::default()
        };
        let mut request = forger.sign(&[HOST, DATE], &[HOST, DATE]);
        *request.uri_mut() = sent.parse().unwrap();
        let answer = server.send(request).await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 404),
            "{signed} sent as {sent}: {}",
            answer.text
        );
    }
}
