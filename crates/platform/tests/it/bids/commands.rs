//! What sellers, admins and buyers do besides bidding.

use platform::auctions::rules::Phase;
use platform::auctions::{self, EndReason, bidding};
use platform::testing::Database;
use platform::{ErrorKind, Page, on_both_databases};

use super::{House, usd};

on_both_databases! {
    only_the_seller_and_admins_control_an_auction,
    buy_now_ends_the_auction_at_its_price,
    the_seller_withdraws_before_the_first_bid_only,
    an_admin_retracts_a_bid_with_a_reason,
    a_changed_history_is_found_at_its_first_wrong_link,
}

async fn only_the_seller_and_admins_control_an_auction(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    let stranger = house.account("ann");
    let refusals = [
        bidding::pause(&stranger, &id).await.err(),
        bidding::resume(&stranger, &id).await.err(),
        bidding::extend(&stranger, &id, 60).await.err(),
        bidding::withdraw(&stranger, &id, "because").await.err(),
        auctions::close(&stranger, &id).await.err(),
    ];
    for refusal in refusals {
        assert_eq!(refusal.unwrap().kind, ErrorKind::Forbidden);
    }
    for ctx in [house.account("seller"), house.admin()] {
        bidding::pause(&ctx, &id).await.unwrap();
        assert_eq!(bidding::pause(&ctx, &id).await.unwrap_err().kind, ErrorKind::Conflict);
        bidding::resume(&ctx, &id).await.unwrap();
        let before = auctions::get(&ctx, &id).await.unwrap().auction.ends_at_ms();
        let view = bidding::extend(&ctx, &id, 60).await.unwrap();
        assert_eq!(view.auction.ends_at_ms(), before + 60_000);
    }
    for seconds in [0, -1, 86_401] {
        let error = bidding::extend(&house.admin(), &id, seconds).await.unwrap_err();
        assert_eq!(
            error.kind,
            ErrorKind::Invalid {
                field: "seconds".into()
            }
        );
    }
    let kinds: Vec<_> = house
        .events(&id, "timer_update")
        .await
        .iter()
        .map(|event| event["type"].clone())
        .collect();
    assert_eq!(
        kinds,
        ["paused", "resumed", "extended", "paused", "resumed", "extended"]
    );
    let (audited,): (i64,) = sqlx::query_as("select count(*) from audit where target = $1")
        .bind(format!("auction:{id}"))
        .fetch_one(house.platform.db().read())
        .await
        .unwrap();
    assert_eq!(audited, 6);
    house.verifies(&id).await;
}

async fn buy_now_ends_the_auction_at_its_price(database: Database) {
    let house = House::open(database).await;
    let id = house.auction_with(|terms| terms.buy_now_price = Some(usd(900))).await;
    let error = bidding::buy_now(&house.account("seller"), &id).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden);
    let view = bidding::buy_now(&house.account("ann"), &id).await.unwrap();
    assert_eq!(
        (view.auction.lot.phase, view.you_are_winning),
        (Phase::Sold, Some(true))
    );
    assert_eq!(view.auction.high_bid(), Some(usd(900)));
    let error = bidding::buy_now(&house.account("bob"), &id).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    let ended = house.events(&id, "auction_ended").await;
    assert_eq!(ended.len(), 1);
    assert_eq!(
        (&ended[0]["reason"], &ended[0]["winning_bid"]),
        (&"buy_now".into(), &900.into())
    );
    let page = Page::new(None, None).unwrap();
    let bids = bidding::of_auction(&house.account("bob"), &id, page).await.unwrap();
    assert_eq!((bids.total, bids.bids[0].kind), (1, bidding::BidKind::BuyNow));
    assert_eq!(
        bidding::mine(&house.account("ann"), false, page).await.unwrap().total,
        1
    );
    house.verifies(&id).await;

    let id = house.auction_with(|terms| terms.buy_now_price = Some(usd(900))).await;
    house.leads(&id, "bob", 100).await;
    let error = bidding::buy_now(&house.account("ann"), &id).await.unwrap_err();
    assert_eq!(error.message, format!("Buy now is not offered: {id}"));
}

