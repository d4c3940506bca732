//! A real video tower on loopback, behind the faults.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ivs::config::{BehaviorVersion, Credentials, Region};
use engine::{Engine, Environment};
use ivs::{Config, Ivs, Quotas, SealingKey, Secret};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::Faults;
use super::news::News;

pub const ACCESS_KEY: &str = "AKIDTEST";
pub const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

pub struct Tower {
    pub faults: Faults,
    pub news: News,
    pub engine: Engine,
    address: SocketAddr,
    shutdown: CancellationToken,
    // Aborted when dropped.
    _tasks: JoinSet<()>,
    _folder: TempDir,
}

impl Tower {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let news = News::listen().await;
        let config = Config {
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            access_key: ACCESS_KEY.to_owned(),
            secret_key: Secret::new(SECRET_KEY),
            sealing_key: SealingKey::new([7; 32]),
            playback_url_base: "http://localhost:8000".parse().unwrap(),
            ingest_host: "localhost".to_owned(),
            data_file: folder.path().join("ivs.sqlite3"),
            events_target: Some(news.url()),
            events_secret: Some(Secret::new("events-secret")),
            quotas: Quotas::default(),
        };
        let ivs = Ivs::open(config, environment()).await.unwrap();
        let engine_config = engine::Config {
            rtmp_addr: Some("127.0.0.1:0".parse().unwrap()),
            reconnect_window: Duration::from_secs(2),
            ..engine::Config::default()
        };
        let (engine, events) = Engine::start(engine_config, ivs.policy(), environment()).await.unwrap();
        let faults = Faults::default();
        let router = faults.in_front_of(ivs.router(engine.clone())).merge(ivs.chat());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shutdown = CancellationToken::new();
        let mut tasks = JoinSet::new();
        tasks.spawn(ivs.run(engine.clone(), events, shutdown.clone()));
        let options = engine::http::Options::default();
        tasks.spawn(engine::http::serve(listener, router, options, shutdown.clone()));
        Self {
            faults,
            news,
            engine,
            address,
            shutdown,
            _tasks: tasks,
            _folder: folder,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where chat connections are opened.
    pub fn chat_url(&self) -> String {
        format!("ws://{}{}", self.address, ivs::CHAT_PATH)
    }

    /// A chat client of our own, to see what is really there.
    pub fn chat_client(&self) -> aws_sdk_ivschat::Client {
        let config = aws_sdk_ivschat::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(self.url())
            .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test"))
            .build();
        aws_sdk_ivschat::Client::from_conf(config)
    }

    /// The names of all chat rooms, in order.
    pub async fn room_names(&self) -> Vec<String> {
        let client = self.chat_client();
        let mut pages = client.list_rooms().into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            names.extend(page.unwrap().rooms.into_iter().map(|room| room.name.unwrap()));
        }
        names.sort();
        names
    }

    /// A client of our own, to see what is really there.
    pub fn client(&self) -> aws_sdk_ivs::Client {
        let config = aws_sdk_ivs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(self.url())
            .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test"))
            .build();
        aws_sdk_ivs::Client::from_conf(config)
    }

    /// The names of all channels, in order.
    pub async fn channel_names(&self) -> Vec<String> {
        let client = self.client();
        let mut pages = client.list_channels().into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            names.extend(page.unwrap().channels.into_iter().map(|channel| channel.name.unwrap()));
        }
        names.sort();
        names
    }
}

impl Drop for Tower {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "requests are signed by the SDK with the real time; this is the tests' home of it"
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
