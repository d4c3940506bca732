//! Responses of the origin and their headers.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::window::Rendered;

/// A live playlist is old when the next part comes, and a multivariant one carries a playback session.
pub(super) const NO_STORE: &str = "no-store";
/// Names of media are never used twice, so that a cache may keep it; an hour is longer than any live window.
pub(super) const IMMUTABLE: &str = "public, max-age=3600, immutable";
const PLAYLIST_TYPE: &str = "application/vnd.apple.mpegurl";
const MEDIA_TYPE: &str = "video/mp4";
/// How soon a client that was turned away may come back.
const RETRY_AFTER_S: &str = "1";

/// Response under construction: status and body first, then its headers.
pub(super) fn response(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(10);
    // Playback URLs are public by design; who may play is asked of the policy, not of the browser.
    set(headers, header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(
        headers,
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        "content-length, content-range, date, etag",
    );
    set(headers, HeaderName::from_static("timing-allow-origin"), "*");
    response
}

/// An error with a sentence for people.
pub(super) fn error(status: StatusCode, sentence: &str) -> Response {
    let body = serde_json::json!({ "error": sentence }).to_string();
    let mut response = response(status, body);
    let headers = response.headers_mut();
    set(headers, header::CONTENT_TYPE, "application/json");
    set(headers, header::CACHE_CONTROL, NO_STORE);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        set(headers, header::RETRY_AFTER, RETRY_AFTER_S);
    }
    response
}

/// Something of this type that may be kept that long.
pub(super) fn content(body: impl Into<Body>, content_type: &'static str, cache: &'static str) -> Response {
    let mut response = response(StatusCode::OK, body);
    set(response.headers_mut(), header::CONTENT_TYPE, content_type);
    set(response.headers_mut(), header::CACHE_CONTROL, cache);
    response
}

/// Parts, segments, initialisation sections.
pub(super) fn media(body: impl Into<Body>) -> Response {
    content(body, MEDIA_TYPE, IMMUTABLE)
}

/// A multivariant playlist: made for one playback session.
pub(super) fn multivariant(text: String) -> Response {
    let mut response = content(text, PLAYLIST_TYPE, NO_STORE);
    set(response.headers_mut(), header::VARY, "accept");
    response
}

/// A media playlist: 304 to a client that has it, compressed for one that can read it.
pub(super) fn playlist(playlist: &Rendered, request: &HeaderMap) -> Response {
    if is_known(request, &playlist.etag) {
        let mut response = response(StatusCode::NOT_MODIFIED, Body::empty());
        response.headers_mut().insert(header::ETAG, playlist.etag.clone());
        return response;
    }
    let is_gzip = accepts_gzip(request);
    let body = if is_gzip {
        playlist.gzip()
    } else {
        playlist.plain.clone()
    };
    let mut response = content(body, PLAYLIST_TYPE, NO_STORE);
    let headers = response.headers_mut();
    if is_gzip {
        set(headers, header::CONTENT_ENCODING, "gzip");
    }
    set(headers, header::VARY, "accept-encoding");
    headers.insert(header::ETAG, playlist.etag.clone());
    response
}

/// The answer to a browser that asks whether it may ask.
pub(super) fn preflight() -> Response {
    let mut response = response(StatusCode::NO_CONTENT, Body::empty());
    let headers = response.headers_mut();
    set(headers, header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD, OPTIONS");
    set(headers, header::ACCESS_CONTROL_ALLOW_HEADERS, "*");
    set(headers, header::ACCESS_CONTROL_MAX_AGE, "86400");
    response
}

/// A player page. It may load what the server itself offers and nothing else.
pub(super) fn page(html: Bytes) -> Response {
    const POLICY: &str = "default-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; \
        img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'";
    let mut response = content(html, "text/html; charset=utf-8", NO_STORE);
    let headers = response.headers_mut();
    set(headers, header::CONTENT_SECURITY_POLICY, POLICY);
    set(headers, header::VARY, "accept");
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

/// True when `If-None-Match` names this version (RFC 9110 §13.1.2, weak comparison).
pub(super) fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let Some(known) = request.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok()) else {
        return false;
    };
    known
        .split(',')
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == "*" || tag.as_bytes() == etag)
}

/// True when `Accept-Encoding` names gzip and does not forbid it.
fn accepts_gzip(request: &HeaderMap) -> bool {
    let Some(accepted) = request
        .get(header::ACCEPT_ENCODING)
        .and_then(|accepted| accepted.to_str().ok())
    else {
        return false;
    };
    accepted.split(',').any(|coding| {
        let (name, quality) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let is_forbidden = quality
            .trim()
            .strip_prefix("q=")
            .is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
        name.trim() == "gzip" && !is_forbidden
    })
}

pub(super) fn set(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.insert(name, HeaderValue::from_static(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn gzip_is_for_those_who_ask_for_it() {
        for (value, is_accepted) in [
            ("gzip, br", true),
            ("br;q=1, gzip;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0", false),
            ("br", false),
        ] {
            assert_eq!(
                accepts_gzip(&request(header::ACCEPT_ENCODING, value)),
                is_accepted,
                "{value}"
            );
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_known_version_is_recognised() {
        let etag = HeaderValue::from_static("\"st-7\"");
        for (value, known) in [
            ("\"st-7\"", true),
            ("\"x\", W/\"st-7\"", true),
            ("*", true),
            ("\"st-8\"", false),
        ] {
            assert_eq!(
                is_known(&request(header::IF_NONE_MATCH, value), &etag),
                known,
                "{value}"
            );
        }
    }
}
