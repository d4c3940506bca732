//! Connections come and go, the broadcast goes on or ends.

use std::time::Duration;

use engine::{EndReason, EventKind, Health};
use http::StatusCode;
use tokio::time::Instant;

use crate::support::{Encoder, FEED, KEY, Media, Plane, within};

#[tokio::test(start_paused = true)]
async fn an_encoder_that_comes_back_in_time_continues_the_stream() {
    let mut plane = Plane::start().await;
    let player = plane.player();
    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    let playlist = player.open().await;
    drop(encoder);
    plane.event_that(|kind| *kind == EventKind::StarvationStarted).await;
    assert_eq!(plane.engine.status(FEED).unwrap().health, Health::Starving);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(
        player.get(&playlist).await.status,
        StatusCode::OK,
        "viewers keep what there is"
    );

    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    let resumed = plane.event().await;
    assert_eq!(
        (resumed.kind, resumed.stream_id.as_str()),
        (EventKind::StarvationEnded, "st-0")
    );
    player
        .playlist_that(&playlist, |text| text.contains("#EXT-X-DISCONTINUITY\n"))
        .await;
    assert_eq!(plane.engine.status(FEED).unwrap().stream_id, "st-0");
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_encoder_stays_away_ends() {
    let mut plane = Plane::start().await;
    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    plane.event_that(|kind| *kind == EventKind::StreamStarted).await;
    drop(encoder);
    plane.event_that(|kind| *kind == EventKind::StarvationStarted).await;
    let lost_at = Instant::now();
    assert_eq!(plane.event().await.kind, EventKind::SessionEnded);
    assert_eq!(
        plane.event().await.kind,
        EventKind::StreamEnded(EndReason::ConnectionLost)
    );
    assert_eq!(lost_at.elapsed().as_secs(), 20, "the reconnect window");

    let _encoder = plane.publish().await;
    let next = plane.event().await;
    assert_eq!(
        (next.kind, next.stream_id.as_str()),
        (EventKind::SessionCreated, "st-1")
    );
}

#[tokio::test(start_paused = true)]
async fn the_newer_encoder_wins() {
    let mut plane = Plane::start().await;
    let player = plane.player();
    let mut first = plane.publish().await;
    first.send(Media::seconds(0, 5)).await;
    let playlist = player.open().await;
    let mut second = plane.publish().await;
    let told = plane.event_that(|kind| *kind == EventKind::TakenOver).await;
    assert_eq!(told.stream_id, "st-0");
    second.send(Media::seconds(0, 5)).await;
    player
        .playlist_that(&playlist, |text| text.contains("#EXT-X-DISCONTINUITY\n"))
        .await;
    first.closed().await;
    // The end of the first connection must not end, or starve, what is the second's now.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(plane.engine.status(FEED).unwrap().health, Health::Healthy);
}

#[tokio::test(start_paused = true)]
async fn an_operator_stops_a_stream_at_once() {
    let mut plane = Plane::start().await;
    let player = plane.player();
    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    let playlist = player.open().await;
    assert!(within(plane.engine.stop(FEED)).await);
    assert!(player.get(&playlist).await.text().contains("#EXT-X-ENDLIST"));
    assert!(!within(plane.engine.stop(FEED)).await, "nothing is live any more");
    encoder.closed().await;
    let ended = plane.event_that(|kind| matches!(kind, EventKind::StreamEnded(_))).await;
    assert_eq!(ended.kind, EventKind::StreamEnded(EndReason::Stopped));

    // Encoders reconnect by themselves: that is a new stream.
    let _again = plane.publish().await;
    assert_eq!(plane.event().await.stream_id, "st-1");
}

#[tokio::test(start_paused = true)]
async fn a_silent_encoder_starves_its_feed_and_is_then_given_up() {
    let mut plane = Plane::start().await;
    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    plane.event_that(|kind| *kind == EventKind::StreamStarted).await;
    let begin = Instant::now();
    plane.event_that(|kind| *kind == EventKind::StarvationStarted).await;
    assert!((3..=4).contains(&begin.elapsed().as_secs()));
    encoder.send(Media::seconds(5, 6)).await;
    assert_eq!(plane.event().await.kind, EventKind::StarvationEnded);

    let begin = Instant::now();
    encoder.closed().await;
    assert!((29..=32).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
    plane
        .event_that(|kind| *kind == EventKind::StreamEnded(EndReason::ConnectionLost))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_every_stream_and_lets_nobody_in() {
    let mut plane = Plane::start().await;
    let player = plane.player();
    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    let playlist = player.open().await;
    let engine = plane.engine.clone();
    let drain = tokio::spawn(async move { engine.drain(Duration::from_secs(5)).await });
    let ended = plane.event_that(|kind| matches!(kind, EventKind::StreamEnded(_))).await;
    assert_eq!(ended.kind, EventKind::StreamEnded(EndReason::Drained));
    within(drain).await.unwrap();
    encoder.closed().await;
    assert!(Encoder::in_memory(&plane.engine, KEY).publish().await.is_err());
    assert!(
        player.get(&playlist).await.status != StatusCode::OK || player.get(&playlist).await.text().contains("ENDLIST")
    );
}
