//! SQL that reads bids: of an auction, of a bidder.

use std::collections::HashMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe, Row as _};

use crate::auctions::rules::Verdict;
use crate::db::{list, padded};
use crate::{Error, Page};

/// A bid of an auction that counted, or its purchase.
pub(in crate::auctions) struct Counted {
    pub(in crate::auctions) seq: i64,
    pub(in crate::auctions) at_ms: i64,
    pub(in crate::auctions) verdict: Verdict,
    pub(in crate::auctions) bidder_id: String,
    /// `None` for a purchase.
    pub(in crate::auctions) amount: Option<i64>,
    pub(in crate::auctions) price: Option<i64>,
    pub(in crate::auctions) is_retracted: bool,
}

/// A bid or purchase of one bidder.
pub(in crate::auctions) struct Own {
    pub(in crate::auctions) auction_id: String,
    pub(in crate::auctions) seq: i64,
    pub(in crate::auctions) at_ms: i64,
    /// `None` for a purchase.
    pub(in crate::auctions) amount: Option<i64>,
    pub(in crate::auctions) max_amount: Option<i64>,
    pub(in crate::auctions) price: Option<i64>,
    pub(in crate::auctions) is_retracted: bool,
}

/// A page of an auction's bids that counted, newest first.
pub(in crate::auctions) async fn counted(
    on: impl AnyExecutor<'_>,
    auction_id: &str,
    page: Page,
) -> Result<Vec<Counted>, Error> {
    let rows = sqlx::query(
        "select e.seq, e.at_ms, e.verdict, e.bidder_id, e.amount, e.price, \
             (select count(*) from auction_entries r where r.auction_id = e.auction_id and r.target_seq = e.seq \
              and r.verdict = 'done') as retractions \
         from auction_entries e where e.auction_id = $1 and e.bidder_id is not null \
         and e.verdict in ('leading', 'raised', 'beaten', 'done') order by e.seq desc limit $2 offset $3",
    )
    .bind(auction_id)
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(on)
    .await?;
    let counted = |row: &AnyRow| -> Result<Counted, Error> {
        let verdict: &str = row.try_get("verdict")?;
        Ok(Counted {
            seq: row.try_get("seq")?,
            at_ms: row.try_get("at_ms")?,
            verdict: Verdict::parse(verdict).unwrap_or(Verdict::Done),
            bidder_id: row.try_get("bidder_id")?,
            amount: row.try_get("amount")?,
            price: row.try_get("price")?,
            is_retracted: row.try_get::<i64, _>("retractions")? > 0,
        })
    };
    rows.iter().map(counted).collect()
}

/// How many bids of an auction were struck.
pub(in crate::auctions) async fn retracted(on: impl AnyExecutor<'_>, auction_id: &str) -> Result<i64, Error> {
    let (count,): (i64,) = sqlx::query_as(
        "select count(*) from auction_entries where auction_id = $1 and target_seq is not null and verdict = 'done'",
    )
    .bind(auction_id)
    .fetch_one(on)
    .await?;
    Ok(count)
}

/// The newest bid or purchase of a bidder in an auction that was not struck.
pub(in crate::auctions) async fn newest_bid(
    on: impl AnyExecutor<'_>,
    auction_id: &str,
    bidder_id: &str,
) -> Result<Option<i64>, Error> {
    let (seq,): (Option<i64>,) = sqlx::query_as(
        "select max(e.seq) from auction_entries e where e.bidder_id = $1 and e.auction_id = $2 \
         and e.verdict in ('leading', 'raised', 'beaten', 'done') and not exists \
             (select 1 from auction_entries r where r.auction_id = e.auction_id and r.target_seq = e.seq \
              and r.verdict = 'done')",
    )
    .bind(bidder_id)
    .bind(auction_id)
    .fetch_one(on)
    .await?;
    Ok(seq)
}

