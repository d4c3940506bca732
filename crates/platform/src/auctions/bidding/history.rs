//! Reading bids: the public list, one's own, the log of the seller, and its verification.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use super::keys::{padded, placeholders};
use super::news::shown;
use super::{bid_id, store};
use crate::auctions::pictures::Picture;
use crate::auctions::rules::{Command, Entry, Lot, PastBid, Verdict, WrongLink, follow};
use crate::auctions::{self, Auction, Person, Status};
use crate::{Context, Error, ErrorKind, Money, Page, events, id};

const NOT_FOUND: &str = "Auction not found";
/// Entries that the verification reads at a time.
const VERIFY_PAGE: i64 = 1_000;

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

/// One entry of the hash-chained log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// 1, 2, 3 … within the auction.
    pub seq: i64,
    /// What was asked, such as `bid`.
    pub kind: &'static str,
    /// When, epoch ms.
    pub at_ms: i64,
    /// 64 hex digits.
    pub hash: String,
    /// 64 hex digits; of the terms for the first entry.
    pub previous_hash: String,
    /// What came of it: a JSON object.
    pub data: Value,
}

/// A page of the hash-chained log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Oldest first.
    pub entries: Vec<HistoryEntry>,
    /// Which page this is.
    pub page: Page,
    /// How many there are on all pages.
    pub total: i64,
}

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

