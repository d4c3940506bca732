//! The floor under group commit: begin, insert as many rows of the history as one of our commits held, commit; nothing is
//! judged, hashed, told or answered. The rows go through the same driver and the same kind of statement as ours.

use std::ops::Range;
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

/// One round of commits of `batch` rows, one after the other, spread over `lots` auctions as the bids of ours are: a row's
/// auction decides which pages its keys touch.
pub async fn round(ground: &Arc<Ground>, lots: usize, batch: usize) -> anyhow::Result<Figures> {
    let db = ground.platform.db();
    let mut tx = db.begin().await?;
    for text in [TABLE, INDEXES[0], INDEXES[1]] {
        sqlx::query(text).execute(tx.conn()).await?;
    }
    tx.commit().await?;
    let system = ground.platform.context(platform::Caller::System);
    let auctions: Vec<String> = (0..lots).map(|_| system.new_id()).collect();
    let (start, cpu) = (Instant::now(), callers::cpu_time()?);
    let (mut waits, mut next) = (Vec::new(), 0);
    while start.elapsed() < ROUND {
        let asked = Instant::now();
        commit(db, &auctions, next..next + batch).await?;
        next += batch;
        waits.resize(waits.len() + batch, asked.elapsed());
    }
    callers::figures(waits, start.elapsed(), callers::cpu_time()? - cpu)
}

async fn commit(db: &Db, auctions: &[String], numbers: Range<usize>) -> anyhow::Result<()> {
    let mut entries = Vec::with_capacity(numbers.len());
    for number in numbers {
        let (turn, lot) = (number / auctions.len(), number % auctions.len());
        entries.push(Entry {
            auction_id: auctions[lot].clone(),
            seq: i64::try_from(turn)? + 1,
            bidder: format!("bidder-{}", (turn + lot) % 500),
            hash: format!("{number:064x}"),
        });
    }
    // Ours come auction by auction as well.
    entries.sort_by(|a, b| (&a.auction_id, a.seq).cmp(&(&b.auction_id, b.seq)));
    let mut tx = db.begin().await?;
    insert_rows(tx.conn(), HEAD, &entries, "").await?;
    tx.commit().await?;
    Ok(())
}
