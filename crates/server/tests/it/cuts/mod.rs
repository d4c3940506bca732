//! Encoders whose connections are cut, again and again: what the application says of its channels stays right.
//!
//! Twenty cuts by default, spread over channels that live at the same time; `ROSTRUM_TEST_CUTS=200` for all of them.
//! `ROSTRUM_TEST_SEED` repeats a run: it decides the lines, the kinds of cut and when encoders come back.

mod encoder;
mod plan;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use http::Method;
use impair::{Change, Proxy, Rng};
use serde_json::{Value, json};
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use tokio::time::Instant;

use crate::channel::{self, Channel, call};
use crate::support::{Server, eventually};
use encoder::Encoder;
use plan::{Cut, Resume};

/// How long a broadcast outlives its connection. Longer than an encoder of these tests ever takes to come back.
const WINDOW: Duration = Duration::from_secs(5);
const CUTS: u64 = 20;
/// Cuts of one channel in a short run, and in the long one.
const CUTS_OF_CHANNEL: (u64, u64) = (5, 25);
/// The provider tells times in whole seconds.
const SECOND_MS: i64 = 1_000;

/// When one broadcast began and ended as its encoder and a viewer of the pages saw it, epoch ms.
#[derive(Debug, Clone, Copy)]
struct Seen {
    connecting: i64,
    live: i64,
    cut: i64,
    /// At the latest when it ended.
    off: i64,
    /// Whether the encoder was cut off for good rather than said goodbye.
    is_lost: bool,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn state_minutes_and_broadcasts_are_right_after_every_cut() {
    let cuts = setting("ROSTRUM_TEST_CUTS").unwrap_or(CUTS);
    let seed = setting("ROSTRUM_TEST_SEED").unwrap_or(1);
    let is_long = cuts >= 100;
    let (short, long) = CUTS_OF_CHANNEL;
    let each = if is_long { long } else { short };
    let folder = tempfile::tempdir().unwrap();
    let [email, password] = channel::ADMIN;
    let settings = [("ROSTRUM_RECONNECT_WINDOW_S", "5"), email, password];
    let server = Server::start("serve", folder.path(), &settings);
    let admin = channel::sign_in(&server).await;
    let stories = (0..cuts.div_ceil(each)).map(async |number| {
        let mut rng = Rng::new(seed).lane(number);
        let cuts = plan::cuts(&mut rng, each.min(cuts - number * each), is_long);
        let plan = plan::lines(&mut rng, each + 1);
        let told = format!("seed {seed}, channel {number}: {cuts:?}");
        println!("{told}");
        let channel = Channel::new(&server, &admin, number).await;
        let proxy = Proxy::start(rtmp(&server), plan).await.unwrap();
        let seen = channel.live_through(&proxy, &cuts).await;
        channel.check(folder.path(), &seen, &told).await;
        assert_eq!(proxy.totals().accepted, each.min(cuts.len().try_into().unwrap()) + 1);
    });
    futures_util::future::join_all(stories).await;
}

impl Channel<'_> {
    /// Publishes, is cut and comes back as planned; says goodbye at the end. What was seen of each broadcast.
    async fn live_through(&self, proxy: &Proxy, cuts: &[Cut]) -> Vec<Seen> {
        let mut seen = Vec::new();
        let (mut connecting, mut live) = (now_ms(), None);
        let mut cut_at: Option<Instant> = None;
        for cut in cuts {
            let mut encoder = self.publish(proxy, cut_at.take()).await;
            encoder.run(self.is("LIVE", "live")).await.unwrap();
            live.get_or_insert_with(now_ms);
            encoder.run(tokio::time::sleep(cut.dwell)).await.unwrap();
            encoder.half_a_frame().await;
            let cut_ms = now_ms();
            cut_at = Some(Instant::now());
            proxy.apply(cut.change);
            self.look_after(encoder, cut).await;
            if cut.resume == Resume::After {
                self.is("IDLE", "waiting").await;
                seen.push(Seen {
                    connecting,
                    live: live.take().unwrap(),
                    cut: cut_ms,
                    off: now_ms(),
                    is_lost: true,
                });
                (connecting, cut_at) = (now_ms(), None);
            }
        }
        let mut encoder = self.publish(proxy, cut_at).await;
        encoder.run(self.is("LIVE", "live")).await.unwrap();
        encoder.run(tokio::time::sleep(plan::DWELL_MIN)).await.unwrap();
        let cut = now_ms();
        encoder.goodbye().await;
        self.is("IDLE", "waiting").await;
        seen.push(Seen {
            connecting,
            live: live.unwrap_or(cut),
            cut,
            off: now_ms(),
            is_lost: false,
        });
        seen
    }

