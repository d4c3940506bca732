//! Somebody in a chat, as a browser would be.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use platform::chat::{self, Ticket};
use platform::{Context, Error};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

const PATIENCE: Duration = Duration::from_secs(20);

pub struct Chatter {
    pub ticket: Ticket,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Chatter {
    /// Gets a token and connects.
    pub async fn enter(ctx: &Context, auction_id: &str) -> Result<Self, Error> {
        let ticket = chat::enter(ctx, auction_id).await?;
        Ok(Self::with(ticket).await)
    }

    pub async fn with(ticket: Ticket) -> Self {
        let mut request = ticket.url.as_str().into_client_request().unwrap();
        let protocol = ticket.token.reveal().parse().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        Self { ticket, socket }
    }

    /// Sends a request and waits for its answer, which everybody else gets too.
    pub async fn ask(&mut self, request: Value) -> Value {
        let text = request.to_string();
        self.socket.send(Message::text(text)).await.unwrap();
        self.next().await.unwrap()
    }

    /// Speaks and returns the message as everybody got it.
    pub async fn say(&mut self, content: &str) -> Value {
        self.ask(json!({"Action": "SEND_MESSAGE", "Content": content})).await
    }

    /// The next frame; `None` when the connection ends.
    pub async fn next(&mut self) -> Option<Value> {
        let next = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).unwrap()),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    Some(Ok(_)) => {}
                }
            }
        };
        tokio::time::timeout(PATIENCE, next).await.unwrap()
    }

    /// Waits for the end of the connection.
    pub async fn end(mut self) {
        while self.next().await.is_some() {}
    }
}
