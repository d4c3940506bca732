//! The messaging WebSocket: `/chat` of the public listener. The token is the one subprotocol a client offers.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::Router;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use engine::chat::{End, Guest, Inbox, JoinRefused, SayRefused, Seat, Window};
use engine::http::Peer;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, timeout};

use super::token::{self, Capability, Grant};
use super::wire::{self, Action, Refusal, Request, Stamp};
use super::{ClientAddress, wire::REQUEST_SIZE_MAX};
use crate::shared::Shared;

/// Where clients connect, on the public listener.
pub const PATH: &str = "/chat";
/// Our tokens have 48 characters; nobody is served by hashing headers.
const TOKEN_LENGTH_MAX: usize = 128;
/// Bytes of one incoming message. Between this and [`REQUEST_SIZE_MAX`] a client is told; beyond, the connection ends.
const FRAME_SIZE_MAX: usize = 4 * REQUEST_SIZE_MAX;
/// Bytes read ahead on a connection: a request is smaller, and there may be ten thousand of these.
const READ_BUFFER: usize = 4 * 1_024;
/// Bytes of frames gathered before they are written together.
const WRITE_BUFFER: usize = 8 * 1_024;
/// Bytes of frames that may wait for the socket. A flush ends every gathering, so this only stands for "never".
const WRITE_BUFFER_MAX: usize = 1_024 * 1_024;
/// Frames gathered before a flush: ten of the largest are within [`WRITE_BUFFER_MAX`].
const GATHERED_MAX: usize = 32;
/// Requests a second that one connection may make, as on AWS.
const REQUESTS_PER_SECOND: usize = 10;
/// Frames a second, refused ones and pings included, at which a connection is cut off.
const FLOOD_PER_SECOND: usize = 100;
/// Browsers answer pings by themselves. Twice a minute also keeps proxies and address translators from forgetting.
pub const PING_PERIOD: Duration = Duration::from_secs(30);
/// Halves of [`PING_PERIOD`] without a sign of the client after which it is gone: two pings unanswered, and a little more.
const IDLE_HALVES: u32 = 5;
/// How long a socket may take nothing.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a goodbye may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

type Sink = SplitSink<WebSocket, Message>;

/// Why a connection is over.
enum Over {
    /// The hub ended it.
    Ended(End),
    /// The client closed or vanished.
    Gone,
    /// Nothing came from the client, not even an answer to a ping.
    Idle,
    /// The session's time is up.
    Expired,
    /// More frames than anybody types.
    Flood,
    /// What came is no WebSocket frame, or too large.
    Malformed,
}

#[derive(Clone)]
struct Door {
    shared: Arc<Shared>,
    ping_period: Duration,
}

/// Everything at [`PATH`].
pub fn router(shared: Arc<Shared>, ping_period: Duration) -> Router {
    let door = Door { shared, ping_period };
    Router::new().route(PATH, any(connect)).with_state(door)
}

async fn connect(
    State(Door { shared, ping_period }): State<Door>,
    peer: Option<Extension<Peer>>,
    client: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let mut upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(_) => {
            return refuse(
                StatusCode::UPGRADE_REQUIRED,
                "This address takes WebSocket connections only",
            );
        }
    };
    let peer = peer.map(|Extension(peer)| peer.addr.ip());
    let address = client.map(|Extension(ClientAddress(address))| address).or(peer);
    let Some(address) = address else {
        return refuse(StatusCode::INTERNAL_SERVER_ERROR, "The connection has no address");
    };
    let Some(token) = token_of(&headers) else {
        return refuse(
            StatusCode::UNAUTHORIZED,
            "Give one chat token as the WebSocket subprotocol",
        );
    };
    let now_ms = (shared.env.now_ms)();
    let redeemed = shared
        .chat
        .tokens
        .redeem(token, now_ms, |grant| enter(&shared, grant, address));
    let (grant, (seat, inbox)) = match redeemed {
        None => return refuse(StatusCode::UNAUTHORIZED, "The chat token is unknown, used or expired"),
        Some(Err(JoinRefused::RoomClosed)) => return refuse(StatusCode::NOT_FOUND, "The chat room is gone"),
        Some(Err(cause)) => {
            tracing::warn!(%cause, client = %address, "a chat connection was refused: {cause}");
            return refuse(StatusCode::SERVICE_UNAVAILABLE, &cause.to_string());
        }
        Some(Ok(entered)) => entered,
    };
    if let Ok(protocol) = HeaderValue::from_str(token) {
        upgrade.set_selected_protocol(protocol);
    }
    let left_ms = u64::try_from(grant.session_expires_at_ms - now_ms).unwrap_or_default();
    let member = Member {
        shared: shared.clone(),
        grant,
        seat,
        session: Duration::from_millis(left_ms),
        ping_period,
    };
    let tracked = shared.chat.connections.token();
    upgrade
        .max_message_size(FRAME_SIZE_MAX)
        .max_frame_size(FRAME_SIZE_MAX)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(WRITE_BUFFER_MAX)
        .on_upgrade(async move |socket| {
            member.serve(socket, inbox).await;
            drop(tracked);
        })
}

