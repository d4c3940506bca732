//! A server of one test: real routes, real store, a clock that stands still.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use metrics_exporter_prometheus::PrometheusBuilder;
use platform::testing::{self, Clock, Database};
use platform::{Caller, Context, Platform, Role, Secret, accounts, mail};
use serde_json::{Value, json};
use tokio_util::sync::{CancellationToken, DropGuard};
use tower::ServiceExt;

use crate::tower::Tower;

/// A running server; dropping it removes its database.
pub struct TestServer {
    pub clock: Clock,
    pub platform: Platform,
    router: Router,
    tower: Option<Tower>,
    _database: Database,
    _ears: DropGuard,
}

/// One request on its way.
pub struct Call<'a> {
    server: &'a TestServer,
    request: http::request::Builder,
    body: Vec<u8>,
    peer: SocketAddr,
}

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

pub const PASSWORD: &str = "correct horse battery";
pub const EVENTS_SECRET: &str = "events-secret";
/// Where requests come from unless a test says otherwise: another machine.
const STRANGER: &str = "192.0.2.7:40000";

impl TestServer {
    /// Without a video provider: nothing listens where its calls go.
    pub async fn start() -> Self {
        let config = api::Config {
            events_secret: Some(Secret::new(EVENTS_SECRET)),
            ..api::Config::default()
        };
        Self::start_with(config).await
    }

    pub async fn start_with(config: api::Config) -> Self {
        Self::build(config, None).await
    }

    /// With the real video tower as its provider.
    pub async fn start_with_video() -> Self {
        let config = api::Config {
            events_secret: Some(Secret::new(EVENTS_SECRET)),
            ..api::Config::default()
        };
        Self::build(config, Some(Tower::start().await)).await
    }

    /// With the real video tower, and with a limit on bids per second and bidder.
    pub async fn start_with_bid_limit(bids_per_second: u32) -> Self {
        let tower = Tower::start().await;
        Self::build_with(Clock::new(), api::Config::default(), Some(tower), |settings| {
            settings.auctions.bids_per_second = bids_per_second;
        })
        .await
    }

    /// With the real video tower as its provider, and with settings of its own.
    pub async fn start_with_video_and(change: impl FnOnce(&mut platform::Config)) -> Self {
        Self::build_with(Clock::new(), api::Config::default(), Some(Tower::start().await), change).await
    }

    /// Sends no mail.
    pub async fn start_without_mail() -> Self {
        Self::build_with(Clock::new(), api::Config::default(), None, |settings| {
            settings.mail.delivery = mail::Delivery::Off;
        })
        .await
    }

    /// Going by `clock`, with people who sign in through an issuer.
    pub async fn start_with_issuer(clock: Clock, config: api::Config, oidc: accounts::oidc::Config) -> Self {
        Self::build_with(clock, config, None, |settings| settings.oidc = Some(oidc)).await
    }

    async fn build(config: api::Config, tower: Option<Tower>) -> Self {
        Self::build_with(Clock::new(), config, tower, |_| {}).await
    }

    async fn build_with(
        clock: Clock,
        config: api::Config,
        tower: Option<Tower>,
        change: impl FnOnce(&mut platform::Config),
    ) -> Self {
        let database = Database::sqlite();
        let mut settings = database.config();
        change(&mut settings);
        if let Some(tower) = &tower {
            settings.video = tower.config();
            settings.chat_url = tower.chat_url();
        }
        let platform = Platform::open(settings, clock.environment()).await.unwrap();
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let router = api::router(platform.clone(), config, metrics);
        let ears = CancellationToken::new();
        if tower.is_some() {
            // Who enters a chat waits until somebody listens there.
            let (platform, ears) = (platform.clone(), ears.clone());
            tokio::spawn(async move { testing::listen_to_chats(&platform, ears).await });
        }
        Self {
            clock,
            platform,
            router,
            tower,
            _database: database,
            _ears: ears.drop_guard(),
        }
    }

    /// The video tower of a server that was started with one.
    pub fn tower(&self) -> &Tower {
        self.tower.as_ref().unwrap()
    }

    /// For a listener of its own.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub fn post(&self, path: &str) -> Call<'_> {
        self.call(Method::POST, path)
    }

    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        let request = Request::builder().method(method).uri(path);
        Call {
            server: self,
            request,
            body: Vec::new(),
            peer: STRANGER.parse().unwrap(),
        }
    }

    /// Adds an account and signs it in; the access token.
    pub async fn sign_in(&self, name: &str, roles: &[Role]) -> String {
        let email = format!("{name}@example.com");
        let account = accounts::NewAccount {
            email: email.clone(),
            password: Secret::new(PASSWORD),
            name: name.to_owned(),
        };
        let input = accounts::NewUser {
            account,
            roles: roles.to_vec(),
        };
        accounts::create_account(&self.system(), input).await.unwrap();
        let answer = self
            .post("/api/auth/login")
            .json(&json!({ "email": email, "password": PASSWORD }))
            .send()
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }

    pub fn system(&self) -> Context {
        self.platform.context(Caller::System)
    }
}

impl Call<'_> {
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub fn json(self, body: &Value) -> Self {
        self.header("content-type", "application/json").body(body.to_string())
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub fn from(mut self, peer: &str) -> Self {
        self.peer = SocketAddr::new(peer.parse().unwrap(), 40000);
        self
    }

    /// Sends and returns the answer with its body still coming.
    pub async fn open(self) -> http::Response<Body> {
        let mut request = self.request.body(Body::from(self.body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        self.server.router.clone().oneshot(request).await.unwrap()
    }

    pub async fn send(self) -> Answer {
        let (parts, body) = self.open().await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The cookie as the browser would send it back.
    pub fn cookie(&self) -> Option<String> {
        let line = self.headers.get(header::SET_COOKIE)?.to_str().unwrap();
        Some(line.split(';').next().unwrap().to_owned())
    }

    /// Status, retry hint and body, for snapshots.
    pub fn summary(&self) -> String {
        let retry = self
            .header("retry-after")
            .map_or(String::new(), |value| format!("retry-after: {value}\n"));
        format!("{}\n{retry}{}", self.status, self.text())
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, String::from_utf8_lossy(&self.body))
    }
}
