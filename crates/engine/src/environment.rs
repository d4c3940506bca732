//! The outside world as values: what the binary passes in so that nothing here reads a clock or rolls dice by itself.

use std::fmt;
use std::sync::Arc;

/// The wall clock and the source of randomness, passed in by the binary (or a test).
#[derive(Clone)]
pub struct Environment {
    /// Milliseconds since the Unix epoch.
    pub now_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Fills a buffer with cryptographically secure random bytes.
    pub random: Arc<Random>,
}

/// A source of random bytes: fills the buffer.
pub type Random = dyn Fn(&mut [u8]) + Send + Sync;

impl Environment {
    /// The wall clock now, milliseconds since the Unix epoch.
    pub(crate) fn now_ms(&self) -> i64 {
        (self.now_ms)()
    }

    /// `N` fresh random bytes.
    pub(crate) fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.random)(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}
