//! The embedded single-page application. Its folder is optional when this crate is compiled: without it every page
//! says how to build it, and the rest of the server works.

use std::borrow::Cow;

use axum::Router;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::{Embed, EmbeddedFile};
use tower_http::compression::CompressionLayer;

use crate::error::Problem;
use crate::layers;

/// What the UI's build wrote. Debug builds read it from the folder at run time, release builds carry it.
#[derive(Embed)]
#[folder = "$CARGO_MANIFEST_DIR/../../ui/dist"]
#[allow_missing = true]
struct Dist;

/// The page that plays one playlist, for the origin to serve to browsers; `None` when the UI was not built.
pub fn player_page() -> Option<Bytes> {
    Dist::get("player.html").map(|file| Bytes::from(file.data.into_owned()))
}

/// The pages alone, for a server without the application: `/ui/…` with its assets.
pub fn router() -> Router {
    layers::wrap_pages(
        Router::new()
            .route("/ui/{*path}", get(file))
            .layer(CompressionLayer::new()),
    )
}

/// `/` and `/ui` lead to the pages.
pub(crate) async fn home() -> Response {
    (StatusCode::FOUND, [(header::LOCATION, "/ui/")]).into_response()
}

/// The application's start page.
pub(crate) async fn index(headers: HeaderMap) -> Response {
    page("index.html", &headers)
}

/// An asset; any other path is a page of the application, which routes it itself.
pub(crate) async fn file(Path(path): Path<String>, headers: HeaderMap) -> Response {
    match asset(&path, &headers) {
        Some(answer) => answer,
        // A missing asset must not be answered with a page: the browser would run HTML as a script.
        None if path.starts_with(ASSETS) => Problem::unknown_route().into_response(),
        None => page("index.html", &headers),
    }
}

fn page(name: &str, headers: &HeaderMap) -> Response {
    asset(name, headers).unwrap_or_else(|| (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response())
}

fn asset(path: &str, headers: &HeaderMap) -> Option<Response> {
    let (file, coding) = smallest(path, headers, Dist::get)?;
    Some(answer(path, file, coding, headers))
}

/// The file in the smallest form that the build wrote and the client takes, and the name of its coding.
fn smallest<F>(path: &str, headers: &HeaderMap, get: impl Fn(&str) -> Option<F>) -> Option<(F, Option<&'static str>)> {
    for (coding, suffix) in CODINGS {
        if takes(headers, coding)
            && let Some(file) = get(&format!("{path}{suffix}"))
        {
            return Some((file, Some(coding)));
        }
    }
    Some((get(path)?, None))
}

/// Whether the client takes answers in `coding`: it names it, and not with a weight of zero.
fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut offers = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    offers.any(|offer| {
        let (name, weight) = offer.split_once(';').unwrap_or((offer, "q=1"));
        let weight = weight
            .trim()
            .strip_prefix("q=")
            .and_then(|weight| weight.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(coding) && weight.is_some_and(|weight| weight > 0.0)
    })
}

fn answer(path: &str, file: EmbeddedFile, coding: Option<&'static str>, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    let mut response = conditional(path, hash, file.data, headers);
    if let Some(coding) = coding {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    response
}

/// The file, or only its tag when the browser has it already.
fn conditional(path: &str, hash: [u8; 32], data: Cow<'static, [u8]>, headers: &HeaderMap) -> Response {
    // Weak, because the same bytes also travel compressed.
    let etag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(hash));
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok())
        .is_some_and(|known| known.split(',').any(|tag| tag.trim() == etag));
    let caching = if path.starts_with(ASSETS) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let answer_headers = [
        (header::CACHE_CONTROL, caching),
        (header::CONTENT_TYPE, content_type(path)),
        (header::ETAG, etag.as_str()),
    ];
    if is_known {
        return (StatusCode::NOT_MODIFIED, answer_headers).into_response();
    }
    // Release builds borrow the file from the program: nothing is copied.
    let data = match data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    (answer_headers, data).into_response()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some("wasm") => "application/wasm",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Files under this folder carry a hash of their content in their name.
const ASSETS: &str = "assets/";

/// Content codings that the build writes beside its assets, the smallest first; the rest is compressed on its way out.
const CODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Rostrum</title>\
    <h1>The user interface was not built</h1>\
    <p>The server works; only its pages are missing. Build them with <code>make ui</code> and start the server again.</p>\
    <p>The API is described in <a href=\"/openapi.json\">openapi.json</a>.</p></html>\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, known: Option<&str>) -> (u16, String, String) {
        let headers = known.map(|tag| (header::IF_NONE_MATCH, HeaderValue::from_str(tag).unwrap()));
        let response = conditional(path, [7; 32], Cow::Borrowed(b"x"), &headers.into_iter().collect());
        let text = |name| response.headers()[&name].to_str().unwrap().to_owned();
        (
            response.status().as_u16(),
            text(header::CACHE_CONTROL),
            text(header::ETAG),
        )
    }

    #[test]
    fn assets_are_kept_for_ever_and_pages_are_asked_for_each_time() {
        let (status, caching, etag) = check("assets/index-abc.js", None);
        assert_eq!((status, caching.as_str()), (200, "public, max-age=31536000, immutable"));
        let (status, caching, _) = check("index.html", Some(&etag));
        assert_eq!((status, caching.as_str()), (304, "no-cache"));
        assert_eq!(check("index.html", Some(&format!("W/\"other\", {etag}"))).0, 304);
        assert_eq!(check("index.html", Some("W/\"other\"")).0, 200);
    }

    #[test]
    fn a_file_travels_in_the_smallest_form_there_is() {
        let check = |path: &str, accepted: &'static str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted))]);
            let get = |name: &str| {
                ["a.js", "a.js.br", "a.js.gz", "b.js"]
                    .contains(&name)
                    .then(|| name.to_owned())
            };
            smallest(path, &headers, get).map(|(file, coding)| format!("{file} {}", coding.unwrap_or("plain")))
        };
        assert_eq!(check("a.js", "gzip, br").unwrap(), "a.js.br br");
        assert_eq!(check("a.js", "gzip").unwrap(), "a.js.gz gzip");
        assert_eq!(check("a.js", "zstd").unwrap(), "a.js plain");
        assert_eq!(check("b.js", "gzip, br").unwrap(), "b.js plain");
        assert_eq!(check("c.js", "gzip, br"), None);
    }

    #[test]
    fn a_coding_is_taken_when_it_is_named_and_not_refused() {
        let check = |line: &'static str, coding| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(line))]);
            takes(&headers, coding)
        };
        assert!(check("gzip, deflate, br", "br"));
        assert!(check("gzip;q=0.5, BR;q=1.0", "br"));
        assert!(!check("gzip, br;q=0", "br"));
        assert!(!check("br;q=much", "br"));
        assert!(!check("brotli", "br"));
        assert!(!takes(&HeaderMap::new(), "gzip"));
    }
}
