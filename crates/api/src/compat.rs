//! What the routes outside `/api` promise their clients: errors with `message` beside `error`, every origin, and an empty
//! 200 for `OPTIONS`.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::error::ErrorBody;

/// What the paths of these routes begin with; the last segment is whole.
const PREFIXES: [&str; 4] = ["/admin", "/hosts", "/sessions", "/users"];

/// True for the routes that this is about.
pub(crate) fn covers(path: &str) -> bool {
    let follows = |rest: &str| rest.is_empty() || rest.starts_with('/');
    PREFIXES
        .iter()
        .any(|prefix| path.strip_prefix(prefix).is_some_and(follows))
}

/// Middleware: answers `OPTIONS`, and tells errors in these routes' words.
pub(crate) async fn speak(request: Request, next: Next) -> Response {
    if !covers(request.uri().path()) {
        return next.run(request).await;
    }
    let mut response = match *request.method() {
        Method::OPTIONS => options(),
        _ => retold(next.run(request).await),
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    let exposed = HeaderValue::from_static("retry-after, x-request-id");
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

fn options() -> Response {
    let mut response = StatusCode::OK.into_response();
    let headers = response.headers_mut();
    let methods = HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS");
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    let allowed = HeaderValue::from_static("authorization, content-type, idempotency-key");
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("7200"));
    response
}

/// An error in these routes' words; their clients know no 502, the provider's failure is 500 to them.
fn retold(response: Response) -> Response {
    let Some(body) = response.extensions().get::<ErrorBody>().cloned() else {
        return response;
    };
    let status = match response.status() {
        StatusCode::BAD_GATEWAY => StatusCode::INTERNAL_SERVER_ERROR,
        status => status,
    };
    let mut headers: HeaderMap = response.headers().clone();
    headers.remove(header::CONTENT_LENGTH);
    let mut retold = (status, axum::Json(body.with_message())).into_response();
    headers.remove(header::CONTENT_TYPE);
    retold.headers_mut().extend(headers);
    retold
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn whole_segments_are_meant() {
        for (path, expected) in [
            ("/admin/channels", true),
            ("/sessions", true),
            ("/sessions/", true),
            ("/hosts/1/channel", true),
            ("/users/1/groups", true),
            ("/sessionsx", false),
            ("/ui/admin/channels", false),
            ("/api/users", false),
            ("/", false),
        ] {
            assert_eq!(covers(path), expected, "{path}");
        }
    }
}
