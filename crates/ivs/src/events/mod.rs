//! From the engine's events to stream sessions and EventBridge-shaped events.

use crate::error::Error;
use crate::shared::Shared;
use engine::{Engine, Event};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Ends sessions a crash left open.
pub async fn heal(_shared: &Shared) -> Result<(), Error> {
    Ok(())
}
/// Runs.
pub async fn run(
    _shared: Arc<Shared>,
    _engine: Engine,
    mut events: mpsc::Receiver<Event>,
    shutdown: CancellationToken,
) {
    loop {
        tokio::select! { e = events.recv() => if e.is_none() { break }, () = shutdown.cancelled() => break }
    }
}
