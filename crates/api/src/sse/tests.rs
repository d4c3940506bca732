//! Streams on their own: limits, patience and frames.

use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;
use platform::auctions::public_id;
use platform::events::{Draft, Event, enter, subscribe};
use platform::testing::{Clock, Database};
use platform::{Caller, Context, Platform};
use serde_json::{Value, json};

use super::*;

const LONG: Duration = Duration::from_secs(3600);
const TOPIC: &str = "auction:018f0000-0000-7000-8000-000000000001";

/// An open stream of [`TOPIC`].
async fn stream(ctx: Context, streams: &Streams) -> Response {
    let watch = subscribe(&ctx, TOPIC, 0).await.unwrap().unwrap();
    let present = enter(&ctx, TOPIC, None).unwrap();
    let slot = streams.reserve([192, 0, 2, 1].into()).unwrap();
    let feed = Feed {
        ctx,
        topic: TOPIC.into(),
        first: None,
        watch,
        present,
    };
    streams.answer(slot, feed)
}

async fn platform(database: &Database) -> Platform {
    Platform::open(database.config(), Clock::new().environment())
        .await
        .unwrap()
}

fn streams(pace: Pace) -> Streams {
    Streams::with_pace(CancellationToken::new(), 10, pace)
}

fn patient() -> Streams {
    streams(Pace {
        ping_every: LONG,
        lifetime: LONG,
    })
}

async fn next(response: &mut Response) -> Bytes {
    let frame = response.body_mut().frame();
    let frame = tokio::time::timeout(Duration::from_secs(10), frame).await;
    frame.expect("a frame in time").unwrap().unwrap().into_data().unwrap()
}

fn data(frame: &Bytes) -> Value {
    let text = std::str::from_utf8(frame).unwrap();
    let (_, data) = text.strip_suffix("\n\n").unwrap().split_once("data: ").unwrap();
    serde_json::from_str(data).unwrap()
}

#[tokio::test]
async fn a_stream_that_is_not_read_holds_nothing_and_gives_its_place_back() {
    let database = Database::sqlite();
    let platform = platform(&database).await;
    let streams = patient();
    let mut response = stream(platform.context(Caller::Anonymous), &streams).await;
    let mut tx = platform.db().begin().await.unwrap();
    let drafts = (0..500).map(|at| Draft::new("k", &json!({ "at": at })).unwrap());
    tx.publish_all(TOPIC, drafts);
    tx.commit().await.unwrap();
    // Nothing was rendered for nobody; then as much as is asked for.
    assert_eq!(streams.frames.rendered(), 0);
    for seq in 1..=3 {
        assert_eq!(data(&next(&mut response).await)["seq"], seq);
    }
    assert_eq!(streams.frames.rendered(), 3);
    assert_eq!(streams.open.lock().total, 1);
    drop(response);
    assert_eq!(streams.open.lock().total, 0);
}

#[tokio::test]
async fn a_quiet_stream_is_kept_alive_and_ends_in_time() {
    let database = Database::sqlite();
    let platform = platform(&database).await;
    let streams = streams(Pace {
        ping_every: Duration::from_millis(5),
        lifetime: Duration::from_millis(100),
    });
    let response = stream(platform.context(Caller::Anonymous), &streams).await;
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let text = std::str::from_utf8(&body).unwrap();
    assert!(
        text.starts_with(": ping\n\n") && text.replace(": ping\n\n", "").is_empty(),
        "{text}"
    );
}

#[tokio::test]
async fn a_room_hears_how_many_people_it_has() {
    let database = Database::sqlite();
    let platform = platform(&database).await;
    let streams = patient();
    let mut first = stream(platform.context(Caller::Anonymous), &streams).await;
    let mut second = stream(platform.context(Caller::Anonymous), &streams).await;
    platform::events::tell(&platform);
    let (one, other) = (next(&mut first).await, next(&mut second).await);
    assert_eq!(one.as_ptr(), other.as_ptr(), "one text for all");
    assert!(one.starts_with(b"event: presence\ndata: "), "without a number: {one:?}");
    assert_eq!(data(&one)["participant_count"], 2);
    drop(second);
    platform::events::tell(&platform);
    assert_eq!(data(&next(&mut first).await)["participant_count"], 1);
}

