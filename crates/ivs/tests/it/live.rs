//! A real encoder on the real engine, seen through the Amazon API.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ivs::Client;
use aws_sdk_ivs::types::{Stream, StreamHealth, StreamState};
use engine::{PlaybackDenied, PlaybackRequest, Policy, PublishDenied, PublishGrant, PublishRequest};
use futures_util::future::BoxFuture;
use ivs::{Config, Secret};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::receiver::{EVENTS_SECRET, Receiver};
use crate::sdk::refusal;
use crate::support::{Server, config};

fn publish(server: &Server, key: &str) -> Child {
    let url = format!("rtmp://{}/app/{key}", server.engine.rtmp_addr().unwrap());
    let picture = ["-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=30"];
    let sound = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
    let codecs = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-tune",
        "zerolatency",
        "-g",
        "30",
        "-c:a",
        "aac",
    ];
    Command::new("ffmpeg")
        .args(["-hide_banner", "-loglevel", "error"])
        .args(picture)
        .args(sound)
        .args(codecs)
        .args(["-f", "flv", &url])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

async fn live(client: &Client, arn: &str) -> Stream {
    let wait = async {
        loop {
            if let Ok(got) = client.get_stream().channel_arn(arn).send().await {
                return got.stream.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap()
}

#[tokio::test]
async fn an_encoder_goes_live_is_stopped_and_leaves_a_session() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(&[]).await;
    let target = Some(receiver.url());
    let secret = Some(Secret::new(EVENTS_SECRET));
    let settings = Config {
        events_target: target,
        events_secret: secret,
        ..config(folder.path())
    };
    let mut server = Server::start(settings).await;
    let shutdown = CancellationToken::new();
    let events = server.events.take().unwrap();
    let running = tokio::spawn(server.ivs.run(server.engine.clone(), events, shutdown.clone()));
    let client = server.client();
    let created = client
        .create_channel()
        .name("live")
        .insecure_ingest(true)
        .send()
        .await
        .unwrap();
    let arn = created.channel().unwrap().arn().unwrap();
    let mut encoder = publish(&server, created.stream_key().unwrap().value().unwrap());

    let stream = live(&client, arn).await;
    assert_eq!(stream.state(), Some(&StreamState::StreamLive));
    assert_eq!(stream.channel_arn(), Some(arn));
    assert_eq!(stream.playback_url(), created.channel().unwrap().playback_url());
    let listed = client.list_streams().send().await.unwrap();
    assert_eq!(listed.streams()[0].stream_id(), stream.stream_id());
    let starving = aws_sdk_ivs::types::StreamFilters::builder()
        .health(StreamHealth::Starving)
        .build();
    assert!(
        client
            .list_streams()
            .filter_by(starving)
            .send()
            .await
            .unwrap()
            .streams()
            .is_empty()
    );
    assert_eq!(
        refusal(client.delete_channel().arn(arn).send().await),
        (409, "ConflictException".to_owned())
    );

    client
        .delete_stream_key()
        .arn(created.stream_key().unwrap().arn().unwrap())
        .send()
        .await
        .unwrap();
    client.stop_stream().channel_arn(arn).send().await.unwrap();
    assert!(!encoder.wait().await.unwrap().success(), "the encoder was disconnected");
    let offline = (404, "ChannelNotBroadcasting".to_owned());
    assert_eq!(refusal(client.get_stream().channel_arn(arn).send().await), offline);

    let told = receiver.named(4).await;
    assert_eq!(told, ["Session Created", "Stream Start", "Session Ended", "Stream End"]);
    let session = client
        .get_stream_session()
        .channel_arn(arn)
        .send()
        .await
        .unwrap()
        .stream_session
        .unwrap();
    assert_eq!(session.stream_id(), stream.stream_id());
    assert!(session.end_time() > session.start_time());
    let video = session.ingest_configuration().unwrap().video().unwrap();
    assert_eq!((video.video_width(), video.video_height()), (320, 180));
    client.delete_channel().arn(arn).send().await.unwrap();

    shutdown.cancel();
    tokio::time::timeout(Duration::from_secs(10), running)
        .await
        .unwrap()
        .unwrap();
}

/// A policy whose grants wait on their way to the engine.
struct Held {
    inner: Arc<dyn Policy>,
    given: Arc<Semaphore>,
    passed_on: Arc<Semaphore>,
}

impl Policy for Held {
    fn authorize_publish(&self, request: PublishRequest) -> BoxFuture<'_, Result<PublishGrant, PublishDenied>> {
        Box::pin(async move {
            let answer = self.inner.authorize_publish(request).await;
            self.given.add_permits(1);
            self.passed_on.acquire().await.unwrap().forget();
            answer
        })
    }

    fn authorize_playback(&self, request: PlaybackRequest<'_>) -> Result<(), PlaybackDenied> {
        self.inner.authorize_playback(request)
    }
}

#[tokio::test]
async fn a_channel_deleted_while_its_encoder_is_let_in_is_not_left_on_air() {
    let folder = tempfile::tempdir().unwrap();
    let receiver = Receiver::start(&[]).await;
    let settings = Config {
        events_target: Some(receiver.url()),
        events_secret: Some(Secret::new(EVENTS_SECRET)),
        ..config(folder.path())
    };
    let [given, passed_on] = [(); 2].map(|()| Arc::new(Semaphore::new(0)));
    let held = |inner| -> Arc<dyn Policy> {
        let (given, passed_on) = (given.clone(), passed_on.clone());
        Arc::new(Held {
            inner,
            given,
            passed_on,
        })
    };
    let mut server = Server::start_with(settings, held).await;
    let shutdown = CancellationToken::new();
    let events = server.events.take().unwrap();
    let running = tokio::spawn(server.ivs.run(server.engine.clone(), events, shutdown.clone()));
    let client = server.client();
    let created = client.create_channel().insecure_ingest(true).send().await.unwrap();
    let mut encoder = publish(&server, created.stream_key().unwrap().value().unwrap());

    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, given.acquire())
        .await
        .unwrap()
        .unwrap()
        .forget();
    let arn = created.channel().unwrap().arn().unwrap();
    client.delete_channel().arn(arn).send().await.unwrap();
    passed_on.add_permits(1);
    let exit = tokio::time::timeout(patience, encoder.wait()).await.unwrap().unwrap();
    assert!(!exit.success(), "the encoder was disconnected");
    let gone = async {
        while !server.engine.live().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(patience, gone).await.unwrap();
    shutdown.cancel();
    tokio::time::timeout(patience, running).await.unwrap().unwrap();
    assert!(receiver.attempts().is_empty(), "nobody hears of it");
}
