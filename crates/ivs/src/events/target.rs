//! The receiver of events: one URL, one `POST` per event.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::config::Config;
use crate::error::Error;

/// Name of the header that proves to the receiver who sends.
const SECRET_HEADER: &str = "x-rostrum-events-secret";
/// Answers are read to their end, so that the connection can be used again, up to this size.
const ANSWER_SIZE_MAX: usize = 64 * 1024;

/// Sends events. Cheap to clone.
#[derive(Clone)]
pub struct Target {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    url: http::Uri,
    secret: Option<HeaderValue>,
}

impl Target {
    /// The configured receiver, if any.
    ///
    /// # Errors
    /// [`Error::Config`] when the URL is not `http` or `https`, or the secret cannot stand in a header.
    pub fn new(config: &Config) -> Result<Option<Self>, Error> {
        let Some(url) = &config.events_target else {
            return Ok(None);
        };
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Config(format!(
                "events target '{url}' must be an http or https URL"
            )));
        }
        let uri = url
            .as_str()
            .parse()
            .map_err(|cause| Error::Config(format!("events target '{url}': {cause}")))?;
        let secret = config
            .events_secret
            .as_ref()
            .map(|secret| header_value(secret.expose()))
            .transpose()?;
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let tls = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(provider)
            .map_err(|cause| Error::Config(format!("events target '{url}': {cause}")))?;
        let connector = tls.https_or_http().enable_http1().build();
        Ok(Some(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            url: uri,
            secret,
        }))
    }

    /// Sends one event. Any 2xx is success; a redirect is not followed.
    ///
    /// # Errors
    /// What went wrong, for the log.
    pub async fn post(&self, body: String, patience: Duration) -> Result<(), String> {
        let mut request = Request::post(self.url.clone()).header(header::CONTENT_TYPE, "application/json");
        if let Some(secret) = &self.secret {
            request = request.header(SECRET_HEADER, secret);
        }
        let request = request
            .body(Full::new(Bytes::from(body)))
            .map_err(|cause| cause.to_string())?;
        let exchange = async {
            let answer = self.client.request(request).await.map_err(|cause| describe(&cause))?;
            let status = answer.status();
            // Whatever the body says, the status has decided.
            drop(Limited::new(answer.into_body(), ANSWER_SIZE_MAX).collect().await);
            if status.is_success() {
                Ok(())
            } else {
                Err(format!("the receiver answered {status}"))
            }
        };
        tokio::time::timeout(patience, exchange)
            .await
            .unwrap_or_else(|_| Err(format!("no answer within {patience:?}")))
    }
}

fn header_value(secret: &str) -> Result<HeaderValue, Error> {
    let mut value = HeaderValue::from_str(secret)
        .map_err(|_| Error::Config("the events secret has characters that no header may carry".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The whole chain: hyper's own text is only "client error (Connect)".
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
