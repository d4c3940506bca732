//! The design that most teams write first, done as well as it can be: one transaction per bid, the auction's row locked by
//! the statement that changes it, the bid inserted by the same statement where the database allows that. Rows, columns and
//! indexes are those of our history; there are no events, no keys and no hash to compute.

use std::sync::Arc;
use std::time::Duration;

use platform::testing::Database;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::{Executor as _, PgPool, SqlitePool};

use crate::ROUND;
use crate::callers::{self, Figures};
use crate::operation::Ground;

/// Connections of a fair PostgreSQL pool: as many as our own writers have.
const CONNECTIONS: u32 = 12;
/// A bidder may wait long for a connection here; that is part of the design.
const PATIENCE: Duration = Duration::from_secs(120);
/// As long as a hash of ours, so that rows are as wide.
const HASH: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The tables, on both databases.
const TABLES: &str = "
    create table if not exists naive_lots (auction_id text not null primary key, price bigint not null, leader_id text,
        bid_count bigint not null, ends_at_ms bigint not null, seq bigint not null);
    create table if not exists naive_entries (auction_id text not null, seq bigint not null, at_ms bigint not null,
        kind text not null, verdict text not null, bidder_id text, amount bigint, max_amount bigint, target_seq bigint,
        price bigint, leader_id text, bid_count bigint not null, ends_at_ms bigint not null,
        late_extension_ms bigint not null, hash text not null, data text, primary key (auction_id, seq));
    create index if not exists naive_entries_bidder on naive_entries (bidder_id, auction_id, seq)
        where bidder_id is not null;
    create index if not exists naive_entries_target on naive_entries (auction_id, target_seq)
        where target_seq is not null;";

const LOCK: &str = "update naive_lots set seq = seq + 1,
        price = case when $2 >= price + 100 and $4 < ends_at_ms then $2 else price end,
        leader_id = case when $2 >= price + 100 and $4 < ends_at_ms then $3 else leader_id end,
        bid_count = bid_count + case when $2 >= price + 100 and $4 < ends_at_ms then 1 else 0 end
    where auction_id = $1 returning seq, price, leader_id, bid_count, ends_at_ms";

const INSERT: &str = "insert into naive_entries (auction_id, seq, at_ms, kind, verdict, bidder_id, amount, max_amount,
        target_seq, price, leader_id, bid_count, ends_at_ms, late_extension_ms, hash, data)
    values ($1, $2, $3, 'bid', $4, $5, $6, null, null, $7, $8, $9, $10, 0, $11, null)";

/// On PostgreSQL both are one statement, so that the lock is held for one round trip and one commit.
const ONE_STATEMENT: &str = "with lot as (
    update naive_lots set seq = seq + 1,
        price = case when $2 >= price + 100 and $4 < ends_at_ms then $2 else price end,
        leader_id = case when $2 >= price + 100 and $4 < ends_at_ms then $3 else leader_id end,
        bid_count = bid_count + case when $2 >= price + 100 and $4 < ends_at_ms then 1 else 0 end
    where auction_id = $1 returning seq, price, leader_id, bid_count, ends_at_ms)
    insert into naive_entries (auction_id, seq, at_ms, kind, verdict, bidder_id, amount, max_amount, target_seq, price,
        leader_id, bid_count, ends_at_ms, late_extension_ms, hash, data)
    select $1, seq, $4, 'bid', case when leader_id = $3 and price = $2 then 'leading' else 'outbid' end, $3, $2, null, null,
        price, leader_id, bid_count, ends_at_ms, 0, $5, null from lot returning price";

/// One round on the first `lots` auctions.
pub async fn round(ground: &Arc<Ground>, database: &Database, lots: usize, callers: usize) -> anyhow::Result<Figures> {
    if database.is_shared() {
        let options = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE);
        let pool = options.connect(&database.url).await?;
        pool.execute(TABLES).await?;
        for lot in &ground.lots {
            let text = "insert into naive_lots values ($1, 100, null, 0, $2, 0) on conflict do nothing";
            sqlx::query(text).bind(lot).bind(i64::MAX).execute(&pool).await?;
        }
        let shared = ground.clone();
        let bids = pool.clone();
        let figures = callers::run(callers, ROUND, move |caller| {
            on_postgres(bids.clone(), shared.clone(), caller % lots)
        })
        .await?;
        pool.close().await;
        return Ok(figures);
    }
    let url = format!("{}-naive?mode=rwc", database.url);
    let options = SqlitePoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
    let pool = options.connect(&url).await?;
    pool.execute("pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -16384")
        .await?;
    pool.execute(TABLES).await?;
    let mut tx = pool.begin().await?;
    for lot in &ground.lots {
        let text = "insert into naive_lots values ($1, 100, null, 0, $2, 0) on conflict do nothing";
        sqlx::query(text).bind(lot).bind(i64::MAX).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    let shared = ground.clone();
    let bids = pool.clone();
    let figures = callers::run(callers, ROUND, move |caller| {
        on_sqlite(bids.clone(), shared.clone(), caller % lots)
    })
    .await?;
    pool.close().await;
    Ok(figures)
}

async fn on_postgres(pool: PgPool, ground: Arc<Ground>, lot: usize) -> anyhow::Result<()> {
    let (bidder, cents) = ground.next(lot);
    let now_ms = ground.platform.environment().now_ms();
    let bid = sqlx::query(ONE_STATEMENT)
        .bind(&ground.lots[lot])
        .bind(cents)
        .bind(bidder.id());
    bid.bind(now_ms).bind(HASH).fetch_one(&pool).await?;
    Ok(())
}

async fn on_sqlite(pool: SqlitePool, ground: Arc<Ground>, lot: usize) -> anyhow::Result<()> {
    let (bidder, cents) = ground.next(lot);
    let (id, now_ms) = (&ground.lots[lot], ground.platform.environment().now_ms());
    let mut tx = pool.begin_with("begin immediate").await?;
    let (seq, price, leader, count, ends_at_ms): (i64, i64, Option<String>, i64, i64) = sqlx::query_as(LOCK)
        .bind(id)
        .bind(cents)
        .bind(bidder.id())
        .bind(now_ms)
        .fetch_one(&mut *tx)
        .await?;
    let verdict = if price == cents { "leading" } else { "outbid" };
    let entry = sqlx::query(INSERT)
        .bind(id)
        .bind(seq)
        .bind(now_ms)
        .bind(verdict)
        .bind(bidder.id())
        .bind(cents);
    let entry = entry.bind(price).bind(leader).bind(count).bind(ends_at_ms).bind(HASH);
    entry.execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(())
}
