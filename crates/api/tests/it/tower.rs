//! The real video tower on loopback, for routes that need a provider.

use std::sync::Arc;

use engine::{Engine, Environment};
use ivs::{Ivs, Quotas, SealingKey};
use platform::video;
use tempfile::TempDir;
use tokio::task::JoinHandle;

/// A running tower; its sockets close when it is dropped.
pub struct Tower {
    endpoint_url: String,
    task: JoinHandle<()>,
    _folder: TempDir,
}

const ACCESS_KEY: &str = "AKIDTEST";
const SECRET_KEY: &str = "a secret of this test";

impl Tower {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = ivs::Config {
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            access_key: ACCESS_KEY.to_owned(),
            secret_key: ivs::Secret::new(SECRET_KEY),
            sealing_key: SealingKey::new([7; 32]),
            playback_url_base: "http://localhost:8000".parse().unwrap(),
            ingest_host: "localhost".to_owned(),
            data_file: folder.path().join("ivs.sqlite3"),
            events_target: None,
            events_secret: None,
            quotas: Quotas::default(),
        };
        let ivs = Ivs::open(config, environment()).await.unwrap();
        let (engine, _) = Engine::start(engine::Config::default(), ivs.policy(), environment())
            .await
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint_url = format!("http://{}", listener.local_addr().unwrap());
        let router = ivs.router(engine);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            endpoint_url,
            task,
            _folder: folder,
        }
    }

    /// Settings of a platform that uses this tower.
    pub fn config(&self) -> video::Config {
        video::Config {
            endpoint_url: Some(self.endpoint_url.clone()),
            credentials: Some(video::Credentials {
                access_key: ACCESS_KEY.to_owned(),
                secret_key: SECRET_KEY.to_owned(),
                session_token: None,
            }),
            insecure_ingest: true,
            calls_per_second: None,
            ..video::Config::new("us-east-1", "test")
        }
    }
}

impl Drop for Tower {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The tower lives by the real clock: the SDK signs its calls with it.
#[expect(
    clippy::disallowed_methods,
    reason = "the home of the clock and of randomness in these tests"
)]
fn environment() -> Environment {
    let now_ms = || {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        i64::try_from(since.as_millis()).unwrap()
    };
    Environment {
        now_ms: Arc::new(now_ms),
        random: Arc::new(|bytes| aws_lc_rs::rand::fill(bytes).unwrap()),
    }
}
