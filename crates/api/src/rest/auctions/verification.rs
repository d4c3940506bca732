//! Whether the history of an auction leads to its outcome, for administrators.

use platform::auctions::bidding;
use serde::Serialize;
use utoipa::ToSchema;

use crate::error::Problem;
use crate::gate::Admitted;
use crate::json::{Id, Json};
use crate::rest::money::Amount;

/// What replaying the history came to.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuctionVerification {
    auction_id: String,
    /// True when every entry follows from those before it and the auction's row follows from the last.
    is_sound: bool,
    /// Entries that were replayed without a fault.
    entries: i64,
    /// Price that the history leads to.
    #[schema(required)]
    price: Option<Amount>,
    /// Account of the winner that the history leads to.
    #[schema(required)]
    winner_id: Option<String>,
    /// Hash of the last entry: whoever noted it can tell later whether the history was rewritten.
    hash: String,
    /// The first fault.
    #[schema(required)]
    first_wrong_link: Option<WrongLink>,
}

/// An entry that does not follow from those before it.
#[derive(Serialize, ToSchema)]
pub(crate) struct WrongLink {
    /// Its number; one more than the last entry's when the auction's row is wrong.
    seq: i64,
    /// What differs.
    what: String,
    /// What the rules make of the entries before.
    expected: String,
    /// What is written.
    found: String,
}

/// Replays the history of an auction and names its first wrong link.
#[utoipa::path(get, path = "/api/auctions/{id}/verification", operation_id = "verify_auction", tag = "auctions",
    params(("id" = String, Path, description = "Id of the auction.")),
    responses((status = 200, description = "What the replay came to.", body = AuctionVerification)))]
pub(crate) async fn verify(Admitted(ctx): Admitted, Id(id): Id) -> Result<Json<AuctionVerification>, Problem> {
    Ok(Json(bidding::verify(&ctx, &id).await?.into()))
}

impl From<bidding::Verified> for AuctionVerification {
    fn from(verified: bidding::Verified) -> Self {
        let bidding::Verified {
            auction_id,
            entries,
            price,
            winner_id,
            hash,
            wrong,
        } = verified;
        Self {
            auction_id,
            is_sound: wrong.is_none(),
            entries,
            price: price.map(Amount::from),
            winner_id,
            hash,
            first_wrong_link: wrong.map(|link| WrongLink {
                seq: link.seq,
                what: link.what,
                expected: link.expected,
                found: link.found,
            }),
        }
    }
}
