//! The HLS origin: what viewers read, straight from memory.

mod body;
mod growing;
pub(crate) mod held;
mod page;
mod respond;
mod routes;
mod target;
pub(crate) mod viewers;
pub(crate) mod window;

use std::sync::Arc;

use axum::Router;
use axum::routing::any;
use bytes::Bytes;

use self::held::{HELD_MAX, Room};
use crate::metrics::Metrics;
use crate::registry::Registry;
use crate::{Environment, Policy};

/// What answering viewers needs.
pub(crate) struct Origin {
    registry: Arc<Registry>,
    policy: Arc<dyn Policy>,
    environment: Environment,
    metrics: Metrics,
    /// Where requests of all feeds wait.
    held: Room,
    player_page: Bytes,
}

impl Origin {
    pub(crate) fn new(
        registry: Arc<Registry>,
        policy: Arc<dyn Policy>,
        environment: Environment,
        metrics: Metrics,
        player_page: Option<Bytes>,
    ) -> Self {
        let player_page = player_page.unwrap_or(Bytes::from_static(page::HTML));
        Self {
            registry,
            policy,
            environment,
            metrics,
            held: Room::new(HELD_MAX),
            player_page,
        }
    }

    /// Everything below `/api/video/v1/`.
    pub(crate) fn router(self: Arc<Self>) -> Router {
        // One route: the names below it have more structure than a router's patterns can say, see `target`.
        Router::new()
            .route(&format!("{}{{*name}}", target::ROOT), any(routes::answer))
            .with_state(self)
    }
}
