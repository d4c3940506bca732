//! The Amazon IVS wire contract over the engine: what the stock AWS SDKs and the AWS CLI talk to.
//!
//! # Invariants
//! - Every operation takes a `call::Call`, which cannot be made without the `sigv4::Authenticated` proof.
//! - One process has the data file open.
//! - The data file is the truth; `policy::Directory` repeats it in memory and changes after each commit, in their order.
//! - A stream key is never in the data file, a log or a list. It is sealed, and looked up by HMAC.
//! - A chat connection knows nobody but its token; what its client says of itself is an attribute of a message.
//! - A change of a stream session and the event that tells of it are one transaction.
//! - An ARN never changes. The region a request was signed for is not compared with the configured one, because clients
//!   of one server disagree on it more often than they mean anything by it.
//!
//! # Specifications
//! | What | Version | Deviations |
//! |---|---|---|
//! | Amazon IVS Chat API | 2020-07-14 | rooms, tokens, events and tags, 12 operations; `chat` says what AWS leaves open |
//! | Amazon IVS Chat Messaging | as the published clients speak it | over WebSocket (RFC 6455), at a path of our choosing |
//! | Amazon IVS API | 2020-07-14 | 23 operations; others of the family are 501 `UnsupportedOperationException`. `authorized` channels refuse playback until playback key pairs exist. Recording configurations are kept and nothing is recorded yet. Quotas on calls are off. |
//! | AWS Signature Version 4 | header form | presigned requests, session tokens and `Date` in place of `X-Amz-Date` are refused; every `x-amz-*` header must be signed; all refusals are 403 |
//! | Amazon EventBridge events of IVS | `IVS Stream State Change`, `IVS Stream Health Change` | delivered at least once and in order; `Stream End` has a `reason`; `Rostrum Ingest Metrics` is ours and best effort |
//!
//! Start reading at `router`, then `low_latency::channel`; `events` tells what happens after the engine speaks.

pub mod config;
pub mod error;

mod arn;
mod call;
mod chat;
mod events;
#[doc(hidden)]
pub mod fuzzing;
mod ids;
mod input;
mod low_latency;
mod operations;
mod paging;
mod policy;
mod router;
mod seal;
mod shared;
mod sigv4;
mod store;
mod tags;
mod time;

use std::sync::Arc;

use engine::{Engine, Environment, Event, Policy};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use chat::{ClientAddress, PATH as CHAT_PATH};
pub use config::{Config, Quotas, SealingKey, Secret};
pub use error::Error;

use shared::Shared;

/// The tower's Amazon half. Cheap to clone.
#[derive(Clone)]
pub struct Ivs {
    shared: Arc<Shared>,
}

impl Ivs {
    /// Opens the data file, brings its schema up to date, loads channels and keys into memory, and ends the sessions that
    /// a crash left open.
    ///
    /// # Errors
    /// [`Error`] when the configuration cannot work, or the file cannot be used or was made with another sealing key.
    pub async fn open(config: Config, env: Environment) -> Result<Self, Error> {
        let shared = Arc::new(Shared::open(config, env).await?);
        events::heal(&shared).await?;
        Ok(Self { shared })
    }

    /// What the engine asks before it lets anybody in.
    pub fn policy(&self) -> Arc<dyn Policy> {
        self.shared.clone()
    }

    /// The AWS wire API, signatures checked.
    pub fn router(&self, engine: Engine) -> axum::Router {
        router::router(self.shared.clone(), engine)
    }

    /// The messaging WebSocket of chat, at [`CHAT_PATH`]; its place is on the public listener.
    pub fn chat(&self) -> axum::Router {
        self.chat_pinging(chat::PING_PERIOD)
    }

    /// [`Self::chat`] with another time between two pings; a client that answers none for two and a half of them is gone.
    pub fn chat_pinging(&self, period: std::time::Duration) -> axum::Router {
        chat::router(self.shared.clone(), period)
    }

    /// Connections of chat now.
    pub fn chat_connections(&self) -> usize {
        self.shared.chat.hub.connections()
    }

    /// Ends every connection of chat and waits for the goodbyes; [`Self::run`] does it at its end.
    pub async fn drain_chat(&self) {
        self.shared.chat.drain().await;
    }

    /// Records what the engine tells and delivers events until `shutdown`, then what is still on its way; and then ends the
    /// connections of chat.
    ///
    /// Resolves after the engine has closed the channel, or a few seconds after `shutdown`.
    pub fn run(
        &self,
        engine: Engine,
        events: mpsc::Receiver<Event>,
        shutdown: CancellationToken,
    ) -> impl Future<Output = ()> + Send + use<> {
        let (shared, ivs, stopped) = (self.shared.clone(), self.clone(), shutdown.clone());
        let drained = async move {
            stopped.cancelled().await;
            ivs.drain_chat().await;
        };
        async move {
            tokio::join!(events::run(shared, engine, events, shutdown), drained);
        }
    }
}
