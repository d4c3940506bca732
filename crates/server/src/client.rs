//! A small JSON client for a running Rostrum.

use anyhow::Context as _;
use axum::body::Bytes;
use http::{Method, Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use url::Url;

/// More than any answer of our API.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Calls one server, signed in or not.
pub struct Client {
    http: HttpClient<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: Url,
    token: Option<String>,
}

impl Client {
    /// A client of the server at `base`.
    pub fn new(base: Url) -> Self {
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .enable_http2()
            .build();
        Self {
            http: HttpClient::builder(TokioExecutor::new()).build(connector),
            base,
            token: None,
        }
    }

    /// Signs every later call.
    pub fn sign_in(&mut self, token: String) {
        self.token = Some(token);
    }

    /// Posts JSON and returns the JSON of the answer.
    ///
    /// # Errors
    /// The server cannot be reached, or refuses; the message carries its own words.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.call(Method::POST, path, serde_json::to_vec(body)?).await
    }

    /// The JSON at a path.
    ///
    /// # Errors
    /// As [`Client::post`].
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, Vec::new()).await
    }

    /// Deletes what is at a path; the JSON of the answer, or null.
    ///
    /// # Errors
    /// As [`Client::post`].
    pub async fn delete(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::DELETE, path, Vec::new()).await
    }

    /// The server's address.
    pub fn base(&self) -> &Url {
        &self.base
    }

    async fn call(&self, method: Method, path: &str, body: Vec<u8>) -> anyhow::Result<Value> {
        let url = self.base.join(path).context("not an address")?;
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let request = request.body(Full::from(body))?;
        let answer = self
            .http
            .request(request)
            .await
            .with_context(|| format!("cannot reach {}: is `rostrum serve` running there?", self.base))?;
        let status = answer.status();
        let bytes = Limited::new(answer.into_body(), ANSWER_BYTES_MAX)
            .collect()
            .await
            .map_err(|error| anyhow::anyhow!("{path}: {error}"))?
            .to_bytes();
        let value: Value = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let told = value["error"].as_str().unwrap_or("no explanation");
        anyhow::ensure!(
            status.is_success(),
            "{path} answered {status}: {told} {}",
            value["details"]
        );
        Ok(value)
    }
}

/// A text member of an answer.
///
/// # Errors
/// It is missing.
pub fn text<'a>(answer: &'a Value, member: &str) -> anyhow::Result<&'a str> {
    answer[member]
        .as_str()
        .with_context(|| format!("the answer has no {member}"))
}
