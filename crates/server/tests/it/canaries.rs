//! Nothing that is a secret leaves by a door that is not its own: through a whole life of an auction the log of everything, every
//! event, every answer to a GET and every file of the server is searched for the secrets that were given out.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use axum::body::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::first_broadcast::{Encoder, video_state};
use crate::support::{PATIENCE, Server, eventually, listing};

const ADMIN: [(&str, &str); 2] = [
    ("ROSTRUM_ADMIN_EMAIL", "admin@example.com"),
    ("ROSTRUM_ADMIN_PASSWORD", "a canary as password"),
];
/// What every stream key begins with; only the answers that give one out, which are not searched, may show it.
const KEY_SHAPE: &str = "sk_us-east-1_";
/// After so much silence a stream has told what it had to tell.
const SILENCE: Duration = Duration::from_secs(1);

/// A secret by name, for the message of a test that fails.
struct Secret(&'static str, String);

impl Secret {
    /// Six digits may be part of any number: a code counts only where it stands alone.
    fn is_in(&self, text: &[u8]) -> bool {
        let needle = self.1.as_bytes();
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.');
        let alone = |at: usize| {
            needle.len() > 6 || !(is_word(at.checked_sub(1).and_then(|at| text.get(at))) || is_word(text.get(at + 6)))
        };
        let mut found = text.windows(needle.len()).enumerate();
        found.any(|(at, window)| window == needle && alone(at))
    }
}

/// The secrets so far.
#[derive(Default)]
struct Secrets(Vec<Secret>);

impl Secrets {
    /// Remembers what an answer gave out and returns it.
    fn take(&mut self, name: &'static str, value: &Value) -> String {
        let text = value.as_str().unwrap_or_else(|| panic!("{name}: {value}"));
        assert!(text.len() >= 6, "{name} is too short to be searched for");
        self.0.push(Secret(name, text.to_owned()));
        text.to_owned()
    }

    fn assert_none_in(&self, place: &str, text: &[u8]) {
        let shape = Secret("the shape of a stream key", KEY_SHAPE.to_owned());
        for secret in self.0.iter().chain([&shape]) {
            assert!(!secret.is_in(text), "{} is in {place}", secret.0);
        }
    }
}

/// Signs up by a code from an e-mail, and refreshes once; the access token.
async fn sign_up(server: &Server, email: &str, secrets: &mut Secrets) -> String {
    let post = async |path: &str, body: Value| {
        let (status, answer) = server.call(Method::POST, path, None, body).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    };
    let asked = json!({ "email": email, "isSignup": true, "name": "Ann" });
    let begun = post("/api/auth/initiate", asked).await;
    let code = eventually("the code is in the mail", async || {
        let list = text(server, "/dev/mail", None).await;
        let mail = list.split("href=\"/dev/mail/").nth(1)?.split('"').next()?.to_owned();
        let mail = text(server, &format!("/dev/mail/{mail}"), None).await;
        let words = mail.split(|c: char| !c.is_ascii_alphanumeric());
        words
            .into_iter()
            .find(|word| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit()))
            .map(str::to_owned)
    })
    .await;
    let code = secrets.take("an e-mail code", &json!(code));
    let answer = json!({
        "email": email, "otp": code, "isSignup": true, "name": "Ann",
        "session": begun["session"], "challengeName": begun["challengeName"],
    });
    let tokens = post("/api/auth/verify-otp", answer).await;
    secrets.take("an id token", &tokens["idToken"]);
    secrets.take("an access token", &tokens["accessToken"]);
    let refresh = secrets.take("a refresh token", &tokens["refreshToken"]);
    let tokens = post("/api/auth/refresh", json!({ "refreshToken": refresh })).await;
    secrets.take("a refresh token", &tokens["refreshToken"]);
    secrets.take("an access token", &tokens["accessToken"])
}

