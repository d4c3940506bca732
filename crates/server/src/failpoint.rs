//! Dying on purpose, so that tests can see what a crash leaves behind.

use std::sync::Arc;

use platform::failpoint::Failpoint;

/// Ends the process as `kill -9` would when the application reaches the configured step.
pub fn listen(step: Option<String>) -> Failpoint {
    let Some(step) = step else { return Failpoint::default() };
    Failpoint::new(Arc::new(move |reached| {
        if reached == step {
            tracing::error!(step, "reached server.failpoint: ending as kill -9 would");
            std::process::abort();
        }
    }))
}
