//! Stream sessions and the events that tell of them.

use std::sync::LazyLock;
use std::time::Duration;

use engine::status::{AudioInfo, IngestInfo, Sample, VideoInfo};
use engine::{EndReason, Event, EventKind};
use ivs::{Config, Secret};
use serde_json::Value;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::receiver::{EVENTS_SECRET, Receiver};
use crate::support::{Server, config, environment};

/// A tower whose engine is played by the test.
struct Stage {
    server: Server,
    events: mpsc::Sender<Event>,
    shutdown: CancellationToken,
    running: JoinHandle<()>,
    arn: String,
    feed: String,
}

const STREAM_ID: &str = "st-AAAAAAAAAAAAAAAAAAAAAAA";

impl Stage {
    async fn start(config: Config) -> Self {
        let server = Server::start(config).await;
        let client = server.client();
        let found = client
            .list_channels()
            .send()
            .await
            .unwrap()
            .channels()
            .first()
            .map(|c| c.arn().unwrap().to_owned());
        let arn = match found {
            Some(arn) => arn,
            None => {
                let created = client.create_channel().name("auction_7").send().await.unwrap();
                created.channel().unwrap().arn().unwrap().to_owned()
            }
        };
        let (events, receiver) = mpsc::channel(16);
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(server.ivs.run(server.engine.clone(), receiver, shutdown.clone()));
        let feed = format!("us-east-1.000000000000.channel.{}", arn.rsplit('/').next().unwrap());
        Self {
            server,
            events,
            shutdown,
            running,
            arn,
            feed,
        }
    }

    async fn tell(&self, at_ms: i64, kind: EventKind) {
        let event = Event {
            feed: self.feed.clone(),
            stream_id: STREAM_ID.to_owned(),
            at_ms,
            kind,
        };
        self.events.send(event).await.unwrap();
    }

    async fn stop(self) {
        self.shutdown.cancel();
        tokio::time::timeout(Duration::from_secs(10), self.running)
            .await
            .unwrap()
            .unwrap();
    }

    async fn session(&self) -> aws_sdk_ivs::types::StreamSession {
        let got = self
            .server
            .client()
            .get_stream_session()
            .channel_arn(&self.arn)
            .send()
            .await;
        got.unwrap().stream_session.unwrap()
    }
}

fn with_target(folder: &std::path::Path, receiver: &Receiver) -> Config {
    Config {
        events_target: Some(receiver.url()),
        events_secret: Some(Secret::new(EVENTS_SECRET)),
        ..config(folder)
    }
}

fn names(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["detail"]["event_name"].as_str().unwrap())
        .collect()
}

fn ingest() -> IngestInfo {
    let video = VideoInfo {
        codec: "avc1.64001f".into(),
        profile: "High".into(),
        level: "3.1".into(),
        width: 1280,
        height: 720,
        ..VideoInfo::default()
    };
    let audio = AudioInfo {
        codec: "mp4a.40.2".into(),
        sample_rate_hz: 48_000,
        channels: 2,
        ..AudioInfo::default()
    };
    IngestInfo {
        video: Some(video),
        audio: Some(audio),
        encoder: "obs".into(),
    }
}

/// An hour before this test binary started: sessions are removed by their age.
static START: LazyLock<i64> = LazyLock::new(|| (environment().now_ms)() - 3_600_000);

