//! A tower on loopback and a client for it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use aws_sdk_ivs::config::{BehaviorVersion, Credentials, Region};
use engine::{Engine, Environment};
use ivs::{Config, Ivs, Quotas, SealingKey, Secret};
use tokio::task::JoinHandle;

pub const ACCESS_KEY: &str = "AKIDTEST";
pub const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// Clock of the process, moved by an offset; randomness of the process.
#[derive(Clone, Default)]
pub struct Clock {
    pub offset_ms: Arc<AtomicI64>,
}

impl Clock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the home of the clock and of randomness in these tests"
    )]
    pub fn environment(&self) -> Environment {
        let offset_ms = self.offset_ms.clone();
        let now_ms = move || {
            let since = std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .unwrap();
            i64::try_from(since.as_millis()).unwrap() + offset_ms.load(Ordering::Relaxed)
        };
        Environment {
            now_ms: Arc::new(now_ms),
            random: Arc::new(|bytes| aws_lc_rs::rand::fill(bytes).unwrap()),
        }
    }
}

pub fn config(folder: &Path) -> Config {
    Config {
        region: "us-east-1".to_owned(),
        account: "000000000000".to_owned(),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: Secret::new(SECRET_KEY),
        sealing_key: SealingKey::new([7; 32]),
        playback_url_base: "http://localhost:8000".parse().unwrap(),
        ingest_host: "localhost".to_owned(),
        data_file: folder.join("ivs.sqlite3"),
        events_target: None,
        events_secret: None,
        quotas: Quotas::default(),
    }
}

/// A running tower; its sockets close when it is dropped.
pub struct Server {
    pub ivs: Ivs,
    pub address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start(config: Config) -> Self {
        Self::start_at(config, &Clock::default()).await
    }

    pub async fn start_at(config: Config, clock: &Clock) -> Self {
        let ivs = Ivs::open(config, clock.environment()).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (engine, _events) = Engine::start(engine::Config::default(), ivs.policy(), clock.environment())
            .await
            .unwrap();
        let router = ivs.router(engine);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { ivs, address, task }
    }

    pub fn client(&self) -> aws_sdk_ivs::Client {
        self.client_with(SECRET_KEY)
    }

    pub fn client_with(&self, secret_key: &str) -> aws_sdk_ivs::Client {
        let config = aws_sdk_ivs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(format!("http://{}", self.address))
            .credentials_provider(Credentials::new(ACCESS_KEY, secret_key, None, None, "test"))
            .build();
        aws_sdk_ivs::Client::from_conf(config)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}