async fn the_seller_withdraws_before_the_first_bid_only(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    let error = bidding::withdraw(&house.account("seller"), &id, " ").await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Invalid { field: "reason".into() });
    house.leads(&id, "ann", 100).await;
    let error = bidding::withdraw(&house.account("seller"), &id, "changed my mind")
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    let view = bidding::withdraw(&house.admin(), &id, "stolen goods").await.unwrap();
    let end = view.auction.ended().unwrap();
    assert_eq!(
        (view.auction.lot.phase, end.reason),
        (Phase::Withdrawn, EndReason::Withdrawn)
    );
    assert_eq!((end.winner.as_ref(), view.winner), (None, None));
    house.verifies(&id).await;
}

async fn an_admin_retracts_a_bid_with_a_reason(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    house.leads(&id, "ann", 100).await;
    let struck = house.leads(&id, "bob", 500).await.bid_id.unwrap();
    let error = bidding::retract(&house.account("seller"), &id, &struck, "mistake")
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden);
    let view = bidding::retract(&house.admin(), &id, &struck, "mistake").await.unwrap();
    assert_eq!(
        (view.auction.high_bid(), view.auction.lot.bid_count),
        (Some(usd(100)), 1)
    );
    for unknown in [struck.as_str(), "x", id.as_str()] {
        let error = bidding::retract(&house.admin(), &id, unknown, "mistake")
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound, "{unknown}");
    }
    let page = Page::new(None, None).unwrap();
    let bids = bidding::of_auction(&house.account("bob"), &id, page).await.unwrap();
    let status: Vec<_> = bids.bids.iter().map(|bid| bid.status).collect();
    assert_eq!(status, [bidding::BidStatus::Retracted, bidding::BidStatus::Leading]);
    assert_eq!(bids.total, 2);
    let mine = bidding::mine(&house.account("bob"), false, page).await.unwrap();
    assert_eq!(mine.bids[0].status, bidding::MyStatus::Retracted);
    assert_eq!(
        auctions::get(&house.account("bob"), &id).await.unwrap().you_are_winning,
        None
    );
    let update = house.events(&id, "bid_update").await.pop().unwrap();
    assert_eq!(
        (&update["high_bid"], &update["bids_in_update"]),
        (&100.into(), &0.into())
    );
    let log = bidding::history(&house.account("seller"), &id, page).await.unwrap();
    let retraction = log.entries.iter().find(|entry| entry.kind == "retract").unwrap();
    assert_eq!(retraction.data["reason"], "mistake");
    assert_eq!(log.entries[1].previous_hash, log.entries[0].hash);
    let second = bidding::history(&house.account("seller"), &id, Page::new(Some(1), Some(1)).unwrap())
        .await
        .unwrap();
    assert_eq!(second.entries[..], log.entries[1..2]);
    house.verifies(&id).await;
}

async fn a_changed_history_is_found_at_its_first_wrong_link(database: Database) {
    let house = House::open(database).await;
    let changes = [
        (
            "update auction_entries set amount = amount + 1 where auction_id = $1 and seq = 2",
            2,
            "hash",
        ),
        (
            "update auction_entries set bidder_id = 'bob' where auction_id = $1 and seq = 2",
            2,
            "hash",
        ),
        (
            "update auction_entries set verdict = 'gibberish' where auction_id = $1 and seq = 2",
            2,
            "entry",
        ),
        (
            "delete from auction_entries where auction_id = $1 and seq = 2",
            2,
            "seq",
        ),
        (
            "delete from auction_entries where auction_id = $1 and seq = 3",
            3,
            "number of entries",
        ),
        (
            "update lots set price = price + 1 where auction_id = $1",
            4,
            "price of the state",
        ),
        ("update auctions set reserve_price = 1 where id = $1", 1, "hash"),
    ];
    for (change, seq, what) in changes {
        let id = house.auction().await;
        for (bidder, dollars) in [("ann", 100), ("cid", 110), ("bob", 120)] {
            house.leads(&id, bidder, dollars).await;
        }
        house.verifies(&id).await;
        let mut tx = house.platform.db().begin().await.unwrap();
        sqlx::query(change).bind(&id).execute(tx.conn()).await.unwrap();
        tx.commit().await.unwrap();
        let wrong = bidding::verify(&house.admin(), &id).await.unwrap().wrong.unwrap();
        assert_eq!((wrong.seq, wrong.what.as_str()), (seq, what), "{change}: {wrong:?}");
    }
    let error = bidding::verify(&house.account("ann"), &house.auction().await)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden);
}
