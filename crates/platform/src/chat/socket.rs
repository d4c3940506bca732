//! The messaging WebSocket as a listener uses it: connecting, and reading what comes.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::store::Heard;
use crate::Secret;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of one frame: 500 characters and a kilobyte of attributes, every character escaped, are below 16 KiB.
const FRAME_BYTES_MAX: usize = 64 * 1024;
/// Characters of a message that are kept; rooms take 500.
const TEXT_CHARS_MAX: usize = 500;
/// Characters of the names in a frame that are kept: AWS's limit on user ids.
const NAME_CHARS_MAX: usize = 128;

/// An open connection.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Something that happened in the room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// Somebody spoke.
    Said(Heard),
    /// A message was taken back.
    Deleted {
        /// Its id.
        message_id: String,
    },
}

impl Socket {
    /// Connects with a token as the one subprotocol.
    ///
    /// *errors*: a sentence for the log; it carries no token.
    pub async fn connect(url: &str, token: &Secret) -> Result<Self, String> {
        let mut request = url.into_client_request().map_err(|error| format!("{url}: {error}"))?;
        let protocol = HeaderValue::from_str(token.reveal()).map_err(|_| "the token is no header value".to_owned())?;
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let config = WebSocketConfig::default()
            .max_message_size(Some(FRAME_BYTES_MAX))
            .max_frame_size(Some(FRAME_BYTES_MAX));
        let connecting = connect_async_with_config(request, Some(config), true);
        match tokio::time::timeout(CONNECT_TIMEOUT, connecting).await {
            Ok(Ok((socket, _))) => Ok(Self(socket)),
            Ok(Err(error)) => Err(format!("{url}: {error}")),
            Err(_) => Err(format!("{url}: no answer in time")),
        }
    }

