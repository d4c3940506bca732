//! What every operation is given.

use std::time::Duration;

use engine::{Engine, Environment};

use crate::config::Config;
use crate::shared::Shared;
use crate::sigv4::Authenticated;
use crate::store::Store;

/// A feed ends at once; telling of it waits for the data file, which may be on a full disk.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// One authenticated request. It cannot be made without the proof, so no operation can be reached without the gate.
pub struct Call<'a> {
    /// The tower's state.
    pub shared: &'a Shared,
    /// The media plane.
    pub engine: &'a Engine,
    /// Who asks.
    pub caller: Authenticated,
}

impl Call<'_> {
    /// The data file.
    pub fn store(&self) -> &Store {
        &self.shared.store
    }

    /// What the operator decided.
    pub fn config(&self) -> &Config {
        &self.shared.config
    }

    /// Clock and randomness.
    pub fn env(&self) -> &Environment {
        &self.shared.env
    }

    /// Ends what is live on a feed: whether something was, `None` when it was told to end and has not within ten seconds.
    pub async fn stop(&self, feed: &str) -> Option<bool> {
        tokio::time::timeout(STOP_PATIENCE, self.engine.stop(feed)).await.ok()
    }

    /// Milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        (self.shared.env.now_ms)()
    }
}
