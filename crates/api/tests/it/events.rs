//! Watching a topic: gapless, resumable, bounded.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use futures_util::StreamExt;
use http::StatusCode;
use platform::Role;
use platform::events::{Draft, present};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::server::{Call, EVENTS_SECRET, TestServer};

/// A reader of one event stream.
pub struct Reader {
    stream: BodyDataStream,
    text: String,
}

/// One event as the browser sees it.
#[derive(Debug)]
pub struct Message {
    pub id: Option<i64>,
    pub event: String,
    pub data: Value,
}

/// Nothing here takes long; a stream that stays silent is a failure.
const PATIENCE: Duration = Duration::from_secs(10);

impl Reader {
    pub async fn open(call: Call<'_>) -> Self {
        let response = call.open().await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self {
            stream: Body::into_data_stream(response.into_body()),
            text: String::new(),
        }
    }

    /// The next event; `None` at the end of the stream.
    pub async fn next(&mut self) -> Option<Message> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let message = Message::parse(block);
                self.text = rest.to_owned();
                match message {
                    Some(message) => return Some(message),
                    None => continue,
                }
            }
            let chunk = timeout(PATIENCE, self.stream.next()).await.expect("an event in time")?;
            self.text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        }
    }

    async fn seqs(&mut self, count: usize) -> Vec<i64> {
        let mut seqs = Vec::new();
        while seqs.len() < count {
            seqs.push(self.next().await.unwrap().id.unwrap());
        }
        seqs
    }
}

impl Message {
    /// `None` for a comment.
    fn parse(block: &str) -> Option<Self> {
        let line = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
        let data = serde_json::from_str(line("data: ")?).unwrap();
        Some(Self {
            id: line("id: ").map(|id| id.parse().unwrap()),
            event: line("event: ")?.to_owned(),
            data,
        })
    }
}

