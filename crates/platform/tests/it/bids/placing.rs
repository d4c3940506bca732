//! What bidders are answered, and what others see of it.

use platform::auctions::bidding::{self, BidKind, BidOutcome, BidStatus, MyStatus, NewBid};
use platform::auctions::{self, rules};
use platform::testing::Database;
use platform::{Caller, ErrorKind, Page, on_both_databases};

use super::{House, new_bid, usd};

on_both_databases! {
    every_answer_has_its_words,
    a_maximum_is_never_told_to_others,
    a_late_bid_extends_the_auction_and_says_so,
    bidders_see_how_they_stand,
    too_many_bids_of_one_bidder_are_refused,
    a_paused_and_a_scheduled_auction_take_no_bids,
}

async fn every_answer_has_its_words(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    let low = house.bid(&id, "ann", 99).await.unwrap();
    assert_eq!(
        (low.outcome, low.message.as_str()),
        (BidOutcome::TooLow, "Invalid bid: Bid must be at least $100.00")
    );
    let first = house.leads(&id, "ann", 100).await;
    assert_eq!(first.message, "Bid placed successfully");
    assert_eq!(
        (first.current_high_bid, first.next_minimum_bid),
        (Some(usd(100)), usd(110))
    );
    assert_eq!((first.seq, first.bid_count, first.late_extension_ms), (Some(2), 1, 0));
    let outbid = house.bid(&id, "bob", 100).await.unwrap();
    assert_eq!(
        (outbid.outcome, outbid.message.as_str(), outbid.is_highest()),
        (BidOutcome::Outbid, "Your bid was outbid", false)
    );
    let between = house.bid(&id, "bob", 109).await.unwrap();
    assert_eq!(between.message, "Invalid bid: Bid must be at least $110.00");
    let slip = NewBid {
        is_confirmed: false,
        ..new_bid(&id, 501)
    };
    let slip = bidding::place_bid(&house.account("bob"), slip).await.unwrap();
    assert_eq!(slip.outcome, BidOutcome::ConfirmationRequired);
    assert_eq!(
        slip.message,
        "Confirm a bid of $501.00: it is more than 5 times the current price"
    );
    let refused = house.bid(&id, "seller", 200).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Forbidden);
    assert_eq!(refused.message, "Host cannot place bids on their own auction");
    let unknown = "0193f0a0-1111-7abc-8def-0123456789ab";
    for missing in [unknown, "x"] {
        let error = house.bid(missing, "ann", 100).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
        assert_eq!(error.message, format!("Auction not found: {missing}"));
    }
    let anonymous = house.context(Caller::Anonymous);
    let error = bidding::place_bid(&anonymous, new_bid(&id, 500)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    for (bid, field) in [
        (new_bid(&id, 0), "amount"),
        (
            NewBid {
                max_amount: Some(usd(119)),
                ..new_bid(&id, 120)
            },
            "max_amount",
        ),
    ] {
        let error = bidding::place_bid(&house.account("bob"), bid).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid { field: field.into() });
    }
    house.clock.advance_ms(300_000);
    let late = house.bid(&id, "bob", 500).await.unwrap();
    assert_eq!(
        (late.outcome, late.message),
        (BidOutcome::Closed, format!("Auction is closed: {id}"))
    );
    assert_eq!(late.bid_id, None);
    house.verifies(&id).await;
}

/// Long enough not to appear in a hash by chance.
const SECRET_MAX: i64 = 8_765_431;

async fn a_maximum_is_never_told_to_others(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    let proxied = NewBid {
        max_amount: Some(usd(SECRET_MAX)),
        ..new_bid(&id, 100)
    };
    let answer = bidding::place_bid(&house.account("ann"), proxied).await.unwrap();
    assert_eq!(answer.your_max_bid, usd(SECRET_MAX));
    let beaten = house.bid(&id, "bob", 150).await.unwrap();
    assert_eq!(
        (beaten.outcome, beaten.current_high_bid),
        (BidOutcome::Outbid, Some(usd(160)))
    );
    assert!(beaten.bid_id.is_some());
    let anonymous = house.context(Caller::Anonymous);
    let page = Page::new(None, None).unwrap();
    let bids = bidding::of_auction(&anonymous, &id, page).await.unwrap();
    let rows: Vec<_> = bids.bids.iter().map(|bid| (bid.amount, bid.kind, bid.status)).collect();
    assert_eq!(
        rows,
        [
            (usd(150), BidKind::Bid, BidStatus::Outbid),
            (usd(100), BidKind::Bid, BidStatus::Leading)
        ]
    );
    assert_eq!(bids.total, 2);
    let seen = [
        format!("{bids:?}"),
        format!("{:?}", house.events(&id, "bid_update").await),
        format!(
            "{:?}",
            auctions::state(&house.account("bob"), &id).await.unwrap().top_bids
        ),
        format!(
            "{:?}",
            bidding::history(&house.account("seller"), &id, page).await.unwrap()
        ),
    ];
    for text in seen {
        assert!(!text.contains(&SECRET_MAX.to_string()), "{text}");
        assert!(!text.contains("\"ann\"") && !text.contains("\"bob\""), "{text}");
        assert!(!text.contains("Name of"), "{text}");
    }
}

