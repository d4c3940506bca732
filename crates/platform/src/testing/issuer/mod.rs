//! An OpenID Connect issuer on loopback that speaks as Amazon Cognito does: discovery, key set, authorize and token
//! endpoints over real HTTP, tokens signed with keys it made.

#![expect(clippy::expect_used, reason = "a test cannot go on without it")]

mod keys;
mod server;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use url::Url;

pub use keys::SigningKey;

use super::Clock;
use crate::accounts::oidc::Config;

/// A running issuer; it stops when this is dropped.
pub struct Issuer {
    /// As its tokens spell it.
    pub url: String,
    shared: Arc<Shared>,
    server: tokio::task::JoinHandle<()>,
}

/// What server and test share.
struct Shared {
    url: String,
    clock: Clock,
    /// Guards what a test changes between requests.
    state: Mutex<State>,
}

struct State {
    published: Vec<Arc<SigningKey>>,
    requests: HashMap<String, usize>,
    /// Answers that a test put in place of the right ones, by path.
    answers: HashMap<String, Answer>,
    /// Whoever signs in at the authorize endpoint, as claims.
    person: Value,
    /// Changes to the next ID tokens of the token endpoint.
    id_changes: Value,
    secret: Option<String>,
    codes: HashMap<String, server::Grant>,
}

/// An answer of the issuer.
#[derive(Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header lines, each with its line end.
    pub headers: String,
    /// The body.
    pub body: String,
}

/// The client that tests register.
pub const CLIENT: &str = "client-of-ours";

impl Issuer {
    /// Starts one that goes by `clock`, with one RSA key and one P-256 key.
    pub async fn start(clock: &Clock) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/pool", listener.local_addr().expect("an address"));
        let state = State {
            published: vec![SigningKey::rsa("rsa-1"), SigningKey::p256("p256-1")],
            requests: HashMap::new(),
            answers: HashMap::new(),
            person: json!({ "sub": "ada", "email": "ada@example.com", "email_verified": true, "name": "Ada" }),
            id_changes: json!({}),
            secret: None,
            codes: HashMap::new(),
        };
        let shared = Arc::new(Shared {
            url: url.clone(),
            clock: clock.clone(),
            state: Mutex::new(state),
        });
        let server = tokio::spawn(server::run(listener, shared.clone()));
        Self { url, shared, server }
    }

    /// Settings of its client.
    pub fn config(&self) -> Config {
        Config::new(self.url.as_str(), CLIENT)
    }

    /// The key named `id`, published or not.
    pub fn key(&self, id: &str) -> Arc<SigningKey> {
        let found = self.with(|state| state.published.iter().find(|key| key.id == id).cloned());
        found.expect("a published key")
    }

    /// Publishes these keys and no others.
    pub fn publish(&self, keys: Vec<Arc<SigningKey>>) {
        self.with(|state| state.published = keys);
    }

    /// Answers requests for `path` (below the issuer's URL) like this; `None` rightly again.
    pub fn answer(&self, path: &str, answer: Option<Answer>) {
        self.with(|state| match answer {
            Some(answer) => state.answers.insert(path.to_owned(), answer),
            None => state.answers.remove(path),
        });
    }

    /// How often `path` was asked for.
    pub fn requests(&self, path: &str) -> usize {
        self.with(|state| state.requests.get(path).copied().unwrap_or_default())
    }

    /// Who signs in next, as claims.
    pub fn person(&self, claims: Value) {
        self.with(|state| state.person = claims);
    }

    /// Puts these members into the next ID tokens; null removes one.
    pub fn change_id_tokens(&self, changes: Value) {
        self.with(|state| state.id_changes = changes);
    }

    /// Asks clients for this secret.
    pub fn require_secret(&self, secret: &str) {
        self.with(|state| state.secret = Some(secret.to_owned()));
    }

    /// Claims of an access token for `subject` as Cognito makes them, good for an hour, with `changes`; null removes.
    pub fn access_claims(&self, subject: &str, changes: Value) -> Value {
        changed(self.shared.access_claims(subject), &changes)
    }

    /// Claims of an ID token for `subject`, likewise.
    pub fn id_claims(&self, subject: &str, changes: Value) -> Value {
        changed(self.shared.id_claims(subject), &changes)
    }

    /// `claims` as a token, signed with the key `id`.
    pub fn sign(&self, id: &str, claims: &Value) -> String {
        self.key(id).sign(claims)
    }

    /// An access token signed with the RSA key.
    pub fn access_token(&self, subject: &str, changes: Value) -> String {
        self.sign("rsa-1", &self.access_claims(subject, changes))
    }

    /// An ID token signed with the RSA key.
    pub fn id_token(&self, subject: &str, changes: Value) -> String {
        self.sign("rsa-1", &self.id_claims(subject, changes))
    }

    /// Follows a link to the authorize endpoint as a browser does, and returns where that sends it.
    pub async fn visit(&self, link: &Url) -> Url {
        let browser = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none());
        let browser = browser.build().expect("a browser");
        let answer = browser.get(link.clone()).send().await.expect("an answer");
        let location = answer.headers().get("location").expect("a redirect");
        let location = location.to_str().expect("an address");
        location.parse().expect("an address")
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.shared.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shared {
    fn access_claims(&self, subject: &str) -> Value {
        let now_s = self.clock.now_ms() / 1000;
        json!({ "iss": self.url, "sub": subject, "client_id": CLIENT, "token_use": "access", "username": subject,
            "scope": "aws.cognito.signin.user.admin", "origin_jti": "o", "jti": "j", "auth_time": now_s, "iat": now_s,
            "exp": now_s + 3600 })
    }

    fn id_claims(&self, subject: &str) -> Value {
        let now_s = self.clock.now_ms() / 1000;
        json!({ "iss": self.url, "sub": subject, "aud": CLIENT, "token_use": "id", "cognito:username": subject,
            "origin_jti": "o", "jti": "j", "auth_time": now_s, "iat": now_s, "exp": now_s + 3600 })
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Answer {
    /// A document.
    pub fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: "content-type: application/json\r\n".to_owned(),
            body: body.to_string(),
        }
    }
}

/// `claims` with the members of `changes`; null removes one.
fn changed(mut claims: Value, changes: &Value) -> Value {
    let (Some(members), Some(changes)) = (claims.as_object_mut(), changes.as_object()) else {
        return claims;
    };
    for (name, value) in changes {
        match value {
            Value::Null => members.remove(name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
    claims
}

/// base64url without padding, as tokens have it.
pub fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
