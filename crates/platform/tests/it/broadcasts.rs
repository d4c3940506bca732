//! From the provider's news to what watchers of an auction are told.

use platform::auctions;
use platform::broadcasts::{self, Level, VideoState};
use platform::{Caller, ErrorKind};
use serde_json::{Value, json};

use crate::support::{Fault, World};

on_every_database! {
    events_make_the_video_of_an_auction
    doubled_late_and_foreign_events_change_nothing
    figures_become_health_and_advice
    what_no_event_told_is_pulled
    viewers_are_told_now_and_then
    a_stream_that_takes_over_ends_the_one_before
    malformed_events_are_refused
}

pub fn event(id: &str, arn: &str, name: &str, stream_id: &str, second: usize) -> Value {
    let detail_type = if name.starts_with("Starvation") {
        "IVS Stream Health Change"
    } else {
        "IVS Stream State Change"
    };
    json!({
        "version": "0", "id": id, "detail-type": detail_type, "source": "aws.ivs", "account": "000000000000",
        "time": format!("2026-11-21T08:00:{second:02}Z"), "region": "us-east-1", "resources": [arn],
        "detail": { "event_name": name, "channel_name": "c", "stream_id": stream_id }
    })
}

pub fn measurement(id: &str, arn: &str, stream_id: &str, second: u32, viewers: i64, keyframe_ms: i64) -> Value {
    json!({
        "version": "0", "id": id, "detail-type": "Rostrum Ingest Metrics", "source": "rostrum.engine", "account": "000000000000",
        "time": format!("2026-11-21T08:00:{second:02}Z"), "region": "us-east-1", "resources": [arn],
        "detail": { "channel_name": "c", "stream_id": stream_id, "period_ms": 5000, "video_bitrate_bps": 2_500_000,
            "audio_bitrate_bps": 128_000, "frame_rate": 30.0, "keyframe_interval_ms": keyframe_ms, "viewers": viewers,
            "ingest": { "width": 1280, "height": 720, "video_codec": "avc1.64001f", "audio_codec": "mp4a.40.2", "encoder": "Lavf" } }
    })
}

async fn record(world: &World, event: Value) {
    broadcasts::record_event(&world.context(Caller::System), event)
        .await
        .unwrap();
}

/// The states that watchers of the auction were told, in order.
async fn told(world: &World, id: &str) -> Vec<String> {
    let events = world.events(&format!("auction:{id}")).await;
    let video = events.into_iter().filter(|(kind, _)| kind == "video_update");
    video
        .map(|(_, payload)| {
            format!(
                "{} {}",
                payload["video"]["state"].as_str().unwrap(),
                payload["video"]["viewers"]
            )
        })
        .collect()
}

async fn events_make_the_video_of_an_auction(world: World) {
    let auction = world.auction().await.view.auction;
    let arn = &auction.channel.arn;
    for (second, name) in [
        (1, "Session Created"),
        (2, "Stream Start"),
        (10, "Starvation Start"),
        (12, "Starvation End"),
    ] {
        record(&world, event(name, arn, name, "st-1", second)).await;
    }
    let view = auctions::get(&world.anonymous(), &auction.id).await.unwrap();
    assert_eq!(
        (view.video.state, view.video.stream_id.as_deref()),
        (VideoState::Live, Some("st-1"))
    );
    assert_eq!(auctions::now(&world.anonymous()).await.unwrap().on_air, 1);
    for (second, name) in [(20, "Session Ended"), (21, "Stream End")] {
        record(&world, event(name, arn, name, "st-1", second)).await;
    }
    assert_eq!(
        told(&world, &auction.id).await,
        ["live 0", "interrupted 0", "live 0", "waiting 0"]
    );
    let list: Vec<Value> = world
        .events("auctions")
        .await
        .into_iter()
        .filter(|(kind, _)| kind == "video_update")
        .map(|(_, payload)| payload)
        .collect();
    assert!(
        list.len() == 4 && list.iter().all(|payload| payload["auction_id"] == auction.id.as_str()),
        "{list:?}"
    );
    let report = auctions::health(&world.host(), &auction.id).await.unwrap();
    let broadcast = report.broadcast.unwrap();
    assert_eq!(broadcast.ended.unwrap().at_ms - broadcast.started_at_ms, 19_000);
}

async fn doubled_late_and_foreign_events_change_nothing(world: World) {
    let auction = world.auction().await.view.auction;
    let arn = &auction.channel.arn;
    record(&world, event("e1", arn, "Stream Start", "st-1", 2)).await;
    record(&world, event("e1", arn, "Stream Start", "st-1", 2)).await;
    record(
        &world,
        event(
            "e2",
            "arn:aws:ivs:us-east-1:000000000000:channel/others",
            "Stream Start",
            "st-9",
            2,
        ),
    )
    .await;
    record(&world, event("e3", arn, "Stream End", "st-1", 9)).await;
    record(&world, event("e4", arn, "Starvation Start", "st-1", 8)).await;
    record(&world, event("e3", arn, "Stream End", "st-1", 9)).await;
    assert_eq!(told(&world, &auction.id).await, ["live 0", "waiting 0"]);
    assert_eq!(world.number("select count(*) from broadcasts").await, 1);
    // News of a channel whose auction is over are kept, and nobody is told.
    auctions::close(&world.host(), &auction.id).await.unwrap();
    record(&world, event("e5", arn, "Stream Start", "st-2", 30)).await;
    assert_eq!(told(&world, &auction.id).await, ["live 0", "waiting 0", "ended 0"]);
    assert_eq!(world.number("select count(*) from broadcasts").await, 2);
}

