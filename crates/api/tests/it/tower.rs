//! The real video tower on loopback, for routes that need a provider.

use std::sync::{Arc, Mutex};

use aws_sdk_ivs::config::{BehaviorVersion, Credentials, Region};
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use engine::{Engine, Environment};
use ivs::{Ivs, Quotas, SealingKey};
use platform::video;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// A running tower; its sockets close when it is dropped.
pub struct Tower {
    address: String,
    refusals: Refusals,
    task: JoinHandle<()>,
    _folder: TempDir,
}

/// Operations that are refused instead of done, one entry per call; and every call that was made.
#[derive(Clone, Default)]
struct Refusals(Arc<Mutex<(Vec<&'static str>, Vec<String>)>>);

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
        let address = listener.local_addr().unwrap().to_string();
        let refusals = Refusals::default();
        let layer = from_fn_with_state(refusals.clone(), refuse);
        let router = ivs.router(engine).layer(layer).merge(ivs.chat());
        let options = engine::http::Options::default();
        let serving = engine::http::serve(listener, router, options, CancellationToken::new());
        let task = tokio::spawn(serving);
        Self {
            address,
            refusals,
            task,
            _folder: folder,
        }
    }

    /// The next `times` calls of `operation` are refused, as for a key that may not do it.
    pub fn refuse(&self, operation: &'static str, times: usize) {
        let refused = std::iter::repeat_n(operation, times);
        self.refusals.0.lock().unwrap().0.extend(refused);
    }

    /// How often `operation` was called.
    pub fn calls(&self, operation: &str) -> usize {
        let inner = self.refusals.0.lock().unwrap();
        inner.1.iter().filter(|call| *call == operation).count()
    }

    /// The names of all channels, asked past the platform.
    pub async fn channel_names(&self) -> Vec<String> {
        let config = aws_sdk_ivs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(self.endpoint_url())
            .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test"))
            .build();
        let listed = aws_sdk_ivs::Client::from_conf(config).list_channels().send().await;
        let names = listed
            .unwrap()
            .channels
            .into_iter()
            .map(|channel| channel.name.unwrap());
        names.collect()
    }

    /// Where chat connections are opened.
    pub fn chat_url(&self) -> String {
        format!("ws://{}{}", self.address, ivs::CHAT_PATH)
    }

    fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Settings of a platform that uses this tower.
    pub fn config(&self) -> video::Config {
        video::Config {
            endpoint_url: Some(self.endpoint_url()),
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

/// Every operation is a POST to its own name.
async fn refuse(State(refusals): State<Refusals>, request: Request, next: Next) -> Response {
    let operation = request.uri().path().trim_start_matches('/').to_owned();
    let is_refused = {
        let mut inner = refusals.0.lock().unwrap();
        let planned = inner.0.iter().position(|planned| *planned == operation);
        inner.1.push(operation);
        planned.map(|at| inner.0.remove(at)).is_some()
    };
    if !is_refused {
        return next.run(request).await;
    }
    let body = Body::from(r#"{"exceptionMessage":"User is not authorized to perform this action"}"#);
    Response::builder()
        .status(403)
        .header("x-amzn-errortype", "AccessDeniedException")
        .body(body)
        .unwrap()
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
