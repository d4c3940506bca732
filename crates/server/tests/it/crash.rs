//! kill -9 at the worst moments: afterwards the ledger, the provider and the rows agree.

use std::path::Path;

use http::{Method, StatusCode};
use serde_json::{Value, json};

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

/// Of what was agreed of auctions, (e); its siblings are in `crates/api/tests/it/scenarios.rs`.
#[tokio::test]
async fn e_a_restart_across_the_end_settles_once_the_winner_is_right_and_the_channel_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start("serve", folder.path(), &[]);
    let seller = server.seller("seller@example.com").await;
    let mut short = listing(4);
    // Late bids would move the end.
    short["anti_snipe"] = json!({ "window_seconds": 0, "extension_seconds": 1, "max_extensions": 0 });
    let (status, auction) = server
        .call(Method::POST, "/api/auctions", Some(&seller), short)
        .await
        .unwrap();
    assert_eq!(status, StatusCode::CREATED, "{auction}");
    let id = auction["auction_id"].as_str().unwrap();
    let mut winner = String::new();
    for (email, amount) in [("ann@example.com", 100), ("bob@example.com", 101)] {
        winner = server.seller(email).await;
        let bid = json!({ "auction_id": id, "amount": amount });
        let (status, answer) = server
            .call(Method::POST, "/api/bids", Some(&winner), bid)
            .await
            .unwrap();
        assert_eq!(status, StatusCode::OK, "{answer}");
    }
    let end_time_ms = auction["end_time_ms"].as_i64().unwrap();
    server.kill();
    tokio::time::sleep(std::time::Duration::from_millis(4_500)).await;

    let server = Server::start("serve", folder.path(), &[]);
    eventually("the auction is closed", async || {
        auctions(&server)
            .await
            .into_iter()
            .find(|auction| auction["status"] == "closed")
    })
    .await;
    let get = async |path: &str, token: &str| {
        let (status, answer) = server.call(Method::GET, path, Some(token), Value::Null).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    };
    let closed = get(&format!("/api/auctions/{id}"), &winner).await;
    assert_eq!(
        closed["end_time_ms"].as_i64(),
        Some(end_time_ms),
        "the clock was not restarted"
    );
    assert_eq!(
        (&closed["winning_bid"], &closed["winner_id"]),
        (&json!(101), &closed["your_bidder_id"])
    );
    nothing_is_left(&server).await;
    let history = get(&format!("/api/auctions/{id}/history"), &seller).await;
    let kinds: Vec<_> = history["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["kind"].clone())
        .collect();
    assert_eq!(json!(kinds), json!(["bid", "bid", "close"]), "settled once");
}

const ADMIN: [(&str, &str); 2] = [
    ("ROSTRUM_ADMIN_EMAIL", "ada@example.com"),
    ("ROSTRUM_ADMIN_PASSWORD", "correct horse battery"),
];

/// A server that kills itself at `step`, with one place in its pool, and its administrator's token.
async fn server_of_one_channel(folder: &Path, step: Option<&str>) -> (Server, String) {
    let mut settings = ADMIN.to_vec();
    settings.push(("ROSTRUM_CHANNELS_CAPACITY", "1"));
    settings.extend(step.map(|step| ("ROSTRUM_FAILPOINT", step)));
    let server = Server::start("serve", folder, &settings);
    let login = json!({ "email": ADMIN[0].1, "password": ADMIN[1].1 });
    let (status, answer) = server.call(Method::POST, "/api/auth/login", None, login).await.unwrap();
    assert_eq!(status, StatusCode::OK, "{answer}");
    let token = answer["access_token"].as_str().unwrap().to_owned();
    (server, token)
}

#[tokio::test]
async fn killed_while_a_channel_is_made_its_place_and_the_provider_agree() {
    let body = json!({ "name": "Main Stage", "recordingEnabled": false });
    for (step, is_saved) in [
        ("channel.reserved", false),
        ("channel.created", false),
        ("channel.saved", true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (server, token) = server_of_one_channel(folder.path(), Some(step)).await;
        let answer = server
            .call(Method::POST, "/admin/channels", Some(&token), body.clone())
            .await;
        assert_eq!(answer, None, "{step}: the process died before it could answer");
        server.died().await;

        let (server, token) = server_of_one_channel(folder.path(), None).await;
        let capacity = server
            .call(Method::GET, "/admin/channels/capacity", Some(&token), Value::Null)
            .await;
        assert_eq!(
            capacity.unwrap().1["currentChannelCount"],
            i64::from(is_saved),
            "{step}"
        );
        if is_saved {
            assert_eq!(server.channels().await.len(), 1, "{step}");
            continue;
        }
        nothing_is_left(&server).await;
        // The place is held for as long as the creation could have taken.
        eventually("the place is free", async || {
            let made = server
                .call(Method::POST, "/admin/channels", Some(&token), body.clone())
                .await;
            made.filter(|(status, _)| *status == StatusCode::CREATED)
        })
        .await;
        assert_eq!(server.channels().await.len(), 1, "{step}");
    }
}
