//! What each fuzz target checks. The functions live apart from libFuzzer, because `crates/media/tests/it/corpus.rs`
//! includes them to replay the committed corpus in the ordinary test run.

pub mod hls;
pub mod targets;
