//! SQL of lots and their histories.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe, Row as _};

use super::keys::PER_STATEMENT;
use crate::Error;
use crate::auctions::EndReason;
use crate::auctions::rules::{
    Bid, By, Command, End, Entry, Hash, Id, Leader, Lot, PastBid, Phase, Standing, Terms, Verdict, Winner,
};
use crate::db::{Db, Params, Row, insert_rows, list, padded};

/// The columns of a lot that [`read_lot`] reads; a macro so that statements stay literals.
macro_rules! lot_columns {
    () => {
        "l.phase, l.price, l.leader_id, l.leader_max, l.top, l.bid_count, l.ends_at_ms as lot_ends_at_ms, \
         l.paused_remaining_ms, l.late_extensions, l.ended_at_ms as lot_ended_at_ms, l.end_reason as lot_end_reason, \
         l.winner_id as lot_winner_id, l.winning_bid as lot_winning_bid, l.seq, l.at_ms, l.hash"
    };
}
pub(in crate::auctions) use lot_columns;

/// The lots of `terms`, which are in the order of the auctions' ids, held against other writers until the transaction
/// ends.
pub(super) async fn lock(db: &Db, connection: &mut AnyConnection, terms: &[&Terms]) -> Result<HashMap<Id, Lot>, Error> {
    let mut lots = HashMap::with_capacity(terms.len());
    for terms in terms.chunks(PER_STATEMENT) {
        let text = format!(
            "select l.auction_id, {} from lots l where l.auction_id in {} order by l.auction_id{}",
            lot_columns!(),
            list(connection, terms.len()),
            db.for_update()
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for terms in padded(terms) {
            query = query.bind(&*terms.auction_id);
        }
        let rows = query.fetch_all(&mut *connection).await?;
        for row in &rows {
            let auction_id: &str = row.try_get("auction_id")?;
            if let Ok(at) = terms.binary_search_by(|terms| (*terms.auction_id).cmp(auction_id)) {
                lots.insert(terms[at].auction_id.clone(), read_lot(row, terms[at])?);
            }
        }
    }
    Ok(lots)
}

/// Reads the columns of [`lot_columns`].
pub(in crate::auctions) fn read_lot(row: &AnyRow, terms: &Terms) -> Result<Lot, Error> {
    let damaged = |what: &str| Error::internal(format_args!("the lot of {} has a damaged {what}", terms.auction_id));
    let phase: &str = row.try_get("phase")?;
    let hash: Option<&str> = row.try_get("hash")?;
    let top: Vec<(String, i64, i64, i64)> =
        serde_json::from_str(row.try_get::<&str, _>("top")?).map_err(|_| damaged("top"))?;
    let start = Lot::new(terms);
    Ok(Lot {
        phase: Phase::parse(phase).ok_or_else(|| damaged("phase"))?,
        price: row.try_get("price")?,
        leader: pair(row, "leader_id", "leader_max")?.map(|(bidder, max)| Leader { bidder, max }),
        top: top
            .into_iter()
            .map(|(bidder, amount, seq, at_ms)| Standing {
                bidder: bidder.into(),
                amount,
                seq,
                at_ms,
            })
            .collect(),
        bid_count: row.try_get("bid_count")?,
        ends_at_ms: row.try_get("lot_ends_at_ms")?,
        paused_remaining_ms: row.try_get("paused_remaining_ms")?,
        anti_snipe_count: row.try_get("late_extensions")?,
        ended: read_end(row, &damaged)?,
        seq: row.try_get("seq")?,
        at_ms: row.try_get("at_ms")?,
        hash: match hash {
            None => start.hash,
            Some(text) => Hash::from_hex(text).ok_or_else(|| damaged("hash"))?,
        },
    })
}

fn read_end(row: &AnyRow, damaged: &dyn Fn(&str) -> Error) -> Result<Option<End>, Error> {
    let (at_ms, reason): (Option<i64>, Option<&str>) =
        (row.try_get("lot_ended_at_ms")?, row.try_get("lot_end_reason")?);
    let (Some(at_ms), Some(reason)) = (at_ms, reason) else {
        return Ok(None);
    };
    let winner = pair(row, "lot_winner_id", "lot_winning_bid")?;
    Ok(Some(End {
        at_ms,
        reason: EndReason::parse(reason).ok_or_else(|| damaged("end reason"))?,
        winner: winner.map(|(bidder, price)| Winner { bidder, price }),
    }))
}

/// An account and an amount that are both there or both not.
fn pair(row: &AnyRow, id: &str, amount: &str) -> Result<Option<(Id, i64)>, Error> {
    let id: Option<&str> = row.try_get(id)?;
    Ok(id.map(Id::from).zip(row.try_get(amount)?))
}

/// A lot to write.
pub(in crate::auctions) struct LotRow<'a> {
    auction_id: &'a str,
    lot: &'a Lot,
    top: String,
    hash: Option<String>,
}

