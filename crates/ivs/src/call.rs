//! What every operation is given.

use engine::{Engine, Environment};

use crate::config::Config;
use crate::shared::Shared;
use crate::sigv4::Authenticated;
use crate::store::Store;

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

    /// Milliseconds since the Unix epoch.
    pub fn now_ms(&self) -> i64 {
        (self.shared.env.now_ms)()
    }
}
