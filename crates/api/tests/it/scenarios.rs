//! What was agreed of auctions, one test each: (a) to (d) and (f) to (i). The process of (e) is killed, so that it is beside the
//! binary, in `crates/server/tests/it/crash.rs`.

use futures_util::{SinkExt as _, StreamExt as _};
use http::StatusCode;
use platform::testing::{self, run_due_jobs};
use platform::{Role, mail};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use crate::auctions::{create, goes_on_air, id};
use crate::bids::Sale;
use crate::events::Reader;
use crate::server::TestServer;

/// Everything but presence, which depends on when a reader is counted.
async fn kinds_until_the_end(reader: &mut Reader) -> Vec<String> {
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|kind| kind != "auction_ended") {
        kinds.push(reader.next().await.unwrap().event);
    }
    kinds.retain(|kind| kind != "presence");
    kinds
}

async fn watch(server: &TestServer, auction_id: &str) -> Reader {
    Reader::open(server.get(&format!("/api/events?topic=auction:{auction_id}"))).await
}

async fn leaks(sale: &Sale, admin: &str) -> Vec<Value> {
    sale.get("/api/leaks", Some(admin)).await["leaks"]
        .as_array()
        .unwrap()
        .clone()
}

/// Moves the clock in steps, as jobs that are tried again plan themselves from the last attempt.
async fn pass_a_minute(sale: &Sale) {
    for _ in 0..6 {
        sale.server.clock.advance_ms(10_000);
        run_due_jobs(&sale.server.platform).await.unwrap();
    }
}

#[tokio::test]
async fn a_create_makes_exactly_one_channel_and_answers_the_four_ivs_facts() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let auction = create(&server, &host, "Lamp", "lamps").await;
    let tower = server.tower();
    assert_eq!(tower.channel_names().await, [format!("auction_{}", id(&auction))]);
    assert_eq!(tower.calls("CreateChannel"), 1);
    let fact = |name: &str| auction[name].as_str().unwrap().to_owned();
    let channel = fact("ivs_channel_arn");
    let channel = channel
        .strip_prefix("arn:aws:ivs:us-east-1:000000000000:channel/")
        .unwrap();
    assert!(fact("ivs_playback_url").ends_with(&format!(".channel.{channel}.m3u8")));
    assert!(fact("ivs_stream_key").starts_with("sk_us-east-1_"));
    assert_eq!(fact("ivs_ingest_endpoint"), "localhost");
}

#[tokio::test]
async fn b_neither_get_nor_list_nor_stream_ever_contains_the_key() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let other = server.sign_in("other", &[Role::Host]).await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    let auction = create(&server, &host, "Lamp", "lamps").await;
    let (id, key) = (id(&auction), auction["ivs_stream_key"].as_str().unwrap());
    goes_on_air(&server, &auction).await;
    let ordinary = ["", "/state", "/health"].map(|tail| format!("/api/auctions/{id}{tail}"));
    let lists = ["/api/auctions", "/api/auctions?mine=true", "/api/now"].map(str::to_owned);
    for path in ordinary.iter().chain(&lists) {
        for token in [None, Some(&host), Some(&other), Some(&admin)] {
            let call = server.get(path);
            let answer = match token {
                Some(token) => call.bearer(token).send().await,
                None => call.send().await,
            };
            assert!(!answer.text().contains(key), "{path}: {answer:?}");
        }
    }
    for topic in ["auctions".to_owned(), format!("auction:{id}")] {
        for after in ["", "&after=1"] {
            let mut reader = Reader::open(server.get(&format!("/api/events?topic={topic}{after}")).bearer(&host)).await;
            let first = reader.next().await.unwrap();
            assert!(!first.data.to_string().contains(key), "{topic}: {first:?}");
        }
    }
    let reveal = |token: &str| {
        server
            .post(&format!("/api/auctions/{id}/stream-key/reveal"))
            .bearer(token)
            .send()
    };
    for token in [&host, &admin] {
        let revealed = reveal(token).await;
        assert_eq!(
            (revealed.status, &revealed.json()["ivs_stream_key"]),
            (StatusCode::OK, &json!(key))
        );
        assert_eq!(revealed.json()["rtmps_url"], auction["rtmps_url"]);
    }
    insta::assert_snapshot!("stream_key_of_somebody_else", reveal(&other).await.summary());
}