impl<'a> LotRow<'a> {
    pub(in crate::auctions) fn new(auction_id: &'a str, lot: &'a Lot) -> Result<Self, Error> {
        let top: Vec<_> = lot
            .top
            .iter()
            .map(|standing| (&*standing.bidder, standing.amount, standing.seq, standing.at_ms))
            .collect();
        Ok(Self {
            auction_id,
            lot,
            top: serde_json::to_string(&top).map_err(Error::internal)?,
            hash: (lot.seq > 0).then(|| lot.hash.to_hex()),
        })
    }
}

impl Row for LotRow<'_> {
    const COLUMNS: usize = 17;

    fn bind<'q>(&'q self, query: Params<'q>) -> Params<'q> {
        let lot = self.lot;
        let (leader, ended) = (lot.leader.as_ref(), lot.ended.as_ref());
        let winner = ended.and_then(|end| end.winner.as_ref());
        query
            .bind(self.auction_id)
            .bind(lot.phase.as_str())
            .bind(lot.price)
            .bind(leader.map(|leader| &*leader.bidder))
            .bind(leader.map(|leader| leader.max))
            .bind(&*self.top)
            .bind(lot.bid_count)
            .bind(lot.ends_at_ms)
            .bind(lot.paused_remaining_ms)
            .bind(lot.anti_snipe_count)
            .bind(ended.map(|end| end.at_ms))
            .bind(ended.map(|end| end.reason.as_str()))
            .bind(winner.map(|winner| &*winner.bidder))
            .bind(winner.map(|winner| winner.price))
            .bind(lot.seq)
            .bind(lot.at_ms)
            .bind(self.hash.as_deref())
    }
}

/// Writes lots, new or changed.
pub(in crate::auctions) async fn put_lots(connection: &mut AnyConnection, lots: &[LotRow<'_>]) -> Result<(), Error> {
    insert_rows(
        connection,
        "insert into lots (auction_id, phase, price, leader_id, leader_max, top, bid_count, ends_at_ms, \
         paused_remaining_ms, late_extensions, ended_at_ms, end_reason, winner_id, winning_bid, seq, at_ms, hash) values",
        lots,
        "on conflict (auction_id) do update set phase = excluded.phase, price = excluded.price, \
         leader_id = excluded.leader_id, leader_max = excluded.leader_max, top = excluded.top, \
         bid_count = excluded.bid_count, ends_at_ms = excluded.ends_at_ms, \
         paused_remaining_ms = excluded.paused_remaining_ms, late_extensions = excluded.late_extensions, \
         ended_at_ms = excluded.ended_at_ms, end_reason = excluded.end_reason, winner_id = excluded.winner_id, \
         winning_bid = excluded.winning_bid, seq = excluded.seq, at_ms = excluded.at_ms, hash = excluded.hash",
    )
    .await?;
    Ok(())
}

/// An entry to write.
pub(super) struct EntryRow<'a> {
    auction_id: &'a str,
    entry: &'a Entry,
    hash: String,
    data: Option<String>,
}

/// What a command asked for, besides what has a column.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Data {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) confirmed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) by_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