async fn a_late_bid_extends_the_auction_and_says_so(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    house.clock.advance_ms(271_000);
    let answer = house.leads(&id, "ann", 100).await;
    assert_eq!(answer.late_extension_ms, 30_000);
    let timers = house.events(&id, "timer_update").await;
    assert_eq!(timers.len(), 1);
    assert_eq!(
        (
            &timers[0]["type"],
            &timers[0]["extended_by"],
            &timers[0]["extension_count"]
        ),
        (&"anti_snipe".into(), &30_000.into(), &1.into())
    );
    assert_eq!(timers[0]["ends_at_ms"], answer.ends_at_ms);
    // The close moved with the end.
    house.clock.advance_ms(40_000);
    house.run_jobs().await;
    assert!(
        auctions::state(&house.account("ann"), &id).await.is_ok(),
        "it still runs"
    );
    house.clock.advance_ms(20_000);
    house.run_jobs().await;
    let view = auctions::get(&house.account("ann"), &id).await.unwrap();
    assert_eq!(view.auction.ended().unwrap().at_ms, answer.ends_at_ms);
    assert_eq!(view.you_are_winning, Some(true));
}

async fn bidders_see_how_they_stand(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    house.leads(&id, "ann", 100).await;
    house.clock.advance_ms(10);
    house.leads(&id, "bob", 110).await;
    let view = |name: &'static str| {
        let ctx = house.account(name);
        let id = id.clone();
        async move { auctions::get(&ctx, &id).await.unwrap() }
    };
    assert_eq!(view("ann").await.you_are_winning, Some(false));
    assert_eq!(view("bob").await.you_are_winning, Some(true));
    assert_eq!(view("cid").await.you_are_winning, None);
    assert_eq!(view("bob").await.your_max_bid, Some(usd(110)));
    let page = Page::new(None, None).unwrap();
    let status = |name: &'static str| {
        let ctx = house.account(name);
        async move { bidding::mine(&ctx, false, page).await.unwrap().bids[0].status }
    };
    assert_eq!(
        (status("ann").await, status("bob").await),
        (MyStatus::Outbid, MyStatus::Winning)
    );
    let state = auctions::state(&house.account("bob"), &id).await.unwrap();
    assert_eq!(state.recent_bids.len(), 2);
    assert!(state.top_bids[0].is_you && state.recent_bids[0].is_you);
    assert_eq!(state.view.high_bidder.as_ref(), Some(&state.top_bids[0].bidder));
    house.clock.advance_ms(400_000);
    house.run_jobs().await;
    assert_eq!(
        (status("ann").await, status("bob").await),
        (MyStatus::Lost, MyStatus::Won)
    );
    let update = &house.events(&id, "bid_update").await[1];
    assert_eq!(update["high_bidder_username"], state.top_bids[0].bidder.name.as_str());
    assert_eq!(update["previous_high_bidder_id"], state.top_bids[1].bidder.id.as_str());
    for member in ["server_time", "server_time_ms", "ends_at", "ends_at_ms"] {
        assert!(!update[member].is_null(), "{member}");
    }
}

async fn too_many_bids_of_one_bidder_are_refused(database: Database) {
    let clock = platform::testing::Clock::new();
    let mut config = database.config();
    config.auctions.bids_per_second = 5;
    let platform = platform::Platform::open(config, clock.environment()).await.unwrap();
    let house = House {
        clock,
        database,
        platform,
    };
    let id = house.auction().await;
    for bid in 0..10 {
        house.bid(&id, "ann", 100 + bid * 10).await.unwrap();
    }
    let error = house.bid(&id, "ann", 500).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::LimitReached { retry_after_s: 1 });
    assert_eq!(error.message, "Too many bids");
    house.leads(&id, "bob", 500).await;
    house.clock.advance_ms(200);
    house.leads(&id, "ann", 600).await;
}

async fn a_paused_and_a_scheduled_auction_take_no_bids(database: Database) {
    let house = House::open(database).await;
    let id = house.auction().await;
    let view = bidding::pause(&house.account("seller"), &id).await.unwrap();
    assert_eq!(view.auction.lot.phase, rules::Phase::Paused);
    let error = house.bid(&id, "ann", 100).await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_ref()),
        (ErrorKind::Conflict, &*format!("Auction is paused: {id}"))
    );
    house.clock.advance_ms(1_000_000);
    house.run_jobs().await;
    let view = bidding::resume(&house.account("seller"), &id).await.unwrap();
    assert_eq!(view.auction.time_remaining_ms(house.clock.now_ms()), 300_000);
    house.leads(&id, "ann", 100).await;

    let start = house.clock.now_ms() + 60_000;
    let id = house.auction_with(|terms| terms.starts_at_ms = Some(start)).await;
    let error = house.bid(&id, "ann", 100).await.unwrap_err();
    assert_eq!(error.message, format!("Auction has not started: {id}"));
    house.clock.advance_ms(60_000);
    house.run_jobs().await;
    let view = auctions::get(&house.account("ann"), &id).await.unwrap();
    assert_eq!(view.auction.lot.phase, rules::Phase::Open);
    assert_eq!(view.auction.ends_at_ms(), start + 300_000);
    house.leads(&id, "ann", 100).await;
    house.verifies(&id).await;
}