#[tokio::test]
async fn readers_learn_what_a_bid_means_for_them_and_share_one_text() {
    let database = Database::sqlite();
    let platform = platform(&database).await;
    let auction = TOPIC.split_once(':').unwrap().1;
    let reader = |id: &str| {
        platform.context(Caller::Account {
            id: id.into(),
            email: "a@b.c".into(),
            name: "A".into(),
            roles: Vec::new(),
        })
    };
    let alias = |id: &str| public_id(&platform, auction, id);
    let streams = patient();
    let mut readers = Vec::new();
    for ctx in [
        reader("ann"),
        reader("bob"),
        reader("eve"),
        reader("joe"),
        platform.context(Caller::Anonymous),
        platform.context(Caller::Anonymous),
    ] {
        readers.push(stream(ctx, &streams).await);
    }
    let mut tx = platform.db().begin().await.unwrap();
    let update = json!({ "high_bidder_id": alias("bob"), "previous_high_bidder_id": alias("ann"), "high_bid": 5.5 });
    tx.publish(TOPIC, "bid_update", &update).unwrap();
    tx.publish(TOPIC, "timer_update", &json!({})).unwrap();
    tx.commit().await.unwrap();
    let mut frames = Vec::new();
    for reader in &mut readers {
        frames.push(next(reader).await);
    }
    let told = |at: usize| {
        let data = data(&frames[at]);
        (data["you_are_winning"].as_bool(), data["outbid"].as_bool())
    };
    assert_eq!(told(0), (Some(false), Some(true)), "ann was outbid");
    assert_eq!(told(1), (Some(true), Some(false)), "bob leads");
    assert_eq!(told(2), (Some(false), Some(false)));
    assert_eq!(told(4), (None, None), "nothing about people who are not signed in");
    assert_eq!(frames[2].as_ptr(), frames[3].as_ptr());
    assert_eq!(frames[4].as_ptr(), frames[5].as_ptr());
    assert_eq!(data(&frames[4])["high_bid"], 5.5);
    let clock = next(&mut readers[0]).await;
    assert!(data(&clock).get("outbid").is_none(), "only bids have it: {clock:?}");
}

#[test]
fn streams_are_bounded_by_address_and_come_back() {
    let streams = Streams::new(CancellationToken::new(), STREAMS_PER_ADDRESS_MAX);
    let home: IpAddr = "2001:db8::1".parse().unwrap();
    let slots = (0..STREAMS_PER_ADDRESS_MAX)
        .map(|_| streams.reserve(home).unwrap())
        .collect::<Vec<_>>();
    let neighbour = "2001:db8::ffff".parse().unwrap();
    assert!(streams.reserve(neighbour).is_err());
    assert!(streams.reserve("2001:db8:0:1::1".parse().unwrap()).is_ok());
    drop(slots);
    assert!(streams.reserve(neighbour).is_ok());
    assert_eq!(streams.open.lock().total, 0);
}

#[test]
fn an_event_is_rendered_once_until_the_time_in_it_is_old() {
    let frames = Frames::default();
    let event = Arc::new(Event {
        topic: "t".into(),
        seq: 7,
        kind: "k".into(),
        payload: r#"{"a":{},"server_time_ms":1}"#.into(),
        at_ms: 0,
    });
    let first = frames.event(&event, None, 1000);
    assert!(first.starts_with(b"id: 7\nevent: k\ndata: {"));
    let (at, now) = ("1970-01-01T00:00:00Z", "1970-01-01T00:00:01Z");
    let expected = json!({
        "topic": "t", "seq": 7, "kind": "k", "at": at, "server_time": now, "server_time_ms": 1000, "a": {}
    });
    assert_eq!(data(&first), expected);
    assert_eq!(frames.event(&event, Some("x"), 1099).as_ptr(), first.as_ptr());
    assert_eq!(data(&frames.event(&event, None, 1100))["server_time_ms"], 1100);
    // The same number in another topic, or read from the log again, is another event.
    let copy = Arc::new(Event::clone(&event));
    assert_ne!(frames.event(&copy, None, 1100).as_ptr(), first.as_ptr());
    for at in 0..1000 {
        frames.event(&Arc::new(Event::clone(&event)), None, at);
    }
    assert_eq!(frames.rendered(), 64, "what is kept is bounded");
}
