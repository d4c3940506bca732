//! A viewer's requests.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use media::hls::playlist::{self, Variant};
use media::hls::request::{Answer, BlockingRequest, decide};
use tokio::time::{Instant, timeout_at};

use super::body::{MediaBody, range};
use super::growing::Follower;
use super::target::{Item, Target, member};
use super::viewers::SessionId;
use super::window::Edge;
use super::{Origin, body, page, respond};
use crate::feed::Feed;
use crate::{PlaybackDenied, PlaybackRequest};

/// A held request is given up after this many target durations (RFC 8216bis §6.2.5.2).
const GIVE_UP_TARGETS: u32 = 3;

/// Everything below `/api/video/v1/`.
pub(super) async fn answer(State(origin): State<Arc<Origin>>, request: Request) -> Response {
    match *request.method() {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS => return respond::preflight(),
        _ => {
            return respond::error(
                StatusCode::METHOD_NOT_ALLOWED,
                "only GET, HEAD and OPTIONS are answered here",
            );
        }
    }
    let Some(target) = Target::parse(request.uri().path()) else {
        return not_found();
    };
    let query = request.uri().query().unwrap_or_default();
    let denied = target
        .gated_feed()
        .and_then(|feed| origin.deny(feed, query, request.headers()));
    match (target, denied) {
        (_, Some(denied)) => denied,
        (Target::Script, _) => respond::content(Bytes::from_static(page::SCRIPT), "text/javascript", respond::NO_STORE),
        (Target::Style, _) => respond::content(Bytes::from_static(page::STYLE), "text/css", respond::NO_STORE),
        (Target::Multivariant { .. }, _) if page::is_wanted(request.headers()) => {
            respond::page(origin.player_page.clone())
        }
        (Target::Multivariant { feed }, _) => origin.multivariant(feed, query),
        (Target::Stream { feed, stream, item }, _) => {
            let Some(feed) = origin.registry.stream(feed, stream) else {
                return not_found();
            };
            match item {
                Item::Playlist => origin.playlist(&feed, query, request.headers()).await,
                Item::Init { id } => init(&feed.window.edge(), id),
                Item::Segment { msn } => segment(&feed.window.edge(), msn, request.headers()),
                Item::Part { msn, index } => origin.part(&feed, msn, index).await,
            }
        }
    }
}

impl Origin {
    fn deny(&self, feed: &str, query: &str, headers: &HeaderMap) -> Option<Response> {
        let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
        let request = PlaybackRequest {
            feed,
            token: member(query, "token"),
            origin,
        };
        let denied = self.policy.authorize_playback(request).err()?;
        let status = match denied {
            PlaybackDenied::UnknownFeed => StatusCode::NOT_FOUND,
            PlaybackDenied::Forbidden => StatusCode::FORBIDDEN,
        };
        Some(respond::error(status, &denied.to_string()))
    }

    /// Begins a playback session: the id in the media playlist's URI is what counts as a viewer.
    fn multivariant(&self, name: &str, query: &str) -> Response {
        let Some(feed) = self.registry.live(name) else {
            return offline();
        };
        let edge = feed.window.edge();
        let (Some(offer), Some(init)) = (&edge.offer, edge.inits.last()) else {
            return offline();
        };
        let session = SessionId::new(self.environment.random());
        let stream_id = &feed.stream_id;
        let token = member(query, "token")
            .map(|token| format!("&token={token}"))
            .unwrap_or_default();
        let variant = Variant {
            uri: &format!("{name}/{stream_id}.m3u8?session={session}{token}"),
            bandwidth_bps: offer.bandwidth_bps,
            codecs: &init.codecs,
            resolution: init.video.as_ref().map(|video| (video.width, video.height)),
            frame_rate_millihz: init.video.as_ref().and_then(|video| video.frame_rate_millihz),
        };
        respond::multivariant(playlist::multivariant(&[variant], offer.is_independent))
    }