#[tokio::test]
async fn a_broadcast_is_told_in_order_and_kept_as_a_session() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(&[]).await;
    let stage = Stage::start(with_target(folder.path(), &receiver)).await;
    stage.tell(*START, EventKind::SessionCreated).await;
    stage.tell(*START + 500, EventKind::IngestConfigured(ingest())).await;
    stage.tell(*START + 1000, EventKind::StreamStarted).await;
    stage.tell(*START + 2000, EventKind::StarvationStarted).await;
    stage.tell(*START + 3000, EventKind::StarvationEnded).await;
    stage.tell(*START + 4000, EventKind::TakenOver).await;
    stage.tell(*START + 5000, EventKind::SessionEnded).await;
    stage
        .tell(*START + 6000, EventKind::StreamEnded(EndReason::Unpublished))
        .await;

    let events = receiver.taken(7).await;
    let told = [
        "Session Created",
        "Stream Start",
        "Starvation Start",
        "Starvation End",
        "Stream Takeover",
    ];
    assert_eq!(names(&events)[..5], told);
    assert_eq!(names(&events)[5..], ["Session Ended", "Stream End"]);
    let first = &events[0];
    assert_eq!(first["version"], "0");
    assert_eq!(first["source"], "aws.ivs");
    assert_eq!(first["detail-type"], "IVS Stream State Change");
    assert_eq!(events[2]["detail-type"], "IVS Stream Health Change");
    assert_eq!(first["account"], "000000000000");
    assert_eq!(first["region"], "us-east-1");
    let time = first["time"].as_str().unwrap();
    assert_eq!(
        (time.len(), time.parse::<jiff::Timestamp>().unwrap().as_second()),
        (20, *START / 1000)
    );
    assert_eq!(first["resources"], serde_json::json!([stage.arn]));
    assert_eq!(first["detail"]["channel_name"], "auction_7");
    assert_eq!(first["detail"]["stream_id"], STREAM_ID);
    assert_eq!(events[6]["detail"]["reason"], "Unpublished");

    let session = stage.session().await;
    assert_eq!(session.stream_id(), Some(STREAM_ID));
    assert_eq!(session.start_time().unwrap().to_millis().unwrap(), *START + 1000);
    assert_eq!(session.end_time().unwrap().to_millis().unwrap(), *START + 6000);
    assert_eq!(session.channel().unwrap().name(), Some("auction_7"));
    let video = session.ingest_configuration().unwrap().video().unwrap();
    assert_eq!((video.avc_profile(), video.video_width()), (Some("High"), 1280));
    let track = &session.ingest_configurations().unwrap().video_configurations()[0];
    assert_eq!(
        (track.avc_profile(), track.profile(), track.track()),
        (Some(""), Some("High"), Some("Track0"))
    );
    let facts: Vec<_> = session
        .truncated_events()
        .iter()
        .map(|fact| fact.name().unwrap())
        .collect();
    assert_eq!(facts.first(), Some(&"Stream End"), "newest first");
    assert_eq!(facts.len(), 7);
    let client = stage.server.client();
    let listed = client
        .list_stream_sessions()
        .channel_arn(&stage.arn)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.stream_sessions()[0].stream_id(), STREAM_ID.into());
    assert!(!listed.stream_sessions()[0].has_error_event());
    stage.stop().await;
}

#[tokio::test]
async fn an_event_the_receiver_refuses_is_sent_again_before_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(&[500, 503, 204]).await;
    let stage = Stage::start(with_target(folder.path(), &receiver)).await;
    stage.tell(*START, EventKind::SessionCreated).await;
    stage.tell(*START, EventKind::StreamStarted).await;
    receiver.taken(1).await;
    let attempts = receiver.attempts();
    let expected = ["Session Created", "Session Created", "Session Created", "Stream Start"];
    assert_eq!(names(&attempts), expected);
    assert_eq!(attempts[0]["id"], attempts[2]["id"], "the id stays the same");
    assert_ne!(attempts[2]["id"], attempts[3]["id"]);
    stage.stop().await;
}

#[tokio::test]
async fn events_of_an_absent_receiver_arrive_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(&[500; 50]).await;
    let stage = Stage::start(with_target(folder.path(), &receiver)).await;
    stage.tell(*START, EventKind::SessionCreated).await;
    stage.tell(*START, EventKind::StreamStarted).await;
    stage.tell(*START, EventKind::SessionEnded).await;
    stage.tell(*START, EventKind::StreamEnded(EndReason::Failed)).await;
    stage.stop().await;
    drop(receiver);

    let receiver = Receiver::start(&[]).await;
    let stage = Stage::start(with_target(folder.path(), &receiver)).await;
    let events = receiver.taken(5).await;
    assert_eq!(
        names(&events),
        [
            "Session Created",
            "Stream Start",
            "Session Ended",
            "Stream Failure",
            "Stream End"
        ]
    );
    let session = stage.session().await;
    assert_eq!(session.truncated_events()[1].code(), Some("Failed"));
    stage.stop().await;
}

#[tokio::test]
async fn an_event_that_failed_five_hundred_times_lets_the_next_one_pass() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(&[500; 50]).await;
    let stage = Stage::start(with_target(folder.path(), &receiver)).await;
    stage.tell(*START, EventKind::SessionCreated).await;
    stage.tell(*START, EventKind::StreamStarted).await;
    stage.stop().await;
    drop(receiver);
    let file = SqliteConnectOptions::new().filename(folder.path().join("ivs.sqlite3"));
    let mut connection = SqliteConnection::connect_with(&file).await.unwrap();
    let four_hours_later = "update outbox set attempts = 499 where seq = (select min(seq) from outbox)";
    sqlx::query(four_hours_later).execute(&mut connection).await.unwrap();

    let receiver = Receiver::start(&[400]).await;
    let stage = Stage::start(with_target(folder.path(), &receiver)).await;
    assert_eq!(names(&receiver.taken(1).await)[0], "Stream Start");
    let parked = sqlx::query_scalar("select count(*) from outbox where parked_at_ms is not null");
    let parked: i64 = parked.fetch_one(&mut connection).await.unwrap();
    assert_eq!(parked, 1, "it is kept for inspection");
    stage.stop().await;
}