#[tokio::test]
async fn c_of_concurrent_equal_bids_one_succeeds_and_one_is_outbid() {
    let sale = Sale::start().await;
    let id = sale.lamp(json!({})).await;
    let (ann, bob) = tokio::join!(
        sale.bid(&sale.ann, &id, json!(100)),
        sale.bid(&sale.bob, &id, json!(100))
    );
    let (winner, loser) = if ann.status == StatusCode::OK {
        (ann, bob)
    } else {
        (bob, ann)
    };
    let (won, lost) = (winner.json(), loser.json());
    let facts = |answer: &Value| {
        (
            answer["status"].clone(),
            answer["is_highest"].clone(),
            answer["message"].clone(),
        )
    };
    assert_eq!(
        (winner.status, facts(&won)),
        (
            StatusCode::OK,
            (json!("success"), json!(true), json!("Bid placed successfully"))
        )
    );
    assert_eq!(
        (loser.status, facts(&lost)),
        (
            StatusCode::BAD_REQUEST,
            (json!("outbid"), json!(false), json!("Your bid was outbid"))
        )
    );
    assert_eq!(sale.auction(&id, None).await["bid_count"], 1);
}

#[tokio::test]
async fn d_a_bid_at_29_seconds_left_extends_by_30_and_a_sixth_extension_is_refused() {
    let sale = Sale::start().await;
    let id = sale.lamp(json!({})).await;
    let mut room = watch(&sale.server, &id).await;
    let mut end = sale.auction(&id, None).await["end_time_ms"].as_i64().unwrap();
    for (number, bidder) in [&sale.ann, &sale.bob].into_iter().cycle().take(6).enumerate() {
        let left = sale.auction(&id, None).await["time_remaining_ms"].as_i64();
        let left = left.unwrap_or(end - sale.server.clock.now_ms());
        sale.server.clock.advance_ms(left - 29_000);
        let amount = 100 + 10 * i64::try_from(number).unwrap();
        let answer = sale.bid(bidder, &id, json!(amount)).await;
        assert_eq!(
            answer.status,
            StatusCode::OK,
            "a bid that may not extend still counts: {answer:?}"
        );
        let extends = number < 5;
        if extends {
            end += 30_000;
        }
        assert_eq!(
            (&answer.json()["anti_snipe_triggered"], &answer.json()["ends_at_ms"]),
            (&json!(extends), &json!(end)),
            "bid {number}"
        );
        let shown = sale.auction(&id, None).await;
        assert_eq!(
            (&shown["end_time_ms"], &shown["anti_snipe_count"]),
            (&json!(end), &json!((number + 1).min(5)))
        );
    }
    sale.server.clock.advance_ms(30_000);
    run_due_jobs(&sale.server.platform).await.unwrap();
    let mut extensions = Vec::new();
    loop {
        let message = room.next().await.unwrap();
        match message.event.as_str() {
            "timer_update" if message.data["type"] == "anti_snipe" => {
                assert_eq!(
                    (&message.data["extended_by"], &message.data["max_extensions"]),
                    (&json!(30_000), &json!(5))
                );
                extensions.push(message.data["extension_count"].as_i64().unwrap());
            }
            "auction_ended" => {
                assert_eq!(message.data["end_time_ms"], end);
                break;
            }
            _ => {}
        }
    }
    assert_eq!(extensions, [1, 2, 3, 4, 5]);
}

