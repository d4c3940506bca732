//! A platform on a database of its own, a video tower of its own, and a proxy between them that can fail.

pub mod chatter;
pub mod encoder;
pub mod faults;
pub mod mail_server;
pub mod news;
pub mod tower;

use std::sync::Arc;

use platform::auctions::{Created, NewAuction, NewTerms};
use platform::failpoint::Failpoint;
use platform::testing::{self, Clock, Database};
use platform::video::{ChannelType, Credentials};
use platform::{Caller, Config, Context, Money, Platform, Role, video};

pub use chatter::Chatter;
pub use encoder::Encoder;
pub use faults::{Fault, Faults};
pub use tower::Tower;

/// The tag value of the platform under test.
pub const INSTALLATION: &str = "installation-under-test";

/// Makes a test on SQLite and one on PostgreSQL of each `async fn story(world: World)`.
macro_rules! on_every_database {
    ($($story:ident)+) => { $(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$story($crate::support::World::start(platform::testing::Database::sqlite()).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                super::$story($crate::support::World::start(platform::testing::Database::postgres().await).await).await;
            }
        }
    )+ };
}

/// Everything one test stands on.
pub struct World {
    pub clock: Clock,
    pub tower: Tower,
    pub platform: Platform,
    database: Database,
}

impl World {
    pub async fn start(database: Database) -> Self {
        let tower = Tower::start().await;
        let clock = Clock::new();
        let platform = open(&database, &tower, &clock, Failpoint::default(), |_| {}).await;
        tower.news.deliver_to(&platform);
        Self {
            clock,
            tower,
            platform,
            database,
        }
    }

    /// Stops the platform as a crash would, and starts it again on the same database.
    pub async fn restart(&mut self) {
        self.restart_with(Failpoint::default(), |_| {}).await;
    }

    pub async fn restart_with(&mut self, failpoint: Failpoint, change: impl FnOnce(&mut Config)) {
        self.tower.news.lose();
        self.platform.db().close().await;
        // The last handle holds the lock of the SQLite file; a placeholder takes its place meanwhile.
        let other = Database::sqlite();
        self.platform = Platform::open(other.config(), self.clock.environment()).await.unwrap();
        self.platform = open(&self.database, &self.tower, &self.clock, failpoint, change).await;
        self.tower.news.deliver_to(&self.platform);
    }

    /// Another process on the same database where that is allowed, another handle where it is not.
    pub async fn replica(&self) -> Platform {
        self.replica_with(|_| {}).await
    }

    /// The same with settings of its own.
    pub async fn replica_with(&self, change: impl FnOnce(&mut Config)) -> Platform {
        if self.database.is_shared() {
            open(&self.database, &self.tower, &self.clock, Failpoint::default(), change).await
        } else {
            self.platform.clone()
        }
    }

    /// Runs the platform until the answer is dropped.
    pub fn run(&self) -> Running {
        let (platform, shutdown) = (self.platform.clone(), tokio_util::sync::CancellationToken::new());
        let stop = shutdown.clone();
        let task = tokio::spawn(async move { platform.run(stop).await });
        Running { task, shutdown }
    }

    /// Runs every job that is due now.
    pub async fn run_jobs(&self) {
        testing::run_due_jobs(&self.platform).await.unwrap();
    }

    /// Moves the clock in steps, running what becomes due.
    pub async fn pass_ms(&self, ms: i64) {
        const STEPS: i64 = 8;
        for _ in 0..STEPS {
            self.clock.advance_ms(ms / STEPS + 1);
            self.run_jobs().await;
        }
    }

    pub fn context(&self, caller: Caller) -> Context {
        self.platform.context(caller)
    }

    pub fn host(&self) -> Context {
        self.context(account("host"))
    }

    pub fn admin(&self) -> Context {
        self.context(Caller::Account {
            id: "admin".into(),
            email: "admin@example.com".into(),
            name: "Ada".into(),
            roles: vec![Role::Admin],
        })
    }

    pub fn anonymous(&self) -> Context {
        self.context(Caller::Anonymous)
    }

    /// An auction of `host` that ends in five minutes.
    pub async fn auction(&self) -> Created {
        platform::auctions::create(&self.host(), watch()).await.unwrap()
    }

    /// The folder of stored files.
    pub fn files(&self) -> std::path::PathBuf {
        self.database.files()
    }

    /// What `rostrum leaks` would print.
    pub async fn leaks(&self) -> Vec<video::Leak> {
        video::leaks(&self.admin()).await.unwrap()
    }

    /// The events of a topic, as kind and payload.
    pub async fn events(&self, topic: &str) -> Vec<(String, serde_json::Value)> {
        let rows: Vec<(String, String)> =
            sqlx::query_as("select kind, payload from events where topic = $1 order by seq")
                .bind(topic)
                .fetch_all(self.platform.db().read())
                .await
                .unwrap();
        rows.into_iter()
            .map(|(kind, payload)| (kind, serde_json::from_str(&payload).unwrap()))
            .collect()
    }

    /// One number from the database.
    pub async fn number(&self, sql: &'static str) -> i64 {
        let (number,): (i64,) = sqlx::query_as(sql).fetch_one(self.platform.db().read()).await.unwrap();
        number
    }

    /// Rows of the ledger that still stand for something at the provider.
    pub async fn open_resources(&self) -> i64 {
        self.number("select count(*) from video_resources where state <> 'deleted'")
            .await
    }
}

/// A platform that runs its jobs and listens to its chats.
pub struct Running {
    task: tokio::task::JoinHandle<()>,
    shutdown: tokio_util::sync::CancellationToken,
}

impl Running {
    /// Ends it as an operator does.
    pub async fn stop(mut self) {
        self.shutdown.cancel();
        (&mut self.task).await.unwrap();
    }
}

impl Drop for Running {
    /// Ends it as a crash does.
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Somebody without special roles.
pub fn account(id: &str) -> Caller {
    Caller::Account {
        id: id.into(),
        email: format!("{id}@example.com"),
        name: format!("Name of {id}"),
        roles: vec![Role::Member],
    }
}

/// A valid auction of five minutes.
pub fn watch() -> NewAuction {
    NewAuction {
        title: "Vintage watch".into(),
        description: Some("Ticks.".into()),
        duration_s: 300,
        category: Some("watches".into()),
        starting_bid: Money::new(10_000, "USD".parse().unwrap()),
        seller_name: None,
        condition: None,
        image_url: None,
        images: Vec::new(),
        terms: NewTerms::default(),
    }
}

async fn open(
    database: &Database,
    tower: &Tower,
    clock: &Clock,
    failpoint: Failpoint,
    change: impl FnOnce(&mut Config),
) -> Platform {
    let mut config = database.config();
    config.failpoint = failpoint;
    config.chat_url = tower.chat_url();
    config.video = video::Config {
        endpoint_url: Some(tower.url()),
        credentials: Some(Credentials {
            access_key: tower::ACCESS_KEY.into(),
            secret_key: tower::SECRET_KEY.into(),
            session_token: None,
        }),
        channel_type: ChannelType::Basic,
        insecure_ingest: true,
        calls_per_second: None,
        call_timeout: std::time::Duration::from_secs(5),
        ..video::Config::new("us-east-1", INSTALLATION)
    };
    change(&mut config);
    Platform::open(config, clock.environment()).await.unwrap()
}

/// A failpoint that ends the work at `step` as a crash would: nothing after it runs.
pub fn die_at(step: &'static str) -> Failpoint {
    Failpoint::new(Arc::new(move |reached| assert_ne!(reached, step, "killed at {step}")))
}
