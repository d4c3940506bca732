//! What chat keeps in memory.

use tokio::sync::Notify;

use crate::Environment;
use crate::accounts::limiter::{Limiter, Rule};

/// Tokens that one person gets: a reconnecting client needs one each time, and may have several tabs.
const TICKETS: Rule = Rule::new(30, 2_000);

/// Of one process.
pub(crate) struct Desk {
    /// What this process is called as a listener; another one after each start.
    pub(crate) listener: String,
    /// Somebody entered: there may be a room to listen to.
    pub(crate) wake: Notify,
    /// Tokens per account.
    pub(crate) tickets: Limiter,
}

impl Desk {
    pub(crate) fn new(environment: &Environment) -> Self {
        Self {
            listener: crate::id::new(environment.now_ms(), environment.random_bytes()),
            wake: Notify::new(),
            tickets: Limiter::new(TICKETS),
        }
    }
}
