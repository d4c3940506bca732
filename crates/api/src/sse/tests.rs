//! Streams on their own: limits, patience and frames.

use http_body_util::BodyExt;
use platform::events::{Draft, enter, subscribe};
use platform::testing::{Clock, Database};
use platform::{Caller, Platform};

use super::*;

const LONG: Duration = Duration::from_secs(3600);

/// An open stream of topic `auctions` on a platform of its own.
async fn stream(platform: &Platform, streams: &Streams) -> Response {
    let ctx = platform.context(Caller::Anonymous);
    let watch = subscribe(&ctx, "auctions", 0).await.unwrap().unwrap();
    let _present = enter(&ctx, "auctions", None).unwrap();
    let slot = streams.reserve([192, 0, 2, 1].into()).unwrap();
    streams.answer(
        slot,
        Feed {
            ctx,
            first: None,
            watch,
            _present,
        },
    )
}

async fn platform(database: &Database) -> Platform {
    Platform::open(database.config(), Clock::new().environment())
        .await
        .unwrap()
}

#[tokio::test]
async fn a_client_that_does_not_read_loses_its_stream() {
    let database = Database::sqlite();
    let platform = platform(&database).await;
    let pace = Pace {
        write_deadline: Duration::from_millis(50),
        ping_every: LONG,
        lifetime: LONG,
    };
    let streams = Streams::with_pace(CancellationToken::new(), pace);
    let response = stream(&platform, &streams).await;
    let mut tx = platform.db().begin().await.unwrap();
    let drafts = (0..QUEUE_FRAMES + 10).map(|_| Draft::new("video_update", &serde_json::json!({})).unwrap());
    tx.publish_all("auctions", drafts);
    tx.commit().await.unwrap();
    let given_back = async {
        while streams.open.lock().total > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(10), given_back)
        .await
        .expect("the slot of a dead client");
    // What was queued is still whole.
    let text = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(
        std::str::from_utf8(&text).unwrap().matches("\n\n").count(),
        QUEUE_FRAMES
    );
}

#[tokio::test]
async fn a_quiet_stream_is_kept_alive_and_ends_in_time() {
    let database = Database::sqlite();
    let platform = platform(&database).await;
    let pace = Pace {
        write_deadline: LONG,
        ping_every: Duration::from_millis(5),
        lifetime: Duration::from_millis(100),
    };
    let streams = Streams::with_pace(CancellationToken::new(), pace);
    let body = stream(&platform, &streams)
        .await
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    let text = std::str::from_utf8(&body).unwrap();
    assert!(
        text.starts_with(": ping\n\n") && text.replace(": ping\n\n", "").is_empty(),
        "{text}"
    );
}

#[test]
fn streams_are_bounded_by_address_and_come_back() {
    let streams = Streams::new(CancellationToken::new());
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
fn an_event_carries_its_payload_beside_the_envelope() {
    let check = |payload: &str, expected: &str| {
        let (topic, kind) = ("t".to_owned(), "k".to_owned());
        let event = Event {
            topic,
            seq: 7,
            kind,
            payload: payload.to_owned(),
            at_ms: 0,
        };
        let frame = event_frame(&event, 5);
        let text = std::str::from_utf8(&frame).unwrap();
        let data = text
            .strip_prefix("id: 7\nevent: k\ndata: ")
            .unwrap()
            .strip_suffix("\n\n")
            .unwrap();
        let data: serde_json::Value = serde_json::from_str(data).unwrap();
        assert_eq!(data, serde_json::from_str::<serde_json::Value>(expected).unwrap());
    };
    let at = "1970-01-01T00:00:00Z";
    check(
        "{}",
        &format!(r#"{{"topic":"t","seq":7,"kind":"k","at":"{at}","server_time_ms":5}}"#),
    );
    check(
        r#"{"a":{}}"#,
        &format!(r#"{{"topic":"t","seq":7,"kind":"k","at":"{at}","server_time_ms":5,"a":{{}}}}"#),
    );
}