/// The bids of an auction that counted, newest first.
///
/// *errors*: [`crate::ErrorKind::NotFound`].
pub async fn of_auction(ctx: &Context, auction_id: &str, page: Page) -> Result<Bids, Error> {
    let auction_id = id::parse(auction_id, NOT_FOUND)?;
    let mut snapshot = ctx.db().snapshot().await?;
    let auction = auctions::store::find(&mut *snapshot.conn(), &auction_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    let bids = rows(ctx, &mut *snapshot.conn(), &auction, page).await?;
    let (retracted,): (i64,) = sqlx::query_as(
        "select count(*) from auction_entries where auction_id = $1 and target_seq is not null and verdict = 'done'",
    )
    .bind(&auction_id)
    .fetch_one(&mut *snapshot.conn())
    .await?;
    let bought = i64::from(auction.is_bought());
    let total = auction.lot.bid_count + retracted + bought;
    Ok(Bids { bids, page, total })
}

/// A page of an auction's bids that counted, newest first.
pub(in crate::auctions) async fn rows(
    ctx: &Context,
    connection: &mut AnyConnection,
    auction: &Auction,
    page: Page,
) -> Result<Vec<BidRow>, Error> {
    let rows = sqlx::query(
        "select e.seq, e.at_ms, e.kind, e.verdict, e.bidder_id, e.amount, e.price, \
             (select count(*) from auction_entries r where r.auction_id = e.auction_id and r.target_seq = e.seq \
              and r.verdict = 'done') as retractions \
         from auction_entries e where e.auction_id = $1 and ((e.kind = 'bid' and e.verdict in ('leading', 'raised', 'beaten')) \
         or (e.kind = 'buy_now' and e.verdict = 'done')) order by e.seq desc limit $2 offset $3",
    )
    .bind(&auction.id)
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(&mut *connection)
    .await?;
    let leading = leading_seq(connection, auction).await?;
    let contacts = contacts(ctx, connection, auction, &rows).await?;
    rows.iter()
        .map(|row| bid_row(ctx, auction, row, leading, &contacts))
        .collect()
}

fn bid_row(
    ctx: &Context,
    auction: &Auction,
    row: &AnyRow,
    leading: Option<i64>,
    contacts: &HashMap<String, Contact>,
) -> Result<BidRow, Error> {
    let seq: i64 = row.try_get("seq")?;
    let bidder_id: &str = row.try_get("bidder_id")?;
    let price: Option<i64> = row.try_get("price")?;
    let verdict = Verdict::parse(row.try_get("verdict")?).unwrap_or(Verdict::Done);
    let (amount, kind) = match row.try_get::<Option<i64>, _>("amount")? {
        None => (price.unwrap_or_default(), BidKind::BuyNow),
        Some(amount) => match shown(verdict, amount, price) {
            (amount, true) => (amount, BidKind::Proxy),
            (amount, false) => (amount, BidKind::Bid),
        },
    };
    let status = match row.try_get::<i64, _>("retractions")? {
        0 if leading == Some(seq) => BidStatus::Leading,
        0 => BidStatus::Outbid,
        _ => BidStatus::Retracted,
    };
    Ok(BidRow {
        bid_id: bid_id(&auction.id, seq),
        seq,
        bidder: Person::of(&ctx.platform, &auction.id, bidder_id),
        is_you: ctx.caller.id() == Some(bidder_id),
        amount: auction.terms.money(amount),
        price: price.map(|price| auction.terms.money(price)),
        at_ms: row.try_get("at_ms")?,
        kind,
        status,
        contact: contacts.get(bidder_id).cloned(),
    })
}

/// The bid that leads: the leader's newest that was not struck.
async fn leading_seq(connection: &mut AnyConnection, auction: &Auction) -> Result<Option<i64>, Error> {
    let Some(leader) = &auction.lot.leader else {
        return Ok(None);
    };
    let (seq,): (Option<i64>,) = sqlx::query_as(
        "select max(e.seq) from auction_entries e where e.bidder_id = $1 and e.auction_id = $2 \
         and e.verdict in ('leading', 'raised', 'beaten', 'done') and not exists \
             (select 1 from auction_entries r where r.auction_id = e.auction_id and r.target_seq = e.seq \
              and r.verdict = 'done')",
    )
    .bind(&*leader.bidder)
    .bind(&auction.id)
    .fetch_one(connection)
    .await?;
    Ok(seq)
}

/// Who the bidders of these rows are, where the caller may know.
async fn contacts(
    ctx: &Context,
    connection: &mut AnyConnection,
    auction: &Auction,
    rows: &[AnyRow],
) -> Result<HashMap<String, Contact>, Error> {
    if auction.status == Status::Live || auction.closer(&ctx.caller).is_none() {
        return Ok(HashMap::new());
    }
    let ids: HashSet<&str> = rows
        .iter()
        .map(|row| row.try_get("bidder_id"))
        .collect::<Result<_, _>>()?;
    contacts_of(connection, &ids.into_iter().collect::<Vec<_>>()).await
}

/// Name and address of one account.
pub(in crate::auctions) async fn contact_of(
    connection: &mut AnyConnection,
    id: &str,
) -> Result<Option<Contact>, Error> {
    Ok(contacts_of(connection, &[id]).await?.remove(id))
}

/// Names and addresses of accounts, by id.
pub(in crate::auctions) async fn contacts_of(
    connection: &mut AnyConnection,
    ids: &[&str],
) -> Result<HashMap<String, Contact>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "select id, name, email from accounts where id in {}",
        placeholders(ids.len())
    );
    let mut query = sqlx::query(AssertSqlSafe(text));
    for id in padded(ids) {
        query = query.bind(*id);
    }
    let rows = query.fetch_all(connection).await?;
    let contact = |row: &AnyRow| -> Result<(String, Contact), Error> {
        let contact = Contact {
            name: row.try_get("name")?,
            email: row.try_get("email")?,
        };
        Ok((row.try_get("id")?, contact))
    };
    rows.iter().map(contact).collect()
}