impl<'a> EntryRow<'a> {
    pub(super) fn new(auction_id: &'a str, entry: &'a Entry) -> Result<Self, Error> {
        let data = Data::of(&entry.command).map(|data| serde_json::to_string(&data));
        Ok(Self {
            auction_id,
            entry,
            hash: entry.hash.to_hex(),
            data: data.transpose().map_err(Error::internal)?,
        })
    }
}

impl Data {
    fn of(command: &Command) -> Option<Self> {
        let (by, by_ms, reason) = match command {
            Command::Open | Command::BuyNow { .. } => return None,
            Command::Bid(bid) => {
                return bid.is_confirmed.then(|| Self {
                    confirmed: true,
                    ..Self::default()
                });
            }
            Command::Pause { by } | Command::Resume { by } | Command::Close { by } => (by, None, None),
            Command::Extend { by, by_ms } => (by, Some(*by_ms), None),
            Command::Withdraw { by, reason } | Command::Retract { by, reason, .. } => (by, None, Some(reason.clone())),
        };
        Some(Self {
            confirmed: false,
            by: Some(by.as_str().to_owned()),
            account: by.id().map(|id| id.to_string()),
            by_ms,
            reason,
        })
    }

    /// On whose behalf; `None` for a word that we never wrote.
    fn by(&self) -> Option<By> {
        match (self.by.as_deref(), self.account.clone()) {
            (Some("system"), None) => Some(By::System),
            (Some("seller"), Some(id)) => Some(By::Seller(id.into())),
            (Some("admin"), Some(id)) => Some(By::Admin(id.into())),
            _ => None,
        }
    }
}

impl Row for EntryRow<'_> {
    const COLUMNS: usize = 16;

    fn bind<'q>(&'q self, query: Params<'q>) -> Params<'q> {
        let Entry { command, .. } = self.entry;
        let (amount, max_amount) = match command {
            Command::Bid(bid) => (Some(bid.amount), bid.max_amount),
            _ => (None, None),
        };
        let target = match command {
            Command::Retract { seq, .. } => Some(*seq),
            _ => None,
        };
        query
            .bind(self.auction_id)
            .bind(self.entry.seq)
            .bind(self.entry.at_ms)
            .bind(command.kind())
            .bind(self.entry.verdict.as_str())
            .bind(command.bidder().map(|bidder| &**bidder))
            .bind(amount)
            .bind(max_amount)
            .bind(target)
            .bind(self.entry.price)
            .bind(self.entry.leader.as_deref())
            .bind(self.entry.bid_count)
            .bind(self.entry.ends_at_ms)
            .bind(self.entry.late_extension_ms)
            .bind(&*self.hash)
            .bind(self.data.as_deref())
    }
}

