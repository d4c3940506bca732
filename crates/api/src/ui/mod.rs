//! The embedded single-page application. Its folder is optional when this crate is compiled: without it every page
//! says how to build it, and the rest of the server works.

use axum::Router;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
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
    match Dist::get(&path) {
        Some(file) => answer(&path, file, &headers),
        // A missing asset must not be answered with a page: the browser would run HTML as a script.
        None if path.starts_with(ASSETS) => Problem::unknown_route().into_response(),
        None => page("index.html", &headers),
    }
}

fn page(name: &str, headers: &HeaderMap) -> Response {
    match Dist::get(name) {
        Some(file) => answer(name, file, headers),
        None => (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response(),
    }
}

fn answer(path: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    conditional(path, hash, file.data.into_owned(), headers)
}

/// The file, or only its tag when the browser has it already.
fn conditional(path: &str, hash: [u8; 32], data: Vec<u8>, headers: &HeaderMap) -> Response {
    // Weak, because the same bytes also travel compressed.
    let etag = format!("W/\"{}\"", URL_SAFE_NO_PAD.encode(hash));
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes());
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

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Rostrum</title>\
    <h1>The user interface was not built</h1>\
    <p>The server works; only its pages are missing. Build them with <code>make ui</code> and start the server again.</p>\
    <p>The API is described in <a href=\"/openapi.json\">openapi.json</a>.</p></html>\n";

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn check(path: &str, known: Option<&str>) -> (u16, String, String) {
        let headers = known.map(|tag| (header::IF_NONE_MATCH, HeaderValue::from_str(tag).unwrap()));
        let response = conditional(path, [7; 32], b"x".to_vec(), &headers.into_iter().collect());
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
        assert_eq!(check("index.html", Some("W/\"other\"")).0, 200);
    }
}
