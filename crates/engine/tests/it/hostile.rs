//! Peers that are wrong, slow or hostile: they get a clear answer or a close, and nobody else notices.

use std::time::Duration;

use bytes::Bytes;
use engine::{EndReason, EventKind, Health};
use media::CodecConfig;
use media::codec::aac;
use media::testing::sample;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::support::{Encoder, FEED, KEY, Media, Plane, SECURE_KEY, until, within};

#[tokio::test(start_paused = true)]
async fn a_wrong_key_is_refused_by_name_after_a_constant_delay() {
    let plane = Plane::start().await;
    let mut encoder = Encoder::in_memory(&plane.engine, "sk_eu_guess");
    let begin = Instant::now();
    let (code, description) = encoder.publish().await.unwrap_err();
    assert_eq!(code, "NetStream.Publish.BadName");
    assert!(description.contains("unknown stream key"), "{description}");
    assert_eq!(begin.elapsed().as_millis() / 100, 5);
    encoder.closed().await;
    assert!(plane.engine.live().is_empty());
}

#[tokio::test(start_paused = true)]
async fn every_refusal_says_what_to_change() {
    let plane = Plane::start().await;
    let (_, insecure) = Encoder::in_memory(&plane.engine, SECURE_KEY)
        .publish()
        .await
        .unwrap_err();
    assert!(insecure.contains("rtmps"), "{insecure}");
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    plane
        .engine
        .accept_rtmp(theirs, "192.0.2.1:5000".parse().unwrap(), false);
    let (_, app) = Encoder::new(ours, "live", KEY).publish().await.unwrap_err();
    assert!(app.contains("/app/"), "{app}");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_a_byte_a_second_is_closed_after_ten() {
    let plane = Plane::start().await;
    let (mut ours, theirs) = tokio::io::duplex(1 << 16);
    plane
        .engine
        .accept_rtmp(theirs, "192.0.2.1:5000".parse().unwrap(), false);
    let begin = Instant::now();
    while ours.write_all(&[3]).await.is_ok() {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!((10..=12).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_breaks_the_protocol_ends_its_stream() {
    let mut plane = Plane::start().await;
    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    plane.event_that(|kind| *kind == EventKind::StreamStarted).await;
    // A chunk that continues a chunk stream on which nothing began.
    encoder.io.write_all(&[0xff; 64]).await.unwrap();
    plane
        .event_that(|kind| *kind == EventKind::StreamEnded(EndReason::Failed))
        .await;
    encoder.closed().await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_beyond_the_bit_rate_limit_is_cut_off() {
    let mut plane = Plane::start().await;
    let mut encoder = plane.publish().await;
    let flood = Media {
        frame_bytes: 1_000_000,
        ..Media::seconds(0, 5)
    };
    encoder.send(flood).await;
    plane
        .event_that(|kind| *kind == EventKind::StreamEnded(EndReason::Failed))
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_sends_a_flood_of_tiny_frames_is_cut_off() {
    let mut plane = Plane::start().await;
    let mut encoder = plane.publish().await;
    for n in 0..40_000 {
        encoder.frame(&sample::audio_frame(n / 4, 1)).await;
    }
    plane
        .event_that(|kind| *kind == EventKind::StreamEnded(EndReason::Failed))
        .await;
}

#[tokio::test(start_paused = true)]
async fn an_encoder_that_changes_its_codecs_with_every_picture_is_cut_off() {
    let mut plane = Plane::start().await;
    let mut encoder = plane.publish().await;
    encoder.send(Media::seconds(0, 5)).await;
    let rates = [&[0x12, 0x10][..], &[0x11, 0x90][..]]
        .map(|record| CodecConfig::Aac(aac::Config::from_record(&Bytes::copy_from_slice(record)).unwrap()));
    for n in 0..1_000 {
        let at_ms = 5_000 + 10 * i64::from(n);
        encoder.config(&rates[usize::try_from(n).unwrap() % 2]).await;
        encoder.frame(&sample::audio_frame(at_ms, 100)).await;
        encoder.frame(&sample::video_frame(at_ms, true, 100)).await;
    }
    plane
        .event_that(|kind| *kind == EventKind::StreamEnded(EndReason::Failed))
        .await;
    encoder.closed().await;
}

#[tokio::test]
async fn a_thousand_half_open_connections_disturb_nobody() {
    let mut plane = Plane::listening().await;
    let addr = plane.engine.rtmp_addr().unwrap();
    let mut encoder = Encoder::connect(addr, KEY).await;
    encoder.publish().await.unwrap();
    encoder.send(Media::seconds(0, 5)).await;
    plane.event_that(|kind| *kind == EventKind::StreamStarted).await;

    let before = resident_bytes();
    let mut crowd = Vec::new();
    for n in 0..1_000 {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        // Some say nothing, some stop in the middle of the handshake.
        if n % 2 == 0 {
            stream.write_all(&[3; 700]).await.unwrap();
        }
        crowd.push(stream);
    }
    encoder.send(Media::seconds(5, 8)).await;
    // With all of them there, another encoder still gets in.
    let mut other = Encoder::connect(addr, "sk_many_1").await;
    other.publish().await.unwrap();
    until(async || plane.engine.status(FEED).unwrap().health == Health::Healthy).await;
    let growth = resident_bytes().saturating_sub(before);
    assert!(growth <= 64 << 20, "{} MiB for 1,000 connections", growth >> 20);

    // The oldest had to make room for the newest.
    let mut byte = [0];
    assert!(matches!(within(crowd[0].read(&mut byte)).await, Ok(0) | Err(_)));
    encoder.send(Media::seconds(8, 9)).await;
    assert_eq!(plane.engine.live().len(), 2);
}

#[tokio::test]
async fn who_connects_and_leaves_leaves_nothing_behind() {
    let plane = Plane::listening().await;
    for _ in 0..50 {
        drop(TcpStream::connect(plane.engine.rtmp_addr().unwrap()).await.unwrap());
    }
    // Drain waits for every connection's task.
    let begin = Instant::now();
    plane.engine.drain(Duration::from_secs(10)).await;
    assert!(begin.elapsed() < Duration::from_secs(5));
}

/// What this process occupies, clients of the test included.
fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4_096
}
