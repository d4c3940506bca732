//! Many bidders at once.

use std::sync::Arc;

use platform::auctions::bidding::{self, BidOutcome};
use platform::testing::{self, Database};
use platform::{ErrorKind, Page, on_both_databases};

use super::{House, new_bid, spawn_bid, usd};

on_both_databases! {
    two_hundred_bidders_share_commits_and_nothing_is_lost,
    equal_bids_have_one_winner,
    two_processes_bid_on_one_auction,
    a_full_queue_refuses_at_once,
}

async fn two_hundred_bidders_share_commits_and_nothing_is_lost(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    let platform = Arc::new(house.platform.clone());
    let bids: Vec<_> = (0..200)
        .map(|bidder| spawn_bid(&platform, format!("bidder-{bidder}"), new_bid(&id, 100 + bidder * 10)))
        .collect();
    let mut seqs = Vec::new();
    for bid in bids {
        let answer = bid.await.unwrap().unwrap();
        seqs.push((answer.seq.unwrap(), answer.outcome));
    }
    seqs.sort_by_key(|(seq, _)| *seq);
    assert!(seqs.iter().map(|(seq, _)| *seq).eq(1..=200), "every number once");
    let verified = house.verifies(&id).await;
    assert_eq!((verified.entries, verified.price), (200, Some(usd(100 + 199 * 10))));
    let led = seqs
        .iter()
        .filter(|(_, outcome)| *outcome == BidOutcome::Success)
        .count();
    let page = Page::new(Some(1), None).unwrap();
    let bids = bidding::of_auction(&house.account("x"), &id, page).await.unwrap();
    assert_eq!(usize::try_from(bids.total).unwrap(), led);
    let updates = house.events(&id, "bid_update").await;
    assert!(updates.len() < 100, "{} commits for 200 bids", updates.len());
    let told: u64 = updates
        .iter()
        .map(|update| update["bids_in_update"].as_u64().unwrap())
        .sum();
    assert_eq!(usize::try_from(told).unwrap(), led);
}

/// (c) concurrent equal bids → one success, one outbid.
async fn equal_bids_have_one_winner(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    let (ann, bob) = tokio::join!(house.bid(&id, "ann", 100), house.bid(&id, "bob", 100));
    let mut outcomes = [ann.unwrap().outcome, bob.unwrap().outcome];
    outcomes.sort_by_key(|outcome| *outcome != BidOutcome::Success);
    assert_eq!(outcomes, [BidOutcome::Success, BidOutcome::Outbid]);
}

async fn two_processes_bid_on_one_auction(database: Database) {
    let house = House::open(database).await;
    let ids = [house.auction().await, house.auction().await];
    let platforms = [Arc::new(house.platform.clone()), Arc::new(house.replica().await)];
    let mut bids = Vec::new();
    for round in 0..100_i64 {
        for (at, platform) in platforms.iter().enumerate() {
            let id = &ids[usize::try_from(round).unwrap() % 2];
            bids.push(spawn_bid(
                platform,
                format!("bidder-{at}"),
                new_bid(id, 100 + round * 10),
            ));
        }
    }
    let mut judged = 0;
    for bid in bids {
        judged += usize::from(bid.await.unwrap().unwrap().seq.is_some());
    }
    assert_eq!(judged, 200);
    let entries = [
        house.verifies(&ids[0]).await.entries,
        house.verifies(&ids[1]).await.entries,
    ];
    assert_eq!(entries, [100, 100]);
}

/// What waits for one auction at most, and one more.
const QUEUED: i64 = 8_192;

async fn a_full_queue_refuses_at_once(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    house.leads(&id, "ann", 100).await;
    // Holds the row, so that the worker's transaction waits.
    let mut tx = house.platform.db().begin().await.unwrap();
    sqlx::query("update lots set price = price where auction_id = $1")
        .bind(&id)
        .execute(tx.conn())
        .await
        .unwrap();
    let platform = Arc::new(house.platform.clone());
    let first = spawn_bid(&platform, "bob".into(), new_bid(&id, 110));
    if house.database.is_shared() {
        testing::until_one_is_held_up(&house.platform).await;
    }
    let mut waiting = Vec::new();
    // The worker may have taken the first bid already, or not yet.
    for _ in 0..=QUEUED {
        waiting.push(spawn_bid(&platform, "cid".into(), new_bid(&id, 100)));
    }
    let mut refused = None;
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
    while refused.is_none() {
        assert!(tokio::time::Instant::now() < deadline, "nobody was refused");
        let probe = spawn_bid(&platform, "dan".into(), new_bid(&id, 120));
        let abort = probe.abort_handle();
        match tokio::time::timeout(std::time::Duration::from_millis(50), probe).await {
            Ok(answer) => refused = answer.unwrap().err(),
            Err(_) => abort.abort(),
        }
    }
    let refused = refused.unwrap();
    assert_eq!(refused.kind, ErrorKind::Unavailable { retry_after_s: 1 });
    assert_eq!(refused.message, "Too many bids are waiting");
    tx.rollback().await.unwrap();
    assert!(first.await.unwrap().unwrap().seq.is_some());
    for bid in waiting {
        let answer = bid.await.unwrap();
        assert!(answer.is_ok() || answer.is_err_and(|error| error.message == refused.message));
    }
    house.verifies(&id).await;
    // Queues are empty again.
    house.leads(&id, "eve", 1_000).await;
}
