//! The other end of every protocol, for tests and load generators: a publisher, and a link with any chunking.
//!
//! Nothing in production code uses it.

mod link;
pub mod publisher;
pub mod recording;
pub mod sample;

pub use link::{Chunking, Link};
pub use publisher::Publisher;
