//! The embedded single-page application. Its folder is optional when this crate is compiled: without it every page
//! says how to build it, and the rest of the server works.

use axum::Router;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use rust_embed::{Embed, EmbeddedFile};
use tower_http::compression::CompressionLayer;

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
    Router::new()
        .route("/ui/{*path}", get(file))
        .layer(CompressionLayer::new())
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
        Some(file) => answer(&path, &file, &headers),
        // A missing asset must not be answered with a page: the browser would run HTML as a script.
        None if path.starts_with(ASSETS) => crate::error::Problem::unknown_route().into_response(),
        None => page("index.html", &headers),
    }
}

fn page(name: &str, headers: &HeaderMap) -> Response {
    match Dist::get(name) {
        Some(file) => answer(name, &file, headers),
        None => (StatusCode::SERVICE_UNAVAILABLE, Html(NOT_BUILT)).into_response(),
    }
}

fn answer(path: &str, file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let hash = file.metadata.sha256_hash();
    // Weak, because the same bytes also travel compressed.
    let etag = format!(
        "W/\"{}\"",
        hash[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    );
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let caching = if path.starts_with(ASSETS) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        file.data.clone().into_owned().into_response()
    };
    let answer_headers = response.headers_mut();
    answer_headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    answer_headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type(path)));
    if let Ok(value) = HeaderValue::from_str(&etag) {
        answer_headers.insert(header::ETAG, value);
    }
    response
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