    /// Lets the encoder in, and makes sure that this machine is quick enough for what is asked.
    async fn publish(&self, proxy: &Proxy, cut_at: Option<Instant>) -> Encoder {
        let encoder = Encoder::publish(proxy.address(), &self.key).await;
        let encoder = encoder.unwrap_or_else(|why| panic!("the encoder is not let in: {why}"));
        if let Some(away) = cut_at.map(|at| at.elapsed()) {
            assert!(
                away < WINDOW,
                "the encoder was away for {away:?}: this machine is too slow"
            );
        }
        encoder
    }

    /// What a cut looks like to the encoder, and to the pages when nobody tells the server.
    async fn look_after(&self, mut encoder: Encoder, cut: &Cut) {
        if cut.change == Change::Silence {
            // Nothing passes: the encoder knows nothing, the server sees that media is missing.
            encoder.run(self.is("LIVE", "interrupted")).await.unwrap();
        } else {
            encoder.notice().await;
        }
    }

    /// Waits until the channel is in this state, and its video in that one.
    async fn is(&self, state: &str, video: &str) {
        eventually(&format!("{} is {state} and {video}", self.id), async || {
            let channel = self.record().await;
            let is_on_air = state == "LIVE";
            let is = channel["state"] == state && channel["video"]["state"] == video;
            is.then(|| assert_eq!(channel["onAir"], is_on_air, "{channel}"))
        })
        .await;
    }

    async fn record(&self) -> Value {
        let path = format!("/admin/channels/{}", self.id);
        call(self.server, Method::GET, &path, self.admin, Value::Null).await["channel"].take()
    }

    /// Compares what was seen with every row, with the provider, and with what the pages say.
    async fn check(&self, data: &Path, seen: &[Seen], told: &str) {
        let rows = rows(data, &self.arn).await;
        assert_eq!(rows.len(), seen.len(), "{told}\n{rows:?}\n{seen:?}");
        for ((_, began, ended), seen) in rows.iter().zip(seen) {
            let close = |earliest: i64, at: i64, latest: i64| (earliest - SECOND_MS..=latest).contains(&at);
            assert!(close(seen.connecting, *began, seen.live), "{told}\n{rows:?}\n{seen:?}");
            let window_ms = i64::try_from(WINDOW.as_millis()).unwrap();
            let earliest = seen.cut + if seen.is_lost { window_ms } else { 0 };
            assert!(close(earliest, *ended, seen.off), "{told}\n{rows:?}\n{seen:?}");
        }
        let listed = self.server.aws().list_stream_sessions().channel_arn(&self.arn);
        let listed = listed.send().await.unwrap();
        let sessions: Vec<_> = listed.stream_sessions().iter().rev().map(|s| s.stream_id()).collect();
        let streams: Vec<_> = rows.iter().map(|(stream_id, ..)| Some(stream_id.as_str())).collect();
        assert_eq!(sessions, streams, "{told}");

        let stats = format!("/admin/channels/{}/stats", self.id);
        let stats = call(self.server, Method::GET, &stats, self.admin, Value::Null).await;
        let on_air_ms: i64 = rows.iter().map(|(_, began, ended)| ended - began).sum();
        assert_eq!(stats["totalBroadcasts"], seen.len(), "{told}\n{stats}");
        assert_eq!(stats["totalStreamingMinutes"], on_air_ms / 60_000, "{told}\n{stats}");
        let channel = self.record().await;
        assert_eq!((&channel["state"], &channel["onAir"]), (&json!("IDLE"), &json!(false)));
    }
}

/// The broadcasts of a channel, oldest first: stream, beginning and end in epoch ms.
async fn rows(data: &Path, arn: &str) -> Vec<(String, i64, i64)> {
    let file = SqliteConnectOptions::new()
        .filename(data.join("rostrum.sqlite3"))
        .read_only(true);
    let mut connection = SqliteConnection::connect_with(&file).await.unwrap();
    sqlx::query_as(
        "select stream_id, started_at_ms, ended_at_ms from broadcasts where channel_arn = $1 order by started_at_ms",
    )
    .bind(arn)
    .fetch_all(&mut connection)
    .await
    .unwrap()
}

fn rtmp(server: &Server) -> SocketAddr {
    let address = server.rtmp.trim_start_matches("rtmp://").trim_end_matches("/app/");
    address.replace("localhost", "127.0.0.1").parse().unwrap()
}

#[expect(clippy::disallowed_methods, reason = "how long a run takes is its caller's to say")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[expect(
    clippy::disallowed_methods,
    reason = "times are compared with those of another process"
)]
fn now_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap().as_millis()).unwrap()
}
