//! A house with one chat room, and guests that speak WebSocket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_sdk_ivschat::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_ivschat::types::ChatTokenCapability;
use futures_util::{SinkExt as _, StreamExt as _};
use http::HeaderValue;
use ivs::Ivs;
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::support::{ACCESS_KEY, SECRET_KEY, Server, config, environment};

/// How long anything here may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The clock of this process, some milliseconds on.
#[derive(Clone, Default)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }

    fn environment(&self) -> engine::Environment {
        let (ahead, base) = (self.0.clone(), environment());
        let now_ms = base.now_ms.clone();
        engine::Environment {
            now_ms: Arc::new(move || now_ms() + ahead.load(Ordering::SeqCst)),
            ..base
        }
    }
}

pub struct House {
    pub server: Server,
    pub client: aws_sdk_ivschat::Client,
    pub room: String,
    pub clock: Clock,
    public: SocketAddr,
    _stop: DropGuard,
    _folder: tempfile::TempDir,
}

impl House {
    pub async fn start() -> Self {
        Self::start_with(Ivs::chat).await
    }

    pub async fn start_with(chat: impl FnOnce(&Ivs) -> axum::Router) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::default();
        let server = Server::start_at(config(folder.path()), clock.environment(), |policy| policy).await;
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let public = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let options = engine::http::Options::default();
        tokio::spawn(engine::http::serve(listener, chat(&server.ivs), options, stop.clone()));
        let client = client(server.address);
        let room = client.create_room().name("room").send().await.unwrap();
        Self {
            room: room.arn().unwrap().to_owned(),
            server,
            client,
            clock,
            public,
            _stop: stop.drop_guard(),
            _folder: folder,
        }
    }

    pub async fn token(&self, user: &str, capabilities: &[ChatTokenCapability]) -> String {
        self.token_for(&self.room, user, capabilities).await
    }

    pub async fn token_for(&self, room: &str, user: &str, capabilities: &[ChatTokenCapability]) -> String {
        let call = self.client.create_chat_token().room_identifier(room).user_id(user);
        let call = call
            .set_capabilities(Some(capabilities.to_vec()))
            .attributes("username", format!("The {user}"));
        call.send().await.unwrap().token().unwrap().to_owned()
    }

    pub async fn token_for_minutes(&self, user: &str, minutes: i32) -> String {
        let call = self
            .client
            .create_chat_token()
            .room_identifier(&self.room)
            .user_id(user);
        let created = call.session_duration_in_minutes(minutes).send().await.unwrap();
        created.token().unwrap().to_owned()
    }

    pub async fn enter(&self, user: &str, capabilities: &[ChatTokenCapability]) -> Guest {
        let token = self.token(user, capabilities).await;
        Guest::connect(self, &token).await.unwrap()
    }

    pub async fn delete(&self) {
        self.client.delete_room().identifier(&self.room).send().await.unwrap();
    }

    /// Status of a plain request to the public listener.
    pub async fn get(&self, path: &str) -> u16 {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut stream = TcpStream::connect(self.public).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

/// Amazon's SDK for a tower.
pub fn client(address: SocketAddr) -> aws_sdk_ivschat::Client {
    let config = aws_sdk_ivschat::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(format!("http://{address}"))
        .credentials_provider(Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "test"))
        .build();
    aws_sdk_ivschat::Client::from_conf(config)
}

/// One connection to the room.
pub struct Guest {
    socket: WebSocketStream<TcpStream>,
    /// Requests sent so far.
    pub requests: usize,
}

impl Guest {
    /// The status of the refusal when there is one.
    pub async fn connect(house: &House, token: &str) -> Result<Self, u16> {
        Self::connect_over(TcpSocket::new_v4().unwrap(), house, token).await
    }

    /// A guest whose system takes little before it is read.
    pub async fn connect_narrow(house: &House, token: &str) -> Result<Self, u16> {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(2_048).unwrap();
        Self::connect_over(socket, house, token).await
    }

    async fn connect_over(socket: TcpSocket, house: &House, token: &str) -> Result<Self, u16> {
        let mut request = format!("ws://{}/chat", house.public).into_client_request().unwrap();
        let protocol = HeaderValue::from_str(token).unwrap();
        request.headers_mut().insert("sec-websocket-protocol", protocol.clone());
        let stream = socket.connect(house.public).await.unwrap();
        match tokio_tungstenite::client_async(request, stream).await {
            Ok((socket, answer)) => {
                assert_eq!(answer.headers().get("sec-websocket-protocol"), Some(&protocol));
                Ok(Self { socket, requests: 0 })
            }
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(other) => panic!("{other}"),
        }
    }

    pub async fn send(&mut self, frame: Value) {
        self.send_text(&frame.to_string()).await;
    }

    pub async fn say(&mut self, content: &str) {
        self.send(json!({ "Action": "SEND_MESSAGE", "Content": content })).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.requests += 1;
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// False when the server has closed.
    pub async fn try_send_text(&mut self, text: &str) -> bool {
        self.socket.send(Message::text(text)).await.is_ok()
    }

    /// The next frame.
    pub async fn read(&mut self) -> Value {
        match self.next().await {
            Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
            other => panic!("expected a frame, got {other:?}"),
        }
    }

    /// The error code that the server answers a request with.
    pub async fn refused(&mut self, mut frame: Value) -> u64 {
        let request_id = format!("r{}", self.requests);
        if frame.is_object() && frame["RequestId"].is_null() {
            frame["RequestId"] = request_id.as_str().into();
        }
        self.send(frame.clone()).await;
        loop {
            let answer = self.read().await;
            if answer["Type"] != "ERROR" {
                continue;
            }
            let is_named = answer["RequestId"] == request_id.as_str() || answer["RequestId"] == "";
            assert!(
                is_named && !answer["ErrorMessage"].as_str().unwrap().is_empty(),
                "{answer}"
            );
            return answer["ErrorCode"].as_u64().unwrap();
        }
    }

    /// Code and reason of the server's goodbye.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.next().await {
                Some(Ok(Message::Close(Some(close)))) => return (close.code.into(), close.reason.to_string()),
                Some(Ok(_)) => {}
                other => panic!("expected a goodbye, got {other:?}"),
            }
        }
    }

    /// Fails unless the server answers a ping.
    pub async fn is_open(&mut self) {
        self.socket.send(Message::Ping("?".into())).await.unwrap();
        loop {
            match self.next().await {
                Some(Ok(Message::Pong(_))) => return,
                Some(Ok(Message::Text(_))) => {}
                other => panic!("expected an answer, got {other:?}"),
            }
        }
    }

    /// Reads, answering pings, and is false when something else comes.
    pub async fn hears_nothing_for(&mut self, time: Duration) -> bool {
        let other = async { while let Some(Ok(Message::Ping(_) | Message::Pong(_))) = self.socket.next().await {} };
        tokio::time::timeout(time, other).await.is_err()
    }

    async fn next(&mut self) -> Option<Result<Message, Error>> {
        tokio::time::timeout(PATIENCE, self.socket.next())
            .await
            .expect("nothing came in time")
    }
}
