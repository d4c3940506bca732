//! Stored pictures, for everybody who knows their address.

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use platform::pictures;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::Id;

/// A name stands for the same bytes for ever.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Whoever opens a picture as a page gets a picture, and nothing that runs.
const NOTHING_RUNS: HeaderValue = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; sandbox");

/// A picture, or its small version; it may be kept for ever.
#[utoipa::path(get, path = "/api/images/{name}", operation_id = "get_image", tag = "auctions",
    params(("name" = String, Path, description = "Name of the file, as `url` and `thumbnail_url` end.")),
    responses((status = 200, description = "The file, image/jpeg or image/webp.", content_type = "image/*",
               body = Vec<u8>),
              (status = 304, description = "The reader has it already.")))]
pub(crate) async fn show(Admitted(ctx): Admitted, Id(name): Id, headers: HeaderMap) -> Result<Response, Problem> {
    let file = pictures::open(&ctx.platform, &name).await?;
    // A name that is a file's consists of letters, digits, a point and a hyphen.
    let tag = HeaderValue::from_str(&format!("\"{name}\"")).map_err(|_| Problem::unknown_route())?;
    let about = [
        (header::CACHE_CONTROL, FOR_EVER),
        (header::CONTENT_SECURITY_POLICY, NOTHING_RUNS),
        (header::ETAG, tag.clone()),
    ];
    if is_known(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    let content_type = (header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    Ok((about, [content_type], file.content).into_response())
}

fn is_known(headers: &HeaderMap, tag: &HeaderValue) -> bool {
    let sent = headers.get_all(header::IF_NONE_MATCH).iter();
    sent.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|item| item.trim().trim_start_matches("W/"))
        .any(|item| item == "*" || item.as_bytes() == tag.as_bytes())
}