type Entered = (Grant, (Seat, Inbox));

fn enter(shared: &Shared, grant: Grant, address: IpAddr) -> Result<Entered, JoinRefused> {
    let guest = Guest {
        user: grant.user_id.clone(),
        address,
    };
    let places = shared.chat.hub.join(&grant.room_arn, guest)?;
    Ok((grant, places))
}

/// The subprotocol, when it is the only one.
fn token_of(headers: &HeaderMap) -> Option<&str> {
    let mut offers = headers.get_all(header::SEC_WEBSOCKET_PROTOCOL).iter();
    let offer = offers.next().filter(|_| offers.next().is_none())?;
    let token = offer.to_str().ok()?.trim();
    let is_plausible = token.len() <= TOKEN_LENGTH_MAX && token.bytes().all(|c| c.is_ascii_alphanumeric());
    (is_plausible && !token.is_empty()).then_some(token)
}

fn refuse(status: StatusCode, message: &str) -> Response {
    let body = serde_json::json!({ "message": message }).to_string();
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, body).into_response()
}

/// One connection.
struct Member {
    shared: Arc<Shared>,
    grant: Grant,
    seat: Seat,
    session: Duration,
    ping_period: Duration,
}

impl Member {
    async fn serve(self, socket: WebSocket, inbox: Inbox) {
        let (mut sink, stream) = socket.split();
        let over = tokio::select! {
            over = self.read(stream) => over,
            over = write(&mut sink, inbox, self.ping_period) => over,
            () = sleep(self.session) => Over::Expired,
        };
        tracing::debug!(room.arn = %self.grant.room_arn, reason = over.reason(), "a chat connection ended");
        // Others do not see a member that is only saying goodbye.
        drop(self);
        let goodbye = Message::Close(Some(CloseFrame {
            code: over.code(),
            reason: over.reason().into(),
        }));
        // The other side may be gone already.
        let _ = timeout(CLOSE_TIMEOUT, sink.send(goodbye)).await;
    }

    async fn read(&self, mut stream: SplitStream<WebSocket>) -> Over {
        let idle_max = self.ping_period * IDLE_HALVES / 2;
        let (mut frames, mut requests) = (Window::default(), Window::default());
        loop {
            let incoming = match timeout(idle_max, stream.next()).await {
                Err(_elapsed) => return Over::Idle,
                Ok(None) => return Over::Gone,
                // tungstenite answers a close by itself, and afterwards reads nothing more.
                Ok(Some(Ok(Message::Close(_)))) => continue,
                Ok(Some(Ok(incoming))) => incoming,
                Ok(Some(Err(_))) => return Over::Malformed,
            };
            if !frames.admit(Instant::now(), FLOOD_PER_SECOND) {
                return Over::Flood;
            }
            let answered = match incoming {
                Message::Text(text) => self.answer(&text, &mut requests),
                Message::Binary(_) => Err(Refusal::new("", 400, "Frames must be text")),
                _ => Ok(()),
            };
            if let Err(refusal) = answered {
                self.seat.tell(wire::error(&Stamp::new(&self.shared.env), &refusal));
            }
        }
    }

    fn answer(&self, text: &str, requests: &mut Window) -> Result<(), Refusal> {
        let request = Request::parse(text)?;
        let id = &request.request_id;
        if !requests.admit(Instant::now(), REQUESTS_PER_SECOND) {
            let message = format!("A connection may make {REQUESTS_PER_SECOND} requests a second");
            return Err(Refusal::new(id, 429, message));
        }
        self.perform(&request)
            .map_err(|(code, message)| Refusal::new(id, code, message))
    }

