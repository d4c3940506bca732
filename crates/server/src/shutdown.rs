//! Being told to stop.

use tokio::signal::unix::{SignalKind, signal};

/// Returns on SIGTERM or Ctrl-C.
///
/// # Errors
/// The handlers cannot be installed.
pub async fn requested() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
