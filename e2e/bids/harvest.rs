//! When all is quiet: ends what is open, reads what was committed, and makes the records that the checker judges.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use platform::testing::Dice;
use platform::testing::checker::{Act, Ask, Final, Phase, Record};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::arena::{AT_ONCE, Arena, Lot, count, locked};
use crate::controls;
use crate::fleet::Process;
use crate::words;

/// Rows of one page of the history.
const PAGE: u64 = 100;
/// Events before the last one in which the announcement of the end must be.
const EVENTS_BACK: u64 = 60;
/// What ends sooner than this is left to the clock.
const DUE_MS: i64 = 3_000;
/// How long auctions may take to end once nothing is in their way.
const END_WITHIN: Duration = Duration::from_secs(60);

/// Ends every auction that is still open: half by their seller or an admin, the others have ended by the clock.
pub async fn end_all(arena: &Arena, seed: u64) -> anyhow::Result<()> {
    let deadline = Instant::now() + END_WITHIN;
    let ended = (seed..)
        .zip(&arena.lots)
        .map(|(seed, lot)| end(arena, lot, Dice::new(seed), deadline));
    stream::iter(ended).buffered(AT_ONCE).try_collect().await
}

async fn end(arena: &Arena, lot: &Lot, mut dice: Dice, deadline: Instant) -> anyhow::Result<()> {
    loop {
        let auction = arena.read(lot).await?;
        let phase = words::phase(&auction).with_context(|| format!("an auction without phase: {auction}"))?;
        let is_due = auction["end_time_ms"].as_i64() < Some(crate::arena::now_ms() + DUE_MS);
        match phase {
            phase if phase.is_end() => break,
            Phase::Paused => {
                controls::resume(arena, lot, &mut dice).await;
            }
            _ if is_due => sleep(Duration::from_millis(100)).await,
            _ => {
                controls::close(arena, lot, &mut dice).await;
            }
        }
        ensure!(Instant::now() < deadline, "auction {} does not end: {auction}", lot.id);
    }
    lot.is_over.store(true, Ordering::Relaxed);
    Ok(())
}

/// The record of one auction, which is over.
async fn record(arena: &Arena, lot: &Lot) -> anyhow::Result<Record> {
    for base in &arena.bases {
        count(&arena.counts.reads);
        let url = format!("{base}/api/auctions/{}", lot.id);
        arena.exchange(lot, None, Ask::Read, arena.client.get(&url, None)).await;
    }
    too_late(arena, lot).await;
    let url = format!("{}/api/auctions/{}", arena.bases[0], lot.id);
    let auction = arena.client.get(&url, Some(&arena.admin.token)).await.expect(200)?;
    let rows = history(arena, lot).await?;
    let bids: HashMap<&str, u64> = rows
        .iter()
        .filter(|row| row["kind"] == "bid")
        .filter_map(|row| Some((row["data"]["bid_id"].as_str()?, row["seq"].as_u64()?)))
        .collect();
    let read = |row: &Value| {
        words::entry(row, |id| bids.get(id).copied()).with_context(|| format!("an entry that tells too little: {row}"))
    };
    let history = rows.iter().map(read).collect::<anyhow::Result<_>>()?;
    let announcements = announcements(arena, lot).await?;
    Ok(Record {
        auction: lot.id.clone(),
        terms: lot.terms.clone(),
        ops: locked(&lot.ops).clone(),
        history,
        outcome: Some(Final {
            phase: words::phase(&auction).context("an auction without phase")?,
            winner: auction["winner_id"].as_str().map(str::to_owned),
            winning_bid: words::cents(&auction["winning_bid"]),
            bid_count: auction["bid_count"].as_u64().context("no bid_count")?,
            announcements,
        }),
        is_one_clock: true,
    })
}

/// A bid that must be refused.
async fn too_late(arena: &Arena, lot: &Lot) {
    let bidder = &arena.bidders[0];
    let amount = lot.price.load(Ordering::Relaxed) + 1_000_000;
    let act = Act::Bid {
        bidder: bidder.id.clone(),
        amount,
        max_amount: None,
        is_confirmed: true,
    };
    let body = json!({ "auction_id": lot.id, "amount": words::dollars(amount), "confirm": true });
    let url = format!("{}/api/bids", arena.bases[0]);
    let key = format!("late-{}", lot.id);
    let reply = arena.client.post(&url, Some(&bidder.token), Some(&key), &body);
    arena.exchange(lot, Some(&key), Ask::Do(act), reply).await;
}

async fn history(arena: &Arena, lot: &Lot) -> anyhow::Result<Vec<Value>> {
    let mut rows: Vec<Value> = Vec::new();
    loop {
        let (base, offset) = (&arena.bases[0], rows.len());
        let url = format!("{base}/api/auctions/{}/history?limit={PAGE}&offset={offset}", lot.id);
        let mut page = arena.client.get(&url, Some(&arena.admin.token)).await.expect(200)?;
        let Value::Array(entries) = page["entries"].take() else {
            bail!("a history without entries");
        };
        if entries.is_empty() {
            return Ok(rows);
        }
        rows.extend(entries);
    }
}

/// How often the auction's watchers were told that it ended.
async fn announcements(arena: &Arena, lot: &Lot) -> anyhow::Result<u64> {
    let url = format!("{}/api/events?topic=auction:{}", arena.bases[0], lot.id);
    let token = &arena.admin.token;
    let is_frame = |text: &str| text.contains("\nid:") && text.ends_with("\n\n");
    let snapshot = arena
        .client
        .events(&url, token, |text| is_frame(&format!("\n{text}")))
        .await?;
    let ids = |text: &str| -> Vec<u64> {
        let ids = text.lines().filter_map(|line| line.strip_prefix("id:"));
        ids.filter_map(|id| id.trim().parse().ok()).collect()
    };
    let last = *ids(&snapshot).last().context("a snapshot without number")?;
    let after = last.saturating_sub(EVENTS_BACK).max(1);
    let url = format!("{url}&after={after}");
    let text = arena
        .client
        .events(&url, token, |text| ids(text).contains(&last) && text.ends_with("\n\n"))
        .await?;
    let frames = text.split("\n\n");
    Ok(frames
        .filter(|frame| frame.contains("event: auction_ended") || frame.contains("event:auction_ended"))
        .count() as u64)
}

/// What recomputing each history finds wrong, as the server says; the first one is asked for with the command that
/// operators use, whose answer is the same.
pub async fn verify(arena: &Arena, process: &Process) -> anyhow::Result<Vec<String>> {
    let verified = arena.lots.iter().map(async |lot| {
        let url = format!("{}/api/auctions/{}/verification", arena.bases[0], lot.id);
        arena.client.get(&url, Some(&arena.admin.token)).await.expect(200)
    });
    let verified: Vec<Value> = stream::iter(verified).buffered(AT_ONCE).try_collect().await?;
    let wrong = verified
        .iter()
        .filter(|answer| answer["is_sound"] != true)
        .map(Value::to_string);
    let command = |lot: &Lot| process.run(&["auction", "verify", &lot.id]).err();
    let refused = tokio::task::block_in_place(|| arena.lots.first().and_then(command));
    Ok(wrong.chain(refused.map(|error| format!("{error:#}"))).collect())
}

/// The records of all auctions, which are over.
pub async fn records(arena: &Arena) -> anyhow::Result<Vec<Record>> {
    let records = arena.lots.iter().map(async |lot| {
        let record = record(arena, lot).await;
        record.with_context(|| format!("auction {}", lot.id))
    });
    stream::iter(records).buffered(AT_ONCE).try_collect().await
}
