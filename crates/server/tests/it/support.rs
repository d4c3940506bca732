//! The binary as a child process, and small clients for it.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::body::Bytes;
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

/// Generous for a loaded machine; every wait ends as soon as its condition holds.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Settings every test server has: nothing of the machine it runs on reaches it.
const SETTINGS: [(&str, &str); 8] = [
    ("ROSTRUM_HTTP_ADDR", "127.0.0.1:0"),
    ("ROSTRUM_IVS_ADDR", "127.0.0.1:0"),
    ("ROSTRUM_RTMP_ADDR", "127.0.0.1:0"),
    ("ROSTRUM_RTMPS_ADDR", "127.0.0.1:0"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "AKIATEST000000000000"),
    ("AWS_SECRET_ACCESS_KEY", "test-secret-access-key"),
    ("ROSTRUM_LOG", "info"),
];

/// A running `rostrum serve --dev` (or `engine --dev`).
pub struct Server {
    child: Child,
    /// `http://host:port` of the pages.
    pub base: String,
    /// `http://host:port` of the IVS API.
    pub ivs: String,
    /// `rtmp://host:port/app/`
    pub rtmp: String,
    /// `rtmps://host:port/app/`
    pub rtmps: String,
}

impl Server {
    /// Starts the binary on free ports and waits until it says where it listens.
    pub fn start(command: &str, data: &Path, environment: &[(&str, &str)]) -> Self {
        Self::start_logging(command, data, environment, Stdio::inherit())
    }

    /// [`Self::start`], logging to `log`.
    pub fn start_logging(command: &str, data: &Path, environment: &[(&str, &str)], log: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rostrum"))
            .args([command, "--dev"])
            .current_dir(data)
            .env_clear()
            .env("PATH", env!("PATH"))
            .env("ROSTRUM_DATA_DIR", data)
            .envs(SETTINGS)
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut found = Vec::new();
        for line in lines.map_while(Result::ok) {
            found.extend(
                line.split_whitespace()
                    .last()
                    .filter(|_| line.starts_with("  "))
                    .map(str::to_owned),
            );
            // The last words: of `serve` how to run the demo, of `engine` the keys.
            if line.contains("rostrum demo") || (command == "engine" && line.contains("AWS_SECRET_ACCESS_KEY")) {
                break;
            }
        }
        // Without an engine in the process there are no video addresses.
        let address = |start: &str, end: &str| {
            let matches = |line: &&String| line.starts_with(start) && line.ends_with(end);
            found.iter().find(matches).cloned().unwrap_or_default()
        };
        let ivs = address("AWS_ENDPOINT_URL_IVS=", "").replace("AWS_ENDPOINT_URL_IVS=", "");
        let base = match command {
            "serve" => address("http", "/ui/").replace("/ui/", ""),
            _ => address("http://", "/api/video/v1/").replace("/api/video/v1/", ""),
        };
        let server = Self {
            base,
            ivs,
            rtmp: address("rtmp://", "/app/"),
            rtmps: address("rtmps://", "/app/"),
            child,
        };
        assert!(!server.base.is_empty(), "no address in {found:?}");
        server
    }

    /// Calls the API where the operator's commands do: plain HTTP on loopback, whatever the pages speak.
    pub fn behind_its_own_door(mut self, data: &Path) -> Self {
        let address = std::fs::read_to_string(data.join("operator-address")).unwrap();
        self.base = address.trim().to_owned();
        self
    }

    /// Ends it as a power cut of the process would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits until it ended by itself.
    pub async fn died(mut self) {
        let ended = tokio::task::spawn_blocking(move || self.child.wait());
        tokio::time::timeout(PATIENCE, ended).await.unwrap().unwrap().unwrap();
    }

    /// Calls the API: status and JSON, or `None` when the connection broke.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Value,
    ) -> Option<(StatusCode, Value)> {
        call(&self.base, method, path, token, body).await
    }

    /// Fetches a file as a page would: status, media type and content.
    pub async fn fetch(&self, path: &str) -> (StatusCode, String, Bytes) {
        let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
        let address = format!("{}{path}", self.base).parse().unwrap();
        let answer = client.get(address).await.unwrap();
        let kind = answer.headers().get(header::CONTENT_TYPE);
        let kind = kind.map_or_else(String::new, |kind| kind.to_str().unwrap().to_owned());
        let status = answer.status();
        (status, kind, answer.into_body().collect().await.unwrap().to_bytes())
    }

    /// Registers a seller; returns the access token.
    pub async fn seller(&self, email: &str) -> String {
        let account = json!({ "email": email, "password": "correct horse battery", "name": "Seller" });
        let (status, answer) = self
            .call(Method::POST, "/api/auth/register", None, account)
            .await
            .unwrap();
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        answer["access_token"].as_str().unwrap().to_owned()
    }

    /// The IVS API through the official SDK.
    pub fn aws(&self) -> aws_sdk_ivs::Client {
        let credentials = aws_credential_types::Credentials::new(SETTINGS[5].1, SETTINGS[6].1, None, None, "test");
        let config = aws_sdk_ivs::Config::builder()
            .behavior_version_latest()
            .region(aws_config::Region::new("us-east-1"))
            .credentials_provider(credentials)
            .endpoint_url(&self.ivs)
            .build();
        aws_sdk_ivs::Client::from_conf(config)
    }

    /// Names of the channels at the provider.
    pub async fn channels(&self) -> Vec<String> {
        let listed = self.aws().list_channels().send().await.unwrap();
        listed
            .channels()
            .iter()
            .filter_map(|channel| channel.name())
            .map(str::to_owned)
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Calls the API at `base`: status and JSON, or `None` when there is no connection or it broke.
pub async fn call(
    base: &str,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Value,
) -> Option<(StatusCode, Value)> {
    let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let mut request = Request::builder().method(method).uri(format!("{base}{path}"));
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let body = if body.is_null() {
        Full::default()
    } else {
        request = request.header(header::CONTENT_TYPE, "application/json");
        Full::from(body.to_string())
    };
    let answer = client.request(request.body(body).unwrap()).await.ok()?;
    let status = answer.status();
    let bytes = answer.into_body().collect().await.ok()?.to_bytes();
    Some((status, serde_json::from_slice(&bytes).unwrap_or(Value::Null)))
}

/// A port that is free now, for what must be known before somebody listens there.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

/// Asks again until the condition holds.
pub async fn eventually<F, T>(what: &str, mut condition: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(value) = condition().await {
            return value;
        }
        assert!(tokio::time::Instant::now() < deadline, "still not: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A listing as the first curl of any user has it.
pub fn listing(duration_s: u64) -> Value {
    json!({
        "title": "Test Auction",
        "description": "Testing IVS",
        "starting_bid": 100,
        "duration": duration_s,
        "category": "electronics",
    })
}
