//! Encoders that are odd and mean well: one track only, long keyframe intervals, other sizes, clocks that wrap and jump.

use bytes::Bytes;
use engine::{EventKind, Health};
use http::StatusCode;
use media::CodecConfig;
use media::codec::h264;
use media::testing::sample;

use crate::support::{Encoder, FEED, KEY, Media, Plane, Player, until};

/// `AVCDecoderConfigurationRecord` of x264: High, level 3.1, 1280x720, 30 frames a second.
const RECORD_720P: [u8; 43] = [
    0x01, 0x64, 0x00, 0x1f, 0xff, 0xe1, 0x00, 0x18, 0x67, 0x64, 0x00, 0x1f, 0xac, 0xb4, 0x02, 0x80, 0x2d, 0xd8, 0x08,
    0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x1e, 0x07, 0x8c, 0x19, 0x50, 0x01, 0x00, 0x04, 0x68, 0xef, 0x0f,
    0xcb, 0xfd, 0xf8, 0xf8, 0x00,
];

async fn multivariant(player: &Player) -> String {
    let path = format!("/api/video/v1/{FEED}.m3u8");
    until(async || player.get(&path).await.status == StatusCode::OK).await;
    player.get(&path).await.text()
}

/// Value of a playlist's tag.
fn tag<'a>(playlist: &'a str, name: &str) -> &'a str {
    playlist.lines().find_map(|line| line.strip_prefix(name)).unwrap()
}

