//! Connections come and go, the broadcast goes on or ends.

use std::time::Duration;

use engine::{EndReason, EventKind, Health};
use http::StatusCode;
use tokio::time::Instant;

use crate::support::{Encoder, FEED, KEY, Media, Plane, Player, hint, within};

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
async fn the_newer_of_two_encoders_that_come_back_wins() {
    let mut plane = Plane::start().await;
    let mut lost = plane.publish().await;
    lost.send(Media::seconds(0, 5)).await;
    plane.event_that(|kind| *kind == EventKind::StreamStarted).await;
    drop(lost);
    plane.event_that(|kind| *kind == EventKind::StarvationStarted).await;
    let mut second = plane.publish().await;
    let mut third = plane.publish().await;
    plane.event_that(|kind| *kind == EventKind::TakenOver).await;
    second.closed().await;
    third.send(Media::seconds(0, 3)).await;
    plane.event_that(|kind| *kind == EventKind::StarvationEnded).await;
    // Longer than the window that began when the first was lost: nothing of it may be left.
    for second in 3..28 {
        third.send(Media::seconds(second, second + 1)).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let status = plane.engine.status(FEED).unwrap();
    assert_eq!((status.stream_id.as_str(), status.health), ("st-0", Health::Healthy));
}

/// Requests that wait at the live edge: for the next playlist, and for the part behind the hint.
async fn held(player: &Player, playlist: &str) -> [tokio::task::JoinHandle<(StatusCode, String)>; 2] {
    let (msn, part) = hint(&player.get(playlist).await.text());
    let paths = [
        format!("{playlist}&_HLS_msn={msn}&_HLS_part={part}"),
        format!("/api/video/v1/{FEED}/st-0/{msn}.{part}.m4s"),
    ];
    let held = paths.map(|path| {
        let player = player.clone();
        tokio::spawn(async move {
            let answer = player.get(&path).await;
            (answer.status, String::from_utf8_lossy(&answer.body).into_owned())
        })
    });
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(held.iter().all(|request| !request.is_finished()));
    held
}

/// Both requests are answered at once: with the end of the playlist, and with the sound that was left to send.
async fn assert_released([playlist, part]: [tokio::task::JoinHandle<(StatusCode, String)>; 2]) {
    let released_at = Instant::now();
    let (status, text) = within(playlist).await.unwrap();
    assert!(
        status == StatusCode::OK && text.contains("#EXT-X-ENDLIST"),
        "{status} {text}"
    );
    let (status, body) = within(part).await.unwrap();
    assert!(status == StatusCode::OK && body.contains("moof"), "{status}");
    assert_eq!(released_at.elapsed(), Duration::ZERO);
}

/// A feed with a second of its last segment, nothing of the next part, and its playlist.
async fn at_the_edge_of_a_part(plane: &Plane) -> (Encoder, Player, String) {
    let player = plane.player();
    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    let playlist = player.open().await;
    tokio::time::sleep(Duration::from_millis(1)).await;
    (encoder, player, playlist)
}

#[tokio::test(start_paused = true)]
async fn a_starving_stream_can_be_stopped() {
    let mut plane = Plane::start().await;
    let (mut encoder, player, playlist) = at_the_edge_of_a_part(&plane).await;
    plane.event_that(|kind| *kind == EventKind::StarvationStarted).await;
    let held = held(&player, &playlist).await;
    assert!(within(plane.engine.stop(FEED)).await);
    assert_released(held).await;
    encoder.closed().await;
    assert_eq!(plane.event().await.kind, EventKind::SessionEnded);
    assert_eq!(plane.event().await.kind, EventKind::StreamEnded(EndReason::Stopped));
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_encoder_is_lost_can_be_stopped() {
    let mut plane = Plane::start().await;
    let (encoder, player, playlist) = at_the_edge_of_a_part(&plane).await;
    drop(encoder);
    plane.event_that(|kind| *kind == EventKind::StarvationStarted).await;
    let begin = Instant::now();
    assert!(within(plane.engine.stop(FEED)).await);
    assert_eq!(begin.elapsed(), Duration::ZERO, "nobody waits for the reconnect window");
    assert!(player.get(&playlist).await.text().contains("#EXT-X-ENDLIST"));
    plane
        .event_that(|kind| *kind == EventKind::StreamEnded(EndReason::Stopped))
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_drain_answers_requests_that_wait() {
    let plane = Plane::start().await;
    let (mut encoder, player, playlist) = at_the_edge_of_a_part(&plane).await;
    let held = held(&player, &playlist).await;
    let begin = Instant::now();
    within(plane.engine.drain(Duration::from_secs(5))).await;
    assert_released(held).await;
    encoder.closed().await;
    assert!(
        begin.elapsed() < Duration::from_secs(2),
        "no longer than the encoder's goodbye"
    );
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
