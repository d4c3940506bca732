//! Pictures of auctions: uploading, ordering, removing.

use http::StatusCode;
use platform::auctions::pictures::{self, Picture};
use platform::pictures::BYTES_MAX;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::body::Raw;
use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Json, TwoIds};

/// A picture of an auction.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuctionImage {
    /// UUID.
    image_id: String,
    /// Relative to this site for uploaded pictures, absolute for links.
    url: String,
    /// The same with at most 480 pixels on its longer side; for links the picture itself.
    thumbnail_url: String,
    /// Pixels; null for links.
    #[schema(required)]
    width: Option<i64>,
    /// Pixels; null for links.
    #[schema(required)]
    height: Option<i64>,
}

/// The pictures of an auction in the order they are shown.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuctionImages {
    images: Vec<AuctionImage>,
}

/// The order that pictures shall have.
#[derive(Deserialize, ToSchema)]
pub(crate) struct OrderImages {
    /// Every picture of the auction once; the first stands for the auction in lists.
    ids: Vec<String>,
}

/// Adds a picture: the body is a JPEG, PNG, WebP or GIF file of at most 12 MiB and 40 megapixels. It is turned upright,
/// made at most 1600 pixels large and freed of everything but its pixels. An auction has at most ten.
#[utoipa::path(post, path = "/api/auctions/{id}/images", operation_id = "add_auction_image", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "Added, as the last one.", body = AuctionImage)))]
pub(crate) async fn add(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Raw(content): Raw<BYTES_MAX>,
) -> Result<(StatusCode, Json<AuctionImage>), Problem> {
    let picture = pictures::add(&ctx, &id, content).await?;
    Ok((StatusCode::CREATED, Json((&picture).into())))
}

/// Removes a picture.
#[utoipa::path(delete, path = "/api/auctions/{id}/images/{image_id}", operation_id = "remove_auction_image",
    tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction."),
           ("image_id" = String, Path, description = "Id of the picture.")),
    responses((status = 204, description = "Removed.")))]
pub(crate) async fn remove(Admitted(ctx): Admitted, TwoIds(id, image_id): TwoIds) -> Result<StatusCode, Problem> {
    pictures::remove(&ctx, &id, &image_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts the pictures into another order.
#[utoipa::path(post, path = "/api/auctions/{id}/images/order", operation_id = "order_auction_images", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")),
    request_body = OrderImages,
    responses((status = 200, description = "The pictures in their new order.", body = AuctionImages)))]
pub(crate) async fn order(
    Admitted(ctx): Admitted,
    Id(id): Id,
    Json(body): Json<OrderImages>,
) -> Result<Json<AuctionImages>, Problem> {
    let pictures = pictures::reorder(&ctx, &id, &body.ids).await?;
    let images = pictures.iter().map(AuctionImage::from).collect();
    Ok(Json(AuctionImages { images }))
}

impl From<&Picture> for AuctionImage {
    fn from(picture: &Picture) -> Self {
        let size = picture.size();
        Self {
            image_id: picture.id.clone(),
            url: picture.url(),
            thumbnail_url: picture.thumbnail_url(),
            width: size.map(|(width, _)| width),
            height: size.map(|(_, height)| height),
        }
    }
}