    fn perform(&self, request: &Request) -> Result<(), (u16, String)> {
        let (stamp, id) = (Stamp::new(&self.shared.env), &request.request_id);
        let Grant {
            room_arn,
            user_id,
            attributes: own,
            ..
        } = &self.grant;
        let is_open = match &request.action {
            Action::Send { content, attributes } => {
                self.need(Capability::SendMessage)?;
                let frame = wire::message(&stamp, id, content, attributes, (user_id, own));
                return self.seat.say(content, &frame).map_err(refusal_of);
            }
            Action::Delete { message_id, reason } => {
                self.need(Capability::DeleteMessage)?;
                let attributes = wire::deleted(message_id, reason.as_deref());
                self.seat
                    .announce(&wire::event(&stamp, id, wire::DELETE_EVENT, &attributes))
            }
            Action::Disconnect { user_id, reason } => {
                self.need(Capability::DisconnectUser)?;
                let attributes = wire::disconnected(user_id, reason.as_deref());
                let event = wire::event(&stamp, id, wire::DISCONNECT_EVENT, &attributes);
                token::disconnect(&self.shared.chat, room_arn, user_id, &event)
            }
        };
        if is_open {
            Ok(())
        } else {
            Err((404, SayRefused::RoomClosed.to_string()))
        }
    }

    fn need(&self, capability: Capability) -> Result<(), (u16, String)> {
        if self.grant.capabilities.contains(&capability) {
            return Ok(());
        }
        Err((403, "The chat token does not allow this".to_owned()))
    }
}

fn refusal_of(refused: SayRefused) -> (u16, String) {
    let code = match refused {
        SayRefused::RoomClosed => 404,
        SayRefused::Silent => 406,
        SayRefused::TooLong { .. } => 413,
        SayRefused::TooFast { .. } => 429,
        _ => 500,
    };
    (code, refused.to_string())
}

/// Writes what comes for the member, and pings.
async fn write(sink: &mut Sink, mut inbox: Inbox, ping_period: Duration) -> Over {
    let mut pings = interval_at(Instant::now() + ping_period, ping_period);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let next = tokio::select! {
            next = inbox.next() => next.map(Message::Text),
            _ = pings.tick() => Ok(Message::Ping(bytes::Bytes::new())),
        };
        let first = match next {
            Ok(first) => first,
            Err(end) => return Over::Ended(end),
        };
        let too_slow = inbox.too_slow();
        let written = async {
            sink.feed(first).await?;
            // A busy room's frames leave together: one system call for all of them.
            for _ in 1..GATHERED_MAX {
                let Some(frame) = inbox.ready() else { break };
                sink.feed(Message::Text(frame)).await?;
            }
            sink.flush().await
        };
        tokio::select! {
            written = timeout(WRITE_TIMEOUT, written) => match written {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Over::Gone,
                Err(_elapsed) => return Over::Ended(End::TooSlow),
            },
            () = too_slow => return Over::Ended(End::TooSlow),
        }
    }
}

impl Over {
    /// RFC 6455 §7.4.1. 1000 is what a client should not come back from by itself.
    fn code(&self) -> u16 {
        match self {
            Self::Ended(End::RoomClosed | End::Disconnected) | Self::Gone | Self::Expired => close_code::NORMAL,
            Self::Ended(End::Drained) => close_code::AWAY,
            Self::Ended(_) | Self::Idle | Self::Flood => close_code::POLICY,
            Self::Malformed => close_code::PROTOCOL,
        }
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Ended(End::RoomClosed) => "The room is closed",
            Self::Ended(End::Disconnected) => "Disconnected by a moderator",
            Self::Ended(End::Drained) => "The server is stopping",
            Self::Ended(End::TooSlow) => "The client reads too slowly",
            Self::Ended(_) => "Ended by the server",
            Self::Gone => "Goodbye",
            Self::Idle => "Nothing was heard of the client",
            Self::Expired => "The session has expired",
            Self::Flood => "Too many frames",
            Self::Malformed => "The frame is malformed or too large",
        }
    }
}
