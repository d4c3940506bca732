//! The one home of wall-clock time and randomness. Everything else is handed these.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// Milliseconds since the Unix epoch.
#[expect(clippy::disallowed_methods, reason = "this is the home of the wall clock")]
pub fn now_ms() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
}

/// Fills the buffer with cryptographically secure random bytes.
///
/// # Panics
/// When the operating system has no randomness to give: nothing that needs secrets may go on then.
#[expect(clippy::disallowed_methods, reason = "this is the home of randomness")]
#[expect(clippy::expect_used, reason = "a server without randomness must stop")]
pub fn random(buffer: &mut [u8]) {
    aws_lc_rs::rand::fill(buffer).expect("the operating system gives random bytes");
}

/// Time and randomness for the video tower.
pub fn video() -> engine::Environment {
    engine::Environment {
        now_ms: Arc::new(now_ms),
        random: Arc::new(random),
    }
}

/// `N` random bytes as lowercase hexadecimal digits.
pub fn random_hex<const N: usize>() -> String {
    let mut bytes = [0; N];
    random(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
