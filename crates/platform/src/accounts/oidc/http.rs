//! Requests to the issuer: bounded in time and size, never redirected.

use std::time::Duration;

use oauth2::http::{Response, header};
use oauth2::{HttpRequest, HttpResponse};

use super::config::Config;
use crate::Error;

/// The one client for the issuer; clones share its connections.
#[derive(Clone)]
pub(super) struct Http(reqwest::Client);

/// An issuer that takes longer to be reached is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// From the first byte sent to the last received.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of one answer at most. Large discovery documents and key sets have some 20 KiB.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// When to come back after the issuer failed.
const RETRY_S: u64 = 5;

impl Http {
    pub(super) fn new(config: &Config) -> Result<Self, Error> {
        reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            // The issuer names its addresses itself; whoever could redirect us could choose the keys.
            .redirect(reqwest::redirect::Policy::none())
            // Settings come from our configuration only.
            .no_proxy()
            .https_only(!config.is_local())
            .user_agent("rostrum")
            .build()
            .map(Self)
            .map_err(|error| Error::internal(format_args!("the client for the issuer: {error}")))
    }

    /// The document at `url`.
    ///
    /// *errors*: [`crate::ErrorKind::Unavailable`] for anything but an answer 200 of a bearable size.
    pub(super) async fn get(&self, url: &str) -> Result<Vec<u8>, Error> {
        let request = self.0.get(url).header(header::ACCEPT, "application/json").build();
        let response = self.run(request.map_err(|error| unavailable(url, &error))?).await?;
        match response.status().as_u16() {
            200 => Ok(response.into_body()),
            status => Err(Error::unavailable(RETRY_S, format_args!("{url} answered {status}"))),
        }
    }

    /// Sends a request that the OAuth library made; any status is an answer.
    ///
    /// *errors*: as [`Http::get`].
    pub(super) async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Error> {
        let request = request
            .try_into()
            .map_err(|error| unavailable("the token endpoint", &error))?;
        self.run(request).await
    }

    async fn run(&self, request: reqwest::Request) -> Result<HttpResponse, Error> {
        let url = request.url().clone();
        let failed = |error: reqwest::Error| unavailable(url.as_str(), &error.without_url());
        let mut response = self.0.execute(request).await.map_err(failed)?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                let detail = format_args!("{url} answered more than {ANSWER_BYTES_MAX} bytes");
                return Err(Error::unavailable(RETRY_S, detail));
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = response.headers().clone();
        Ok(answer)
    }
}

fn unavailable(url: &str, error: &reqwest::Error) -> Error {
    let mut detail = format!("{url}: {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        detail.push_str(&format!(": {error}"));
        cause = error.source();
    }
    Error::unavailable(RETRY_S, detail)
}
