//! Killed at every step: afterwards ledger, provider and rows agree.

use platform::auctions::bidding::{self, NewBid};
use platform::auctions::{self, Status};
use platform::failpoint::STEPS;

use crate::support::{World, account, die_at, watch};

on_every_database! {
    killed_at_any_step_everything_agrees_afterwards
}

async fn killed_at_any_step_everything_agrees_afterwards(mut world: World) {
    for step in STEPS {
        world.restart_with(die_at(step), |_| {}).await;
        let host = world.host();
        // The whole life of an auction, in a task that dies at the step.
        let life = tokio::spawn(async move {
            let id = auctions::create(&host, watch()).await.unwrap().view.auction.id;
            let bid = NewBid {
                auction_id: id.clone(),
                amount: watch().starting_bid,
                max_amount: None,
                is_confirmed: true,
                idempotency_key: None,
            };
            let bidder = host.platform.context(account("bidder"));
            bidding::place_bid(&bidder, bid).await.unwrap();
            auctions::close(&host, &id).await.unwrap();
            platform::testing::run_due_jobs(&host.platform).await.unwrap();
        });
        // A job that dies is caught by the runner; everything else ends the task.
        let is_in_job = step == "video.channel_deleted";
        assert_eq!(life.await.is_err(), !is_in_job, "{step}");

        world.restart().await;
        world.pass_ms(400_000).await;
        let live: Vec<_> = auctions::list(
            &world.host(),
            auctions::Filter {
                status: Some(Status::Live),
                ..Default::default()
            },
            Default::default(),
        )
        .await
        .unwrap()
        .auctions;
        assert!(live.is_empty(), "{step}: everything has ended by now");
        assert_eq!(world.tower.channel_names().await, [""; 0], "{step}: no channel is left");
        assert_eq!(world.tower.room_names().await, [""; 0], "{step}: no chat room is left");
        assert_eq!(world.open_resources().await, 0, "{step}: the ledger is empty");
        assert!(world.leaks().await.is_empty(), "{step}");
    }
    // Killed before the row: no auction. Killed at or after the row: one, which ended.
    assert_eq!(world.number("select count(*) from auctions").await, 7);
    assert_eq!(
        world
            .number("select count(*) from events where kind = 'auction_ended'")
            .await,
        2 * 7
    );
    // Killed before the commit there is no bid; killed after it the bid is there, acknowledged or not.
    assert_eq!(
        world
            .number("select count(*) from auction_entries where kind = 'bid'")
            .await,
        4
    );
}