    /// The media playlist, held back until it has what the player asks for.
    async fn playlist(&self, feed: &Feed, query: &str, headers: &HeaderMap) -> Response {
        let now = Instant::now();
        if let Some(session) = member(query, "session").and_then(SessionId::parse) {
            feed.viewers.touch(session, now);
        }
        let request = match BlockingRequest::parse(query) {
            Ok(request) => request,
            Err(error) => return respond::error(StatusCode::BAD_REQUEST, &error.to_string()),
        };
        let mut edges = feed.window.watch();
        let mut place = None;
        let give_up_at = loop_deadline(&edges.borrow(), now);
        loop {
            let edge = edges.borrow_and_update().clone();
            let Some(offer) = &edge.offer else { return offline() };
            match decide(&offer.live, &request) {
                Answer::Now => return respond::playlist(offer.playlist(request.skip), headers),
                Answer::BadRequest => {
                    return respond::error(StatusCode::BAD_REQUEST, "that is too far ahead of the live edge");
                }
                Answer::WaitFor(..) => {}
            }
            if place.is_none() {
                place = feed.window.held().enter(&self.held, &self.metrics.requests_held);
            }
            if place.is_none() || !matches!(timeout_at(give_up_at, edges.changed()).await, Ok(Ok(()))) {
                return self.give_up();
            }
        }
    }

    /// A part: whole if it is, else as it grows.
    async fn part(&self, feed: &Feed, msn: u64, index: u32) -> Response {
        let edge = feed.window.edge();
        if let Some(buffers) = edge.part(msn, index) {
            return respond::media(Body::new(MediaBody::whole(buffers)));
        }
        if (edge.growing.msn, edge.growing.index) != (msn, index) {
            return not_found();
        }
        let mut follower = edge.growing.follow();
        let Some(place) = feed.window.held().enter(&self.held, &self.metrics.requests_held) else {
            return self.give_up();
        };
        // The status can only be told once it is known that there will be a part.
        match timeout_at(loop_deadline(&edge, Instant::now()), follower.next()).await {
            Err(_elapsed) => self.give_up(),
            Ok(None) => not_found(),
            Ok(Some(first)) => {
                let rest = stream::unfold((Some(first), follower, place), next_fragment);
                respond::media(Body::from_stream(rest))
            }
        }
    }

    fn give_up(&self) -> Response {
        self.metrics.requests_given_up.increment(1);
        respond::error(StatusCode::SERVICE_UNAVAILABLE, "nothing came in time: try again")
    }
}

type Growth<P> = (Option<Bytes>, Follower, P);

async fn next_fragment<P>(
    (first, mut follower, place): Growth<P>,
) -> Option<(Result<Bytes, std::convert::Infallible>, Growth<P>)> {
    let fragment = match first {
        Some(first) => first,
        None => follower.next().await?,
    };
    Some((Ok(fragment), (None, follower, place)))
}

fn init(edge: &Edge, id: u32) -> Response {
    edge.inits
        .iter()
        .find(|init| init.id == id)
        .map_or_else(not_found, |init| respond::media(init.bytes.clone()))
}

fn segment(edge: &Edge, msn: u64, headers: &HeaderMap) -> Response {
    let Some(segment) = edge.segment(msn) else {
        return not_found();
    };
    let buffers = segment.buffers();
    let size = body::size(&buffers);
    let asked = headers.get(header::RANGE).and_then(|asked| asked.to_str().ok());
    let (start, end, status) = match asked.and_then(|asked| range(asked, size)) {
        None => (0, size, StatusCode::OK),
        Some(Ok((start, end))) => (start, end, StatusCode::PARTIAL_CONTENT),
        Some(Err(())) => (0, 0, StatusCode::RANGE_NOT_SATISFIABLE),
    };
    let mut response = respond::media(Body::new(MediaBody::new(buffers, start, end)));
    *response.status_mut() = status;
    let content_range = match status {
        StatusCode::PARTIAL_CONTENT => format!("bytes {start}-{}/{size}", end - 1),
        _ => format!("bytes */{size}"),
    };
    if status != StatusCode::OK
        && let Ok(content_range) = HeaderValue::try_from(content_range)
    {
        response.headers_mut().insert(header::CONTENT_RANGE, content_range);
    }
    respond::set(response.headers_mut(), header::ACCEPT_RANGES, "bytes");
    response
}

/// When a request that waits from `now` on has waited long enough.
fn loop_deadline(edge: &Edge, now: Instant) -> Instant {
    let target = edge
        .offer
        .as_ref()
        .map(|offer| offer.target_duration)
        .unwrap_or_default();
    now + target * GIVE_UP_TARGETS
}

fn not_found() -> Response {
    respond::error(StatusCode::NOT_FOUND, "there is nothing at this address")
}

fn offline() -> Response {
    respond::error(StatusCode::NOT_FOUND, "the stream is offline")
}
