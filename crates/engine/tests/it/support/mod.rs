//! A media plane to test: an allow-list of keys, encoders and players.

mod encoder;
mod player;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use engine::{
    Config, Engine, Environment, Event, EventKind, PlaybackDenied, PlaybackRequest, Policy, PublishDenied,
    PublishGrant, PublishRequest,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::mpsc;

pub use encoder::{Encoder, Media};
pub use player::{Player, edge_s, hint, uris};

/// The one feed that may be published, with [`KEY`].
pub const FEED: &str = "eu.000000000000.channel.test";
pub const KEY: &str = "sk_eu_good";
/// A key for encrypted connections only.
pub const SECURE_KEY: &str = "sk_eu_secure";
/// A feed nobody may watch without the token `open-sesame`.
pub const PRIVATE_FEED: &str = "eu.000000000000.channel.private";
pub const PRIVATE_KEY: &str = "sk_eu_private";

/// Longest wait for anything in these tests; far more than a loaded machine needs.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// An engine and what it tells.
pub struct Plane {
    pub engine: Engine,
    pub events: mpsc::Receiver<Event>,
}

impl Plane {
    pub async fn start() -> Self {
        Self::with(Config::default()).await
    }

    /// With an RTMP listener on loopback.
    pub async fn listening() -> Self {
        Self::with(Config {
            rtmp_addr: Some("127.0.0.1:0".parse().unwrap()),
            ..Config::default()
        })
        .await
    }

    pub async fn with(config: Config) -> Self {
        let policy = Arc::new(AllowList::default());
        let (engine, events) = Engine::start(config, policy, environment()).await.unwrap();
        Self { engine, events }
    }

    /// An encoder over memory, let in.
    pub async fn publish(&self) -> Encoder {
        let mut encoder = Encoder::in_memory(&self.engine, KEY);
        encoder.publish().await.unwrap();
        encoder
    }

    /// A player over memory.
    pub fn player(&self) -> Player {
        Player::in_memory(&self.engine)
    }

    /// The next event that is no health sample.
    pub async fn event(&mut self) -> Event {
        loop {
            let event = within(self.events.recv()).await.expect("the engine runs");
            if !matches!(event.kind, EventKind::Measured(_)) {
                return event;
            }
        }
    }

    /// Waits for an event of this kind, passing over others.
    pub async fn event_that(&mut self, mut is_it: impl FnMut(&EventKind) -> bool) -> Event {
        loop {
            let event = within(self.events.recv()).await.expect("the engine runs");
            if is_it(&event.kind) {
                return event;
            }
        }
    }
}

/// Waits, but not for ever.
pub async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("it took too long")
}

/// Polls a condition until it holds.
pub async fn until(mut holds: impl AsyncFnMut() -> bool) {
    within(async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// The real clock and real randomness.
#[expect(
    clippy::disallowed_methods,
    reason = "tests run outside the binary that owns the clock"
)]
pub fn environment() -> Environment {
    Environment {
        now_ms: Arc::new(|| {
            let since_epoch = std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap();
            i64::try_from(since_epoch.as_millis()).unwrap()
        }),
        random: Arc::new(|bytes| aws_lc_rs::rand::fill(bytes).unwrap()),
    }
}

/// Knows three keys. Every grant has a stream id of its own.
#[derive(Default)]
struct AllowList {
    streams: AtomicU32,
}

impl Policy for AllowList {
    fn authorize_publish(&self, request: PublishRequest) -> BoxFuture<'_, Result<PublishGrant, PublishDenied>> {
        let number = self.streams.fetch_add(1, Ordering::Relaxed);
        let grant = |feed: &str| {
            Ok(PublishGrant {
                feed: feed.to_owned(),
                stream_id: format!("st-{number}"),
            })
        };
        let verdict = match (request.app.as_str(), request.key.0.as_str()) {
            ("app", SECURE_KEY) if !request.is_encrypted => Err(PublishDenied::EncryptionRequired),
            ("app", KEY | SECURE_KEY) => grant(FEED),
            ("app", PRIVATE_KEY) => grant(PRIVATE_FEED),
            ("app", key) if key.starts_with("sk_many_") => grant(&key.replace("sk_many_", "many.")),
            ("app", _) => Err(PublishDenied::UnknownKey),
            _ => Err(PublishDenied::UnknownApp),
        };
        async { verdict }.boxed()
    }

    fn authorize_playback(&self, request: PlaybackRequest<'_>) -> Result<(), PlaybackDenied> {
        match request.feed {
            PRIVATE_FEED if request.token != Some("open-sesame") => Err(PlaybackDenied::Forbidden),
            "unknown" => Err(PlaybackDenied::UnknownFeed),
            _ => Ok(()),
        }
    }
}
