//! The same request sent again gets the same answer.

use platform::auctions::bidding::{self, BidOutcome};
use platform::testing::Database;
use platform::{ErrorKind, on_both_databases};

use super::{House, keyed};

on_both_databases! {
    a_key_answers_the_same_also_after_a_restart,
    one_key_sent_by_many_at_once_is_judged_once,
    a_key_is_forgotten_after_a_day,
}

async fn a_key_answers_the_same_also_after_a_restart(database: Database) {
    let mut house = House::open(database).await;
    let id = house.auction().await;
    let bid = |house: &House, dollars, key: &str| {
        let (ctx, bid) = (house.account("ann"), keyed(&id, dollars, key));
        async move { bidding::place_bid(&ctx, bid).await }
    };
    let first = bid(&house, 100, "a").await.unwrap();
    let refused = bid(&house, 50, "b").await.unwrap();
    house.leads(&id, "bob", 200).await;
    for _ in 0..2 {
        assert_eq!(bid(&house, 100, "a").await.unwrap(), first);
        assert_eq!(bid(&house, 50, "b").await.unwrap(), refused);
        let error = bid(&house, 110, "a").await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert_eq!(error.message, "Idempotency-Key was used with another body");
        house.restart().await;
    }
    // Somebody else's key of the same name is another key.
    let other = bidding::place_bid(&house.account("cid"), keyed(&id, 300, "a"))
        .await
        .unwrap();
    assert_eq!(other.outcome, BidOutcome::Success);
    assert_eq!(house.verifies(&id).await.entries, 4);
    for key in ["", "ü", &"k".repeat(256)] {
        let error = bid(&house, 400, key).await.unwrap_err();
        assert_eq!(
            error.kind,
            ErrorKind::Invalid {
                field: "Idempotency-Key".into()
            }
        );
    }
    // After the end too: the answer of the first time, and "closed" for a bid that comes now.
    house.clock.advance_ms(400_000);
    let late = bid(&house, 900, "late").await.unwrap();
    house.run_jobs().await;
    assert_eq!(bid(&house, 900, "late").await.unwrap().outcome, late.outcome);
    assert_eq!(bid(&house, 100, "a").await.unwrap().seq, first.seq);
}

async fn one_key_sent_by_many_at_once_is_judged_once(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    let platforms = [house.platform.clone(), house.replica().await];
    let bids = (0..40).map(|number| {
        let ctx = platforms[number % 2].context(platform::testing::account("ann"));
        let bid = keyed(&id, 100, "same");
        tokio::spawn(async move { bidding::place_bid(&ctx, bid).await.unwrap() })
    });
    let mut answers = Vec::new();
    for bid in bids.collect::<Vec<_>>() {
        answers.push(bid.await.unwrap());
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(house.verifies(&id).await.entries, 1);
}

async fn a_key_is_forgotten_after_a_day(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    bidding::place_bid(&house.account("ann"), keyed(&id, 100, "a"))
        .await
        .unwrap();
    house.run_jobs().await;
    let count = || async {
        let (count,): (i64,) = sqlx::query_as("select count(*) from bid_keys")
            .fetch_one(house.platform.db().read())
            .await
            .unwrap();
        count
    };
    assert_eq!(count().await, 1);
    house.clock.advance_ms(24 * 3600 * 1000 + 3600 * 1000 + 1);
    house.run_jobs().await;
    assert_eq!(count().await, 0);
}
