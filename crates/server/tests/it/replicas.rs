//! The application beside a remote engine: two replicas on one PostgreSQL, video through `rostrum engine` as through Amazon.

use http::{Method, StatusCode};
use platform::testing::Database;
use serde_json::Value;

use crate::first_broadcast::{Encoder, video_state};
use crate::support::{Server, eventually, free_port, listing};

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_share_a_database_and_a_remote_engine() {
    let database = Database::postgres().await;
    let folder = tempfile::tempdir().unwrap();
    let home = |name: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir(&path).unwrap();
        path
    };
    let port = free_port();
    let target = format!("http://127.0.0.1:{port}/events/ivs");
    let shared = ("ROSTRUM_EVENTS_SECRET", "shared-events-secret");
    let engine = Server::start("engine", &home("engine"), &[shared, ("ROSTRUM_EVENTS_TARGET", &target)]);
    let rtmp_port = engine
        .rtmp
        .trim_end_matches("/app/")
        .rsplit(':')
        .next()
        .unwrap()
        .to_owned();

    let key = "0f".repeat(32);
    let addr = format!("127.0.0.1:{port}");
    let url = database.url.as_str();
    let mut settings = vec![
        shared,
        ("ROSTRUM_VIDEO", "aws"),
        ("AWS_ENDPOINT_URL_IVS", engine.ivs.as_str()),
        ("ROSTRUM_INSECURE_INGEST", "true"),
        ("ROSTRUM_VIDEO_RTMP_PORT", rtmp_port.as_str()),
        ("ROSTRUM_DATABASE_URL", url),
        ("ROSTRUM_SECRET_KEY", key.as_str()),
    ];
    let second = Server::start("serve", &home("second"), &settings);
    settings.push(("ROSTRUM_HTTP_ADDR", addr.as_str()));
    let first = Server::start("serve", &home("first"), &settings);

    let token = first.seller("seller@example.com").await;
    let (status, auction) = first
        .call(Method::POST, "/api/auctions", Some(&token), listing(300))
        .await
        .unwrap();
    assert_eq!(status, StatusCode::CREATED, "{auction}");
    let id = auction["auction_id"].as_str().unwrap();
    assert_eq!(engine.channels().await, [format!("auction_{id}")]);

    let _encoder = Encoder::start(auction["rtmp_url"].as_str().unwrap());
    // The engine tells the first replica; the second one knows as soon.
    eventually("the second replica shows it live", async || {
        (video_state(&second, id).await == "live").then_some(())
    })
    .await;

    let close = format!("/api/auctions/{id}/close");
    let (status, answer) = second
        .call(Method::POST, &close, Some(&token), Value::Null)
        .await
        .unwrap();
    assert_eq!(
        status,
        StatusCode::OK,
        "a token of one replica is good at the other: {answer}"
    );
    eventually("the channel is gone", async || {
        engine.channels().await.is_empty().then_some(())
    })
    .await;
    assert_eq!(video_state(&first, id).await, "ended");
}
