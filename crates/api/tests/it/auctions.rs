//! Auctions from the first request to the last, with the real video tower behind them.

use http::StatusCode;
use platform::Role;
use platform::testing::run_due_jobs;
use serde_json::{Value, json};

use crate::events::Reader;
use crate::server::{Answer, EVENTS_SECRET, TestServer};

pub async fn create(server: &TestServer, token: &str, title: &str, category: &str) -> Value {
    let body = json!({ "title": title, "duration": 300, "category": category, "starting_bid": 100 });
    let answer = server.post("/api/auctions").bearer(token).json(&body).send().await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    answer.json()
}

pub fn id(auction: &Value) -> &str {
    auction["auction_id"].as_str().unwrap()
}

/// An event as the provider sends it.
async fn provider_says(server: &TestServer, auction: &Value, detail_type: &str, detail: Value) -> Answer {
    let event = json!({
        "version": "0", "id": format!("event of {detail_type}"), "detail-type": detail_type,
        "source": if detail_type.starts_with("IVS") { "aws.ivs" } else { "rostrum.engine" },
        "account": "000000000000", "time": "2026-11-21T08:00:01Z", "region": "us-east-1",
        "resources": [auction["ivs_channel_arn"]], "detail": detail
    });
    server
        .post("/events/ivs")
        .header("x-rostrum-events-secret", EVENTS_SECRET)
        .json(&event)
        .send()
        .await
}

pub async fn goes_on_air(server: &TestServer, auction: &Value) {
    let name = format!("auction_{}", id(auction));
    let start = json!({ "event_name": "Stream Start", "channel_name": name, "stream_id": "st-1" });
    let answer = provider_says(server, auction, "IVS Stream State Change", start).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    let figures = json!({
        "channel_name": name, "stream_id": "st-1", "period_ms": 5000, "video_bitrate_bps": 2_500_000,
        "audio_bitrate_bps": 128_000, "frame_rate": 30.0, "keyframe_interval_ms": 4000, "viewers": 3,
        "ingest": { "width": 1280, "height": 720, "video_codec": "avc1.64001f", "audio_codec": "mp4a.40.2",
                    "encoder": "Lavf" }
    });
    let answer = provider_says(server, auction, "Rostrum Ingest Metrics", figures).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
}

#[tokio::test]
async fn creating_an_auction_gives_its_seller_everything_to_go_on_air() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let body = json!({
        "title": "Vintage watch", "description": "Runs.", "duration": 300, "category": "watches",
        "starting_bid": 12.5, "image_url": "https://example.com/watch.jpg"
    });
    let answer = server.post("/api/auctions").bearer(&host).json(&body).send().await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let mut created = answer.json();
    let (id, key) = (
        id(&created).to_owned(),
        created["ivs_stream_key"].as_str().unwrap().to_owned(),
    );
    assert_eq!(created["rtmp_url"], format!("rtmp://localhost:1935/app/{key}"));
    assert_eq!(created["rtmps_url"], format!("rtmps://localhost:443/app/{key}"));
    let arn = created["ivs_channel_arn"].as_str().unwrap();
    let channel = arn.strip_prefix("arn:aws:ivs:us-east-1:000000000000:channel/").unwrap();
    let playback = format!("http://localhost:8000/api/video/v1/us-east-1.000000000000.channel.{channel}.m3u8");
    assert_eq!(created["ivs_playback_url"], playback);
    // What differs from run to run is replaced; everything else is in the snapshot.
    for name in [
        "auction_id",
        "host_user_id",
        "chat_room_arn",
        "ivs_channel_arn",
        "ivs_playback_url",
        "ivs_stream_key",
        "rtmp_url",
        "rtmps_url",
        "your_bidder_id",
    ] {
        assert!(created[name].is_string(), "{name}");
        created[name] = json!("…");
    }
    created["images"][0]["image_id"] = json!("…");
    insta::assert_json_snapshot!("created_auction", created);
    let mut shown = server.get(&format!("/api/auctions/{id}")).send().await.json();
    assert!(
        shown
            .as_object_mut()
            .unwrap()
            .keys()
            .all(|name| !name.contains("key") && !name.contains("rtmp"))
    );
    let mut state = server.get(&format!("/api/auctions/{id}/state")).send().await.json();
    state["auction_id"] = json!("…");
    insta::assert_json_snapshot!("auction_state", state);
}

