//! The hash-chained log of an auction, for its seller and admins.

use serde_json::{Map, Value, json};

use super::{bid_id, store};
use crate::auctions::rules::{Command, Entry, Lot};
use crate::auctions::{self, Auction, Person, Status};
use crate::{Context, Error, Page};

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
