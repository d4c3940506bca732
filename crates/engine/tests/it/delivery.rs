//! How the origin answers: headers, versions, compression, ranges, browsers, permissions.

use axum::body::Body;
use bytes::Bytes;
use flate2::read::GzDecoder;
use http::{Method, Request, StatusCode};
use std::io::Read;

use crate::support::{Encoder, FEED, Media, PRIVATE_FEED, PRIVATE_KEY, Plane, Player, until, within};

async fn playing() -> (Plane, Encoder, Player, String) {
    let plane = Plane::start().await;
    let player = plane.player();
    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    let playlist = player.open().await;
    player.playlist_that(&playlist, |text| text.contains("/1.m4s")).await;
    (plane, encoder, player, playlist)
}

#[tokio::test(start_paused = true)]
async fn a_player_that_has_the_playlist_is_not_sent_it_again() {
    let (_plane, mut encoder, player, playlist) = playing().await;
    let first = player.get(&playlist).await;
    assert_eq!(first.header("cache-control"), "no-store");
    let etag = first.header("etag").to_owned();
    let again = player.get_with(&playlist, &[("if-none-match", &etag)]).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
    assert_eq!(again.header("etag"), etag);

    encoder.send(Media::seconds(5, 6)).await;
    until(async || player.get_with(&playlist, &[("if-none-match", &etag)]).await.status == StatusCode::OK).await;
}

#[tokio::test(start_paused = true)]
async fn playlists_are_compressed_for_those_who_can_read_it() {
    let (_plane, _encoder, player, playlist) = playing().await;
    let plain = player.get(&playlist).await;
    assert_eq!(plain.header("content-encoding"), "");
    let compressed = player
        .get_with(&playlist, &[("accept-encoding", "gzip, deflate, br")])
        .await;
    assert_eq!(
        (compressed.header("content-encoding"), compressed.header("vary")),
        ("gzip", "accept-encoding")
    );
    assert!(compressed.body.len() * 2 < plain.body.len());
    let mut text = String::new();
    GzDecoder::new(&compressed.body[..]).read_to_string(&mut text).unwrap();
    assert_eq!(text, plain.text());
}

#[tokio::test(start_paused = true)]
async fn pages_of_other_origins_may_read_everything() {
    let (_plane, _encoder, player, playlist) = playing().await;
    for path in [
        &playlist,
        &format!("/api/video/v1/{FEED}/st-0/0.m4s"),
        "/api/video/v1/nobody.m3u8",
    ] {
        let answer = player.get_with(path, &[("origin", "https://example.com")]).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{path}");
        assert_eq!(answer.header("timing-allow-origin"), "*", "{path}");
    }
    let preflight = Request::options(&playlist).header("access-control-request-headers", "range");
    let answer = player.ask(preflight.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-methods"), "GET, HEAD, OPTIONS");
    let answer = player.ask(Request::post(&playlist).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test(start_paused = true)]
async fn ranges_of_a_segment_can_be_asked_for() {
    let (_plane, _encoder, player, _) = playing().await;
    let path = format!("/api/video/v1/{FEED}/st-0/0.m4s");
    let whole = player.get(&path).await.body;
    let some = player.get_with(&path, &[("range", "bytes=1000-70000")]).await;
    assert_eq!(
        (some.status, some.body),
        (StatusCode::PARTIAL_CONTENT, whole.slice(1000..=70_000))
    );
    let beyond = player
        .get_with(&path, &[("range", &format!("bytes={}-", whole.len()))])
        .await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(beyond.header("content-range"), format!("bytes */{}", whole.len()));
}

#[tokio::test(start_paused = true)]
async fn a_head_request_tells_the_size() {
    let (_plane, _encoder, player, _) = playing().await;
    let path = format!("/api/video/v1/{FEED}/st-0/0.m4s");
    let size = player.get(&path).await.body.len().to_string();
    let head = Request::builder()
        .method(Method::HEAD)
        .uri(&path)
        .body(Body::empty())
        .unwrap();
    assert_eq!(within(player.ask(head)).await.header("content-length"), size);
}

#[tokio::test(start_paused = true)]
async fn a_browser_gets_a_page_that_can_wait() {
    let plane = Plane::start().await;
    let player = plane.player();
    let path = format!("/api/video/v1/{FEED}.m3u8");
    let chrome = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
    let page = player.get_with(&path, &[("accept", chrome)]).await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (StatusCode::OK, "text/html; charset=utf-8"),
        "offline, too"
    );
    assert!(page.header("content-security-policy").starts_with("default-src 'self'"));
    let text = page.text();
    assert!(text.contains("<video") && !text.contains("<script>"));
    for (path, content_type) in [("player.js", "text/javascript"), ("player.css", "text/css")] {
        assert!(text.contains(&format!("\"/api/video/v1/{path}\"")));
        assert_eq!(
            player
                .get(&format!("/api/video/v1/{path}"))
                .await
                .header("content-type"),
            content_type
        );
    }
    assert_eq!(
        player.get_with(&path, &[("accept", "*/*")]).await.status,
        StatusCode::NOT_FOUND,
        "a player"
    );

    let config = engine::Config {
        player_page: Some(Bytes::from_static(b"<p>mine</p>")),
        ..engine::Config::default()
    };
    let page = Plane::with(config)
        .await
        .player()
        .get_with(&path, &[("accept", chrome)])
        .await;
    assert_eq!(page.text(), "<p>mine</p>");
}

#[tokio::test(start_paused = true)]
async fn who_may_not_play_is_told_so() {
    let plane = Plane::start().await;
    let player = plane.player();
    let mut encoder = Encoder::in_memory(&plane.engine, PRIVATE_KEY);
    encoder.publish().await.unwrap();
    encoder.send(Media::seconds(0, 5)).await;
    let path = format!("/api/video/v1/{PRIVATE_FEED}.m3u8");
    let allowed = format!("{path}?token=open-sesame");
    until(async || player.get(&allowed).await.status == StatusCode::OK).await;
    assert_eq!(player.get(&path).await.status, StatusCode::FORBIDDEN);
    assert_eq!(
        player.get(&format!("{path}?token=guess")).await.status,
        StatusCode::FORBIDDEN
    );
    let text = player.get(&allowed).await.text();
    assert!(
        text.lines().last().unwrap().ends_with("&token=open-sesame"),
        "the token goes with the playlist: {text}"
    );
    let media = format!("/api/video/v1/{}", text.lines().last().unwrap());
    let (tokenless, _) = media.split_once('&').unwrap();
    assert_eq!(player.get(tokenless).await.status, StatusCode::FORBIDDEN);
    let listed = player.playlist_that(&media, |text| text.contains("/0.m4s")).await;
    for name in ["st-0/0.init.mp4", "st-0/0.0.m4s", "st-0/0.m4s"] {
        assert!(listed.contains(name), "{listed}");
        let answer = player.get(&format!("/api/video/v1/{PRIVATE_FEED}/{name}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{name}, as the playlist names it");
    }

    let unknown = player.get("/api/video/v1/unknown.m3u8").await;
    assert_eq!(
        (unknown.status, unknown.text().as_str()),
        (StatusCode::NOT_FOUND, r#"{"error":"no such channel"}"#)
    );
}
