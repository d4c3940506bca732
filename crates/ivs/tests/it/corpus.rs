//! Replays the committed fuzz corpus through the very function the fuzzer runs.

use std::fs;
use std::path::Path;

use http::Request;
use ivs::fuzzing::{ACCESS_KEY, NOW_MS, Reach, reach};

#[path = "../../../../fuzz/src/sigv4.rs"]
mod sigv4;

#[test]
fn sigv4_authorization() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/sigv4_authorization");
    let mut inputs = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let result = std::panic::catch_unwind(|| sigv4::sigv4_authorization(&fs::read(&path).unwrap()));
        assert!(result.is_ok(), "{}", path.display());
        inputs += 1;
    }
    assert!(inputs > 0, "{} is empty", folder.display());
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
