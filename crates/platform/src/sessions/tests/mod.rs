mod ends;
mod race;
mod starts;
mod state;

use serde_json::Value;

use super::*;
use crate::broadcasts::model::{Broadcast, EndCause as BroadcastEnd, Ended as BroadcastEnded, Health};
use crate::channels::{self, Channel, State, assignments, bookings};
use crate::failpoint::Failpoint;
use crate::testing::{self, Clock, Database};
use crate::{Caller, Platform, Role, broadcasts, shows};

const MINUTE: i64 = 60_000;
/// The lease in these tests, as it is by default.
const LEASE: i64 = 5 * MINUTE;

/// A channel that Ann and Bea share, and a show of each.
pub(super) struct Scene {
    pub(super) clock: Clock,
    pub(super) platform: Platform,
    pub(super) channel_id: String,
    pub(super) ann: Caller,
    pub(super) bea: Caller,
}

impl Scene {
    pub(super) async fn open(database: &Database) -> Self {
        Self::open_with(database, Failpoint::default()).await
    }

    pub(super) async fn open_with(database: &Database, failpoint: Failpoint) -> Self {
        let clock = Clock::new();
        let mut config = database.config();
        config.failpoint = failpoint;
        let platform = Platform::open(config, clock.environment()).await.unwrap();
        let channel_id = testing::channel(&platform, "Main Stage").await;
        let scene = Self {
            ann: testing::person(&platform, "ann", &[Role::Host]).await,
            bea: testing::person(&platform, "bea", &[Role::Host]).await,
            clock,
            platform,
            channel_id,
        };
        for host in [&scene.ann, &scene.bea] {
            scene.assign(&scene.channel_id, host).await;
        }
        scene
    }

    pub(super) async fn assign(&self, channel_id: &str, host: &Caller) {
        let system = self.platform.context(Caller::System);
        let mut tx = system.db().begin().await.unwrap();
        assignments::assign_in(&mut tx, &system, channel_id, host.id().unwrap())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub(super) fn ctx(&self, caller: &Caller) -> Context {
        self.platform.context(caller.clone())
    }

    pub(super) fn admin(&self) -> Context {
        self.platform.context(Caller::Account {
            id: "admin".into(),
            email: "admin@example.com".into(),
            name: "Ada".into(),
            roles: vec![Role::Admin],
        })
    }

    /// Starts a session of `host` with a new show of his.
    pub(super) async fn start(&self, host: &Caller) -> Result<View, Error> {
        start_on(&self.platform, host).await
    }

    pub(super) async fn channel(&self) -> Channel {
        channels::find(self.platform.db().read(), &self.channel_id)
            .await
            .unwrap()
            .unwrap()
    }

    pub(super) async fn state(&self) -> State {
        let channel = self.channel().await;
        let latest = broadcasts::store::latest(self.platform.db().read(), &channel.arn)
            .await
            .unwrap();
        channel.state(latest.is_some_and(|broadcast| broadcast.is_live()))
    }

    /// Has a broadcast on the channel from `from_ms`; over at `until_ms`, or on air.
    pub(super) async fn broadcast(&self, stream_id: &str, from_ms: i64, until_ms: Option<i64>) {
        let broadcast = Broadcast {
            stream_id: stream_id.to_owned(),
            started_at_ms: from_ms,
            ended: until_ms.map(|at_ms| BroadcastEnded {
                at_ms,
                cause: BroadcastEnd::Ended,
            }),
            health: Health::Healthy,
            health_at_ms: from_ms,
            viewers: 0,
            peak_viewers: 0,
            changed_at_ms: from_ms,
        };
        let arn = self.channel().await.arn;
        let mut tx = self.platform.db().begin().await.unwrap();
        broadcasts::store::put(tx.conn(), &arn, &broadcast).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Moves the clock and runs what is due then.
    pub(super) async fn pass(&self, ms: i64) {
        self.clock.advance_ms(ms);
        testing::run_due_jobs(&self.platform).await.unwrap();
    }

    /// Books the channel for `host`, from `from_ms` to `until_ms`.
    pub(super) async fn book(&self, host: &Caller, from_ms: i64, until_ms: i64) {
        let new = bookings::NewBooking {
            host_user_id: host.id().unwrap().to_owned(),
            starts_at_ms: from_ms,
            ends_at_ms: until_ms,
            note: None,
        };
        bookings::add(&self.admin(), &self.channel_id, new).await.unwrap();
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    pub(super) async fn number(&self, sql: &'static str) -> i64 {
        let (number,): (i64,) = sqlx::query_as(sql).fetch_one(self.platform.db().read()).await.unwrap();
        number
    }

    /// The events about sessions on the channel's topic, as kind and payload.
    pub(super) async fn events(&self) -> Vec<(String, Value)> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("select kind, payload from events where topic = $1 and kind like 'session%' order by seq")
                .bind(channels::topic(&self.channel_id))
                .fetch_all(self.platform.db().read())
                .await
                .unwrap();
        let parsed = rows
            .into_iter()
            .map(|(kind, payload)| (kind, serde_json::from_str(&payload).unwrap()));
        parsed.collect()
    }

    /// The titles and texts of the host's notices about sessions.
    pub(super) async fn notices(&self, host: &Caller) -> Vec<(String, String)> {
        let list = crate::notifications::list(&self.ctx(host), crate::Page::default())
            .await
            .unwrap();
        let about_sessions = list
            .notifications
            .into_iter()
            .filter(|told| told.kind == "session_ended");
        about_sessions.map(|told| (told.title, told.text)).collect()
    }
}

/// Starts a session of `host` with a new show of his, through one of several platforms on one database.
pub(super) async fn start_on(platform: &Platform, host: &Caller) -> Result<View, Error> {
    let ctx = platform.context(host.clone());
    let new = shows::NewShow {
        title: "Morning".to_owned(),
        description: None,
    };
    let show = shows::create(&ctx, new).await.unwrap();
    create(&ctx, of_show(&show.id)).await
}

pub(super) fn of_show(show_id: &str) -> NewSession {
    NewSession {
        show_id: Some(show_id.to_owned()),
        episode_id: None,
    }
}

pub(super) fn fact<'a>(error: &'a Error, name: &str) -> Option<&'a Value> {
    error
        .facts
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}