#[tokio::test]
async fn a_room_sees_the_video_come_and_the_auction_end() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let auction = create(&server, &host, "Lamp", "lamps").await;
    let mut room = Reader::open(server.get(&format!("/api/events?topic=auction:{}", id(&auction)))).await;
    let snapshot = room.next().await.unwrap();
    assert_eq!((snapshot.id, &snapshot.data["seq"]), (Some(2), &json!(2)));
    assert_eq!(snapshot.data["video"]["state"], "waiting");
    assert_eq!(snapshot.data["participant_count"], 1, "the reader counts itself");
    goes_on_air(&server, &auction).await;
    let live = room.next().await.unwrap();
    assert_eq!((live.id, live.event.as_str()), (Some(3), "video_update"));
    assert_eq!(
        (&live.data["video"]["state"], &live.data["auction_id"]),
        (&json!("live"), &auction["auction_id"])
    );
    let closed = server
        .post(&format!("/api/auctions/{}/close", id(&auction)))
        .bearer(&host)
        .send()
        .await;
    assert_eq!(closed.status, StatusCode::OK);
    let mut seen = Vec::new();
    while seen.last().is_none_or(|(_, event)| event != "auction_ended") {
        let message = room.next().await.unwrap();
        seen.push((message.id.unwrap(), message.event));
    }
    let first = seen.first().unwrap().0;
    assert!(
        seen.iter().zip(first..).all(|((id, _), expected)| *id == expected),
        "no gap: {seen:?}"
    );
    let mut late = Reader::open(server.get(&format!("/api/events?topic=auction:{}", id(&auction)))).await;
    assert_eq!(
        late.next().await.unwrap().data["status"],
        "closed",
        "who comes late learns how it ended"
    );
}

#[tokio::test]
async fn only_the_seller_and_administrators_close_and_only_once() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let other = server.sign_in("other", &[Role::Host]).await;
    let auction = create(&server, &host, "Lamp", "lamps").await;
    let close = |token: &str| {
        server
            .post(&format!("/api/auctions/{}/close", id(&auction)))
            .bearer(token)
            .send()
    };
    insta::assert_snapshot!("close_of_somebody_else", close(&other).await.summary());
    let closed = close(&host).await;
    assert_eq!(closed.status, StatusCode::OK);
    let expected = json!({
        "message": "Auction closed successfully", "auction_id": auction["auction_id"], "status": "closed",
        "winner_id": null, "winning_bid": null
    });
    assert_eq!(closed.json(), expected);
    insta::assert_snapshot!("close_again", close(&host).await.summary());
    let state = server
        .get(&format!("/api/auctions/{}/state", id(&auction)))
        .send()
        .await;
    insta::assert_snapshot!("state_when_closed", state.summary());
    let shown = server
        .get(&format!("/api/auctions/{}", id(&auction)))
        .send()
        .await
        .json();
    assert_eq!(
        (&shown["status"], &shown["video"]["state"]),
        (&json!("closed"), &json!("ended"))
    );
    assert_eq!(
        (&shown["time_remaining_seconds"], shown["ended_at"].is_string()),
        (&json!(0), true)
    );
}

#[tokio::test]
async fn an_auction_ends_by_itself() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let auction = create(&server, &host, "Lamp", "lamps").await;
    server.clock.advance_ms(299_001);
    let path = format!("/api/auctions/{}", id(&auction));
    assert_eq!(server.get(&path).send().await.json()["time_remaining_seconds"], 1);
    server.clock.advance_ms(1_200);
    run_due_jobs(&server.platform).await.unwrap();
    let shown = server.get(&path).send().await.json();
    assert_eq!(
        (&shown["status"], &shown["ended_at"]),
        (&json!("closed"), &auction["end_time"])
    );
}

