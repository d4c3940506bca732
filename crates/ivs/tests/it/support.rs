//! A tower on loopback and a client for it.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ivs::config::{BehaviorVersion, Credentials, Region};
use engine::{Engine, Environment, Policy};
use ivs::{Config, Error, Ivs, Quotas, SealingKey, Secret};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

pub const ACCESS_KEY: &str = "AKIDTEST";
pub const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// 2023-11-14T22:13:20Z, the time of [`InProcess`].
pub const FIXED_NOW_MS: i64 = 1_700_000_000_000;

/// A tower without sockets whose clock stands still.
pub struct InProcess {
    router: axum::Router,
    _folder: tempfile::TempDir,
}

impl InProcess {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now_ms = Arc::new(|| FIXED_NOW_MS);
        let environment = Environment {
            now_ms,
            ..environment()
        };
        let ivs = Ivs::open(config(folder.path()), environment.clone()).await.unwrap();
        let (engine, _events) = Engine::start(engine::Config::default(), ivs.policy(), environment)
            .await
            .unwrap();
        Self {
            router: ivs.router(engine),
            _folder: folder,
        }
    }

    pub async fn send<B: Into<axum::body::Body>>(&self, request: http::Request<B>) -> Answer {
        let (parts, body) = self
            .router
            .clone()
            .oneshot(request.map(Into::into))
            .await
            .unwrap()
            .into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text,
        }
    }
}

/// An answer, read to its end.
pub struct Answer {
    pub status: http::StatusCode,
    pub headers: http::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn error(&self) -> (http::StatusCode, &str) {
        let name = self.headers.get("x-amzn-errortype").map(|name| name.to_str().unwrap());
        (self.status, name.unwrap_or_default())
    }

    pub fn error_name(&self) -> String {
        self.error().1.to_owned()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub fn message(&self) -> String {
        self.json()["message"].as_str().unwrap().to_owned()
    }
}

/// Clock and randomness of the process.
#[expect(
    clippy::disallowed_methods,
    reason = "the home of the clock and of randomness in these tests"
)]
pub fn environment() -> Environment {
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

/// How long a tower that was dropped may hold its data file.
const PATIENCE: Duration = Duration::from_secs(10);

/// A running tower, which stops when it is dropped.
pub struct Server {
    pub ivs: Ivs,
    pub engine: Engine,
    /// What the engine tells, until a test takes it.
    pub events: Option<mpsc::Receiver<engine::Event>>,
    pub address: SocketAddr,
    shutdown: CancellationToken,
}

impl Server {
    pub async fn start(config: Config) -> Self {
        Self::start_with(config, |policy| policy).await
    }

    /// A tower whose engine asks something in front of the tower's policy.
    pub async fn start_with(config: Config, front: impl FnOnce(Arc<dyn Policy>) -> Arc<dyn Policy>) -> Self {
        Self::start_at(config, environment(), front).await
    }

    /// [`Self::start_with`] on a clock of the test's.
    pub async fn start_at(
        config: Config,
        environment: Environment,
        front: impl FnOnce(Arc<dyn Policy>) -> Arc<dyn Policy>,
    ) -> Self {
        let ivs = open(config, &environment).await;
        let loopback = Some("127.0.0.1:0".parse().unwrap());
        let media = engine::Config {
            rtmp_addr: loopback,
            ..engine::Config::default()
        };
        let (engine, events) = Engine::start(media, front(ivs.policy()), environment).await.unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let router = ivs.router(engine.clone());
        let options = engine::http::Options::default();
        tokio::spawn(engine::http::serve(listener, router, options, shutdown.clone()));
        Self {
            ivs,
            engine,
            events: Some(events),
            address,
            shutdown,
        }
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
        self.shutdown.cancel();
        let engine = self.engine.clone();
        tokio::spawn(async move { engine.drain(PATIENCE).await });
    }
}

/// Opens a tower as soon as the one before it has let go of the data file.
async fn open(config: Config, environment: &Environment) -> Ivs {
    let wait = async {
        loop {
            match Ivs::open(config.clone(), environment.clone()).await {
                Err(Error::InUse { .. }) => tokio::time::sleep(Duration::from_millis(5)).await,
                opened => return opened.unwrap(),
            }
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.unwrap()
}
