//! The floor under group commit: begin, insert as many rows of the history as one of our commits held, commit; nothing is
//! judged, hashed, told or answered. The rows go through the same driver and the same kind of statement as ours.

use std::sync::Arc;

use platform::db::{Db, Params, Row, insert_rows};
use tokio::time::Instant;

use crate::ROUND;
use crate::callers::{self, Figures};
use crate::operation::Ground;

/// One bid's row.
struct Entry {
    auction_id: String,
    seq: i64,
    bidder: String,
    hash: String,
}

impl Row for Entry {
    const COLUMNS: usize = 16;

    fn bind<'q>(&'q self, query: Params<'q>) -> Params<'q> {
        let cents = self.seq * 100;
        query
            .bind(&*self.auction_id)
            .bind(self.seq)
            .bind(1_795_248_000_000_i64)
            .bind("bid")
            .bind("leading")
            .bind(&*self.bidder)
            .bind(cents)
            .bind(None::<i64>)
            .bind(None::<i64>)
            .bind(cents)
            .bind(&*self.bidder)
            .bind(self.seq)
            .bind(1_795_334_400_000_i64)
            .bind(0_i64)
            .bind(&*self.hash)
            .bind(None::<&str>)
    }
}

const HEAD: &str = "insert into bare_entries (auction_id, seq, at_ms, kind, verdict, bidder_id, amount, max_amount, \
    target_seq, price, leader_id, bid_count, ends_at_ms, late_extension_ms, hash, data) values";
const TABLE: &str = "create table if not exists bare_entries (auction_id text not null, seq bigint not null, \
    at_ms bigint not null, kind text not null, verdict text not null, bidder_id text, amount bigint, max_amount bigint, \
    target_seq bigint, price bigint, leader_id text, bid_count bigint not null, ends_at_ms bigint not null, \
    late_extension_ms bigint not null, hash text not null, data text, primary key (auction_id, seq))";
const INDEXES: [&str; 2] = [
    "create index if not exists bare_entries_bidder on bare_entries (bidder_id, auction_id, seq) where bidder_id is not null",
    "create index if not exists bare_entries_target on bare_entries (auction_id, target_seq) where target_seq is not null",
];

/// One round of commits of `batch` rows, one after the other.
pub async fn round(ground: &Arc<Ground>, batch: usize) -> anyhow::Result<Figures> {
    let db = ground.platform.db();
    let mut tx = db.begin().await?;
    for text in [TABLE, INDEXES[0], INDEXES[1]] {
        sqlx::query(text).execute(tx.conn()).await?;
    }
    tx.commit().await?;
    let auction_id = ground.platform.context(platform::Caller::System).new_id();
    let (start, cpu) = (Instant::now(), callers::cpu_time()?);
    let (mut waits, mut next) = (Vec::new(), 1_i64);
    while start.elapsed() < ROUND {
        let asked = Instant::now();
        next = commit(db, &auction_id, next, batch).await?;
        waits.resize(waits.len() + batch, asked.elapsed());
    }
    callers::figures(waits, start.elapsed(), callers::cpu_time()? - cpu)
}

async fn commit(db: &Db, auction_id: &str, first: i64, batch: usize) -> anyhow::Result<i64> {
    let end = first + i64::try_from(batch)?;
    let entries: Vec<Entry> = (first..end)
        .map(|seq| Entry {
            auction_id: auction_id.to_owned(),
            seq,
            bidder: format!("bidder-{}", seq % 500),
            hash: format!("{seq:064x}"),
        })
        .collect();
    let mut tx = db.begin().await?;
    insert_rows(tx.conn(), HEAD, &entries, "").await?;
    tx.commit().await?;
    Ok(end)
}
