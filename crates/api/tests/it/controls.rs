//! The seller's hand on a running auction, and the terms that a sale may have.

use http::StatusCode;
use platform::Role;
use platform::testing::run_due_jobs;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

async fn post(server: &TestServer, path: &str, token: &str, body: Value) -> Answer {
    server.post(path).bearer(token).json(&body).send().await
}

async fn create(server: &TestServer, token: &str, more: Value) -> String {
    let mut body = json!({ "title": "Lamp", "duration": 300, "starting_bid": 100 });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = post(server, "/api/auctions", token, body).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()["auction_id"].as_str().unwrap().to_owned()
}

async fn show(server: &TestServer, id: &str) -> Value {
    server.get(&format!("/api/auctions/{id}")).send().await.json()
}

async fn bid(server: &TestServer, token: &str, id: &str, amount: i64) -> Value {
    post(
        server,
        "/api/bids",
        token,
        json!({ "auction_id": id, "amount": amount }),
    )
    .await
    .json()
}

#[tokio::test]
async fn a_seller_pauses_goes_on_and_extends() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let id = create(&server, &host, json!({})).await;
    let control =
        async |verb: &str, body: Value| post(&server, &format!("/api/auctions/{id}/{verb}"), &host, body).await;
    let end = show(&server, &id).await["end_time_ms"].as_i64().unwrap();
    server.clock.advance_ms(100_000);
    let paused = control("pause", json!({})).await.json();
    assert_eq!(
        (&paused["phase"], &paused["status"]),
        (&json!("paused"), &json!("live"))
    );
    server.clock.advance_ms(50_000);
    assert_eq!(show(&server, &id).await["time_remaining_seconds"], 200);
    assert_eq!(control("pause", json!({})).await.status, StatusCode::CONFLICT);
    let resumed = control("resume", json!({})).await.json();
    assert_eq!(
        (&resumed["phase"], &resumed["end_time_ms"]),
        (&json!("open"), &json!(end + 50_000))
    );
    assert_eq!(control("resume", json!({})).await.status, StatusCode::CONFLICT);
    let extended = control("extend", json!({ "seconds": 60 })).await.json();
    assert_eq!(extended["end_time_ms"], end + 110_000);
    for seconds in [json!(0), json!(86_401), json!(1.5), json!(null)] {
        let refused = control("extend", json!({ "seconds": seconds })).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{refused:?}");
    }
}

#[tokio::test]
async fn a_lot_is_withdrawn_with_a_reason() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    let ann = server.sign_in("ann", &[Role::Member]).await;
    let withdraw = async |id: &str, token: &str, reason: &str| {
        post(
            &server,
            &format!("/api/auctions/{id}/withdraw"),
            token,
            json!({ "reason": reason }),
        )
        .await
    };
    let (unwanted, wanted) = (
        create(&server, &host, json!({})).await,
        create(&server, &host, json!({})).await,
    );
    assert_eq!(withdraw(&unwanted, &host, " ").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        withdraw(&unwanted, &host, &"x".repeat(501)).await.status,
        StatusCode::BAD_REQUEST
    );
    let withdrawn = withdraw(&unwanted, &host, "Broken in the hall").await.json();
    assert_eq!(
        (&withdrawn["phase"], &withdrawn["status"]),
        (&json!("withdrawn"), &json!("closed"))
    );
    assert_eq!(bid(&server, &ann, &wanted, 100).await["status"], "success");
    insta::assert_snapshot!(
        "withdraw_with_bids",
        withdraw(&wanted, &host, "Changed my mind").await.summary()
    );
    assert_eq!(
        withdraw(&wanted, &admin, "Stolen goods").await.json()["winner_id"],
        Value::Null
    );
}

