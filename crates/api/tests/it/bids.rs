//! Bids over HTTP: exact words, exact facts, and nothing that is a secret.

use http::StatusCode;
use platform::Role;
use platform::testing::run_due_jobs;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

/// A server with a seller and two bidders.
pub struct Sale {
    pub server: TestServer,
    pub host: String,
    pub ann: String,
    pub bob: String,
}

impl Sale {
    pub async fn start() -> Self {
        Self::with(TestServer::start_with_video().await).await
    }

    async fn with(server: TestServer) -> Self {
        let host = server.sign_in("host", &[Role::Host]).await;
        let ann = server.sign_in("ann", &[Role::Member]).await;
        let bob = server.sign_in("bob", &[Role::Member]).await;
        Self { server, host, ann, bob }
    }

    /// A lamp from 100 in steps of 10, with more terms.
    pub async fn lamp(&self, more: Value) -> String {
        let mut body = json!({ "title": "Lamp", "duration": 300, "starting_bid": 100, "bid_increment": 10 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = self
            .server
            .post("/api/auctions")
            .bearer(&self.host)
            .json(&body)
            .send()
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["auction_id"].as_str().unwrap().to_owned()
    }

    pub async fn post(&self, path: &str, token: &str, body: Value) -> Answer {
        self.server.post(path).bearer(token).json(&body).send().await
    }

    pub async fn bid(&self, token: &str, auction_id: &str, amount: Value) -> Answer {
        self.post(
            "/api/bids",
            token,
            json!({ "auction_id": auction_id, "amount": amount }),
        )
        .await
    }

    pub async fn get(&self, path: &str, token: Option<&str>) -> Value {
        let call = self.server.get(path);
        let call = match token {
            Some(token) => call.bearer(token),
            None => call,
        };
        let answer = call.send().await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
        answer.json()
    }

    pub async fn auction(&self, id: &str, token: Option<&str>) -> Value {
        self.get(&format!("/api/auctions/{id}"), token).await
    }
}

/// What differs from run to run is replaced, however deep; everything else is in the snapshot.
fn masked(mut value: Value) -> Value {
    const NAMES: [&str; 12] = [
        "auction_id",
        "bid_id",
        "bidder_id",
        "bidder",
        "winner_id",
        "winner_username",
        "host_user_id",
        "hash",
        "previous_hash",
        "leader",
        "high_bidder_id",
        "high_bidder_username",
    ];
    fn walk(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        Value::String(text) if NAMES.contains(&name.as_str()) && text != "(You)" => *text = "…".into(),
                        member => walk(member),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(walk),
            _ => {}
        }
    }
    walk(&mut value);
    value
}

/// Status, retry hint and body without the ids.
fn summary(answer: &Answer, id: &str) -> String {
    answer.summary().replace(id, "{id}")
}

#[tokio::test]
async fn a_bid_is_answered_with_every_fact() {
    let sale = Sale::start().await;
    let id = sale.lamp(json!({})).await;
    let body = json!({ "auction_id": id, "amount": 100.5, "max_amount": 300 });
    let placed = sale.post("/api/bids", &sale.ann, body).await;
    assert_eq!(placed.status, StatusCode::OK, "{placed:?}");
    insta::assert_json_snapshot!("bid_placed", masked(placed.json()));
    let beaten = sale.bid(&sale.bob, &id, json!(200)).await;
    assert_eq!(beaten.status, StatusCode::BAD_REQUEST);
    insta::assert_json_snapshot!("bid_outbid", masked(beaten.json()));
    let slip = sale.bid(&sale.bob, &id, json!(9000)).await;
    assert_eq!(slip.status, StatusCode::BAD_REQUEST);
    insta::assert_json_snapshot!("bid_to_confirm", masked(slip.json()));
    let meant = json!({ "auction_id": id, "amount": 9000, "confirm": true });
    assert_eq!(sale.post("/api/bids", &sale.bob, meant).await.status, StatusCode::OK);
}

#[tokio::test]
async fn refused_bids_say_why() {
    let sale = Sale::start().await;
    let id = sale.lamp(json!({})).await;
    let mut words = Vec::new();
    let mut note = |what: &str, answer: Answer, id: &str| words.push(format!("{what}: {}", summary(&answer, id)));
    note("below the start", sale.bid(&sale.ann, &id, json!(99.99)).await, &id);
    note("the host", sale.bid(&sale.host, &id, json!(100)).await, &id);
    let unknown = "0193f0a0-1111-7abc-8def-0123456789ab";
    note("no auction", sale.bid(&sale.ann, unknown, json!(100)).await, unknown);
    note("no id", sale.bid(&sale.ann, "lamp", json!(100)).await, "lamp");
    note("too exact", sale.bid(&sale.ann, &id, json!(100.001)).await, &id);
    note("nothing", sale.bid(&sale.ann, &id, json!(0)).await, &id);
    note("huge", sale.bid(&sale.ann, &id, json!(1e300)).await, &id);
    note("a text", sale.bid(&sale.ann, &id, json!("100")).await, &id);
    let low = json!({ "auction_id": id, "amount": 120, "max_amount": 110 });
    note(
        "maximum below the amount",
        sale.post("/api/bids", &sale.ann, low).await,
        &id,
    );
    note(
        "no amount",
        sale.post("/api/bids", &sale.ann, json!({ "auction_id": id })).await,
        &id,
    );
    assert_eq!(sale.bid(&sale.ann, &id, json!(100)).await.status, StatusCode::OK);
    note("less than a step", sale.bid(&sale.bob, &id, json!(105)).await, &id);
    sale.post(&format!("/api/auctions/{id}/pause"), &sale.host, json!({}))
        .await;
    note("paused", sale.bid(&sale.bob, &id, json!(110)).await, &id);
    sale.post(&format!("/api/auctions/{id}/close"), &sale.host, json!({}))
        .await;
    note("closed", sale.bid(&sale.bob, &id, json!(110)).await, &id);
    let later = sale.lamp(json!({ "starts_at": "2026-11-22T08:00:00Z" })).await;
    note(
        "before the start",
        sale.bid(&sale.ann, &later, json!(100)).await,
        &later,
    );
    let plain = sale.lamp(json!({ "proxy_bidding": false })).await;
    let proxy = json!({ "auction_id": plain, "amount": 100, "max_amount": 200 });
    note("no maxima here", sale.post("/api/bids", &sale.ann, proxy).await, &plain);
    insta::assert_snapshot!("refused_bids", words.join("\n"));
}

#[tokio::test]
async fn a_key_makes_a_bid_once() {
    let sale = Sale::start().await;
    let id = sale.lamp(json!({})).await;
    let send = async |key: &str, amount: i64| {
        let body = json!({ "auction_id": id, "amount": amount });
        let call = sale.server.post("/api/bids").bearer(&sale.ann).json(&body);
        call.header("Idempotency-Key", key).send().await
    };
    let first = send("tap-1", 100).await;
    let again = send("tap-1", 100).await;
    assert_eq!((first.status, again.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!(first.json()["bid_id"], again.json()["bid_id"]);
    assert_eq!(sale.auction(&id, None).await["bid_count"], 1);
    insta::assert_snapshot!("key_of_another_bid", send("tap-1", 200).await.summary());
    let long = "k".repeat(256);
    let wrong = [
        send("", 110).await,
        send(&long, 110).await,
        send("schl\u{fc}ssel", 110).await,
    ];
    for answer in &wrong {
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
    }
    insta::assert_snapshot!("key_that_is_none", wrong[0].summary());
    assert_eq!(send(&"k".repeat(255), 110).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_bids_too_fast_is_told_when_to_come_back() {
    let server = TestServer::start_with_bid_limit(5).await;
    let sale = Sale::with(server).await;
    let id = sale.lamp(json!({})).await;
    let mut refused = None;
    for step in 0..30 {
        let answer = sale.bid(&sale.ann, &id, json!(100 + 10 * step)).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    }
    insta::assert_snapshot!("too_many_bids", refused.expect("a limit").summary());
    assert_eq!(
        sale.bid(&sale.bob, &id, json!(300)).await.status,
        StatusCode::OK,
        "others may"
    );
}

#[tokio::test]
async fn everybody_reads_aliases_and_only_sellers_learn_names() {
    let sale = Sale::start().await;
    let id = sale.lamp(json!({ "reserve_price": 777.77 })).await;
    let raise = async |amount: i64, max: f64| {
        let body = json!({ "auction_id": id, "amount": amount, "max_amount": max });
        assert_eq!(sale.post("/api/bids", &sale.ann, body).await.status, StatusCode::OK);
    };
    raise(100, 666.66).await;
    sale.bid(&sale.bob, &id, json!(200)).await;
    let paths = ["", "/state", "/bids"].map(|tail| format!("/api/auctions/{id}{tail}"));
    for path in &paths {
        for token in [None, Some(sale.bob.as_str())] {
            let text = sale.get(path, token).await.to_string();
            for secret in ["666.66", "777.77", "ann@example.com", "\"ann\""] {
                assert!(!text.contains(secret), "{path} tells {secret}: {text}");
            }
        }
    }
    raise(220, 888.88).await;
    sale.bid(&sale.bob, &id, json!(800)).await;
    let own = sale.auction(&id, Some(&sale.ann)).await;
    assert_eq!(
        (&own["you_are_winning"], &own["your_max_bid"]),
        (&json!(true), &json!(888.88))
    );
    assert_eq!(own["your_bidder_id"], own["high_bidder_id"]);
    assert_eq!(
        sale.auction(&id, Some(&sale.bob)).await["you_are_winning"],
        json!(false)
    );
    let sellers = sale.auction(&id, Some(&sale.host)).await;
    assert_eq!(
        (&sellers["reserve_price"], &sellers["reserve_met"]),
        (&json!(777.77), &json!(true))
    );
    assert_eq!(sellers.get("you_are_winning"), None);

    let bids = |token| sale.get(&paths[2], token);
    insta::assert_json_snapshot!("bids_of_an_auction", masked(bids(Some(&sale.bob)).await));
    assert_eq!(
        bids(Some(&sale.host)).await["bids"][0].get("bidder_name"),
        None,
        "not while it runs"
    );
    let close = sale
        .post(&format!("/api/auctions/{id}/close"), &sale.host, json!({}))
        .await;
    assert_eq!(close.status, StatusCode::OK);
    let named = bids(Some(&sale.host)).await;
    assert_eq!(
        (&named["bids"][0]["bidder_name"], &named["bids"][0]["bidder_email"]),
        (&json!("bob"), &json!("bob@example.com"))
    );
    assert_eq!(bids(None).await["bids"][0].get("bidder_name"), None);
    let sold = sale.auction(&id, Some(&sale.host)).await;
    assert_eq!((&sold["phase"], &sold["winner_name"]), (&json!("sold"), &json!("ann")));
    let sales = sale
        .get("/api/auctions?mine=true&status=closed", Some(&sale.host))
        .await;
    assert_eq!(sales["auctions"][0]["winner_email"], "ann@example.com");
    assert_eq!(sale.auction(&id, None).await.get("winner_name"), None);
}

#[tokio::test]
async fn ones_own_bids_say_how_they_stand() {
    let sale = Sale::start().await;
    let (first, second) = (sale.lamp(json!({})).await, sale.lamp(json!({})).await);
    sale.bid(&sale.ann, &first, json!(100)).await;
    sale.bid(&sale.bob, &first, json!(110)).await;
    sale.server.clock.advance_ms(1_000);
    sale.bid(&sale.ann, &second, json!(100)).await;
    sale.server.clock.advance_ms(1_000);
    sale.bid(&sale.ann, &first, json!(120)).await;
    let statuses = async |query: &str, token: &str| {
        let list = sale.get(&format!("/api/bids{query}"), Some(token)).await;
        let one = |bid: &Value| {
            (
                bid["amount"].as_i64().unwrap(),
                bid["status"].as_str().unwrap().to_owned(),
            )
        };
        let bids: Vec<_> = list["bids"].as_array().unwrap().iter().map(one).collect();
        (bids, list["total"].as_i64().unwrap())
    };
    let word = |amount, status: &str| (amount, status.to_owned());
    let all = vec![word(120, "winning"), word(100, "winning"), word(100, "winning")];
    assert_eq!(statuses("", &sale.ann).await, (all, 3));
    assert_eq!(
        statuses("?latest=true", &sale.ann).await,
        (vec![word(120, "winning"), word(100, "winning")], 2)
    );
    assert_eq!(
        statuses("?latest=true&limit=1&offset=1", &sale.ann).await,
        (vec![word(100, "winning")], 2)
    );
    assert_eq!(statuses("", &sale.bob).await, (vec![word(110, "outbid")], 1));
    insta::assert_json_snapshot!("my_bids", masked(sale.get("/api/bids?limit=1", Some(&sale.ann)).await));
    sale.server.clock.advance_ms(301_000);
    run_due_jobs(&sale.server.platform).await.unwrap();
    assert_eq!(
        statuses("?latest=true", &sale.ann).await.0,
        [word(120, "won"), word(100, "won")]
    );
    assert_eq!(statuses("", &sale.bob).await.0, [word(110, "lost")]);
}

#[tokio::test]
async fn a_late_bid_moves_the_end() {
    let sale = Sale::start().await;
    let plain = sale.lamp(json!({ "anti_snipe": { "max_extensions": 7 } })).await;
    let defaults = json!({ "window_seconds": 30, "extension_seconds": 30, "max_extensions": 7 });
    assert_eq!(sale.auction(&plain, None).await["anti_snipe"], defaults);
    let rule = json!({ "window_seconds": 60, "extension_seconds": 20, "max_extensions": 1 });
    let id = sale.lamp(json!({ "anti_snipe": rule })).await;
    let end = sale.auction(&id, None).await["end_time_ms"].as_i64().unwrap();
    sale.server.clock.advance_ms(250_000);
    let late = sale.bid(&sale.ann, &id, json!(100)).await.json();
    assert_eq!(
        (&late["anti_snipe_triggered"], &late["ends_at_ms"]),
        (&json!(true), &json!(end + 20_000))
    );
    let later = sale.bid(&sale.bob, &id, json!(110)).await.json();
    assert_eq!(
        (&later["anti_snipe_triggered"], &later["ends_at_ms"]),
        (&json!(false), &json!(end + 20_000))
    );
    let shown = sale.auction(&id, None).await;
    assert_eq!((&shown["anti_snipe"], &shown["anti_snipe_count"]), (&rule, &json!(1)));
}
