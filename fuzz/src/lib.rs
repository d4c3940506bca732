//! What each fuzz target checks. The functions live apart from libFuzzer, because `tests/it/corpus.rs` of the crate under
//! test includes them to replay the committed corpus in the ordinary test run.

pub mod chat;
pub mod hls;
pub mod sigv4;
pub mod targets;
