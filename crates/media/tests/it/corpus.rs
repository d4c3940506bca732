//! Replays the committed fuzz corpus through the very functions the fuzzer runs.

use std::fs;
use std::path::Path;

#[path = "../../../../fuzz/src/hls.rs"]
mod hls;
#[path = "../../../../fuzz/src/targets.rs"]
mod targets;

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
fn rtmp_session() {
    replay("rtmp_session", targets::rtmp_session);
}

#[test]
fn amf0() {
    replay("amf0", targets::amf0);
}

#[test]
fn flv() {
    replay("flv", targets::flv);
}

#[test]
fn h264_config() {
    replay("h264_config", targets::h264_config);
}

#[test]
fn aac_config() {
    replay("aac_config", targets::aac_config);
}

#[test]
fn hls_request() {
    replay("hls_request", hls::hls_request);
}

#[test]
fn segmenter() {
    replay("segmenter", hls::segmenter);
}
