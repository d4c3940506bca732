//! The first broadcast as the README tells it, with real ffmpeg and ffprobe: create, publish, watch, close.

use std::process::{Child, Command, Output, Stdio};

use http::{Method, StatusCode};
use serde_json::Value;

use crate::support::{Server, eventually, listing};

/// A publishing ffmpeg; it ends with the handle.
pub struct Encoder(Child);

impl Encoder {
    /// Publishes a small test picture with sound, a keyframe each second.
    pub fn start(url: &str) -> Self {
        Self(
            publisher(url)
                .args(["-t", "120"])
                .args(["-f", "flv", url])
                .spawn()
                .unwrap(),
        )
    }
}

impl Encoder {
    /// Waits until ffmpeg ended by itself; true when it was content.
    pub async fn ended(mut self) -> bool {
        let ended = || std::future::ready(self.0.try_wait().unwrap());
        eventually("ffmpeg has ended", ended).await.success()
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// ffmpeg with its input and encoders; the output comes last.
fn publisher(url: &str) -> Command {
    assert!(url.starts_with("rtmp"), "{url}");
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .args([
            "-v",
            "error",
            "-nostdin",
            "-re",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=320x180:rate=30",
        ])
        .args([
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:sample_rate=48000",
            "-c:a",
            "aac",
        ])
        .args([
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-tune",
            "zerolatency",
            "-g",
            "30",
            "-pix_fmt",
            "yuv420p",
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    ffmpeg
}

/// What ffprobe finds at a playback URL: codec names, sorted.
async fn codecs(url: &str) -> Vec<String> {
    let mut ffprobe = Command::new("ffprobe");
    ffprobe.args([
        "-v",
        "error",
        "-show_entries",
        "stream=codec_name",
        "-of",
        "csv=p=0",
        url,
    ]);
    let output: Output = tokio::task::spawn_blocking(move || ffprobe.output().unwrap())
        .await
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let mut names: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

async fn create(server: &Server) -> (String, Value) {
    let token = server.seller("seller@example.com").await;
    let (status, auction) = server
        .call(Method::POST, "/api/auctions", Some(&token), listing(300))
        .await
        .unwrap();
    assert_eq!(status, StatusCode::CREATED, "{auction}");
    (token, auction)
}

/// What the auction says of its picture.
pub async fn video_state(server: &Server, id: &str) -> String {
    let (_, auction) = server
        .call(Method::GET, &format!("/api/auctions/{id}"), None, Value::Null)
        .await
        .unwrap();
    auction["video"]["state"].as_str().unwrap_or_default().to_owned()
}

async fn is_watched_and_closed(ingest: &str) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start("serve", folder.path(), &[]);
    let (token, auction) = create(&server).await;
    let id = auction["auction_id"].as_str().unwrap();
    assert_eq!(server.channels().await, [format!("auction_{id}")]);
    assert_eq!(video_state(&server, id).await, "waiting");

    let url = auction[ingest].as_str().unwrap();
    let _encoder = Encoder::start(url);
    eventually("the auction is live", async || {
        (video_state(&server, id).await == "live").then_some(())
    })
    .await;
    assert_eq!(
        codecs(auction["ivs_playback_url"].as_str().unwrap()).await,
        ["aac", "h264"]
    );

    let close = format!("/api/auctions/{id}/close");
    let (status, answer) = server
        .call(Method::POST, &close, Some(&token), Value::Null)
        .await
        .unwrap();
    assert_eq!((status, answer["status"].as_str()), (StatusCode::OK, Some("closed")));
    eventually("the channel is gone", async || {
        server.channels().await.is_empty().then_some(())
    })
    .await;
    assert_eq!(video_state(&server, id).await, "ended");
}

#[tokio::test]
async fn an_auction_is_broadcast_over_rtmp_watched_and_closed_on_air() {
    is_watched_and_closed("rtmp_url").await;
}

#[tokio::test]
async fn an_auction_is_broadcast_over_rtmps_watched_and_closed_on_air() {
    is_watched_and_closed("rtmps_url").await;
}

#[tokio::test]
async fn with_a_certificate_one_port_carries_https_and_rtmps_and_the_operator_still_gets_in() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = folder.path().join("cert.pem");
    let key = folder.path().join("key.pem");
    let pair = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    std::fs::write(&certificate, pair.cert.pem()).unwrap();
    std::fs::write(&key, pair.signing_key.serialize_pem()).unwrap();
    let settings = [
        ("ROSTRUM_TLS_CERT", certificate.to_str().unwrap()),
        ("ROSTRUM_TLS_KEY", key.to_str().unwrap()),
    ];
    let server = Server::start("serve", folder.path(), &settings).behind_its_own_door(folder.path());

    let (_, auction) = create(&server).await;
    let port = auction["ivs_playback_url"]
        .as_str()
        .unwrap()
        .split(['/', ':'])
        .nth(4)
        .unwrap()
        .to_owned();
    let rtmps_url = auction["rtmps_url"].as_str().unwrap();
    assert!(
        rtmps_url.starts_with(&format!("rtmps://localhost:{port}/app/")),
        "{rtmps_url}"
    );
    let _encoder = Encoder::start(rtmps_url);
    let id = auction["auction_id"].as_str().unwrap();
    eventually("the auction is live", async || {
        (video_state(&server, id).await == "live").then_some(())
    })
    .await;

    let leaks = Command::new(env!("CARGO_BIN_EXE_rostrum"))
        .args(["leaks", "--json"])
        .current_dir(folder.path())
        .env_clear()
        .env("ROSTRUM_DATA_DIR", folder.path())
        .output()
        .unwrap();
    assert!(leaks.status.success(), "{}", String::from_utf8_lossy(&leaks.stderr));
    let leaks: Value = serde_json::from_slice(&leaks.stdout).unwrap();
    assert_eq!(leaks["leaks"], Value::Array(vec![]));
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_nothing_goes_on_air() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start("serve", folder.path(), &[]);
    let (_, auction) = create(&server).await;
    for address in [&server.rtmp, &server.rtmps] {
        let url = format!("{address}sk_us-east-1_wrong_key");
        let ffmpeg = publisher(&url).args(["-t", "20", "-f", "flv", &url]).spawn().unwrap();
        let output = tokio::task::spawn_blocking(move || ffmpeg.wait_with_output().unwrap())
            .await
            .unwrap();
        assert!(!output.status.success(), "ffmpeg was let in");
    }
    assert_eq!(
        video_state(&server, auction["auction_id"].as_str().unwrap()).await,
        "waiting"
    );
}