/// The caller's own bids in all auctions, newest first: those that were accepted, also when they were beaten at once; with
/// `is_latest_only` the newest of each auction.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`].
pub async fn mine(ctx: &Context, is_latest_only: bool, page: Page) -> Result<MyBids, Error> {
    let bidder = ctx.require_signed_in()?;
    let mut snapshot = ctx.db().snapshot().await?;
    let rows = sqlx::query(
        "select e.auction_id, e.seq, e.at_ms, e.amount, e.max_amount, e.price, \
             (select count(*) from auction_entries r where r.auction_id = e.auction_id and r.target_seq = e.seq \
              and r.verdict = 'done') as retractions \
         from auction_entries e where e.bidder_id = $1 and e.verdict in ('leading', 'raised', 'beaten', 'done') \
         and ($4 = 0 or not exists (select 1 from auction_entries n where n.bidder_id = e.bidder_id \
             and n.auction_id = e.auction_id and n.seq > e.seq and n.verdict in ('leading', 'raised', 'beaten', 'done'))) \
         order by e.at_ms desc, e.auction_id desc, e.seq desc limit $2 offset $3",
    )
    .bind(bidder)
    .bind(page.limit)
    .bind(page.offset)
    .bind(i64::from(is_latest_only))
    .fetch_all(&mut *snapshot.conn())
    .await?;
    let (total,): (i64,) = sqlx::query_as(
        "select case when $2 = 0 then count(*) else count(distinct e.auction_id) end from auction_entries e \
         where e.bidder_id = $1 and e.verdict in ('leading', 'raised', 'beaten', 'done')",
    )
    .bind(bidder)
    .bind(i64::from(is_latest_only))
    .fetch_one(&mut *snapshot.conn())
    .await?;
    let mut auctions: HashMap<String, Auction> = HashMap::new();
    let mut bids = Vec::with_capacity(rows.len());
    for row in &rows {
        let auction_id: String = row.try_get("auction_id")?;
        let auction = match auctions.get(&auction_id) {
            Some(auction) => auction.clone(),
            None => {
                let found = auctions::store::find(&mut *snapshot.conn(), &auction_id).await?;
                let auction =
                    found.ok_or_else(|| Error::internal(format_args!("a bid on no auction: {auction_id}")))?;
                auctions.insert(auction_id, auction.clone());
                auction
            }
        };
        bids.push(my_bid(ctx, bidder, auction, row)?);
    }
    let ids: Vec<&str> = auctions.keys().map(String::as_str).collect();
    let pictures = auctions::pictures::store::of(&mut *snapshot.conn(), &ids).await?;
    for bid in &mut bids {
        bid.pictures = pictures.get(&bid.auction.id).cloned().unwrap_or_default();
    }
    Ok(MyBids { bids, page, total })
}

fn my_bid(ctx: &Context, bidder: &str, auction: Auction, row: &AnyRow) -> Result<MyBid, Error> {
    let seq: i64 = row.try_get("seq")?;
    let amount: Option<i64> = row.try_get("amount")?;
    let price: Option<i64> = row.try_get("price")?;
    let max_amount: Option<i64> = row.try_get("max_amount")?;
    let is_retracted = row.try_get::<i64, _>("retractions")? > 0;
    let has_it = match &auction.lot.ended {
        Some(end) => end.winner.as_ref().is_some_and(|winner| *winner.bidder == *bidder),
        None => auction.lot.is_led_by(bidder),
    };
    let status = match (is_retracted, auction.status, has_it) {
        (true, ..) => MyStatus::Retracted,
        (_, Status::Live, true) => MyStatus::Winning,
        (_, Status::Live, false) => MyStatus::Outbid,
        (_, Status::Closed, true) => MyStatus::Won,
        (_, Status::Closed, false) => MyStatus::Lost,
    };
    let terms = &auction.terms;
    Ok(MyBid {
        bid_id: bid_id(&auction.id, seq),
        amount: terms.money(amount.or(price).unwrap_or_default()),
        max_amount: max_amount.map(|max| terms.money(max)),
        at_ms: row.try_get("at_ms")?,
        status,
        participant_count: events::present(ctx, &auctions::topic(&auction.id)),
        server_time_ms: ctx.now_ms,
        pictures: Vec::new(),
        auction,
    })
}