#[tokio::test]
async fn a_session_left_open_by_a_crash_is_ended_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(&[]).await;
    let stage = Stage::start(with_target(folder.path(), &receiver)).await;
    stage.tell(*START, EventKind::SessionCreated).await;
    stage.tell(*START + 1000, EventKind::StreamStarted).await;
    receiver.taken(2).await;
    stage.running.abort();
    drop(stage);

    let stage = Stage::start(with_target(folder.path(), &receiver)).await;
    let events = receiver.taken(4).await;
    assert_eq!(names(&events)[2..], ["Session Ended", "Stream End"]);
    assert_eq!(events[3]["detail"]["reason"], "ServerRestarted");
    let session = stage.session().await;
    assert_eq!(
        session.end_time().unwrap().to_millis().unwrap(),
        *START + 1000,
        "the last sign of life"
    );
    stage.stop().await;
}

#[tokio::test]
async fn health_samples_are_sent_as_they_come() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(&[]).await;
    let stage = Stage::start(with_target(folder.path(), &receiver)).await;
    let sample = Sample {
        at_ms: *START,
        period: Duration::from_secs(2),
        video_bitrate_bps: 2_500_000,
        audio_bitrate_bps: 128_000,
        frame_rate: 29.97,
        keyframe_interval_ms: 2000,
        viewers: 3,
    };
    stage.tell(*START, EventKind::Measured(sample)).await;
    let event = &receiver.taken(1).await[0];
    assert_eq!(event["detail-type"], "Rostrum Ingest Metrics");
    assert_eq!(event["source"], "rostrum.engine");
    assert_eq!(event["resources"][0], stage.arn);
    let detail = &event["detail"];
    assert_eq!(detail["channel_name"], "auction_7");
    assert_eq!((&detail["period_ms"], &detail["viewers"]), (&2000.into(), &3.into()));
    assert_eq!(detail["frame_rate"], 29.97);
    stage.stop().await;
}

#[tokio::test]
async fn a_stream_that_never_played_has_no_stream_end() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(&[]).await;
    let stage = Stage::start(with_target(folder.path(), &receiver)).await;
    stage.tell(*START, EventKind::SessionCreated).await;
    stage.tell(*START, EventKind::SessionCreated).await;
    stage
        .tell(*START + 1, EventKind::StreamEnded(EndReason::ConnectionLost))
        .await;
    stage.stop().await;
    assert_eq!(names(&receiver.taken(2).await), ["Session Created", "Session Ended"]);
}

#[tokio::test]
async fn a_channel_deleted_right_after_its_stream_still_gets_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(&[]).await;
    let stage = Stage::start(with_target(folder.path(), &receiver)).await;
    stage.tell(*START, EventKind::SessionCreated).await;
    stage.tell(*START, EventKind::StreamStarted).await;
    receiver.taken(2).await;
    stage
        .server
        .client()
        .delete_channel()
        .arn(&stage.arn)
        .send()
        .await
        .unwrap();
    stage.tell(*START, EventKind::StreamEnded(EndReason::Stopped)).await;
    assert_eq!(names(&receiver.taken(4).await)[2..], ["Session Ended", "Stream End"]);
    stage.stop().await;
}

#[tokio::test]
async fn a_session_is_kept_for_sixty_days() {
    const DAY_MS: i64 = 24 * 3_600_000;
    let folder = tempfile::tempdir().unwrap();
    for (days, is_kept) in [(59, true), (61, false)] {
        let stage = Stage::start(config(folder.path())).await;
        let stream_id = format!("st-{days}AAAAAAAAAAAAAAAAAAAAA");
        for kind in [
            EventKind::SessionCreated,
            EventKind::StreamEnded(EndReason::Unpublished),
        ] {
            let at_ms = *START - days * DAY_MS;
            let event = Event {
                feed: stage.feed.clone(),
                stream_id: stream_id.clone(),
                at_ms,
                kind,
            };
            stage.events.send(event).await.unwrap();
        }
        stage.stop().await;
        let stage = Stage::start(config(folder.path())).await;
        // The first thing the event task does is to look for old rows; its end is awaited.
        let arn = stage.arn.clone();
        let client = stage.server.client();
        stage.shutdown.cancel();
        stage.running.await.unwrap();
        let listed = client.list_stream_sessions().channel_arn(&arn).send().await.unwrap();
        let is_there = listed
            .stream_sessions()
            .iter()
            .any(|session| session.stream_id() == Some(&stream_id));
        assert_eq!(is_there, is_kept, "{days} days");
    }
}