/// What everybody finds after an auction was ended in some way; what differs from one auction to the next is left out.
async fn aftermath(end: impl AsyncFnOnce(&Sale, &str)) -> Value {
    let sale = Sale::start().await;
    let id = sale.lamp(json!({})).await;
    let mut room = watch(&sale.server, &id).await;
    let mut list = Reader::open(sale.server.get("/api/events?topic=auctions")).await;
    for (bidder, amount) in [(&sale.ann, 100), (&sale.bob, 110)] {
        assert_eq!(sale.bid(bidder, &id, json!(amount)).await.status, StatusCode::OK);
    }
    // Who was outbid while it ran hears of it then, whatever ends it later.
    sale.server.clock.advance_ms(5_000);
    run_due_jobs(&sale.server.platform).await.unwrap();
    sale.server.clock.advance_ms(1_000);
    end(&sale, &id).await;
    let told = json!({ "room": kinds_until_the_end(&mut room).await, "list": kinds_until_the_end(&mut list).await });
    run_due_jobs(&sale.server.platform).await.unwrap();
    pass_a_minute(&sale).await;
    assert_eq!(
        sale.server.tower().channel_names().await,
        [""; 0],
        "the channel is deleted"
    );
    let seen = sale.auction(&id, Some(&sale.bob)).await;
    let late_bid = sale.bid(&sale.ann, &id, json!(500)).await;
    let mut mails: Vec<_> = mail::kept(&sale.server.system()).await.unwrap().unwrap();
    mails.sort_by(|one, other| (&one.to, &one.subject).cmp(&(&other.to, &other.subject)));
    let mails: Vec<_> = mails.iter().map(|mail| json!([mail.to, mail.subject])).collect();
    let mut notices = Vec::new();
    for token in [&sale.host, &sale.ann, &sale.bob] {
        let list = sale.get("/api/notifications", Some(token)).await;
        let titles = list["notifications"].as_array().unwrap().iter();
        notices.push(titles.map(|one| one["title"].clone()).collect::<Vec<_>>());
    }
    json!({
        "told": told,
        "auction": {
            "status": seen["status"], "phase": seen["phase"], "winning_bid": seen["winning_bid"],
            "bob has won": seen["winner_id"] == seen["your_bidder_id"], "video": seen["video"]["state"],
            "has an end": seen["ended_at"].is_string(), "bids": seen["bid_count"],
        },
        "late bid": late_bid.summary().replace(&id, "{id}"),
        "state": sale.server.get(&format!("/api/auctions/{id}/state")).send().await.summary(),
        "mails": mails,
        "notices": notices,
    })
}

#[tokio::test]
async fn f_a_close_by_the_host_has_the_same_effects_as_the_timer() {
    let by_host = aftermath(async |sale, id| {
        let closed = sale
            .post(&format!("/api/auctions/{id}/close"), &sale.host, json!({}))
            .await;
        assert_eq!(
            (closed.status, &closed.json()["winning_bid"]),
            (StatusCode::OK, &json!(110))
        );
    })
    .await;
    let by_timer = aftermath(async |sale, _| {
        sale.server.clock.advance_ms(301_000);
        run_due_jobs(&sale.server.platform).await.unwrap();
    })
    .await;
    assert_eq!(by_host, by_timer);
    insta::assert_json_snapshot!("after_the_end", by_timer);
}

#[tokio::test]
async fn g_a_channel_deletion_that_fails_twice_is_retried_until_the_ledger_is_empty() {
    let sale = Sale::start().await;
    let admin = sale.server.sign_in("admin", &[Role::Admin]).await;
    let id = sale.lamp(json!({})).await;
    let tower = sale.server.tower();
    tower.refuse("DeleteChannel", 2);
    let closed = sale
        .post(&format!("/api/auctions/{id}/close"), &sale.host, json!({}))
        .await;
    assert_eq!(
        closed.status,
        StatusCode::OK,
        "the auction ends whatever the provider says"
    );
    run_due_jobs(&sale.server.platform).await.unwrap();
    let left = leaks(&sale, &admin).await;
    assert_eq!((left.len(), &left[0]["attempts"]), (1, &json!(1)), "{left:?}");
    assert_eq!(left[0]["owner"], format!("auction:{id}"));
    assert!(
        left[0]["last_error"]
            .as_str()
            .unwrap()
            .contains("AccessDeniedException"),
        "{left:?}"
    );
    assert_eq!(tower.channel_names().await.len(), 1);
    pass_a_minute(&sale).await;
    assert_eq!(tower.calls("DeleteChannel"), 3);
    assert_eq!(leaks(&sale, &admin).await, [Value::Null; 0]);
    assert_eq!(tower.channel_names().await, [""; 0]);
}