/// Adds entries to the history.
pub(super) async fn insert_entries(connection: &mut AnyConnection, entries: &[EntryRow<'_>]) -> Result<(), Error> {
    insert_rows(
        connection,
        "insert into auction_entries (auction_id, seq, at_ms, kind, verdict, bidder_id, amount, max_amount, target_seq, \
         price, leader_id, bid_count, ends_at_ms, late_extension_ms, hash, data) values",
        entries,
        "",
    )
    .await?;
    Ok(())
}

/// The entries of an auction after number `after`, in order, at most `limit`.
pub(super) async fn entries(
    on: impl AnyExecutor<'_>,
    auction_id: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Entry>, Error> {
    let rows = sqlx::query(
        "select seq, at_ms, kind, verdict, bidder_id, amount, max_amount, target_seq, price, leader_id, bid_count, \
         ends_at_ms, late_extension_ms, hash, data from auction_entries \
         where auction_id = $1 and seq > $2 order by seq limit $3",
    )
    .bind(auction_id)
    .bind(after)
    .bind(limit)
    .fetch_all(on)
    .await?;
    rows.iter().map(|row| read_entry(row, auction_id)).collect()
}

fn read_entry(row: &AnyRow, auction_id: &str) -> Result<Entry, Error> {
    let seq: i64 = row.try_get("seq")?;
    let damaged = || Error::internal(format_args!("entry {seq} of auction {auction_id} is damaged"));
    let data = match row.try_get::<Option<&str>, _>("data")? {
        None => Data::default(),
        Some(text) => serde_json::from_str(text).map_err(|_| damaged())?,
    };
    let bidder = || -> Result<Id, Error> {
        let id: Option<&str> = row.try_get("bidder_id")?;
        id.map(Id::from).ok_or_else(damaged)
    };
    let by = || data.by().ok_or_else(damaged);
    let reason = || data.reason.clone().ok_or_else(damaged);
    let command = match row.try_get::<&str, _>("kind")? {
        "open" => Command::Open,
        "bid" => Command::Bid(Bid {
            bidder: bidder()?,
            amount: row.try_get("amount")?,
            max_amount: row.try_get("max_amount")?,
            is_confirmed: data.confirmed,
        }),
        "buy_now" => Command::BuyNow { buyer: bidder()? },
        "pause" => Command::Pause { by: by()? },
        "resume" => Command::Resume { by: by()? },
        "extend" => Command::Extend {
            by: by()?,
            by_ms: data.by_ms.ok_or_else(damaged)?,
        },
        "withdraw" => Command::Withdraw {
            by: by()?,
            reason: reason()?,
        },
        "retract" => Command::Retract {
            by: by()?,
            seq: row.try_get("target_seq")?,
            reason: reason()?,
        },
        "close" => Command::Close { by: by()? },
        _ => return Err(damaged()),
    };
    let hash: &str = row.try_get("hash")?;
    Ok(Entry {
        seq,
        at_ms: row.try_get("at_ms")?,
        command,
        verdict: Verdict::parse(row.try_get("verdict")?).ok_or_else(damaged)?,
        price: row.try_get("price")?,
        leader: row.try_get::<Option<&str>, _>("leader_id")?.map(Id::from),
        bid_count: row.try_get("bid_count")?,
        ends_at_ms: row.try_get("ends_at_ms")?,
        late_extension_ms: row.try_get("late_extension_ms")?,
        hash: Hash::from_hex(hash).ok_or_else(damaged)?,
    })
}

/// The accepted bids of an auction that were not retracted, in order.
pub(super) async fn accepted_bids(on: impl AnyExecutor<'_>, auction_id: &str) -> Result<Vec<PastBid>, Error> {
    let rows = sqlx::query(
        "select e.seq, e.at_ms, e.bidder_id, e.amount, e.max_amount from auction_entries e \
         where e.auction_id = $1 and e.kind = 'bid' and e.verdict in ('leading', 'raised', 'beaten') and not exists \
             (select 1 from auction_entries r where r.auction_id = e.auction_id and r.target_seq = e.seq \
              and r.kind = 'retract' and r.verdict = 'done') \
         order by e.seq",
    )
    .bind(auction_id)
    .fetch_all(on)
    .await?;
    let bid = |row: &AnyRow| -> Result<PastBid, Error> {
        let amount: i64 = row.try_get("amount")?;
        Ok(PastBid {
            seq: row.try_get("seq")?,
            at_ms: row.try_get("at_ms")?,
            bidder: Id::from(row.try_get::<&str, _>("bidder_id")?),
            amount,
            max: row.try_get::<Option<i64>, _>("max_amount")?.unwrap_or(amount),
        })
    };
    rows.iter().map(bid).collect()
}

/// The highest maximum of a bidder among the accepted bids of an auction up to entry `until`.
pub(super) async fn own_max(
    on: impl AnyExecutor<'_>,
    auction_id: &str,
    bidder_id: &str,
    until: i64,
) -> Result<Option<i64>, Error> {
    let (max,): (Option<i64>,) = sqlx::query_as(
        "select max(coalesce(e.max_amount, e.amount)) from auction_entries e \
         where e.bidder_id = $1 and e.auction_id = $2 and e.seq <= $3 and e.kind = 'bid' \
         and e.verdict in ('leading', 'raised', 'beaten') and not exists \
             (select 1 from auction_entries r where r.auction_id = e.auction_id and r.target_seq = e.seq \
              and r.kind = 'retract' and r.verdict = 'done')",
    )
    .bind(bidder_id)
    .bind(auction_id)
    .bind(until)
    .fetch_one(on)
    .await?;
    Ok(max)
}
