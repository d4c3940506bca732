//! A small HTTP client that tells what is surely not done from what nobody knows.

use std::time::Duration;

use anyhow::Context as _;
use axum::body::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;

/// Whoever waits longer does not know what became of it.
const PATIENCE: Duration = Duration::from_secs(3);

/// Keeps connections open.
#[derive(Clone)]
pub struct Client(hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>);

/// What came back.
pub enum Reply {
    /// Status and JSON; null when the body was none.
    Answer(u16, Value),
    /// There was no connection, so nothing was sent.
    NotSent,
    /// The connection broke, or nothing came in time.
    Unknown,
}

impl Reply {
    /// The status, if an answer came.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answer(status, _) => Some(*status),
            _ => None,
        }
    }

    /// The body of an answer with this status.
    pub fn expect(self, status: u16) -> anyhow::Result<Value> {
        match self {
            Self::Answer(found, value) if found == status => Ok(value),
            Self::Answer(found, value) => anyhow::bail!("status {found}, not {status}: {value}"),
            Self::NotSent => anyhow::bail!("no connection"),
            Self::Unknown => anyhow::bail!("no answer"),
        }
    }
}

impl Client {
    /// One for all servers.
    pub fn new() -> Self {
        let mut builder = hyper_util::client::legacy::Client::builder(TokioExecutor::new());
        builder.retry_canceled_requests(false);
        Self(builder.build_http())
    }

    /// Reads.
    pub async fn get(&self, url: &str, token: Option<&str>) -> Reply {
        self.send(Method::GET, url, token, None, None).await
    }

    /// Asks for a change; `key` is the idempotency key.
    pub async fn post(&self, url: &str, token: Option<&str>, key: Option<&str>, body: &Value) -> Reply {
        self.send(Method::POST, url, token, key, Some(body)).await
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        token: Option<&str>,
        key: Option<&str>,
        body: Option<&Value>,
    ) -> Reply {
        let Ok(request) = request(method, url, token, key, body) else {
            return Reply::NotSent;
        };
        let exchange = async {
            let answer = match self.0.request(request).await {
                Ok(answer) => answer,
                Err(error) if error.is_connect() => return Reply::NotSent,
                Err(_) => return Reply::Unknown,
            };
            let status = answer.status().as_u16();
            match answer.into_body().collect().await {
                Ok(body) => Reply::Answer(status, serde_json::from_slice(&body.to_bytes()).unwrap_or(Value::Null)),
                Err(_) => Reply::Unknown,
            }
        };
        tokio::time::timeout(PATIENCE, exchange).await.unwrap_or(Reply::Unknown)
    }

    /// Reads a stream of events until `enough` says so or nothing comes for a second; answers the whole text.
    pub async fn events(&self, url: &str, token: &str, enough: impl Fn(&str) -> bool) -> anyhow::Result<String> {
        let answer = self
            .0
            .request(request(Method::GET, url, Some(token), None, None)?)
            .await?;
        let mut body = answer.into_body();
        let mut text = String::new();
        while !enough(&text) {
            let frame = tokio::time::timeout(Duration::from_secs(1), body.frame()).await;
            let Ok(Some(frame)) = frame else { break };
            let data = frame?.into_data().ok().context("trailers in a stream of events")?;
            text.push_str(&String::from_utf8_lossy(&data));
        }
        Ok(text)
    }
}

fn request(
    method: Method,
    url: &str,
    token: Option<&str>,
    key: Option<&str>,
    body: Option<&Value>,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::builder().method(method).uri(url);
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    request.body(body.map_or_else(Full::default, |body| Full::from(body.to_string())))
}
