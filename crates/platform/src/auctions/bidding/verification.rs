//! Whether the history of an auction leads to what is shown.

use sqlx::AnyConnection;

use super::store;
use crate::auctions::rules::{Lot, PastBid, WrongLink, follow};
use crate::auctions::{self, Auction, Status};
use crate::{Context, Error, ErrorKind, Money, id};

const NOT_FOUND: &str = "Auction not found";
/// Entries that the verification reads at a time.
const VERIFY_PAGE: i64 = 1_000;

/// What the verification of an auction came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The auction.
    pub auction_id: String,
    /// Entries that were replayed without a fault.
    pub entries: i64,
    /// The price that the history leads to.
    pub price: Option<Money>,
    /// Account of the winner that the history leads to, once it is over.
    pub winner_id: Option<String>,
    /// The hash of the last entry: whoever knows it can tell whether the history was rewritten.
    pub hash: String,
    /// The first wrong link, if there is one.
    pub wrong: Option<Link>,
}

/// A wrong link of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Number of the entry; one more than the last when the auction's own row differs from its history.
    pub seq: i64,
    /// What differs.
    pub what: String,
    /// What follows from the entries before.
    pub expected: String,
    /// What is written.
    pub found: String,
}

/// Replays the history of an auction and compares the outcome with its row.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than the seller and admins. A
/// wrong link is an answer, not an error.
pub async fn verify(ctx: &Context, auction_id: &str) -> Result<Verified, Error> {
    auctions::own(ctx, auction_id, "Only the host can verify this auction").await?;
    let auction_id = id::parse(auction_id, NOT_FOUND)?;
    let mut snapshot = ctx.db().snapshot().await?;
    let auction = auctions::store::find(&mut *snapshot.conn(), &auction_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    let (lot, wrong) = replay(snapshot.conn(), &auction).await?;
    let ended = lot.ended.as_ref().and_then(|end| end.winner.as_ref());
    Ok(Verified {
        entries: wrong.as_ref().map_or(lot.seq, |wrong| wrong.seq - 1),
        price: lot.price.map(|price| auction.terms.money(price)),
        winner_id: ended.map(|winner| winner.bidder.to_string()),
        hash: lot.hash.to_hex(),
        wrong: wrong.map(Link::from),
        auction_id,
    })
}

/// The lot that the history leads to, and the first wrong link.
async fn replay(connection: &mut AnyConnection, auction: &Auction) -> Result<(Lot, Option<WrongLink>), Error> {
    let mut lot = Lot::new(&auction.terms);
    let mut bids: Vec<PastBid> = Vec::new();
    let mut limit = VERIFY_PAGE;
    loop {
        let page = match store::entries(&mut *connection, &auction.id, lot.seq, limit).await {
            Ok(page) => page,
            // One of them cannot be read: go on one by one to find it.
            Err(error) if error.kind == ErrorKind::Internal && limit > 1 => {
                limit = 1;
                continue;
            }
            Err(error) if error.kind == ErrorKind::Internal => {
                let wrong = WrongLink {
                    seq: lot.seq + 1,
                    what: "entry",
                    expected: "one that can be read".to_owned(),
                    found: error.detail.unwrap_or_default(),
                };
                return Ok((lot, Some(wrong)));
            }
            Err(error) => return Err(error),
        };
        if page.is_empty() {
            break;
        }
        for entry in &page {
            if let Err(wrong) = follow(&auction.terms, &mut lot, &mut bids, entry) {
                return Ok((lot, Some(wrong)));
            }
        }
    }
    // Auctions that ended before there was a history have none to compare with.
    let has_history = lot.seq > 0 || auction.lot.seq > 0 || auction.status == Status::Live;
    let wrong = lot.difference(&auction.lot).filter(|_| has_history);
    Ok((lot, wrong))
}

impl From<WrongLink> for Link {
    fn from(wrong: WrongLink) -> Self {
        Self {
            seq: wrong.seq,
            what: wrong.what.to_owned(),
            expected: wrong.expected,
            found: wrong.found,
        }
    }
}
