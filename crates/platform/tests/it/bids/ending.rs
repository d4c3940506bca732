//! Bids around the end.

use std::sync::Arc;

use platform::auctions::bidding::BidOutcome;
use platform::auctions::rules::Phase;
use platform::auctions::{self, EndReason};
use platform::on_both_databases;
use platform::testing::{self, Database};

use super::{House, new_bid, spawn_bid, usd};

on_both_databases! {
    close_and_bids_at_once_make_one_outcome,
    a_restart_past_the_end_settles_once_with_the_scheduled_end,
    below_the_reserve_nothing_is_sold,
}

async fn close_and_bids_at_once_make_one_outcome(database: Database) {
    let house = House::open(database).await;
    for _ in 0..5 {
        let id = house.auction().await;
        let platforms = [Arc::new(house.platform.clone()), Arc::new(house.replica().await)];
        let mut bids = Vec::new();
        for number in 0..40_i64 {
            let platform = &platforms[usize::from(number % 2 == 0)];
            bids.push(spawn_bid(
                platform,
                format!("bidder-{number}"),
                new_bid(&id, 100 + number * 10),
            ));
        }
        let closer = {
            let (ctx, id) = (platforms[1].context(testing::account("seller")), id.clone());
            tokio::spawn(async move { auctions::close(&ctx, &id).await.unwrap() })
        };
        let mut highest = None;
        for bid in bids {
            let answer = bid.await.unwrap().unwrap();
            if answer.outcome == BidOutcome::Success {
                highest = highest.max(Some(answer.your_bid.minor));
            }
        }
        closer.await.unwrap();
        let view = auctions::get(&house.account("seller"), &id).await.unwrap();
        let winner = view.auction.ended().unwrap().winner.clone();
        assert_eq!(winner.map(|winner| winner.price), highest, "what was acknowledged won");
        assert_eq!(house.events(&id, "auction_ended").await.len(), 1);
        house.verifies(&id).await;
    }
}

async fn a_restart_past_the_end_settles_once_with_the_scheduled_end(database: Database) {
    let mut house = House::open(database).await;
    let id = house.auction().await;
    house.leads(&id, "ann", 100).await;
    let ends_at_ms = auctions::get(&house.account("ann"), &id)
        .await
        .unwrap()
        .auction
        .ends_at_ms();
    house.clock.advance_ms(3_600_000);
    house.restart().await;
    assert_eq!(house.bid(&id, "bob", 200).await.unwrap().outcome, BidOutcome::Closed);
    let (one, two) = (house.platform.clone(), house.replica().await);
    let (a, b) = tokio::join!(testing::run_due_jobs(&one), testing::run_due_jobs(&two));
    a.unwrap();
    b.unwrap();
    let view = auctions::get(&house.account("ann"), &id).await.unwrap();
    let end = view.auction.ended().unwrap();
    assert_eq!((end.at_ms, end.reason), (ends_at_ms, EndReason::Time));
    assert_eq!(
        (view.auction.lot.phase, view.auction.high_bid()),
        (Phase::Sold, Some(usd(100)))
    );
    assert_eq!(house.events(&id, "auction_ended").await.len(), 1);
    let final_timer = house.events(&id, "timer_update").await.pop().unwrap();
    assert_eq!(
        (&final_timer["type"], &final_timer["time_remaining_ms"]),
        (&"final".into(), &0.into())
    );
    house.verifies(&id).await;
}

async fn below_the_reserve_nothing_is_sold(database: Database) {
    let house = House::open(database).await;
    let id = house.auction_with(|terms| terms.reserve_price = Some(usd(300))).await;
    house.leads(&id, "ann", 100).await;
    let view = auctions::get(&house.account("ann"), &id).await.unwrap();
    assert_eq!((view.is_reserve_met(), view.reserve_price), (Some(false), None));
    let own = auctions::get(&house.account("seller"), &id).await.unwrap();
    assert_eq!(own.reserve_price, Some(usd(300)));
    house.clock.advance_ms(400_000);
    house.run_jobs().await;
    let view = auctions::get(&house.account("ann"), &id).await.unwrap();
    assert_eq!(
        (view.auction.lot.phase, view.winner, view.you_are_winning),
        (Phase::Unsold, None, Some(false))
    );
    let ended = &house.events(&id, "auction_ended").await[0];
    assert_eq!(
        (&ended["winner_id"], &ended["reserve_met"]),
        (&serde_json::Value::Null, &false.into())
    );
}
