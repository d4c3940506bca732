//! A broadcast from its first to its last frame.

use bytes::Bytes;
use engine::status::IngestInfo;
use engine::{EndReason, EventKind, Health};
use http::StatusCode;

use crate::support::{FEED, Media, Plane, until, uris};

#[tokio::test(start_paused = true)]
async fn what_is_published_can_be_played_while_it_lasts_and_to_its_end() {
    let mut plane = Plane::start().await;
    let player = plane.player();
    let playback_url = format!("/api/video/v1/{FEED}.m3u8");
    assert_eq!(player.get(&playback_url).await.status, StatusCode::NOT_FOUND, "offline");

    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    let multivariant = {
        until(async || player.get(&playback_url).await.status == StatusCode::OK).await;
        player.get(&playback_url).await
    };
    assert_eq!(multivariant.header("content-type"), "application/vnd.apple.mpegurl");
    let text = multivariant.text();
    assert!(
        text.contains("CODECS=\"avc1.64001e,mp4a.40.2\"") && text.contains("RESOLUTION=640x360"),
        "{text}"
    );

    let playlist = player.open().await;
    let text = player.playlist_that(&playlist, |text| text.contains("/1.m4s")).await;
    assert!(
        text.contains("#EXT-X-MAP:URI=\"st-0/0.init.mp4\"") && text.contains("#EXT-X-PROGRAM-DATE-TIME:"),
        "{text}"
    );
    for uri in uris(&text)
        .iter()
        .filter(|uri| !text.contains(&format!("HINT:TYPE=PART,URI=\"{}", name(uri))))
    {
        let answer = player.get(uri).await;
        assert_eq!(answer.status, StatusCode::OK, "{uri}");
        assert_eq!(answer.header("content-type"), "video/mp4", "{uri}");
        assert_eq!(
            answer.header("cache-control"),
            "public, max-age=3600, immutable",
            "{uri}"
        );
        let first_box = if uri.ends_with(".init.mp4") { b"ftyp" } else { b"moof" };
        assert_eq!(&answer.body[4..8], first_box, "{uri}");
    }

    encoder.unpublish().await;
    let ended = player
        .playlist_that(&playlist, |text| text.contains("#EXT-X-ENDLIST"))
        .await;
    assert!(!ended.contains("PRELOAD-HINT"));
    assert_eq!(
        player.get(&playback_url).await.status,
        StatusCode::NOT_FOUND,
        "offline again"
    );
    encoder.closed().await;

    assert_eq!(plane.event().await.kind, EventKind::SessionCreated);
    let configured = plane
        .event_that(|kind| matches!(kind, EventKind::IngestConfigured(_)))
        .await;
    let EventKind::IngestConfigured(info) = configured.kind else {
        unreachable!()
    };
    assert_told(&info);
    plane.event_that(|kind| *kind == EventKind::StreamStarted).await;
    assert_eq!(plane.event().await.kind, EventKind::SessionEnded);
    let last = plane.event().await;
    assert_eq!((last.feed.as_str(), last.stream_id.as_str()), (FEED, "st-0"));
    assert_eq!(last.kind, EventKind::StreamEnded(EndReason::Unpublished));
    assert!(plane.engine.status(FEED).is_none());
}

#[tokio::test(start_paused = true)]
async fn a_segment_is_the_concatenation_of_its_parts() {
    let plane = Plane::start().await;
    let player = plane.player();
    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    let playlist = player.open().await;
    let text = player.playlist_that(&playlist, |text| text.contains("/1.m4s")).await;
    for msn in [0, 1] {
        let segment = player.get(&format!("/api/video/v1/{FEED}/st-0/{msn}.m4s")).await.body;
        let mut parts: Vec<Bytes> = Vec::new();
        for index in 0..100 {
            let uri = format!("/api/video/v1/{FEED}/st-0/{msn}.{index}.m4s");
            if uris(&text).contains(&uri) {
                parts.push(player.get(&uri).await.body);
            }
        }
        assert!(parts.len() >= 5, "two seconds are cut into parts");
        assert!(segment == parts.concat(), "segment {msn}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_live_feed_has_a_status_with_its_viewers() {
    let plane = Plane::start().await;
    let (first, second) = (plane.player(), plane.player());
    let mut encoder = plane.publish().await;
    until(async || plane.engine.status(FEED).is_some()).await;
    assert_eq!(plane.engine.status(FEED).unwrap().health, Health::Unknown);
    encoder.send(Media::seconds(0, 5)).await;

    for playlist in [first.open().await, second.open().await] {
        // One player asks again and again, and is one viewer.
        for _ in 0..3 {
            assert_eq!(first.get(&playlist).await.status, StatusCode::OK);
        }
    }
    let status = plane.engine.status(FEED).unwrap();
    assert_eq!(
        (status.viewers, status.health, status.stream_id.as_str()),
        (2, Health::Healthy, "st-0")
    );
    assert!(status.started_at_ms.is_some());
    assert_told(&status.ingest);
    assert_eq!(plane.engine.live(), [status]);

    tokio::time::sleep(std::time::Duration::from_secs(31)).await;
    assert_eq!(
        plane.engine.status(FEED).map(|status| status.viewers),
        Some(0),
        "nobody was seen for 30 s"
    );
}

#[tokio::test(start_paused = true)]
async fn health_samples_tell_the_rates_of_the_source() {
    let mut plane = Plane::start().await;
    let mut encoder = plane.publish().await;
    for second in 0..6 {
        encoder.send(Media::seconds(second, second + 1)).await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    let event = plane.event_that(|kind| matches!(kind, EventKind::Measured(_))).await;
    let EventKind::Measured(sample) = event.kind else {
        unreachable!()
    };
    assert!((350_000..=550_000).contains(&sample.video_bitrate_bps), "{sample:?}");
    assert!((35_000..=50_000).contains(&sample.audio_bitrate_bps), "{sample:?}");
    assert!((20.0..=31.0).contains(&sample.frame_rate), "{sample:?}");
    assert_eq!(sample.keyframe_interval_ms, 1_000);
}

fn assert_told(info: &IngestInfo) {
    let (video, audio) = (info.video.as_ref().unwrap(), info.audio.as_ref().unwrap());
    assert_eq!(
        (video.codec.as_str(), video.profile.as_str(), video.level.as_str()),
        ("avc1.64001e", "High", "3")
    );
    assert_eq!(
        (
            video.width,
            video.height,
            video.target_bitrate_bps,
            video.target_frame_rate
        ),
        (640, 360, 400_000, 25)
    );
    assert_eq!(
        (audio.codec.as_str(), audio.sample_rate_hz, audio.channels),
        ("mp4a.40.2", 48_000, 2)
    );
    assert_eq!(
        (audio.target_bitrate_bps, info.encoder.as_str()),
        (64_000, "test encoder")
    );
}

/// A path as its playlist writes it.
fn name(uri: &str) -> &str {
    uri.strip_prefix(&format!("/api/video/v1/{FEED}/")).unwrap()
}