async fn text(server: &Server, path: &str, token: Option<&str>) -> String {
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let mut request = Request::get(format!("{}{path}", server.base));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let answer = client.request(request.body(Empty::new()).unwrap()).await.unwrap();
    let bytes = answer.into_body().collect().await.unwrap().to_bytes();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Everything that a topic tells: the snapshot, and all events after the first.
async fn told(server: &Server, topic: &str, token: &str) -> String {
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let mut told = String::new();
    for after in ["", "&after=1"] {
        let request = Request::get(format!("{}/api/events?topic={topic}{after}", server.base))
            .header("authorization", format!("Bearer {token}"))
            .body(Empty::new())
            .unwrap();
        let answer = client.request(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{topic}");
        let mut body = answer.into_body();
        while let Ok(Some(frame)) = tokio::time::timeout(SILENCE, body.frame()).await {
            told.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
        }
    }
    told
}

/// Gets in and says something.
async fn chat(server: &Server, token: &str, auction_id: &str, secrets: &mut Secrets) {
    let path = format!("/api/auctions/{auction_id}/chat/token");
    let (status, ticket) = server.call(Method::POST, &path, Some(token), json!({})).await.unwrap();
    assert_eq!(status, StatusCode::OK, "{ticket}");
    let chat_token = secrets.take("a chat token", &ticket["token"]);
    let mut request = ticket["url"].as_str().unwrap().into_client_request().unwrap();
    request
        .headers_mut()
        .insert("sec-websocket-protocol", chat_token.parse().unwrap());
    let (mut socket, _) = connect_async(request).await.unwrap();
    let words = json!({ "Action": "SEND_MESSAGE", "Content": "Does it run?" }).to_string();
    socket.send(Frame::text(words)).await.unwrap();
    let frame = tokio::time::timeout(PATIENCE, socket.next())
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    secrets.assert_none_in("a chat frame", frame.to_text().unwrap().as_bytes());
}

/// Asks every route that can be asked with GET, as everybody; returns how many answers there were with something in them.
async fn search_answers(server: &Server, auction_id: &str, people: &[Option<&str>], secrets: &Secrets) -> usize {
    let document: Value = serde_json::from_str(&text(server, "/openapi.json", None).await).unwrap();
    let routes = document["paths"].as_object().unwrap().iter();
    let mut answered = 0;
    for (route, _) in routes.filter(|(_, operations)| operations.get("get").is_some()) {
        // A stream does not end; and development's mail is where codes are read.
        if route == "/api/events" || route.starts_with("/dev/mail") {
            continue;
        }
        let path: Vec<_> = route
            .split('/')
            .map(|part| if part.starts_with('{') { auction_id } else { part })
            .collect();
        let path = path.join("/");
        for person in people {
            let answer = text(server, &path, *person).await;
            secrets.assert_none_in(&format!("the answer to {path}"), answer.as_bytes());
            answered += usize::from(!answer.contains("\"error\""));
        }
    }
    answered
}

/// Every file under `folder`, databases and their journals among them.
fn search_files(folder: &Path, secrets: &Secrets) -> usize {
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += search_files(&path, secrets);
        } else {
            secrets.assert_none_in(&path.display().to_string(), &std::fs::read(&path).unwrap());
            files += 1;
        }
    }
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_events_lists_logs_or_files() {
    let (folder, logs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let log = logs.path().join("log");
    let settings = [ADMIN[0], ADMIN[1], ("ROSTRUM_LOG", "trace")];
    let stderr = Stdio::from(std::fs::File::create(&log).unwrap());
    let server = Server::start_logging("serve", folder.path(), &settings, stderr);
    let mut secrets = Secrets::default();
    secrets.take("the administrator's password", &json!(ADMIN[1].1));
    let ann = sign_up(&server, "ann@example.com", &mut secrets).await;
    let seller = secrets.take("an access token", &json!(server.seller("seller@example.com").await));
    let login = json!({ "email": ADMIN[0].1, "password": ADMIN[1].1 });
    let (_, answer) = server.call(Method::POST, "/api/auth/login", None, login).await.unwrap();
    let admin = secrets.take("an access token", &answer["access_token"]);

    let (status, auction) = server
        .call(Method::POST, "/api/auctions", Some(&seller), listing(300))
        .await
        .unwrap();
    assert_eq!(status, StatusCode::CREATED, "{auction}");
    let id = auction["auction_id"].as_str().unwrap();
    let key = secrets.take("the stream key", &auction["ivs_stream_key"]);
    assert!(key.starts_with(KEY_SHAPE), "its shape is what is searched for");
    let bid = json!({ "auction_id": id, "amount": 100 });
    let (status, answer) = server.call(Method::POST, "/api/bids", Some(&ann), bid).await.unwrap();
    assert_eq!(status, StatusCode::OK, "{answer}");
    chat(&server, &ann, id, &mut secrets).await;
    let encoder = Encoder::start(auction["rtmp_url"].as_str().unwrap());
    eventually("the auction is live", async || {
        (video_state(&server, id).await == "live").then_some(())
    })
    .await;
    let (_, me) = server
        .call(Method::GET, "/api/auth/me", Some(&ann), Value::Null)
        .await
        .unwrap();
    let anns = format!("account:{}", me["id"].as_str().or(me["user"]["id"].as_str()).unwrap());

    let people = [None, Some(seller.as_str()), Some(ann.as_str()), Some(admin.as_str())];
    let answered = search_answers(&server, id, &people, &secrets).await;
    assert!(answered > 50, "{answered} answers are too few to have asked everything");
    let close = format!("/api/auctions/{id}/close");
    let (status, _) = server
        .call(Method::POST, &close, Some(&seller), Value::Null)
        .await
        .unwrap();
    assert_eq!(status, StatusCode::OK);
    eventually("the channel is gone", async || {
        server.channels().await.is_empty().then_some(())
    })
    .await;
    drop(encoder);
    search_answers(&server, id, &people, &secrets).await;
    for (topic, reader) in [
        ("auctions", &ann),
        (&*format!("auction:{id}"), &ann),
        (&anns, &ann),
        ("accounts", &admin),
    ] {
        let told = told(&server, topic, reader).await;
        assert!(told.contains("event: snapshot"), "{topic}: {told}");
        secrets.assert_none_in(topic, told.as_bytes());
    }

    // First while it runs, as a backup would see it; then what is left.
    search_files(folder.path(), &secrets);
    server.kill();
    assert!(search_files(folder.path(), &secrets) > 2);
    let log = std::fs::read(&log).unwrap();
    assert!(log.windows(5).any(|text| text == b"TRACE"), "everything was logged");
    secrets.assert_none_in("the log", &log);
}