async fn publish(server: &TestServer, topic: &str, count: usize) {
    let mut tx = server.platform.db().begin().await.unwrap();
    tx.publish_all(
        topic,
        (0..count).map(|number| Draft::new("video_update", &json!({ "number": number })).unwrap()),
    );
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_watcher_gets_a_snapshot_and_everything_after_it() {
    let server = TestServer::start().await;
    publish(&server, "accounts", 3).await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    let before = platform::events::last_seq(server.platform.db().read(), "accounts")
        .await
        .unwrap();
    let mut reader = Reader::open(server.get("/api/events?topic=accounts").bearer(&admin)).await;
    let first = reader.next().await.unwrap();
    assert_eq!((first.event.as_str(), first.id), ("snapshot", Some(before)));
    publish(&server, "accounts", 2).await;
    let next = reader.next().await.unwrap();
    assert_eq!((next.event.as_str(), next.id), ("video_update", Some(before + 1)));
    assert_eq!(next.data["topic"], "accounts");
    assert_eq!(next.data["seq"], before + 1);
    assert_eq!(next.data["kind"], "video_update");
    assert_eq!(next.data["at"], "2026-11-21T08:00:00Z");
    assert_eq!(next.data["server_time_ms"], server.clock.now_ms());
    assert_eq!(next.data["number"], 0);
    assert_eq!(reader.next().await.unwrap().id, Some(before + 2));
}

#[tokio::test]
async fn a_returning_watcher_misses_nothing_and_gets_nothing_twice() {
    let server = TestServer::start().await;
    publish(&server, TOPIC, 300).await;
    let address = format!("/api/events?topic={TOPIC}&after=40");
    let mut reader = Reader::open(server.get(&address)).await;
    assert_eq!(reader.seqs(20).await, (41..=60).collect::<Vec<_>>());
    drop(reader);
    publish(&server, TOPIC, 10).await;
    // A browser that reconnects by itself asks for the same address and says in a header how far it got.
    let mut reader = Reader::open(server.get(&address).header("last-event-id", "60")).await;
    assert_eq!(reader.seqs(250).await, (61..=310).collect::<Vec<_>>());
    publish(&server, TOPIC, 1).await;
    assert_eq!(reader.seqs(1).await, [311]);
}

#[tokio::test]
async fn a_number_that_never_was_is_answered_with_a_snapshot() {
    let server = TestServer::start().await;
    publish(&server, "auctions", 2).await;
    for after in ["99", "-1"] {
        let mut reader = Reader::open(server.get(&format!("/api/events?topic=auctions&after={after}"))).await;
        let first = reader.next().await.unwrap();
        assert_eq!((first.event.as_str(), first.id), ("snapshot", Some(2)), "after={after}");
    }
}

#[tokio::test]
async fn an_auction_that_is_not_there_has_no_events_from_any_number_on() {
    let server = TestServer::start().await;
    for after in ["", "&after=0", "&after=7"] {
        let answer = server.get(&format!("/api/events?topic={TOPIC}{after}")).open().await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{after}");
    }
}

#[tokio::test]
async fn a_reader_that_falls_too_far_behind_is_told_where_to_resume() {
    let server = TestServer::start().await;
    let mut reader = Reader::open(server.get("/api/events?topic=auctions")).await;
    assert_eq!(reader.next().await.unwrap().event, "snapshot");
    publish(&server, "auctions", 1).await;
    assert_eq!(reader.seqs(1).await, [1]);
    publish(&server, "auctions", 1500).await;
    let mut last = 1;
    let resume = loop {
        let message = reader.next().await.unwrap();
        match message.id {
            Some(id) => {
                assert_eq!(id, last + 1);
                last = id;
            }
            None => break message,
        }
    };
    assert_eq!(
        (resume.event.as_str(), &resume.data),
        ("resume", &json!({ "after": last }))
    );
    assert!(reader.next().await.is_none(), "the stream ends");
    let mut reader = Reader::open(server.get(&format!("/api/events?topic=auctions&after={last}"))).await;
    assert_eq!(reader.seqs(1).await, [last + 1]);
}

#[tokio::test]
async fn topics_are_closed_to_those_who_may_not_listen() {
    let server = TestServer::start().await;
    let member = server.sign_in("member", &[Role::Member]).await;
    let status = async |topic: &str, token: Option<&str>| {
        let call = server.get(&format!("/api/events?topic={topic}"));
        let call = match token {
            Some(token) => call.bearer(token),
            None => call,
        };
        call.open().await.status()
    };
    assert_eq!(status("accounts", None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status("accounts", Some(&member)).await, StatusCode::FORBIDDEN);
    assert_eq!(status("jobs", None).await, StatusCode::NOT_FOUND);
    assert_eq!(status("auctions", Some("nonsense")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status("auctions", None).await, StatusCode::OK);
}

#[tokio::test]
async fn people_are_counted_while_they_watch() {
    let server = TestServer::start().await;
    publish(&server, TOPIC, 1).await;
    let address = format!("/api/events?topic={TOPIC}&after=1&viewer=");
    let tabs = [
        Reader::open(server.get(&format!("{address}x"))).await,
        Reader::open(server.get(&format!("{address}x"))).await,
        Reader::open(server.get(&format!("{address}y"))).await,
    ];
    assert_eq!(present(&server.system(), TOPIC), 2);
    drop(tabs);
    timeout(PATIENCE, async {
        while present(&server.system(), TOPIC) > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("people who left are no longer counted");
    let too_long = server.get(&format!("{address}{}", "z".repeat(65))).send().await;
    assert_eq!(too_long.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn one_address_cannot_take_all_streams() {
    let server = TestServer::start().await;
    let address = "/api/events?topic=auctions";
    let mut readers = Vec::new();
    for _ in 0..100 {
        readers.push(Reader::open(server.get(address)).await);
    }
    let refused = server.get(address).send().await;
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (StatusCode::SERVICE_UNAVAILABLE, Some("10"))
    );
    assert_eq!(
        server.get(address).from("192.0.2.8").open().await.status(),
        StatusCode::OK
    );
}

#[tokio::test]
async fn streams_end_when_the_server_stops() {
    let config = api::Config::default();
    let shutdown = config.shutdown.clone();
    let server = TestServer::start_with(config).await;
    let mut reader = Reader::open(server.get("/api/events?topic=auctions")).await;
    assert_eq!(reader.next().await.unwrap().event, "snapshot");
    shutdown.cancel();
    assert!(reader.next().await.is_none());
}

#[tokio::test]
async fn provider_events_need_the_secret_and_stay_small() {
    let server = TestServer::start().await;
    let event = json!({
        "version": "0", "id": "018f", "detail-type": "IVS Stream State Change", "source": "aws.ivs",
        "account": "000000000000", "time": "2026-11-21T08:00:00Z", "region": "us-east-1",
        "resources": ["arn:aws:ivs:us-east-1:000000000000:channel/notOurs"],
        "detail": { "event_name": "Stream Start", "channel_name": "x", "stream_id": "st-1" }
    });
    let post = || server.post("/events/ivs").json(&event);
    assert_eq!(post().send().await.status, StatusCode::UNAUTHORIZED);
    let wrong = post().header("x-rostrum-events-secret", "events-secreT").send().await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    let right = post().header("x-rostrum-events-secret", EVENTS_SECRET).send().await;
    assert_eq!(right.status, StatusCode::NO_CONTENT, "{right:?}");
    let large = json!({ "detail": "x".repeat(64 * 1024) });
    let large = server
        .post("/events/ivs")
        .json(&large)
        .header("x-rostrum-events-secret", EVENTS_SECRET)
        .send()
        .await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    let closed = TestServer::start_with(api::Config::default()).await;
    let unset = closed
        .post("/events/ivs")
        .json(&event)
        .header("x-rostrum-events-secret", "")
        .send()
        .await;
    assert_eq!(
        unset.status,
        StatusCode::UNAUTHORIZED,
        "without a configured secret nothing is taken"
    );
}

/// An auction that nobody needs to have created.
const TOPIC: &str = "auction:018f0000-0000-7000-8000-000000000001";