#[tokio::test]
async fn h_when_the_provider_cannot_create_there_is_no_auction_and_a_clear_error() {
    let sale = Sale::start().await;
    let admin = sale.server.sign_in("admin", &[Role::Admin]).await;
    let tower = sale.server.tower();
    tower.refuse("CreateChannel", 1);
    let body = json!({ "title": "Lamp", "duration": 300, "starting_bid": 100 });
    let refused = sale.post("/api/auctions", &sale.host, body).await;
    assert_eq!(refused.status, StatusCode::BAD_GATEWAY, "{refused:?}");
    assert_eq!(refused.json()["error"], "Failed to create IVS channel");
    let cause = refused.json()["details"][0]["cause"].as_str().unwrap().to_owned();
    assert!(
        cause.contains("AccessDeniedException") && cause.contains("IAM"),
        "{cause}"
    );
    assert_eq!(sale.get("/api/auctions", None).await["total"], 0);
    assert_eq!(sale.get("/api/auctions?mine=true", Some(&sale.host)).await["total"], 0);
    assert_eq!(tower.channel_names().await, [""; 0]);
    assert_eq!(leaks(&sale, &admin).await, [Value::Null; 0]);
    let next = sale.lamp(json!({})).await;
    assert_eq!(
        tower.channel_names().await,
        [format!("auction_{next}")],
        "the next one is not hindered"
    );
}

/// Says something in the room over the messaging connection, and waits until everybody there was told.
async fn say(sale: &Sale, token: &str, auction_id: &str, text: &str) {
    let ticket = sale
        .post(&format!("/api/auctions/{auction_id}/chat/token"), token, json!({}))
        .await
        .json();
    let mut request = ticket["url"].as_str().unwrap().into_client_request().unwrap();
    let protocol = ticket["token"].as_str().unwrap().parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await.unwrap();
    let words = json!({ "Action": "SEND_MESSAGE", "Content": text }).to_string();
    socket.send(Frame::text(words)).await.unwrap();
    let heard = socket.next().await.unwrap().unwrap();
    assert!(heard.to_text().unwrap().contains(text), "{heard}");
}

#[tokio::test]
async fn i_a_late_joiner_gets_the_snapshot_and_fifty_chat_lines() {
    let sale = Sale::start().await;
    let id = sale.lamp(json!({})).await;
    let mut early = watch(&sale.server, &id).await;
    for number in 1..=59 {
        let message_id = format!("message-{number}");
        testing::hear(&sale.server.platform, &id, &message_id, &format!("line {number}"))
            .await
            .unwrap();
    }
    assert_eq!(sale.bid(&sale.ann, &id, json!(100)).await.status, StatusCode::OK);
    assert_eq!(sale.bid(&sale.bob, &id, json!(110)).await.status, StatusCode::OK);
    say(&sale, &sale.ann, &id, "line 60").await;
    while early.next().await.unwrap().event != "chat_messages" {}

    let mut late = Reader::open(
        sale.server
            .get(&format!("/api/events?topic=auction:{id}"))
            .bearer(&sale.bob),
    )
    .await;
    let snapshot = late.next().await.unwrap();
    assert_eq!(snapshot.event, "snapshot");
    let state = snapshot.data;
    assert_eq!(
        (
            &state["status"],
            &state["current_high_bid"],
            &state["bid_count"],
            &state["you_are_winning"]
        ),
        (&json!("live"), &json!(110), &json!(2), &json!(true))
    );
    assert_eq!(
        (state["top_bids"].as_array().unwrap().len(), &state["participant_count"]),
        (2, &json!(2))
    );
    let lines = |state: &Value| {
        let lines = state["chat_messages"].as_array().unwrap().clone();
        lines
            .iter()
            .map(|line| line["message"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let expected: Vec<_> = (11..=60).map(|number| format!("line {number}")).collect();
    assert_eq!(lines(&state), expected);
    assert_eq!(
        lines(&sale.get(&format!("/api/auctions/{id}/state"), None).await),
        expected
    );

    // From the snapshot on nothing is missing.
    sale.bid(&sale.ann, &id, json!(120)).await;
    let next = loop {
        let message = late.next().await.unwrap();
        if message.event != "presence" {
            break message;
        }
    };
    assert_eq!(
        (next.event.as_str(), &next.data["high_bid"]),
        ("bid_update", &json!(120))
    );
}