/// A page of a bidder's bids and purchases, newest first, and how many there are; all of them, or the newest of each
/// auction.
pub(in crate::auctions) async fn of_bidder(
    connection: &mut AnyConnection,
    bidder_id: &str,
    is_latest_only: bool,
    page: Page,
) -> Result<(Vec<Own>, i64), Error> {
    let rows = sqlx::query(
        "select e.auction_id, e.seq, e.at_ms, e.amount, e.max_amount, e.price, \
             (select count(*) from auction_entries r where r.auction_id = e.auction_id and r.target_seq = e.seq \
              and r.verdict = 'done') as retractions \
         from auction_entries e where e.bidder_id = $1 and e.verdict in ('leading', 'raised', 'beaten', 'done') \
         and ($4 = 0 or not exists (select 1 from auction_entries n where n.bidder_id = e.bidder_id \
             and n.auction_id = e.auction_id and n.seq > e.seq and n.verdict in ('leading', 'raised', 'beaten', 'done'))) \
         order by e.at_ms desc, e.auction_id desc, e.seq desc limit $2 offset $3",
    )
    .bind(bidder_id)
    .bind(page.limit)
    .bind(page.offset)
    .bind(i64::from(is_latest_only))
    .fetch_all(&mut *connection)
    .await?;
    let (total,): (i64,) = sqlx::query_as(
        "select case when $2 = 0 then count(*) else count(distinct e.auction_id) end from auction_entries e \
         where e.bidder_id = $1 and e.verdict in ('leading', 'raised', 'beaten', 'done')",
    )
    .bind(bidder_id)
    .bind(i64::from(is_latest_only))
    .fetch_one(connection)
    .await?;
    let own = |row: &AnyRow| -> Result<Own, Error> {
        Ok(Own {
            auction_id: row.try_get("auction_id")?,
            seq: row.try_get("seq")?,
            at_ms: row.try_get("at_ms")?,
            amount: row.try_get("amount")?,
            max_amount: row.try_get("max_amount")?,
            price: row.try_get("price")?,
            is_retracted: row.try_get::<i64, _>("retractions")? > 0,
        })
    };
    Ok((rows.iter().map(own).collect::<Result<_, _>>()?, total))
}

/// The highest maximum of a bidder in each of `auction_ids`, struck bids aside.
pub(in crate::auctions) async fn own_maxima(
    connection: &mut AnyConnection,
    bidder_id: &str,
    auction_ids: &[&str],
) -> Result<HashMap<String, i64>, Error> {
    if auction_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let text = format!(
        "select e.auction_id, e.bidder_id, max(coalesce(e.max_amount, e.amount, e.price)) as own_max \
         from auction_entries e where e.auction_id in {} \
         and e.verdict in ('leading', 'raised', 'beaten', 'done') and e.bidder_id = ${} \
         and not exists (select 1 from auction_entries r where r.auction_id = e.auction_id and r.target_seq = e.seq \
             and r.verdict = 'done') group by e.auction_id, e.bidder_id",
        numbered(auction_ids.len()),
        auction_ids.len() + 1
    );
    let mut query = sqlx::query(AssertSqlSafe(text));
    for auction_id in auction_ids {
        query = query.bind(*auction_id);
    }
    let rows = query.bind(bidder_id).fetch_all(connection).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("auction_id")?, row.try_get("own_max")?)))
        .collect()
}

/// `($1, $2, …)`: a page of auctions, where SQLite's look-up of names does not count.
fn numbered(count: usize) -> String {
    let numbers: Vec<String> = (1..=count).map(|number| format!("${number}")).collect();
    format!("({})", numbers.join(", "))
}

/// Id, name and e-mail address of accounts.
pub(in crate::auctions) async fn contacts(
    connection: &mut AnyConnection,
    ids: &[&str],
) -> Result<Vec<(String, String, String)>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let text = format!(
        "select id, name, email from accounts where id in {}",
        list(connection, ids.len())
    );
    let mut query = sqlx::query_as(AssertSqlSafe(text));
    for id in padded(ids) {
        query = query.bind(*id);
    }
    Ok(query.fetch_all(connection).await?)
}
