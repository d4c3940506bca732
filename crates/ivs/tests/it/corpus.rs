//! Replays the committed fuzz corpus through the very function the fuzzer runs.

use std::fs;
use std::path::Path;

use http::Request;
use ivs::fuzzing::{ACCESS_KEY, NOW_MS, Reach, reach};

#[path = "../../../../fuzz/src/chat.rs"]
mod chat;
#[path = "../../../../fuzz/src/sigv4.rs"]
mod sigv4;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let result = std::panic::catch_unwind(|| run(&fs::read(&path).unwrap()));
        assert!(result.is_ok(), "{}", path.display());
        inputs += 1;
    }
    assert!(inputs > 0, "{} is empty", folder.display());
}

#[test]
fn sigv4_authorization() {
    replay("sigv4_authorization", sigv4::sigv4_authorization);
}

#[test]
fn chat_frame() {
    replay("chat_frame", chat::chat_frame);
}

/// The corpus is worth replaying because it holds something of every kind that is accepted.
#[test]
fn frames_of_the_corpus_are_accepted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/chat_frame");
    for (input, kind) in [
        ("send", "MESSAGE"),
        ("delete", "EVENT"),
        ("disconnect", "EVENT"),
        ("too_large", "ERROR"),
    ] {
        let answer = ivs::fuzzing::chat_answer(&fs::read_to_string(folder.join(input)).unwrap());
        assert!(
            answer.starts_with(&format!(r#"{{"Type":"{kind}""#)),
            "{input}: {answer}"
        );
    }
}

/// The corpus is worth replaying because one of its inputs comes as far as the comparison of signatures.
#[test]
fn a_request_of_the_corpus_reaches_the_comparison_of_signatures() {
    assert_eq!(NOW_MS, crate::support::FIXED_NOW_MS);
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20231114/us-east-1/ivs/aws4_request, SignedHeaders=host;x-amz-date, \
         Signature={}",
        "0".repeat(64)
    );
    let input = format!("/ListChannels\nhost: a\nx-amz-date: 20231114T221320Z\nauthorization: {authorization}\n\n{{}}");
    let known = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/sigv4_authorization/complete"));
    assert_eq!(String::from_utf8(known.unwrap()).unwrap(), input);
    let request = Request::post("/ListChannels")
        .header("host", "a")
        .header("x-amz-date", "20231114T221320Z")
        .header("authorization", authorization);
    let (parts, ()) = request.body(()).unwrap().into_parts();
    assert_eq!(reach(&parts, b"{}"), Reach::Signature);
}
