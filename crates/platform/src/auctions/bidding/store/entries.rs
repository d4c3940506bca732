//! SQL of the history: written once, read in order.

use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, Row as _};

use crate::Error;
use crate::auctions::rules::{Bid, By, Command, Entry, Hash, Id, PastBid, Verdict};
use crate::db::{Params, Row, insert_rows};

/// An entry to write.
pub(in crate::auctions) struct EntryRow<'a> {
    auction_id: &'a str,
    entry: &'a Entry,
    hash: String,
    data: Option<String>,
}

/// What a command asked for, besides what has a column.
#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Data {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    confirmed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_ms: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl<'a> EntryRow<'a> {
    pub(in crate::auctions) fn new(auction_id: &'a str, entry: &'a Entry) -> Result<Self, Error> {
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
pub(in crate::auctions) async fn insert_entries(
    connection: &mut AnyConnection,
    entries: &[EntryRow<'_>],
) -> Result<(), Error> {
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
pub(in crate::auctions) async fn entries(
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
pub(in crate::auctions) async fn accepted_bids(
    on: impl AnyExecutor<'_>,
    auction_id: &str,
) -> Result<Vec<PastBid>, Error> {
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
pub(in crate::auctions) async fn own_max(
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