/// Lengths of the complete segments, seconds.
fn segments_s(playlist: &str) -> Vec<f64> {
    let lengths = playlist.lines().filter_map(|line| line.strip_prefix("#EXTINF:"));
    lengths
        .map(|length| length.trim_end_matches(',').parse().unwrap())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn pictures_without_sound_can_be_played() {
    let mut plane = Plane::start().await;
    let mut encoder = Encoder::in_memory(&plane.engine, KEY);
    encoder.admit().await.unwrap();
    encoder.config(&sample::h264_config().unwrap()).await;
    for n in 0..125 {
        encoder.frame(&sample::video_frame(40 * n, n % 25 == 0, 2_000)).await;
    }
    let text = multivariant(&plane.player()).await;
    assert!(
        text.contains("CODECS=\"avc1.64001e\"") && text.contains("RESOLUTION=640x360"),
        "{text}"
    );
    plane.event_that(|kind| *kind == EventKind::StreamStarted).await;
    let ingest = plane.engine.status(FEED).unwrap().ingest;
    assert!(ingest.video.is_some() && ingest.audio.is_none());
}

#[tokio::test(start_paused = true)]
async fn sound_without_pictures_can_be_played() {
    let mut plane = Plane::start().await;
    let mut encoder = Encoder::in_memory(&plane.engine, KEY);
    encoder.admit().await.unwrap();
    encoder.config(&sample::aac_config().unwrap()).await;
    for n in 0..300 {
        encoder.frame(&sample::audio_frame(n * 1_024 / 48, 300)).await;
    }
    let text = multivariant(&plane.player()).await;
    assert!(
        text.contains("CODECS=\"mp4a.40.2\"") && !text.contains("RESOLUTION"),
        "{text}"
    );
    plane.event_that(|kind| *kind == EventKind::StreamStarted).await;
    let ingest = plane.engine.status(FEED).unwrap().ingest;
    assert!(ingest.video.is_none() && ingest.audio.is_some());
}

#[tokio::test(start_paused = true)]
async fn an_encoder_may_change_its_picture_size() {
    let mut plane = Plane::start().await;
    let player = plane.player();
    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    let playlist = player.open().await;
    plane.event_that(|kind| *kind == EventKind::StreamStarted).await;

    let larger = h264::Config::from_record(&Bytes::from_static(&RECORD_720P)).unwrap();
    encoder.config(&CodecConfig::H264(larger)).await;
    encoder.send(Media::seconds(5, 10)).await;
    let told = plane
        .event_that(|kind| matches!(kind, EventKind::IngestConfigured(_)))
        .await;
    let EventKind::IngestConfigured(info) = told.kind else {
        unreachable!()
    };
    let video = info.video.unwrap();
    assert_eq!(
        (video.width, video.height, told.stream_id.as_str()),
        (1280, 720, "st-0")
    );
    let text = player
        .playlist_that(&playlist, |text| text.contains("/1.init.mp4"))
        .await;
    assert!(
        text.contains("#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI=\"st-0/1.init.mp4\"\n"),
        "{text}"
    );
    let init = player.get(&format!("/api/video/v1/{FEED}/st-0/1.init.mp4")).await;
    assert!(init.body.windows(RECORD_720P.len()).any(|bytes| bytes == RECORD_720P));
    assert!(multivariant(&player).await.contains("RESOLUTION=1280x720"));
}

/// The longest keyframe intervals of encoders left at their defaults, 250 pictures: at 30 and at 24 pictures a second.
#[tokio::test(start_paused = true)]
async fn default_keyframe_intervals_make_segments_that_start_with_a_keyframe() {
    for (rate, target, length_s) in [(30, "8", 8.333), (24, "10", 10.417)] {
        let mut plane = Plane::start().await;
        let player = plane.player();
        let mut encoder = plane.publish().await;
        for n in 0..800 {
            let dts_ms = n * 1_000 / rate;
            encoder.frame(&sample::video_frame(dts_ms, n % 250 == 0, 1_000)).await;
            encoder.frame(&sample::audio_frame(dts_ms, 100)).await;
        }
        let playlist = player.open().await;
        // The first segment, too: it would tell players of a length that never comes again.
        let text = player.playlist_that(&playlist, |text| text.contains("/2.m4s")).await;
        assert_eq!(tag(&text, "#EXT-X-MEDIA-SEQUENCE:"), "0");
        assert_eq!(tag(&text, "#EXT-X-TARGETDURATION:"), target, "{rate} fps");
        for segment_s in segments_s(&text) {
            assert!((segment_s - length_s).abs() < 0.01, "{rate} fps: {segment_s}");
        }
        let independent = text.matches("INDEPENDENT=YES").count();
        assert_eq!(
            independent,
            segments_s(&text).len() + 1,
            "one keyframe in each segment: {text}"
        );
        // What a player keeps as its distance does not grow with the segments.
        assert!(text.contains(",PART-HOLD-BACK=0."), "{text}");
        plane.event_that(|kind| *kind == EventKind::StreamStarted).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_wraps_steps_back_and_jumps_makes_one_stream() {
    let plane = Plane::start().await;
    let player = plane.player();
    let mut encoder = plane.publish().await;
    let wrap_ms = 1_i64 << 32;
    for (from_ms, to_ms) in [
        (wrap_ms - 3_000, wrap_ms + 3_000),
        // Steps back a little, then by an hour, then leaps by a day.
        (wrap_ms + 2_800, wrap_ms + 5_000),
        (wrap_ms - 3_600_000, wrap_ms - 3_597_000),
        (wrap_ms + 86_400_000, wrap_ms + 86_404_000),
    ] {
        let media = Media {
            from_ms: from_ms / 40 * 40,
            to_ms,
            ..Media::seconds(0, 0)
        };
        encoder.send(media).await;
    }
    let playlist = player.open().await;
    let text = player.playlist_that(&playlist, |text| text.contains("/5.m4s")).await;
    assert!(!text.contains("#EXT-X-DISCONTINUITY"), "{text}");
    for segment_s in segments_s(&text) {
        assert!((1.5..2.5).contains(&segment_s), "{text}");
    }
    assert_eq!(plane.engine.status(FEED).unwrap().health, Health::Healthy);
}

/// A stream of 1.4 Mbit/s, the size of a modest 720p broadcast.
#[tokio::test(start_paused = true)]
async fn a_feed_keeps_two_and_a_half_mebibytes_of_a_modest_broadcast() {
    let plane = Plane::start().await;
    let player = plane.player();
    let mut encoder = plane.publish().await;
    for n in 0..1_170 {
        // Milliseconds of 30 pictures a second are never evenly spaced, and segments never exactly two seconds.
        let dts_ms = n * 100 / 3;
        encoder.frame(&sample::video_frame(dts_ms, n % 60 == 0, 5_300)).await;
        encoder.frame(&sample::audio_frame(dts_ms, 400)).await;
    }
    let playlist = player.open().await;
    let text = player.playlist_that(&playlist, |text| text.contains("/18.m4s")).await;
    let mut names: Vec<String> = (0..19).map(|msn| msn.to_string()).collect();
    // The last of them is the hint.
    let open_parts = text.matches("st-0/19.").count().saturating_sub(1);
    names.extend((0..open_parts).map(|part| format!("19.{part}")));
    let mut kept_bytes = 0;
    for name in names {
        let answer = player.get(&format!("/api/video/v1/{FEED}/st-0/{name}.m4s")).await;
        if answer.status == StatusCode::OK {
            kept_bytes += answer.body.len();
        }
    }
    assert!((1_000_000..=5 << 19).contains(&kept_bytes), "{kept_bytes}");
}
