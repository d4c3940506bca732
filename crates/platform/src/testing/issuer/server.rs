//! The issuer's HTTP, one request a connection.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::{Answer, CLIENT, Shared, changed, encoded};

/// What a code is good for.
pub(super) struct Grant {
    challenge: String,
    redirect: String,
    nonce: Option<String>,
    person: Value,
}

struct Request {
    path: String,
    query: HashMap<String, String>,
    authorization: Option<String>,
    form: HashMap<String, String>,
}

/// Bytes of a request at most.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

pub(super) async fn run(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let shared = shared.clone();
        tokio::spawn(async move { serve(stream, &shared).await });
    }
}

async fn serve(mut stream: TcpStream, shared: &Shared) -> Option<()> {
    let request = read(&mut stream).await?;
    let answer = shared.answer(&request);
    let (status, length) = (answer.status, answer.body.len());
    let head = format!("HTTP/1.1 {status} -\r\nconnection: close\r\ncontent-length: {length}\r\n");
    let text = format!("{head}{}\r\n{}", answer.headers, answer.body);
    stream.write_all(text.as_bytes()).await.ok()?;
    stream.shutdown().await.ok()
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = field(head, "content-length")
                .and_then(|length| length.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                break (head.to_owned(), body.to_owned());
            }
        }
        let count = stream.read_buf(&mut bytes).await.ok()?;
        if count == 0 || bytes.len() > REQUEST_BYTES_MAX {
            return None;
        }
    };
    let target = head.split(' ').nth(1)?;
    let url = Url::parse(&format!("http://issuer{target}")).ok()?;
    let form = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    Some(Request {
        path: url.path().strip_prefix("/pool")?.to_owned(),
        query: url.query_pairs().into_owned().collect(),
        authorization: field(&head, "authorization").map(str::to_owned),
        form,
    })
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    lines
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

impl Shared {
    fn answer(&self, request: &Request) -> Answer {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state.requests.entry(request.path.clone()).or_default() += 1;
        if let Some(answer) = state.answers.get(&request.path) {
            return answer.clone();
        }
        let keys: Vec<Value> = state.published.iter().map(|key| key.jwk()).collect();
        drop(state);
        match request.path.as_str() {
            "/.well-known/openid-configuration" => Answer::json(200, &self.discovery()),
            "/jwks" => Answer::json(200, &json!({ "keys": keys })),
            "/authorize" => self.authorize(request).unwrap_or_else(|| error("invalid_request")),
            "/token" => self.token(request).unwrap_or_else(error),
            _ => Answer::json(404, &json!({})),
        }
    }

    fn discovery(&self) -> Value {
        let url = &self.url;
        json!({ "issuer": url, "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": format!("{url}/token"), "jwks_uri": format!("{url}/jwks"),
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"] })
    }

    /// Signs the person in without asking, and sends the browser back with a code.
    fn authorize(&self, request: &Request) -> Option<Answer> {
        let query = |name: &str| request.query.get(name).cloned();
        let is_right = query("response_type")? == "code"
            && query("client_id")? == CLIENT
            && query("code_challenge_method")? == "S256"
            && query("scope")?.split(' ').any(|scope| scope == "openid");
        if !is_right {
            return None;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let code = format!("code-{}", state.codes.len());
        let mut back = Url::parse(&query("redirect_uri")?).ok()?;
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &query("state")?);
        let grant = Grant {
            challenge: query("code_challenge")?,
            redirect: query("redirect_uri")?,
            nonce: query("nonce"),
            person: state.person.clone(),
        };
        state.codes.insert(code, grant);
        Some(Answer {
            status: 302,
            headers: format!("location: {back}\r\n"),
            body: String::new(),
        })
    }

    fn token(&self, request: &Request) -> Result<Answer, &'static str> {
        let form = |name: &str| request.form.get(name).map(String::as_str).unwrap_or_default();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let client = match &state.secret {
            Some(secret) => {
                let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{secret}")));
                request.authorization.as_deref() == Some(basic.as_str())
            }
            None => form("client_id") == CLIENT,
        };
        if !client {
            return Err("invalid_client");
        }
        let grant = state.codes.remove(form("code")).ok_or("invalid_grant")?;
        let challenge = encoded(digest::digest(&digest::SHA256, form("code_verifier").as_bytes()));
        if form("grant_type") != "authorization_code"
            || grant.redirect != form("redirect_uri")
            || grant.challenge != challenge
        {
            return Err("invalid_grant");
        }
        let subject = grant.person["sub"].as_str().unwrap_or_default();
        let key = &state.published[0];
        let access_token = key.sign(&self.access_claims(subject));
        let half = &digest::digest(&digest::SHA256, access_token.as_bytes()).as_ref()[..16].to_vec();
        let mut claims = changed(self.id_claims(subject), &grant.person);
        claims["at_hash"] = json!(encoded(half));
        claims["nonce"] = json!(grant.nonce);
        let id_token = key.sign(&changed(claims, &state.id_changes));
        let body = json!({ "access_token": access_token, "id_token": id_token, "token_type": "Bearer",
            "expires_in": 3600, "refresh_token": "opaque" });
        Ok(Answer::json(200, &body))
    }
}

fn error(word: &str) -> Answer {
    Answer::json(400, &json!({ "error": word }))
}
