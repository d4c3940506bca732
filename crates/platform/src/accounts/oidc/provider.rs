//! The issuer as we know it: its addresses and keys, fetched when first needed and kept.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;

use super::claims::{self, Identity, Use};
use super::config::{self, Config};
use super::http::Http;
use super::keys::{Key, KeySet};
use super::token::{Algorithm, Parts, Why};
use crate::Error;

/// The one issuer of this installation.
pub(in crate::accounts) struct Provider {
    config: Config,
    http: Http,
    /// Guards reading and replacing a few words.
    state: Mutex<State>,
    /// Held while the issuer is asked: one request at a time, whoever waits reads the result.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    known: Option<(Arc<Metadata>, i64)>,
    tried_at_ms: Option<i64>,
    /// Why the last try failed.
    failure: Option<Error>,
}

/// What the issuer says about itself.
pub(super) struct Metadata {
    pub(super) endpoints: Endpoints,
    keys: KeySet,
}

/// The discovery document, as far as it matters. *source*: OpenID Connect Discovery 1.0 §3.
#[derive(Deserialize)]
pub(super) struct Endpoints {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    pub(super) token_endpoint_auth_methods_supported: Vec<String>,
}

/// How long keys are used without asking again: a key that the issuer withdrew is good for no longer.
const FRESH_MS: i64 = 3_600_000;
/// How long they are used when the issuer does not answer.
const USABLE_MS: i64 = 24 * 3_600_000;
/// How soon an unknown key makes us ask again. Keys rotate a few times a year; strangers may invent names all day.
const UNKNOWN_KEY_EVERY_MS: i64 = 30_000;
/// How soon we ask again while we know nothing.
const FIRST_EVERY_MS: i64 = 5_000;

impl Provider {
    pub(in crate::accounts) fn new(config: Config) -> Result<Self, Error> {
        config.check()?;
        Ok(Self {
            http: Http::new(&config)?,
            config,
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        })
    }

    pub(in crate::accounts) fn config(&self) -> &Config {
        &self.config
    }

    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    /// Whom `token` names when it is the issuer's and good for its use.
    ///
    /// *errors*: [`crate::ErrorKind::Unavailable`] when nobody can tell because the keys cannot be had.
    pub(super) async fn verify(
        &self,
        token: &str,
        now_ms: i64,
        shown_for: Use<'_>,
    ) -> Result<Result<Identity, Why>, Error> {
        // What costs nothing comes first: only a token that would be good leads to a question to the issuer.
        let parts = match Parts::of(token) {
            Ok(parts) => parts,
            Err(why) => return Ok(Err(why)),
        };
        if let Err(why) = claims::check(&parts.claims, &self.config, now_ms / 1000, shown_for) {
            return Ok(Err(why));
        }
        let Some(key) = self.key(&parts.key_id, parts.algorithm, now_ms).await? else {
            return Ok(Err("its key is none of the issuer's"));
        };
        if !key.verifies(parts.message, &parts.signature) {
            return Ok(Err("its signature is wrong"));
        }
        Ok(Ok(claims::identity(&parts.claims, &self.config)))
    }

    async fn key(&self, id: &str, algorithm: Algorithm, now_ms: i64) -> Result<Option<Key>, Error> {
        let metadata = self.metadata(now_ms).await?;
        if let Some(key) = metadata.keys.find(id, algorithm) {
            return Ok(Some(key.clone()));
        }
        // The issuer may have a new key since.
        self.refresh(now_ms, UNKNOWN_KEY_EVERY_MS).await;
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let known = state
            .known
            .as_ref()
            .and_then(|(metadata, _)| metadata.keys.find(id, algorithm));
        match (known, &state.failure) {
            (Some(key), _) => Ok(Some(key.clone())),
            (None, Some(failure)) => Err(failure.clone()),
            (None, None) => Ok(None),
        }
    }

    /// What the issuer says about itself, at most a day old and usually less than an hour.
    ///
    /// *errors*: [`crate::ErrorKind::Unavailable`].
    pub(super) async fn metadata(&self, now_ms: i64) -> Result<Arc<Metadata>, Error> {
        if let Some(fresh) = self.known_within(FRESH_MS, now_ms) {
            return Ok(fresh);
        }
        match self.known_within(USABLE_MS, now_ms) {
            // One request asks; the others go on with what is known.
            Some(usable) => {
                if self.turn.try_lock().is_ok() {
                    self.refresh(now_ms, UNKNOWN_KEY_EVERY_MS).await;
                }
                Ok(self.known_within(FRESH_MS, now_ms).unwrap_or(usable))
            }
            None => {
                self.refresh(now_ms, FIRST_EVERY_MS).await;
                let known = self.known_within(USABLE_MS, now_ms);
                known.ok_or_else(|| {
                    let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
                    let failure = state.failure.clone();
                    failure.unwrap_or_else(|| Error::unavailable(1, "the issuer has not answered yet"))
                })
            }
        }
    }

    fn known_within(&self, age_ms: i64, now_ms: i64) -> Option<Arc<Metadata>> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (metadata, at_ms) = state.known.as_ref()?;
        // A clock that was set back makes nothing fresh.
        (0..age_ms).contains(&(now_ms - at_ms)).then(|| metadata.clone())
    }

    /// Asks the issuer, unless somebody did within `every_ms`.
    async fn refresh(&self, now_ms: i64, every_ms: i64) {
        let _turn = self.turn.lock().await;
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state
                .tried_at_ms
                .is_some_and(|tried| (0..every_ms).contains(&(now_ms - tried)))
            {
                return;
            }
            state.tried_at_ms = Some(now_ms);
        }
        let fetched = self.fetch().await;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match fetched {
            Ok(metadata) => {
                state.known = Some((Arc::new(metadata), now_ms));
                state.failure = None;
            }
            Err(error) => {
                tracing::warn!(issuer = self.config.issuer, %error, "the issuer's keys cannot be had: {error}");
                state.failure = Some(error);
            }
        }
    }

    async fn fetch(&self) -> Result<Metadata, Error> {
        let url = self.config.discovery_url();
        let wrong = |what: &str| Error::unavailable(5, format_args!("{url}: {what}"));
        let endpoints: Endpoints = serde_json::from_slice(&self.http.get(&url).await?)
            .map_err(|error| wrong(&format!("no discovery document: {error}")))?;
        if endpoints.issuer != self.config.issuer {
            return Err(wrong(
                "it describes another issuer than the configured one, to the last slash",
            ));
        }
        let Endpoints {
            authorization_endpoint,
            token_endpoint,
            jwks_uri,
            ..
        } = &endpoints;
        for named in [authorization_endpoint, token_endpoint, jwks_uri] {
            if !config::is_followed(&self.config, named) {
                return Err(wrong("it names an address that is not https"));
            }
        }
        let keys = KeySet::parse(&self.http.get(jwks_uri).await?);
        Ok(Metadata {
            keys: keys.ok_or_else(|| wrong("what it names as key set is none"))?,
            endpoints,
        })
    }
}