    /// The next frames, as many as are there already, at most `most`; empty when what came means nothing to us.
    ///
    /// *errors*: why the connection is over.
    pub async fn next(&mut self, most: usize, now_ms: i64) -> Result<Vec<News>, String> {
        let mut news = Vec::new();
        let mut frames = (&mut self.0).ready_chunks(most);
        let Some(chunk) = frames.next().await else {
            return Err("the room closed the connection".to_owned());
        };
        for frame in chunk {
            match frame {
                Ok(Message::Text(text)) => news.extend(read(&text, now_ms)),
                // The stream ends after it.
                Ok(_) => {}
                // What came before the failure counts.
                Err(_) if !news.is_empty() => break,
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(news)
    }

    /// Asks for a sign of life, which also keeps proxies from forgetting the connection.
    ///
    /// *errors*: why the connection is over.
    pub async fn ping(&mut self) -> Result<(), String> {
        let ping = self.0.send(Message::Ping(bytes::Bytes::new()));
        match tokio::time::timeout(CONNECT_TIMEOUT, ping).await {
            Ok(sent) => sent.map_err(|error| error.to_string()),
            Err(_) => Err("a ping could not be sent in time".to_owned()),
        }
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        // The other side may be gone already.
        let _ = tokio::time::timeout(Duration::from_secs(1), self.0.close(None)).await;
    }
}

/// What we read of a frame; it has more members.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Frame {
    r#type: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    content: String,
    #[serde(default)]
    send_time: String,
    #[serde(default)]
    event_name: String,
    #[serde(default)]
    attributes: Option<Attributes>,
    sender: Option<Sender>,
}

#[derive(Deserialize, Default)]
struct Attributes {
    #[serde(rename = "MessageID", default)]
    message_id: Option<String>,
    // Some clients' events have it in this spelling; we read both.
    #[serde(rename = "MessageId", default)]
    message_id_too: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sender {
    user_id: String,
    #[serde(default)]
    attributes: Option<SenderAttributes>,
}

/// Of the token: a message's own attributes, which its sender chooses, are not read.
#[derive(Deserialize)]
struct SenderAttributes {
    username: Option<String>,
}

/// What a frame says to us; `None` for what we have no use for.
pub fn read(text: &str, now_ms: i64) -> Option<News> {
    let frame: Frame = serde_json::from_str(text).ok()?;
    match frame.r#type.as_str() {
        "MESSAGE" => {
            let sender = frame.sender?;
            let username = sender.attributes.and_then(|attributes| attributes.username);
            Some(News::Said(Heard {
                message_id: kept(&frame.id, NAME_CHARS_MAX)?,
                username: username
                    .and_then(|name| kept(&name, NAME_CHARS_MAX))
                    .unwrap_or_else(|| "Somebody".to_owned()),
                user_id: kept(&sender.user_id, NAME_CHARS_MAX)?,
                text: kept(&frame.content, TEXT_CHARS_MAX)?,
                sent_at_ms: frame.send_time.parse().map_or(now_ms, Timestamp::as_millisecond),
            }))
        }
        "EVENT" if frame.event_name == "aws:DELETE_MESSAGE" => {
            let attributes = frame.attributes.unwrap_or_default();
            let message_id = attributes.message_id.or(attributes.message_id_too)?;
            kept(&message_id, NAME_CHARS_MAX).map(|message_id| News::Deleted { message_id })
        }
        _ => None,
    }
}

/// Text as it is kept: without control characters, which nobody reads and PostgreSQL does not take; `None` for nothing.
fn kept(text: &str, chars_max: usize) -> Option<String> {
    let text: String = text
        .chars()
        .filter(|c| !c.is_control() || *c == '\n')
        .take(chars_max)
        .collect();
    (!text.trim().is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_spoke_is_read_from_the_token_and_not_from_the_message() {
        let text = r#"{"Type":"MESSAGE","Id":"AbCdEfGhIjKl","RequestId":"r","Attributes":{"username":"Host","MessageID":"x"},
            "Content":"Hi\u0000 <b>all</b>","SendTime":"2026-01-02T03:04:05.678Z",
            "Sender":{"UserId":"bidder_K7QX","Attributes":{"username":"Bidder K7QX","role":"member"}}}"#;
        let expected = Heard {
            message_id: "AbCdEfGhIjKl".into(),
            user_id: "bidder_K7QX".into(),
            username: "Bidder K7QX".into(),
            text: "Hi <b>all</b>".into(),
            sent_at_ms: 1_767_323_045_678,
        };
        assert_eq!(read(text, 1), Some(News::Said(expected)));
    }

    #[test]
    fn deletions_are_read_in_both_spellings() {
        for name in ["MessageID", "MessageId"] {
            let text = format!(r#"{{"Type":"EVENT","EventName":"aws:DELETE_MESSAGE","Attributes":{{"{name}":"m1"}}}}"#);
            assert_eq!(
                read(&text, 1),
                Some(News::Deleted {
                    message_id: "m1".into()
                })
            );
        }
    }

    #[test]
    fn what_means_nothing_is_passed_over() {
        for text in [
            "",
            "[]",
            r#"{"Type":"MESSAGE"}"#,
            r#"{"Type":"MESSAGE","Id":"a","Content":"\u0000","Sender":{"UserId":"u"}}"#,
            r#"{"Type":"EVENT","EventName":"aws:DISCONNECT_USER","Attributes":{"UserId":"u"}}"#,
            r#"{"Type":"ERROR","ErrorCode":403}"#,
        ] {
            assert_eq!(read(text, 1), None, "{text}");
        }
    }

    #[test]
    fn a_message_without_a_readable_time_was_sent_now_and_long_ones_are_cut() {
        let text = format!(
            r#"{{"Type":"MESSAGE","Id":"a","Content":"{}","SendTime":"soon","Sender":{{"UserId":"u"}}}}"#,
            "ä".repeat(600)
        );
        let Some(News::Said(heard)) = read(&text, 77) else {
            panic!("no message")
        };
        assert_eq!((heard.sent_at_ms, heard.text.chars().count()), (77, TEXT_CHARS_MAX));
        assert_eq!(heard.username, "Somebody");
    }
}