/// The caller's own maximum in each of `auction_ids` where the caller has bid.
pub(in crate::auctions) async fn own_maxima(
    ctx: &Context,
    connection: &mut AnyConnection,
    auction_ids: &[&str],
) -> Result<HashMap<String, i64>, Error> {
    let (Some(bidder), false) = (ctx.caller.id(), auction_ids.is_empty()) else {
        return Ok(HashMap::new());
    };
    let text = format!(
        "select e.auction_id, max(coalesce(e.max_amount, e.amount, e.price)) as own_max from auction_entries e \
         where e.bidder_id = ${} and e.auction_id in {} and e.verdict in ('leading', 'raised', 'beaten', 'done') \
         and not exists (select 1 from auction_entries r where r.auction_id = e.auction_id and r.target_seq = e.seq \
             and r.verdict = 'done') group by e.auction_id",
        auction_ids.len().next_power_of_two() + 1,
        placeholders(auction_ids.len())
    );
    let mut query = sqlx::query(AssertSqlSafe(text));
    for auction_id in padded(auction_ids) {
        query = query.bind(*auction_id);
    }
    query = query.bind(bidder);
    let rows = query.fetch_all(connection).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("auction_id")?, row.try_get("own_max")?)))
        .collect()
}

/// The hash-chained log of an auction, oldest first. Maxima appear only to admins, and only after the end; so do accounts,
/// to the seller too.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than the seller and admins.
pub async fn history(ctx: &Context, auction_id: &str, page: Page) -> Result<History, Error> {
    let auction = auctions::own(ctx, auction_id, "Only the host can see the history of this auction").await?;
    // One more, for the hash before the first of the page.
    let before = (page.offset - 1).max(0);
    let limit = page.limit + page.offset - before;
    let entries = store::entries(ctx.db().read(), &auction.id, before, limit).await?;
    let mut previous = Lot::new(&auction.terms).hash;
    let mut shown = Vec::with_capacity(entries.len());
    for entry in entries {
        let hash = entry.hash;
        if entry.seq > page.offset {
            shown.push(HistoryEntry {
                seq: entry.seq,
                kind: entry.command.kind(),
                at_ms: entry.at_ms,
                hash: hash.to_hex(),
                previous_hash: previous.to_hex(),
                data: data(ctx, &auction, &entry),
            });
        }
        previous = hash;
    }
    Ok(History {
        entries: shown,
        page,
        total: auction.lot.seq,
    })
}

fn data(ctx: &Context, auction: &Auction, entry: &Entry) -> Value {
    let (terms, is_over) = (&auction.terms, auction.status == Status::Closed);
    let name = |account: &str| match is_over {
        true => account.to_owned(),
        false => Person::of(&ctx.platform, &auction.id, account).id,
    };
    let money = |minor: Option<i64>| minor.map(|minor| terms.money(minor));
    let mut data = Map::new();
    let mut put = |member: &str, value: Value| data.insert(member.to_owned(), value);
    put("verdict", entry.verdict.as_str().into());
    put("price", json!(money(entry.price)));
    put("leader", json!(entry.leader.as_deref().map(name)));
    put("bid_count", entry.bid_count.into());
    put("ends_at_ms", entry.ends_at_ms.into());
    match &entry.command {
        Command::Bid(bid) => {
            put("bid_id", bid_id(&auction.id, entry.seq).into());
            put("bidder", name(&bid.bidder).into());
            put("amount", json!(terms.money(bid.amount)));
            put("confirmed", bid.is_confirmed.into());
            put("late_extension_ms", entry.late_extension_ms.into());
            if is_over && ctx.caller.is_admin() {
                put("max_amount", json!(money(bid.max_amount)));
            }
        }
        Command::BuyNow { buyer } => {
            put("buyer", name(buyer).into());
        }
        Command::Extend { by, by_ms } => {
            put("by", by.as_str().into());
            put("by_ms", (*by_ms).into());
        }
        Command::Withdraw { by, reason } => {
            put("by", by.as_str().into());
            put("reason", reason.as_str().into());
        }
        Command::Retract { by, seq, reason } => {
            put("by", by.as_str().into());
            put("bid_id", bid_id(&auction.id, *seq).into());
            put("reason", reason.as_str().into());
        }
        Command::Pause { by } | Command::Resume { by } | Command::Close { by } => {
            put("by", by.as_str().into());
        }
        Command::Open => {}
    }
    Value::Object(data)
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
