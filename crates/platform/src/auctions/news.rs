//! The event that tells of a new auction.

use serde_json::json;

use super::Auction;
use crate::Error;
use crate::db::Tx;
use crate::video::Owner;

/// `auction_created`: everything a list shows, except the picture, which may be large.
pub(super) fn created(tx: &mut Tx, auction: &Auction) -> Result<(), Error> {
    let listing = &auction.listing;
    let payload = json!({
        "auction_id": auction.id,
        "title": listing.title,
        "category": listing.category,
        "seller_name": listing.seller_name,
        "starting_bid": listing.starting_bid,
        "currency": listing.starting_bid.currency.code(),
        "created_at": rfc3339(auction.created_at_ms)?,
        "starts_at_ms": auction.terms.starts_at_ms,
        "end_time": rfc3339(auction.ends_at_ms())?,
        "end_time_ms": auction.ends_at_ms(),
        "ivs_playback_url": auction.channel.playback_url,
    });
    publish(tx, auction, "auction_created", &payload)
}

fn publish(tx: &mut Tx, auction: &Auction, kind: &'static str, payload: &serde_json::Value) -> Result<(), Error> {
    let owner = Owner::auction(&auction.id);
    tx.publish(&owner.topic(), kind, payload)?;
    tx.publish(owner.kind.list_topic(), kind, payload)
}

/// A moment as events write it.
pub(super) fn rfc3339(at_ms: i64) -> Result<String, Error> {
    jiff::Timestamp::from_millisecond(at_ms)
        .map(|at| at.to_string())
        .map_err(Error::internal)
}
