//! Request bodies that are files: bounded, whole, and whatever they call themselves.

use std::time::Duration;

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::error::Problem;

/// A body of at most `MAX` bytes. Its Content-Type is not read: what it is, its bytes say.
#[derive(Debug)]
pub(crate) struct Raw<const MAX: usize>(pub(crate) Bytes);

/// A file takes no longer to arrive: 12 MiB at 1 Mbit/s take 100 s.
const ARRIVAL_MAX: Duration = Duration::from_secs(180);

impl<S: Send + Sync, const MAX: usize> FromRequest<S> for Raw<MAX> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let body = Limited::new(request.into_body(), MAX).collect();
        let body = tokio::time::timeout(ARRIVAL_MAX, body)
            .await
            .map_err(|_| Problem::new(StatusCode::REQUEST_TIMEOUT, "Request body took too long"))?
            .map_err(|error| match error.is::<LengthLimitError>() {
                true => {
                    let message = format!("A file must have at most {} MiB", MAX / (1024 * 1024));
                    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, message)
                }
                false => Problem::new(StatusCode::BAD_REQUEST, "Request body could not be read"),
            })?;
        Ok(Self(body.to_bytes()))
    }
}
