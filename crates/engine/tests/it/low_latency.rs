//! Players at the live edge: requests that wait, parts that are read while they grow.

use std::time::Duration;

use axum::body::Body;
use engine::Config;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use tokio::time::Instant;

use crate::support::{Encoder, FEED, Media, Plane, Player, hint, within};

async fn playing(config: Config, seconds: i64) -> (Plane, Encoder, Player, String) {
    let plane = Plane::with(config).await;
    let player = plane.player();
    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, seconds)).await;
    let playlist = player.open().await;
    // The paused clock moves only when nobody has anything to do: everything sent was then taken in.
    tokio::time::sleep(Duration::from_millis(1)).await;
    (plane, encoder, player, playlist)
}

#[tokio::test(start_paused = true)]
async fn a_request_for_the_next_part_waits_until_the_playlist_has_it() {
    let (_plane, mut encoder, player, playlist) = playing(Config::default(), 5).await;
    let (msn, part) = hint(&player.get(&playlist).await.text());
    let path = format!("{playlist}&_HLS_msn={msn}&_HLS_part={part}");
    let waiting = tokio::spawn({
        let player = player.clone();
        async move { player.get(&path).await }
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert!(!waiting.is_finished());
    encoder.send(Media::seconds(5, 6)).await;
    let answer = within(waiting).await.unwrap();
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.text().contains(&format!("st-0/{msn}.{part}.m4s\"")),
        "{}",
        answer.text()
    );
    assert!(hint(&answer.text()) > (msn, part));
}

#[tokio::test(start_paused = true)]
async fn a_request_is_not_held_for_ever_and_not_for_the_far_future() {
    let (_plane, _encoder, player, playlist) = playing(Config::default(), 5).await;
    let (msn, part) = hint(&player.get(&playlist).await.text());
    let begin = Instant::now();
    let late = player.get(&format!("{playlist}&_HLS_msn={msn}&_HLS_part={part}")).await;
    assert_eq!(
        (late.status, late.header("retry-after")),
        (StatusCode::SERVICE_UNAVAILABLE, "1")
    );
    assert_eq!(begin.elapsed().as_secs(), 6, "three target durations");

    for query in [
        format!("_HLS_msn={}", msn + 9),
        "_HLS_part=1".into(),
        "_HLS_msn=x".into(),
    ] {
        assert_eq!(
            player.get(&format!("{playlist}&{query}")).await.status,
            StatusCode::BAD_REQUEST,
            "{query}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_part_behind_the_hint_arrives_while_it_grows() {
    let (_plane, mut encoder, player, playlist) = playing(Config::default(), 5).await;
    let (msn, part) = hint(&player.get(&playlist).await.text());
    let path = format!("/api/video/v1/{FEED}/st-0/{msn}.{part}.m4s");
    let request = Request::get(&path).body(Body::empty()).unwrap();
    let response = tokio::spawn({
        let player = player.clone();
        async move { player.request(request).await }
    });

    let one_frame = |at_ms| Media {
        from_ms: at_ms,
        to_ms: at_ms + 40,
        ..Media::seconds(0, 0)
    };
    encoder.send(one_frame(5_000)).await;
    encoder.send(one_frame(5_040)).await;
    let response = within(response).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let mut body = response.into_body();
    let first = within(body.frame()).await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(&first[4..8], b"moof");
    assert_eq!(
        hint(&player.get(&playlist).await.text()),
        (msn, part),
        "the part is not complete yet"
    );

    encoder
        .send(Media {
            from_ms: 5_080,
            to_ms: 6_000,
            ..Media::seconds(0, 0)
        })
        .await;
    let rest = within(body.collect()).await.unwrap().to_bytes();
    let whole = player.get(&path).await.body;
    assert!(
        whole == [first, rest].concat(),
        "streamed and stored bytes are the same"
    );
}

#[tokio::test(start_paused = true)]
async fn a_hinted_part_that_never_comes_is_not_found() {
    let (_plane, mut encoder, player, playlist) = playing(Config::default(), 5).await;
    encoder.unpublish().await;
    let text = player.playlist_that(&playlist, |text| text.contains("ENDLIST")).await;
    let last: u64 = text
        .rsplit("st-0/")
        .next()
        .unwrap()
        .split('.')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    for name in [
        format!("{last}.99.m4s"),
        format!("{}.0.m4s", last + 1),
        "99.m4s".into(),
        "9.init.mp4".into(),
    ] {
        let answer = player.get(&format!("/api/video/v1/{FEED}/st-0/{name}")).await;
        assert_eq!(
            (answer.status, answer.header("cache-control")),
            (StatusCode::NOT_FOUND, "no-store"),
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_delta_update_leaves_out_what_the_player_has() {
    let config = Config {
        playlist_segments: 12,
        ..Config::default()
    };
    let (_plane, _encoder, player, playlist) = playing(config, 23).await;
    let whole = player.playlist_that(&playlist, |text| text.contains("/10.m4s")).await;
    let delta = player.get(&format!("{playlist}&_HLS_skip=YES")).await.text();
    assert!(delta.contains("#EXT-X-SKIP:SKIPPED-SEGMENTS="), "{delta}");
    assert!(delta.len() < whole.len() && !delta.contains("/0.m4s"));
}

#[tokio::test(start_paused = true)]
async fn old_segments_go_and_memory_with_them() {
    let (_plane, mut encoder, player, playlist) = playing(Config::default(), 5).await;
    let first = format!("/api/video/v1/{FEED}/st-0/0.m4s");
    assert_eq!(player.get(&first).await.status, StatusCode::OK);
    encoder.send(Media::seconds(5, 60)).await;
    let text = player.playlist_that(&playlist, |text| text.contains("/28.m4s")).await;
    assert!(
        text.lines().filter(|line| line.starts_with("#EXTINF")).count() <= 4,
        "{text}"
    );
    assert_eq!(player.get(&first).await.status, StatusCode::NOT_FOUND);
    let removed = format!("/api/video/v1/{FEED}/st-0/25.m4s");
    assert!(
        !text.contains("/25.m4s") && player.get(&removed).await.status == StatusCode::OK,
        "lately listed"
    );
}