#[tokio::test]
async fn buying_now_ends_it_at_once() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let ann = server.sign_in("ann", &[Role::Member]).await;
    let bob = server.sign_in("bob", &[Role::Member]).await;
    let buy =
        async |id: &str, token: &str| post(&server, &format!("/api/auctions/{id}/buy-now"), token, json!({})).await;
    let id = create(&server, &host, json!({ "buy_now_price": 500 })).await;
    assert_eq!(show(&server, &id).await["buy_now_price"], 500);
    assert_eq!(buy(&id, &host).await.status, StatusCode::FORBIDDEN);
    let bought = buy(&id, &ann).await.json();
    assert_eq!(
        (&bought["phase"], &bought["winning_bid"], &bought["you_are_winning"]),
        (&json!("sold"), &json!(500), &json!(true))
    );
    assert_eq!(bought["winner_id"], bought["your_bidder_id"]);
    assert_eq!(buy(&id, &bob).await.status, StatusCode::CONFLICT);
    let contested = create(&server, &host, json!({ "buy_now_price": 500 })).await;
    bid(&server, &bob, &contested, 100).await;
    assert_eq!(show(&server, &contested).await["buy_now_price"], Value::Null);
    assert_eq!(buy(&contested, &ann).await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn an_administrator_takes_a_bid_back_and_the_log_tells_it() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    let ann = server.sign_in("ann", &[Role::Member]).await;
    let bob = server.sign_in("bob", &[Role::Member]).await;
    let id = create(&server, &host, json!({})).await;
    bid(&server, &ann, &id, 100).await;
    let slip = bid(&server, &bob, &id, 300).await;
    let path = format!("/api/auctions/{id}/bids/{}/retract", slip["bid_id"].as_str().unwrap());
    assert_eq!(
        post(&server, &path, &host, json!({ "reason": "no" })).await.status,
        StatusCode::FORBIDDEN
    );
    let after = post(&server, &path, &admin, json!({ "reason": "A typing error" }))
        .await
        .json();
    assert_eq!(
        (&after["current_high_bid"], &after["bid_count"]),
        (&json!(100), &json!(1))
    );
    assert_eq!(
        post(&server, &path, &admin, json!({ "reason": "Again" })).await.status,
        StatusCode::NOT_FOUND
    );
    let bids = server.get(&format!("/api/auctions/{id}/bids")).send().await.json();
    let statuses: Vec<&Value> = bids["bids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|bid| &bid["status"])
        .collect();
    assert_eq!(statuses, ["retracted", "leading"]);

    let history = async |token: &str, query: &str| {
        server
            .get(&format!("/api/auctions/{id}/history{query}"))
            .bearer(token)
            .send()
            .await
    };
    let log = history(&host, "").await.json();
    let entries = log["entries"].as_array().unwrap();
    let kinds: Vec<&Value> = entries.iter().map(|entry| &entry["kind"]).collect();
    // Also what was refused is in the log: here the second attempt.
    assert_eq!(
        (json!(kinds), &log["total"]),
        (json!(["bid", "bid", "retract", "retract"]), &json!(4))
    );
    assert!(
        entries
            .windows(2)
            .all(|pair| pair[0]["hash"] == pair[1]["previous_hash"]),
        "{log}"
    );
    let second = history(&host, "?limit=1&offset=1").await.json();
    assert_eq!(second["entries"][0], entries[1]);
    assert_eq!(history(&ann, "").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_scheduled_auction_opens_by_itself() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let id = create(&server, &host, json!({ "starts_at": "2026-11-21T10:00:00+01:00" })).await;
    let before = show(&server, &id).await;
    assert_eq!(
        (&before["phase"], &before["starts_at"]),
        (&json!("scheduled"), &json!("2026-11-21T09:00:00Z"))
    );
    assert_eq!(before["scheduled_end_time"], "2026-11-21T09:05:00Z");
    server.clock.advance_ms(3_600_000);
    run_due_jobs(&server.platform).await.unwrap();
    assert_eq!(show(&server, &id).await["phase"], "open");
}

#[tokio::test]
async fn terms_that_break_a_rule_name_it() {
    let server = TestServer::start().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let mut refusals = Vec::new();
    for terms in [
        json!({ "bid_increment": 0 }),
        json!({ "bid_increment": -1 }),
        json!({ "reserve_price": 99.99 }),
        json!({ "buy_now_price": 99 }),
        json!({ "reserve_price": 300, "buy_now_price": 200 }),
        json!({ "starts_at": "tomorrow" }),
        json!({ "starts_at": "2026-11-21T07:59:59Z" }),
        json!({ "starts_at": "2027-11-21T08:00:00Z" }),
        json!({ "proxy_bidding": "yes" }),
        json!({ "anti_snipe": { "window_seconds": 601, "extension_seconds": 30, "max_extensions": 5 } }),
        json!({ "anti_snipe": { "window_seconds": 30, "extension_seconds": 0, "max_extensions": 5 } }),
        json!({ "anti_snipe": { "window_seconds": 30, "extension_seconds": 30, "max_extensions": 101 } }),
        json!({ "anti_snipe": { "window_seconds": i64::MAX, "extension_seconds": 30, "max_extensions": 5 } }),
    ] {
        let mut body = json!({ "title": "Lamp", "duration": 300, "starting_bid": 100 });
        body.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
        let answer = post(&server, "/api/auctions", &host, body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{terms} {answer:?}");
        refusals.push(format!("{terms} -> {}", answer.text()));
    }
    insta::assert_snapshot!("refused_terms", refusals.join("\n"));
}

#[tokio::test]
async fn lists_are_narrowed_by_words_price_and_time() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let ann = server.sign_in("ann", &[Role::Member]).await;
    for (title, starting_bid, duration) in [
        ("Omega watch 100%", 900, 3_000),
        ("Pearl brooch", 1_000, 10_000),
        ("Omega clock", 6_000, 90_000),
    ] {
        server.clock.advance_ms(1_000);
        create(
            &server,
            &host,
            json!({ "title": title, "starting_bid": starting_bid, "duration": duration }),
        )
        .await;
    }
    let titles = async |query: &str| {
        let answer = server.get(&format!("/api/auctions?{query}")).send().await;
        assert_eq!(answer.status, StatusCode::OK, "{query} {answer:?}");
        let list = answer.json();
        let words = |auction: &Value| auction["title"].as_str().unwrap().split(' ').nth(1).unwrap().to_owned();
        let shown: Vec<String> = list["auctions"].as_array().unwrap().iter().map(words).collect();
        assert_eq!(list["total"], shown.len(), "{query}");
        shown.join(" ")
    };
    assert_eq!(titles("q=OMEGA").await, "clock watch");
    assert_eq!(titles("q=omega+clo").await, "clock");
    assert_eq!(titles("q=host+brooch").await, "brooch", "the seller's name counts");
    assert_eq!(titles("q=100%25").await, "watch", "a percent sign is a percent sign");
    assert_eq!(titles("q=%25").await, "watch");
    assert_eq!(titles("q=_").await, "");
    assert_eq!(titles("price_min=1000").await, "clock brooch");
    assert_eq!(titles("price_below=1000").await, "watch");
    assert_eq!(titles("price_min=1000&price_below=5000").await, "brooch");
    assert_eq!(titles("ends_within=3600").await, "watch");
    assert_eq!(titles("ends_within=21600").await, "brooch watch");
    assert_eq!(
        titles("ends_within=21600&q=pearl&price_min=1&status=live").await,
        "brooch"
    );
    let watch = server.get("/api/auctions?q=watch").send().await.json()["auctions"][0]["auction_id"].clone();
    bid(&server, &ann, watch.as_str().unwrap(), 1_500).await;
    assert_eq!(
        titles("price_min=1000").await,
        "clock brooch watch",
        "the highest bid is the price"
    );
    for query in ["price_min=-1", "price_min=x", "ends_within=0", "ends_within=soon"] {
        let refused = server.get(&format!("/api/auctions?{query}")).send().await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query} {refused:?}");
    }
    let long = server.get(&format!("/api/auctions?q={}", "x".repeat(101))).send().await;
    assert_eq!(long.status, StatusCode::BAD_REQUEST, "{long:?}");
}
