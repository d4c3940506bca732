//! How old media is when a player gets it. The clock is paused, so that only waiting counts: whatever these tests measure,
//! every viewer of a real server waits, too.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use media::testing::sample;
use tokio::time::Instant;

use crate::support::{Encoder, FEED, Plane, edge_s, hint, within};

/// A picture every 40 ms, as a camera makes them, and two frames of sound with it; a keyframe every `gop` pictures.
async fn film(mut encoder: Encoder, start: Instant, gop: i64, pictures: i64) {
    for n in 0..pictures {
        let dts_ms = 40 * n;
        tokio::time::sleep_until(start + Duration::from_millis(dts_ms.unsigned_abs())).await;
        encoder.frame(&sample::video_frame(dts_ms, n % gop == 0, 2_000)).await;
        encoder.frame(&sample::audio_frame(dts_ms, 100)).await;
        encoder.frame(&sample::audio_frame(dts_ms + 20, 100)).await;
    }
}

/// Ages of the newest picture in each playlist that a player got, which asks for every part as soon as it may.
async fn ages_of_playlists(gop: i64, pictures: i64) -> Vec<Duration> {
    let plane = Plane::start().await;
    let player = plane.player();
    let encoder = plane.publish().await;
    let start = Instant::now();
    let camera = tokio::spawn(film(encoder, start, gop, pictures));
    let playlist = player.open().await;
    let (mut known, mut ages) = (BTreeMap::new(), Vec::new());
    let mut text = player.get(&playlist).await.text();
    while !camera.is_finished() {
        let (msn, part) = hint(&text);
        let answer = player.get(&format!("{playlist}&_HLS_msn={msn}&_HLS_part={part}")).await;
        text = answer.text();
        if text.contains("ENDLIST") || answer.status != http::StatusCode::OK {
            break;
        }
        // The newest picture was sent 40 ms, its duration, before its end.
        let newest = Duration::from_secs_f64(edge_s(&text, &mut known) - 0.04);
        ages.push(start.elapsed().saturating_sub(newest));
    }
    ages.sort();
    ages
}

#[tokio::test(start_paused = true)]
async fn a_playlist_is_answered_with_the_picture_that_completes_the_part() {
    let ages = ages_of_playlists(50, 500).await;
    assert!(ages.len() > 80, "a part is about 200 ms: {}", ages.len());
    assert!(ages[ages.len() / 2] <= Duration::from_millis(2), "{ages:?}");
    // Where a segment may end, the next picture decides whether it does.
    assert!(ages[ages.len() - 1] <= Duration::from_millis(42), "{ages:?}");
}

#[tokio::test(start_paused = true)]
async fn long_keyframe_intervals_make_media_no_older_than_a_picture() {
    let ages = ages_of_playlists(208, 1_000).await;
    assert!(ages[ages.len() - 1] <= Duration::from_millis(42), "{ages:?}");
}

#[tokio::test(start_paused = true)]
async fn every_picture_is_sent_at_once_to_who_reads_the_growing_part() {
    let plane = Plane::start().await;
    let player = plane.player();
    let encoder = plane.publish().await;
    let start = Instant::now();
    let camera = tokio::spawn(film(encoder, start, 50, 250));
    let playlist = player.open().await;
    let mut ages = Vec::new();
    while !camera.is_finished() {
        let (msn, part) = hint(&player.get(&playlist).await.text());
        let uri = format!("/api/video/v1/{FEED}/st-0/{msn}.{part}.m4s");
        let request = Request::get(uri).body(Body::empty()).unwrap();
        let mut body = within(player.request(request)).await.into_body();
        while let Some(fragment) = within(body.frame()).await {
            let sent_at = decode_time(&fragment.unwrap().into_data().unwrap());
            ages.extend(sent_at.map(|sent_at| start.elapsed().saturating_sub(sent_at)));
        }
    }
    assert!(ages.len() > 150, "{}", ages.len());
    // The first one was there before the player came.
    assert!(
        ages.iter().skip(1).all(|age| *age <= Duration::from_millis(2)),
        "{ages:?}"
    );
}

/// Decode time of a fragment's first picture, `None` when it has only sound.
fn decode_time(fragment: &[u8]) -> Option<Duration> {
    let after = |name: &[u8; 4]| {
        let at = fragment.windows(4).position(|window| window == name)?;
        fragment.get(at + 8..at + 16)?.first_chunk::<8>()
    };
    let [.., 0, 0, 0, 1, _, _, _, _] = after(b"tfhd")? else {
        return None;
    };
    Some(Duration::from_micros(u64::from_be_bytes(*after(b"tfdt")?) * 100 / 9))
}