async fn figures_become_health_and_advice(world: World) {
    let auction = world.auction().await.view.auction;
    let arn = &auction.channel.arn;
    let before = auctions::health(&world.host(), &auction.id).await.unwrap();
    assert!(before.broadcast.is_none() && before.samples.is_empty() && before.advice.is_empty());
    record(&world, event("e1", arn, "Stream Start", "st-1", 2)).await;
    for second in [7, 12, 17, 17] {
        record(
            &world,
            measurement(&format!("m{second}"), arn, "st-1", second, 3, 4_040),
        )
        .await;
    }
    let report = auctions::health(&world.host(), &auction.id).await.unwrap();
    assert_eq!(
        (report.samples.len(), report.samples[0].video_bitrate_bps),
        (3, 2_500_000)
    );
    assert_eq!(report.ingest.unwrap().height, Some(720));
    assert_eq!(report.broadcast.unwrap().peak_viewers, 3);
    assert_eq!(report.advice[0].level, Level::Warn);
    assert!(
        report.advice[0].text.contains("keyframe every 4.0 s"),
        "{:?}",
        report.advice
    );
    // A day later the samples are gone.
    world.clock.advance_ms(25 * 3_600_000);
    world.run_jobs().await;
    assert_eq!(world.number("select count(*) from broadcast_samples").await, 0);
}

/// Every event was lost: the provider knows of no stream, we believe in one.
async fn what_no_event_told_is_pulled(world: World) {
    // Nothing to look after yet: the reconciler goes to rest, and the new channel ends its rest.
    world.run_jobs().await;
    let auction = world.auction().await.view.auction;
    record(&world, event("e1", &auction.channel.arn, "Stream Start", "st-1", 2)).await;
    world.clock.advance_ms(20_000);
    world.run_jobs().await;
    assert_eq!(told(&world, &auction.id).await, ["live 0", "waiting 0"]);
    // The same where the list is denied: channels are asked one by one.
    record(&world, event("e2", &auction.channel.arn, "Stream Start", "st-2", 30)).await;
    world
        .tower
        .faults
        .plan("ListStreams", Fault::Refused(403, "AccessDeniedException"), 1);
    world.clock.advance_ms(20_000);
    world.run_jobs().await;
    assert_eq!(
        told(&world, &auction.id).await,
        ["live 0", "waiting 0", "live 0", "waiting 0"]
    );
    // A provider that cannot be asked changes nothing, and is asked again.
    record(&world, event("e3", &auction.channel.arn, "Stream Start", "st-3", 55)).await;
    world
        .tower
        .faults
        .plan("ListStreams", Fault::Refused(400, "ValidationException"), 1);
    world.clock.advance_ms(20_000);
    world.run_jobs().await;
    assert_eq!(told(&world, &auction.id).await.last().unwrap(), "live 0");
    world.clock.advance_ms(20_000);
    world.run_jobs().await;
    assert_eq!(told(&world, &auction.id).await.last().unwrap(), "waiting 0");
}

async fn viewers_are_told_now_and_then(world: World) {
    let auction = world.auction().await.view.auction;
    let arn = &auction.channel.arn;
    record(&world, event("e1", arn, "Stream Start", "st-1", 1)).await;
    for (second, viewers) in [(5, 1), (10, 2), (15, 3), (20, 4), (25, 5), (30, 5), (35, 5), (40, 5)] {
        world.clock.advance_ms(5_000);
        record(
            &world,
            measurement(&format!("m{second}"), arn, "st-1", second, viewers, 2_000),
        )
        .await;
    }
    assert_eq!(
        told(&world, &auction.id).await,
        ["live 0", "live 2", "live 4", "live 5"]
    );
    assert_eq!(
        auctions::get(&world.anonymous(), &auction.id)
            .await
            .unwrap()
            .video
            .viewers,
        5
    );
}

async fn a_stream_that_takes_over_ends_the_one_before(world: World) {
    let auction = world.auction().await.view.auction;
    let arn = &auction.channel.arn;
    record(&world, event("e1", arn, "Stream Start", "st-1", 1)).await;
    record(&world, event("e2", arn, "Stream Start", "st-2", 30)).await;
    record(&world, event("e3", arn, "Stream End", "st-1", 29)).await;
    let view = auctions::get(&world.anonymous(), &auction.id).await.unwrap();
    assert_eq!(
        (view.video.state, view.video.stream_id.as_deref()),
        (VideoState::Live, Some("st-2"))
    );
    assert_eq!(
        world
            .number("select count(*) from broadcasts where ended_at_ms is null")
            .await,
        1
    );
    assert_eq!(
        world
            .number("select ended_at_ms - started_at_ms from broadcasts where stream_id = 'st-1'")
            .await,
        28_000
    );
}

async fn malformed_events_are_refused(world: World) {
    let ctx = world.context(Caller::System);
    for body in [json!(null), json!({}), json!({ "id": 1 })] {
        let error = broadcasts::record_event(&ctx, body).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Invalid { .. }), "{error:?}");
    }
}
