//! What a broadcast costs, from the provider's news to the lines of the estimate.

use platform::auctions;
use platform::broadcasts;
use platform::costs::{Config, Estimate, Item, PriceList, Resolution};
use platform::{Caller, ErrorKind};
use serde_json::Value;

use crate::broadcasts::{event, measurement};
use crate::support::{World, account};

on_every_database! {
    time_on_air_and_watched_time_are_counted_as_they_happen
    watched_time_outlives_the_samples
    the_price_list_and_the_kind_of_channel_decide
    only_the_seller_and_admins_see_the_cost
}

async fn record_at(world: &World, second: i64, event: Value) {
    let elapsed_ms = world.clock.now_ms() - platform::testing::START_MS;
    world.clock.advance_ms(second * 1000 - elapsed_ms);
    let ctx = world.context(Caller::System);
    broadcasts::record_event(&ctx, event).await.unwrap();
}

async fn cost(world: &World, id: &str) -> Estimate {
    auctions::cost(&world.host(), id).await.unwrap()
}

/// What each line is about, how many milliseconds of it, and what it costs.
fn lines(estimate: &Estimate) -> Vec<(Item, i64, i64)> {
    let lines = estimate.lines.iter();
    lines.map(|line| (line.item, line.used_ms, line.micros)).collect()
}

/// On air from second 2, three viewers from second 5, five from second 15.
async fn goes_on_air(world: &World, arn: &str) {
    record_at(world, 2, event("start", arn, "Stream Start", "st-1", 2)).await;
    record_at(world, 5, measurement("m1", arn, "st-1", 5, 3, 2000)).await;
    record_at(world, 15, measurement("m2", arn, "st-1", 15, 5, 2000)).await;
}

async fn time_on_air_and_watched_time_are_counted_as_they_happen(world: World) {
    let auction = world.auction().await.view.auction;
    let arn = &auction.channel.arn;
    let before = cost(&world, &auction.id).await;
    assert_eq!(
        (before.total_micros, before.is_running, before.points.len()),
        (0, false, 0)
    );
    goes_on_air(&world, arn).await;
    world.clock.advance_ms(2_000);
    let running = cost(&world, &auction.id).await;
    // 15 s at 0.20 an hour; 3 × 10 s and 5 × 2 s of HD at 0.075.
    let expected = [(Item::Input, 15_000, 833), (Item::Output(Resolution::Hd), 40_000, 833)];
    assert_eq!(lines(&running), expected);
    assert_eq!(
        (running.total_micros, running.viewers, running.is_running),
        (1_666, 5, true)
    );
    assert_eq!(running.micros_per_hour, 200_000 + 5 * 75_000);
    let points: Vec<_> = running
        .points
        .iter()
        .map(|point| (point.at_ms - platform::testing::START_MS, point.micros))
        .collect();
    assert_eq!(points.last(), Some(&(17_000, 1_666)));
    assert_eq!(points.len(), 3, "two samples and now: {points:?}");

    // The end is told two seconds late.
    record_at(&world, 20, event("end", arn, "Stream End", "st-1", 18)).await;
    world.clock.advance_ms(60_000);
    let ended = cost(&world, &auction.id).await;
    let expected = [(Item::Input, 16_000, 889), (Item::Output(Resolution::Hd), 45_000, 938)];
    assert_eq!(lines(&ended), expected, "nothing grows after the end");
    assert_eq!((ended.micros_per_hour, ended.viewers, ended.is_running), (0, 0, false));

    // A second broadcast, whose resolution nobody told, is reckoned as the dearest.
    world.clock.advance_ms(-60_000);
    record_at(&world, 30, event("again", arn, "Stream Start", "st-2", 30)).await;
    world.clock.advance_ms(3_600_000);
    let again = cost(&world, &auction.id).await;
    let classes: Vec<_> = again.lines.iter().map(|line| line.item).collect();
    assert_eq!(
        classes,
        [
            Item::Input,
            Item::Output(Resolution::Hd),
            Item::Output(Resolution::FullHd)
        ]
    );
    assert_eq!(again.lines[0].used_ms, 16_000 + 3_600_000);
    assert_eq!(
        again.total_micros,
        again.lines.iter().map(|line| line.micros).sum::<i64>()
    );
}

async fn watched_time_outlives_the_samples(world: World) {
    let auction = world.auction().await.view.auction;
    goes_on_air(&world, &auction.channel.arn).await;
    record_at(&world, 20, event("end", &auction.channel.arn, "Stream End", "st-1", 20)).await;
    let then = lines(&cost(&world, &auction.id).await);
    assert_eq!(then[1].1, 3 * 10_000 + 5 * 5_000);
    world.pass_ms(3 * 24 * 3_600_000).await;
    assert_eq!(world.number("select count(*) from broadcast_samples").await, 0);
    assert_eq!(lines(&cost(&world, &auction.id).await), then);
}

async fn the_price_list_and_the_kind_of_channel_decide(mut world: World) {
    let auction = world.auction().await.view.auction;
    goes_on_air(&world, &auction.channel.arn).await;
    record_at(&world, 20, event("end", &auction.channel.arn, "Stream End", "st-1", 20)).await;
    let quick = |config: &mut platform::Config| {
        config.costs = Config {
            prices: PriceList::built_in("quick-reference").unwrap(),
            is_billed: true,
        };
        // Channels are made as something else from now on; those that exist stay what they are.
        config.video.channel_type = platform::video::ChannelType::Standard;
    };
    world.restart_with(Default::default(), quick).await;
    let estimate = cost(&world, &auction.id).await;
    assert_eq!((estimate.channel_type.as_str(), estimate.is_billed), ("BASIC", true));
    assert_eq!(estimate.prices.name, "quick-reference");
    let prices: Vec<_> = estimate.lines.iter().map(|line| line.micros_per_hour).collect();
    assert_eq!(prices, [90_000, 15_000]);
    let dear = world.auction().await.view.auction;
    assert_eq!(cost(&world, &dear.id).await.channel_type, "STANDARD");
}

async fn only_the_seller_and_admins_see_the_cost(world: World) {
    let id = world.auction().await.view.auction.id;
    auctions::cost(&world.admin(), &id).await.unwrap();
    for (ctx, expected) in [
        (world.context(account("other")), ErrorKind::Forbidden),
        (world.anonymous(), ErrorKind::Unauthenticated),
    ] {
        assert_eq!(auctions::cost(&ctx, &id).await.unwrap_err().kind, expected);
    }
}
