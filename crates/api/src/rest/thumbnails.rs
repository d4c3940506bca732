//! Pictures of what is on air.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use platform::channels;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::Id;

/// A newer one is made every ten seconds; caches and pages that ask more often get the same.
const FOR_A_MOMENT: HeaderValue = HeaderValue::from_static("public, max-age=5");

/// A picture of what is on air on a channel, at most 640 pixels wide and some seconds old.
#[utoipa::path(get, path = "/api/channels/{id}/thumbnail.jpg", operation_id = "get_channel_thumbnail", tag = "channels",
    params(("id" = String, Path, description = "Channel id.")),
    responses((status = 200, description = "The picture.", content_type = "image/jpeg", body = Vec<u8>),
              (status = 404, description = "Unknown, or not on air."),
              (status = 503, description = "No picture can be made at the moment.")))]
pub(crate) async fn of_channel(Admitted(ctx): Admitted, Id(id): Id) -> Result<Response, Problem> {
    let jpeg = channels::thumbnail(&ctx, &id).await?;
    let about = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        (header::CACHE_CONTROL, FOR_A_MOMENT),
    ];
    Ok((about, jpeg).into_response())
}
