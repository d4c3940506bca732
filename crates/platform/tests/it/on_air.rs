//! Real media: an encoder publishes to the tower, and the auction follows.

use std::time::Duration;

use platform::auctions::{self, Created};
use platform::broadcasts::{Health, VideoState};

use crate::support::{Encoder, World};

on_every_database! {
    the_auction_goes_on_air_with_its_encoder_and_off_with_it
    closing_on_air_throws_the_encoder_out_and_deletes_the_channel
    lost_events_are_made_up_for_by_asking
}

async fn publish(world: &World, created: &Created) -> Result<Encoder, String> {
    Encoder::start(
        world.tower.engine.rtmp_addr().unwrap(),
        created.ingest.stream_key.reveal(),
    )
    .await
}

/// Waits until the auction's video is in that state, running due jobs meanwhile.
async fn wait_for(world: &World, id: &str, state: VideoState) {
    eventually(async || auctions::get(&world.anonymous(), id).await.unwrap().video.state == state).await;
}

async fn eventually(mut condition: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap();
}

async fn the_auction_goes_on_air_with_its_encoder_and_off_with_it(world: World) {
    let created = world.auction().await;
    let id = &created.view.auction.id;
    let encoder = publish(&world, &created)
        .await
        .unwrap_or_else(|refusal| unreachable!("{refusal}"));
    wait_for(&world, id, VideoState::Live).await;
    eventually(async || auctions::health(&world.host(), id).await.unwrap().samples.len() == 1).await;
    let report = auctions::health(&world.host(), id).await.unwrap();
    assert!(report.samples[0].video_bitrate_bps > 100_000, "{report:?}");
    assert_eq!(report.ingest.unwrap().width, Some(640));
    // What the provider says when asked agrees with what it told.
    world.clock.advance_ms(20_000);
    world.run_jobs().await;
    let broadcast = auctions::health(&world.host(), id).await.unwrap().broadcast.unwrap();
    assert_eq!((broadcast.is_live(), broadcast.health), (true, Health::Healthy));
    encoder.stop().await;
    wait_for(&world, id, VideoState::Waiting).await;
    assert_eq!(
        world
            .number("select count(*) from broadcasts where ended_at_ms is not null and end_cause = 'ended'")
            .await,
        1
    );
}

async fn closing_on_air_throws_the_encoder_out_and_deletes_the_channel(world: World) {
    let created = world.auction().await;
    let id = &created.view.auction.id;
    let encoder = publish(&world, &created)
        .await
        .unwrap_or_else(|refusal| unreachable!("{refusal}"));
    wait_for(&world, id, VideoState::Live).await;
    auctions::close(&world.host(), id).await.unwrap();
    assert_eq!(
        auctions::get(&world.anonymous(), id).await.unwrap().video.state,
        VideoState::Ended
    );
    world.run_jobs().await;
    encoder.thrown_out().await;
    assert!(publish(&world, &created).await.is_err(), "the key is gone");
    assert_eq!(
        (world.tower.channel_names().await.len(), world.open_resources().await),
        (0, 0)
    );
    assert_eq!(world.tower.faults.calls("StopStream"), 1);
    // Its last news still arrives, although the channel is deleted.
    eventually(async || {
        world
            .number("select count(*) from broadcasts where ended_at_ms is null")
            .await
            == 0
    })
    .await;
    let told = world.events(&format!("auction:{id}")).await;
    let states: Vec<_> = told
        .iter()
        .filter_map(|(_, payload)| payload["video"]["state"].as_str())
        .collect();
    assert_eq!((states.first(), states.last()), (Some(&"live"), Some(&"ended")));
}

async fn lost_events_are_made_up_for_by_asking(mut world: World) {
    world.tower.news.lose();
    let created = world.auction().await;
    let id = created.view.auction.id.clone();
    let encoder = publish(&world, &created)
        .await
        .unwrap_or_else(|refusal| unreachable!("{refusal}"));
    let is_live = async || {
        !world
            .tower
            .client()
            .list_streams()
            .send()
            .await
            .unwrap()
            .streams
            .is_empty()
    };
    eventually(is_live).await;
    world.clock.advance_ms(20_000);
    world.run_jobs().await;
    assert_eq!(
        auctions::get(&world.anonymous(), &id).await.unwrap().video.state,
        VideoState::Live
    );
    encoder.stop().await;
    eventually(async || {
        world
            .tower
            .client()
            .list_streams()
            .send()
            .await
            .unwrap()
            .streams
            .is_empty()
    })
    .await;
    // Also when nobody was up to see it end.
    world.restart().await;
    world.tower.news.lose();
    world.clock.advance_ms(20_000);
    world.run_jobs().await;
    assert_eq!(
        auctions::get(&world.anonymous(), &id).await.unwrap().video.state,
        VideoState::Waiting
    );
    assert_eq!(
        world
            .number("select count(*) from broadcasts where end_cause = 'ended'")
            .await,
        1,
        "the provider knew the exact end"
    );
}
