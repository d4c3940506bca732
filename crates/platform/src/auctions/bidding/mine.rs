//! The caller's own bids.

use std::collections::HashMap;

use sqlx::AnyConnection;

use super::bid_id;
use super::store::{self, Own};
use crate::auctions::pictures::Picture;
use crate::auctions::{self, Auction, Status};
use crate::{Context, Error, Money, Page, events};

/// One of the caller's own bids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyBid {
    /// Id of the bid.
    pub bid_id: String,
    /// The auction as it is now.
    pub auction: Auction,
    /// The auction's pictures, in the order they are shown.
    pub pictures: Vec<Picture>,
    /// What was bid.
    pub amount: Money,
    /// The maximum, where one was given.
    pub max_amount: Option<Money>,
    /// When, epoch ms.
    pub at_ms: i64,
    /// How the caller stands in that auction.
    pub status: MyStatus,
    /// People who watch it now.
    pub participant_count: i64,
    /// The moment, epoch ms.
    pub server_time_ms: i64,
}

/// How the caller stands in the auction of a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MyStatus {
    /// The caller leads.
    Winning,
    /// Another leads.
    Outbid,
    /// It is over and the caller has it.
    Won,
    /// It is over and the caller does not have it.
    Lost,
    /// An admin struck the bid.
    Retracted,
}

/// A page of the caller's own bids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MyBids {
    /// Newest first.
    pub bids: Vec<MyBid>,
    /// Which page this is.
    pub page: Page,
    /// How many there are on all pages.
    pub total: i64,
}

/// The caller's own bids in all auctions, newest first: those that were accepted, also when they were beaten at once; with
/// `is_latest_only` the newest of each auction.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`].
pub async fn mine(ctx: &Context, is_latest_only: bool, page: Page) -> Result<MyBids, Error> {
    let bidder = ctx.require_signed_in()?;
    let mut snapshot = ctx.db().snapshot().await?;
    let (own, total) = store::of_bidder(snapshot.conn(), bidder, is_latest_only, page).await?;
    let mut auctions: HashMap<String, Auction> = HashMap::new();
    for bid in &own {
        if !auctions.contains_key(&bid.auction_id) {
            let found = auctions::store::find(&mut *snapshot.conn(), &bid.auction_id).await?;
            let missing = || Error::internal(format_args!("a bid on no auction: {}", bid.auction_id));
            auctions.insert(bid.auction_id.clone(), found.ok_or_else(missing)?);
        }
    }
    let ids: Vec<&str> = auctions.keys().map(String::as_str).collect();
    let pictures = auctions::pictures::store::of(&mut *snapshot.conn(), &ids).await?;
    let bid = |own: &Own| {
        let auction = auctions.get(&own.auction_id)?.clone();
        let pictures = pictures.get(&own.auction_id).cloned().unwrap_or_default();
        Some(my_bid(ctx, bidder, auction, pictures, own))
    };
    let bids = own.iter().filter_map(bid).collect();
    Ok(MyBids { bids, page, total })
}

fn my_bid(ctx: &Context, bidder: &str, auction: Auction, pictures: Vec<Picture>, own: &Own) -> MyBid {
    let has_it = match &auction.lot.ended {
        Some(end) => end.winner.as_ref().is_some_and(|winner| *winner.bidder == *bidder),
        None => auction.lot.is_led_by(bidder),
    };
    let status = match (own.is_retracted, auction.status, has_it) {
        (true, ..) => MyStatus::Retracted,
        (_, Status::Live, true) => MyStatus::Winning,
        (_, Status::Live, false) => MyStatus::Outbid,
        (_, Status::Closed, true) => MyStatus::Won,
        (_, Status::Closed, false) => MyStatus::Lost,
    };
    let terms = &auction.terms;
    MyBid {
        bid_id: bid_id(&auction.id, own.seq),
        amount: terms.money(own.amount.or(own.price).unwrap_or_default()),
        max_amount: own.max_amount.map(|max| terms.money(max)),
        at_ms: own.at_ms,
        status,
        participant_count: events::present(ctx, &auctions::topic(&auction.id)),
        server_time_ms: ctx.now_ms,
        pictures,
        auction,
    }
}

/// The caller's own maximum in each of `auction_ids` where the caller has bid.
pub(in crate::auctions) async fn own_maxima(
    ctx: &Context,
    connection: &mut AnyConnection,
    auction_ids: &[&str],
) -> Result<HashMap<String, i64>, Error> {
    match ctx.caller.id() {
        Some(bidder) => store::own_maxima(connection, bidder, auction_ids).await,
        None => Ok(HashMap::new()),
    }
}
