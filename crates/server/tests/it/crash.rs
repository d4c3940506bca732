//! kill -9 at the two worst moments: afterwards the ledger, the provider and the rows agree.

use http::{Method, StatusCode};
use serde_json::Value;

use crate::support::{Server, eventually, listing};

/// Nothing at the provider, and nothing in the ledger that waits for a repair.
async fn nothing_is_left(server: &Server) {
    eventually("no channel is left", async || {
        server.channels().await.is_empty().then_some(())
    })
    .await;
}

async fn auctions(server: &Server) -> Vec<Value> {
    let (status, answer) = server
        .call(Method::GET, "/api/auctions", None, Value::Null)
        .await
        .unwrap();
    assert_eq!(status, StatusCode::OK);
    answer["auctions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn killed_between_channel_created_and_row_saved_the_channel_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(
        "serve",
        folder.path(),
        &[("ROSTRUM_FAILPOINT", "auction.channel_created")],
    );
    let token = server.seller("seller@example.com").await;
    let answer = server
        .call(Method::POST, "/api/auctions", Some(&token), listing(300))
        .await;
    assert_eq!(answer, None, "the process died before it could answer");
    server.died().await;

    let server = Server::start("serve", folder.path(), &[]);
    assert!(
        auctions(&server).await.is_empty(),
        "an auction that was never acknowledged does not exist"
    );
    nothing_is_left(&server).await;
}

#[tokio::test]
async fn killed_while_closing_the_auction_is_closed_and_its_channel_goes() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start("serve", folder.path(), &[("ROSTRUM_FAILPOINT", "auction.closed")]);
    let token = server.seller("seller@example.com").await;
    let (status, auction) = server
        .call(Method::POST, "/api/auctions", Some(&token), listing(300))
        .await
        .unwrap();
    assert_eq!(status, StatusCode::CREATED, "{auction}");
    let id = auction["auction_id"].as_str().unwrap();
    assert_eq!(server.channels().await, [format!("auction_{id}")]);
    let close = format!("/api/auctions/{id}/close");
    assert_eq!(server.call(Method::POST, &close, Some(&token), Value::Null).await, None);
    server.died().await;

    let server = Server::start("serve", folder.path(), &[]);
    let rows = auctions(&server).await;
    assert_eq!((rows.len(), &rows[0]["status"]), (1, &Value::from("closed")));
    nothing_is_left(&server).await;
}

#[tokio::test]
async fn an_auction_whose_end_passed_while_the_server_was_down_settles_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start("serve", folder.path(), &[]);
    let token = server.seller("seller@example.com").await;
    let (_, auction) = server
        .call(Method::POST, "/api/auctions", Some(&token), listing(2))
        .await
        .unwrap();
    let end_time_ms = auction["end_time_ms"].as_i64().unwrap();
    server.kill();
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;

    let server = Server::start("serve", folder.path(), &[]);
    let closed = eventually("the auction is closed", async || {
        auctions(&server)
            .await
            .into_iter()
            .find(|auction| auction["status"] == "closed")
    })
    .await;
    assert_eq!(
        closed["end_time_ms"].as_i64(),
        Some(end_time_ms),
        "the clock was not restarted"
    );
    nothing_is_left(&server).await;
}
