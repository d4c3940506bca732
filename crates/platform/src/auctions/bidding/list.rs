//! The bids of an auction, for everybody.

use std::collections::{HashMap, HashSet};

use sqlx::AnyConnection;

use super::bid_id;
use super::news::shown;
use super::store::{self, Counted};
use crate::auctions::{self, Auction, Person, Status};
use crate::{Context, Error, Money, Page, id};

const NOT_FOUND: &str = "Auction not found";

/// A bid that counted, as one caller sees it. Never a maximum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BidRow {
    /// Id of the bid.
    pub bid_id: String,
    /// Number of its entry.
    pub seq: i64,
    /// Whose it is.
    pub bidder: Person,
    /// Whether it is the caller's.
    pub is_you: bool,
    /// The amount that everybody saw.
    pub amount: Money,
    /// The price after it.
    pub price: Option<Money>,
    /// When, epoch ms.
    pub at_ms: i64,
    /// What set the amount.
    pub kind: BidKind,
    /// How it stands now.
    pub status: BidStatus,
    /// Name and address of the bidder: for the seller and admins, after the end.
    pub contact: Option<Contact>,
}

/// What set the amount of a bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BidKind {
    /// The bidder named it.
    Bid,
    /// A maximum answered for its bidder.
    Proxy,
    /// The buy-now price.
    BuyNow,
}

/// How a bid stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BidStatus {
    /// It leads, or won.
    Leading,
    /// Another leads.
    Outbid,
    /// An admin struck it.
    Retracted,
}

/// Who a bidder really is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Display name.
    pub name: String,
    /// E-mail address.
    pub email: String,
}

/// A page of bids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bids {
    /// Newest first.
    pub bids: Vec<BidRow>,
    /// Which page this is.
    pub page: Page,
    /// How many there are on all pages.
    pub total: i64,
}

/// The bids of an auction that counted, newest first.
///
/// *errors*: [`crate::ErrorKind::NotFound`].
pub async fn of_auction(ctx: &Context, auction_id: &str, page: Page) -> Result<Bids, Error> {
    let auction_id = id::parse(auction_id, NOT_FOUND)?;
    let mut snapshot = ctx.db().snapshot().await?;
    let auction = auctions::store::find(&mut *snapshot.conn(), &auction_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    let bids = rows(ctx, snapshot.conn(), &auction, page).await?;
    let retracted = store::retracted(&mut *snapshot.conn(), &auction_id).await?;
    let total = auction.lot.bid_count + retracted + i64::from(auction.is_bought());
    Ok(Bids { bids, page, total })
}

/// A page of an auction's bids that counted, newest first.
pub(in crate::auctions) async fn rows(
    ctx: &Context,
    connection: &mut AnyConnection,
    auction: &Auction,
    page: Page,
) -> Result<Vec<BidRow>, Error> {
    let counted = store::counted(&mut *connection, &auction.id, page).await?;
    let leading = match &auction.lot.leader {
        Some(leader) => store::newest_bid(&mut *connection, &auction.id, &leader.bidder).await?,
        None => None,
    };
    // Who bidders are is told to the seller and admins, once it is over.
    let is_told = auction.status == Status::Closed && auction.closer(&ctx.caller).is_some();
    let bidders: HashSet<&str> = counted
        .iter()
        .map(|bid| bid.bidder_id.as_str())
        .filter(|_| is_told)
        .collect();
    let contacts = contacts_of(connection, &bidders.into_iter().collect::<Vec<_>>()).await?;
    let row = |bid: &Counted| bid_row(ctx, auction, bid, leading, &contacts);
    Ok(counted.iter().map(row).collect())
}

fn bid_row(
    ctx: &Context,
    auction: &Auction,
    bid: &Counted,
    leading: Option<i64>,
    contacts: &HashMap<String, Contact>,
) -> BidRow {
    let (amount, kind) = match bid.amount {
        None => (bid.price.unwrap_or_default(), BidKind::BuyNow),
        Some(amount) => match shown(bid.verdict, amount, bid.price) {
            (amount, true) => (amount, BidKind::Proxy),
            (amount, false) => (amount, BidKind::Bid),
        },
    };
    let status = match leading {
        _ if bid.is_retracted => BidStatus::Retracted,
        Some(seq) if seq == bid.seq => BidStatus::Leading,
        _ => BidStatus::Outbid,
    };
    BidRow {
        bid_id: bid_id(&auction.id, bid.seq),
        seq: bid.seq,
        bidder: Person::of(&ctx.platform, &auction.id, &bid.bidder_id),
        is_you: ctx.caller.id() == Some(bid.bidder_id.as_str()),
        amount: auction.terms.money(amount),
        price: bid.price.map(|price| auction.terms.money(price)),
        at_ms: bid.at_ms,
        kind,
        status,
        contact: contacts.get(&bid.bidder_id).cloned(),
    }
}

/// Name and address of one account.
pub(in crate::auctions) async fn contact_of(
    connection: &mut AnyConnection,
    id: &str,
) -> Result<Option<Contact>, Error> {
    Ok(contacts_of(connection, &[id]).await?.remove(id))
}

/// Names and addresses of accounts, by id; programs have none.
pub(in crate::auctions) async fn contacts_of(
    connection: &mut AnyConnection,
    ids: &[&str],
) -> Result<HashMap<String, Contact>, Error> {
    let found = store::contacts(connection, ids).await?.into_iter();
    let contact = |(id, name, email)| (id, Contact { name, email });
    Ok(found.map(contact).collect())
}
