//! The real thing: ffmpeg publishes, ffprobe and ffmpeg play.

use std::net::SocketAddr;
use std::process::{Output, Stdio};

use engine::http::{Options, serve};
use engine::tls::{Source, Tls};
use engine::{Config, EndReason, EventKind};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio_util::sync::CancellationToken;

use crate::support::{FEED, KEY, Plane, SECURE_KEY, environment, within};

#[tokio::test]
async fn ffprobe_reads_what_ffmpeg_publishes_over_rtmp() {
    let plane = Plane::listening().await;
    let url = format!("rtmp://{}/app/{KEY}", plane.engine.rtmp_addr().unwrap());
    check(plane, &url).await;
}

#[tokio::test]
async fn ffprobe_reads_what_ffmpeg_publishes_over_rtmps() {
    let folder = tempfile::tempdir().unwrap();
    let source = Source::SelfSigned {
        folder: folder.path().to_owned(),
        hosts: Vec::new(),
    };
    let tls = Tls::open(&source, &environment()).unwrap();
    let config = Config {
        rtmps_addr: Some("127.0.0.1:0".parse().unwrap()),
        tls: Some(tls),
        ..Config::default()
    };
    let plane = Plane::with(config).await;
    let url = format!("rtmps://{}/app/{SECURE_KEY}", plane.engine.rtmps_addr().unwrap());
    check(plane, &url).await;
}

async fn check(mut plane: Plane, publish_url: &str) {
    let shutdown = CancellationToken::new();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(
        listener,
        plane.engine.origin(),
        Options::default(),
        shutdown.clone(),
    ));

    let mut encoder = publish(publish_url);
    plane.event_that(|kind| *kind == EventKind::StreamStarted).await;
    let streams = probe(http).await;
    assert!(
        streams.contains("h264,video") && streams.contains("aac,audio"),
        "{streams}"
    );
    let decoded = decode(http).await;
    assert!(
        decoded.status.success() && decoded.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&decoded.stderr)
    );

    // Killed, as by a power cut: no goodbye, so the feed waits for its encoder.
    encoder.start_kill().unwrap();
    within(encoder.wait()).await.unwrap();
    plane.event_that(|kind| *kind == EventKind::StarvationStarted).await;
    assert!(plane.engine.stop(FEED).await);
    plane
        .event_that(|kind| *kind == EventKind::StreamEnded(EndReason::Stopped))
        .await;
    shutdown.cancel();
    within(server).await.unwrap();
}

/// Colour bars and a tone, as a zero-latency encoder sends them.
fn publish(url: &str) -> Child {
    let arguments = "-hide_banner -loglevel error -re -f lavfi -i testsrc2=size=320x180:rate=30 -re -f lavfi \
        -i sine=frequency=440:sample_rate=48000 -c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p \
        -g 30 -b:v 300k -c:a aac -b:a 64k -t 40 -f flv";
    command("ffmpeg")
        .args(arguments.split_whitespace())
        .arg(url)
        .spawn()
        .expect(MISSING)
}

async fn probe(http: SocketAddr) -> String {
    let url = format!("http://{http}/api/video/v1/{FEED}.m3u8");
    let output = command("ffprobe")
        .args([
            "-v",
            "error",
            "-show_entries",
            "stream=codec_name,codec_type",
            "-of",
            "csv=p=0",
        ])
        .arg(url)
        .output();
    String::from_utf8(within(output).await.expect(MISSING).stdout).unwrap()
}

async fn decode(http: SocketAddr) -> Output {
    let url = format!("http://{http}/api/video/v1/{FEED}.m3u8");
    let decode = command("ffmpeg")
        .args(["-v", "error", "-i", &url, "-frames:v", "60", "-f", "null", "-"])
        .output();
    within(decode).await.expect(MISSING)
}

fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

const MISSING: &str = "ffmpeg and ffprobe must be installed for this test (Debian: apt-get install ffmpeg)";