#[tokio::test]
async fn lists_are_filtered_paged_and_newest_first() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let other = server.sign_in("other", &[Role::Host]).await;
    let mut last = Value::Null;
    for (token, title, category) in [(&host, "A", "x"), (&other, "B", "x"), (&host, "C", "y")] {
        server.clock.advance_ms(1_000);
        last = create(&server, token, title, category).await;
    }
    server
        .post(&format!("/api/auctions/{}/close", id(&last)))
        .bearer(&host)
        .send()
        .await;
    let titles = async |query: &str| {
        let list = server
            .get(&format!("/api/auctions{query}"))
            .bearer(&host)
            .send()
            .await
            .json();
        let titles = list["auctions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["title"].as_str().unwrap().to_owned());
        (titles.collect::<String>(), list["total"].as_i64().unwrap())
    };
    assert_eq!(titles("").await, ("CBA".to_owned(), 3));
    assert_eq!(titles("?limit=1&offset=1").await, ("B".to_owned(), 3));
    assert_eq!(titles("?status=live").await, ("BA".to_owned(), 2));
    assert_eq!(titles("?status=closed").await, ("C".to_owned(), 1));
    assert_eq!(titles("?category=x").await, ("BA".to_owned(), 2));
    assert_eq!(titles("?mine=true").await, ("CA".to_owned(), 2));
    let now = server.get("/api/now").send().await.json();
    assert_eq!(
        (now["live"].as_array().unwrap().len(), &now["counts"]["auctions"]),
        (2, &json!(2))
    );
    insta::assert_snapshot!(
        "mine_of_nobody",
        server.get("/api/auctions?mine=true").send().await.summary()
    );
    insta::assert_snapshot!(
        "status_unknown",
        server.get("/api/auctions?status=soon").send().await.summary()
    );
}

#[tokio::test]
async fn the_seller_reads_how_the_video_does() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let auction = create(&server, &host, "Lamp", "lamps").await;
    let health = || {
        server
            .get(&format!("/api/auctions/{}/health", id(&auction)))
            .bearer(&host)
            .send()
    };
    let before = health().await.json();
    assert_eq!((&before["broadcast"], &before["samples"]), (&json!(null), &json!([])));
    goes_on_air(&server, &auction).await;
    let mut after = health().await.json();
    after["auction_id"] = json!("…");
    insta::assert_json_snapshot!("auction_health", after);
}

#[tokio::test]
async fn a_provider_that_cannot_be_reached_leaves_no_auction() {
    let server = TestServer::start().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let body = json!({ "title": "Lamp", "duration": 300, "starting_bid": 1 });
    let answer = server.post("/api/auctions").bearer(&host).json(&body).send().await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{answer:?}");
    assert_eq!(answer.json()["error"], "Failed to create IVS channel");
    let cause = answer.json()["details"][0]["cause"].as_str().unwrap().to_owned();
    assert!(cause.contains("http://127.0.0.1:9"), "{cause}");
    assert_eq!(server.get("/api/auctions").send().await.json()["total"], 0);
}

#[tokio::test]
async fn listings_that_break_a_rule_name_it() {
    let server = TestServer::start().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let refusal = async |change: Value| {
        let mut body = json!({ "title": "Lamp", "duration": 300, "starting_bid": 1 });
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let answer = server.post("/api/auctions").bearer(&host).json(&body).send().await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body} {answer:?}");
        format!("{change} -> {}", answer.text())
    };
    let mut refusals = Vec::new();
    for change in [
        json!({ "title": "" }),
        json!({ "title": 5 }),
        json!({ "duration": 0 }),
        json!({ "duration": 1.5 }),
        json!({ "starting_bid": 0 }),
        json!({ "starting_bid": -1 }),
        json!({ "starting_bid": 0.001 }),
        json!({ "starting_bid": 1e300 }),
        json!({ "starting_bid": "1" }),
        json!({ "category": "x".repeat(101) }),
        json!({ "condition": "" }),
        json!({ "image_url": "javascript:alert(1)" }),
    ] {
        refusals.push(refusal(change).await);
    }
    insta::assert_snapshot!("refused_listings", refusals.join("\n"));
    let long = json!({ "title": "x".repeat(501) });
    assert!(refusal(long).await.contains("title must have 1 to 500 characters"));
}

#[tokio::test]
async fn auctions_that_do_not_exist() {
    let server = TestServer::start().await;
    for id in ["018f0000-0000-7000-8000-000000000001", "nonsense", "..%2f..%2fetc"] {
        let shown = server.get(&format!("/api/auctions/{id}")).send().await;
        assert_eq!(
            (shown.status, shown.text()),
            (StatusCode::NOT_FOUND, r#"{"error":"Auction not found"}"#)
        );
        let state = server.get(&format!("/api/auctions/{id}/state")).send().await;
        assert_eq!(state.text(), r#"{"error":"Auction not found or not active"}"#);
    }
}
