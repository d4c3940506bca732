//! Durable bids a second, and how long a bidder waits: the bid desk beside the design with one row lock and one statement
//! per bid, and beside bare group commits of the same size, on SQLite and PostgreSQL, in one run on one machine.
//!
//! Every answer counts only after its commit is on disk: SQLite with `synchronous=full`, PostgreSQL with `fsync` and
//! `synchronous_commit` on. Contenders take turns, and the median round of each is reported.
//!
//! `cargo bench --bench bids` runs everything; `-- sqlite`, `-- postgres` and `-- http` run parts.

mod bare;
mod callers;
mod disk;
mod http;
mod operation;
mod report;
mod row_lock;

use std::sync::Arc;
use std::time::Duration;

use platform::testing::Database;

use crate::callers::Figures;
use crate::operation::Ground;
use crate::report::{Row, Table};

/// How long each contender runs per round.
pub const ROUND: Duration = Duration::from_secs(4);
/// Rounds per contender; the median is reported.
const ROUNDS: usize = 3;
/// Bidders who bid at the same time on one auction, each waiting for its answer.
const HOT_CALLERS: usize = 2_048;
/// Bidders who bid at the same time on a thousand auctions.
const WIDE_CALLERS: usize = 4_000;
/// Auctions of the wide load.
const LOTS: usize = 1_000;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|text| !text.starts_with('-')).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if let [role, url, seconds, token_file] = arguments.as_slice()
        && role == http::CLIENT_ROLE
    {
        return runtime.block_on(http::client(url, seconds.parse()?, token_file));
    }
    let wants = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    let mut table = Table::new(disk::syncs_per_second()?);
    runtime.block_on(async {
        if wants("sqlite") {
            measure(&Database::sqlite(), "SQLite", &mut table).await?;
        }
        if wants("postgres") {
            measure(&Database::durable_postgres().await, "PostgreSQL", &mut table).await?;
        }
        if wants("http") {
            http::measure(&mut table).await?;
        }
        anyhow::Ok(())
    })?;
    table.print();
    Ok(())
}

async fn measure(database: &Database, name: &'static str, table: &mut Table) -> anyhow::Result<()> {
    let ground = Arc::new(Ground::open(database, LOTS).await?);
    for (lots, callers) in [(1, HOT_CALLERS), (LOTS, WIDE_CALLERS)] {
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        let (mut bare, mut bare_on_one) = (Vec::new(), Vec::new());
        let mut batch = 1.0_f64;
        for _ in 0..ROUNDS {
            let figures = operation::round(&ground, lots, callers).await?;
            batch = figures.batch;
            ours.push(figures);
            theirs.push(row_lock::round(&ground, database, lots, callers).await?);
            bare.push(bare::round(&ground, lots, report::whole(batch)).await?);
            if lots > 1 {
                bare_on_one.push(bare::round(&ground, 1, report::whole(batch)).await?);
            }
            eprintln!("{name}, {lots} auctions: one round of {ROUNDS} measured");
        }
        table.push(Row {
            database: name,
            lots,
            ours: median(ours),
            row_lock: median(theirs),
            bare: median(bare),
            bare_on_one: (lots > 1).then(|| median(bare_on_one)),
            batch,
        });
    }
    Ok(())
}

fn median(mut rounds: Vec<Figures>) -> Figures {
    rounds.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    rounds.swap_remove(rounds.len() / 2)
}
