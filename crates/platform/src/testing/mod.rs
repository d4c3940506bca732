//! What tests stand on: a clock that they move, and databases of their own.
//!
//! A story is a function that takes a [`Database`]; [`crate::on_both_databases`] makes a test of it for SQLite and one
//! for PostgreSQL.

pub mod checker;
mod dice;
pub mod issuer;
mod postgres;

pub use dice::Dice;
pub use postgres::{is_root, programs as postgres_programs};

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::config::{Auctions, Channels, SecretKey};
use crate::failpoint::Failpoint;
use crate::{
    Caller, Config, Context, Currency, Environment, Error, Platform, Role, Secret, auctions, channels, chat, costs,
    jobs, mail, storage, video,
};

/// A clock that stands still until a test moves it, and random bytes that only differ from each other.
#[derive(Clone)]
pub struct Clock {
    now_ms: Arc<AtomicI64>,
}

/// 2026-11-21T08:00:00Z, where every test begins.
pub const START_MS: i64 = 1_795_248_000_000;

impl Clock {
    /// A clock at [`START_MS`].
    pub fn new() -> Self {
        Self {
            now_ms: Arc::new(AtomicI64::new(START_MS)),
        }
    }

    /// Epoch ms.
    pub fn now_ms(&self) -> i64 {
        self.now_ms.load(Ordering::SeqCst)
    }

    /// Moves the clock forward.
    pub fn advance_ms(&self, by_ms: i64) {
        self.now_ms.fetch_add(by_ms, Ordering::SeqCst);
    }

    /// This clock, with randomness, as a platform takes it.
    pub fn environment(&self) -> Environment {
        let now_ms = self.now_ms.clone();
        Environment {
            now_ms: Arc::new(move || now_ms.load(Ordering::SeqCst)),
            random: Arc::new(fill),
        }
    }
}

/// A clock that begins at [`START_MS`] and goes with tokio's, for tests of waiting.
pub fn ticking_environment() -> Environment {
    let start = Instant::now();
    let now_ms = move || START_MS + i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX);
    Environment {
        now_ms: Arc::new(now_ms),
        random: Arc::new(fill),
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// Different bytes at every call of the process (splitmix64), the same order in every run.
fn fill(buffer: &mut [u8]) {
    static STATE: AtomicU64 = AtomicU64::new(1);
    for chunk in buffer.chunks_mut(8) {
        let mut z = STATE.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bytes = (z ^ (z >> 31)).to_le_bytes();
        chunk.copy_from_slice(&bytes[..chunk.len()]);
    }
}

/// A database that nobody else uses; it is removed when this is dropped.
pub struct Database {
    /// For [`Config::database_url`].
    pub url: String,
    folder: TempDir,
    is_shared: bool,
}

impl Database {
    /// A new SQLite file in a temporary folder.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self {
            url: format!("sqlite://{}", folder.path().join("rostrum.sqlite3").display()),
            folder,
            is_shared: false,
        }
    }

    /// A new database on this test binary's own PostgreSQL server, which is started if need be.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub async fn postgres() -> Self {
        Self {
            url: postgres::create_database(false).await,
            folder: tempfile::tempdir().expect("a temporary folder"),
            is_shared: true,
        }
    }

    /// A new database on a PostgreSQL server that syncs its commits to disk, for measurements.
    #[expect(clippy::expect_used, reason = "a measurement cannot go on without it")]
    pub async fn durable_postgres() -> Self {
        Self {
            url: postgres::create_database(true).await,
            folder: tempfile::tempdir().expect("a temporary folder"),
            is_shared: true,
        }
    }

    /// True on PostgreSQL, where two platforms may share it.
    pub fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// The folder of stored files.
    pub fn files(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    /// A platform on this database that goes by `clock`.
    #[expect(clippy::expect_used, reason = "a test cannot go on without it")]
    pub async fn platform(&self, clock: &Clock) -> Platform {
        Platform::open(self.config(), clock.environment())
            .await
            .expect("a platform")
    }

    /// Settings for a platform on this database.
    #[expect(clippy::expect_used, reason = "constants")]
    pub fn config(&self) -> Config {
        Config {
            database_url: Secret::new(self.url.as_str()),
            currency: Currency::new("USD").expect("a currency"),
            secret_key: SecretKey::new([7; 32]),
            events_secret: Some(Secret::new("events-secret")),
            oidc: None,
            auctions: Auctions {
                // Time stands still in most tests, and a bucket would never fill again.
                bids_per_second: 0,
                ..Auctions::default()
            },
            channels: Channels {
                recording_bucket: Some("recordings".to_owned()),
                ..Channels::default()
            },
            video: video::Config {
                // Nothing listens on this port: a test that needs video brings its own.
                endpoint_url: Some("http://127.0.0.1:9".to_owned()),
                credentials: Some(video::Credentials {
                    access_key: "AKIATEST".to_owned(),
                    secret_key: "secret".to_owned(),
                    session_token: None,
                }),
                calls_per_second: None,
                ..video::Config::new("us-east-1", "test")
            },
            chat_url: "ws://127.0.0.1:9/chat".to_owned(),
            chat_listen_url: None,
            public_url: "https://live.example.com".parse().expect("a URL"),
            mail: mail::Config {
                delivery: mail::Delivery::Kept,
                from: mail::Sender::parse("Rostrum <rostrum@live.example.com>").expect("a sender"),
            },
            storage: storage::Config::Folder(self.files()),
            costs: costs::Config::default(),
            failpoint: Failpoint::default(),
        }
    }
}

/// Keeps a message in the chat of an auction as if it had been heard there, from a bidder and now.
///
/// *errors*: as any statement.
pub async fn hear(platform: &Platform, auction_id: &str, message_id: &str, text: &str) -> Result<(), Error> {
    let heard = chat::store::Heard {
        message_id: message_id.to_owned(),
        user_id: "bidder_K7QX".to_owned(),
        username: "Bidder K7QX".to_owned(),
        text: text.to_owned(),
        sent_at_ms: platform.environment().now_ms(),
    };
    let mut tx = platform.db().begin().await?;
    let next = "update chat_rooms set last_seq = last_seq + 1 where auction_id = $1 returning last_seq";
    let (seq,): (i64,) = sqlx::query_as(next).bind(auction_id).fetch_one(tx.conn()).await?;
    chat::store::insert_line(tx.conn(), auction_id, seq, &heard).await?;
    tx.commit().await
}

/// Listens to chats as a running platform does, without its jobs, until `shutdown`.
pub async fn listen_to_chats(platform: &Platform, shutdown: CancellationToken) {
    chat::listener::run(platform, shutdown).await;
}

/// Runs every job that is due by the platform's clock, and what those plan for now; returns how many runs that were.
pub async fn run_due_jobs(platform: &Platform) -> Result<usize, Error> {
    jobs::run_due(platform).await
}

/// Writes an auction of the caller as [`auctions::create`] does, without a video channel; returns its id.
pub async fn auction(ctx: &Context, input: auctions::NewAuction) -> Result<String, Error> {
    auctions::testing::insert(ctx, input).await
}

/// Writes a channel as [`channels::create()`] does, without asking the video provider; returns its id.
#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
pub async fn channel(platform: &Platform, name: &str) -> String {
    channels::testing::insert(platform, name).await.expect("a channel")
}

/// Removes a channel that is still assigned, which no operation does.
#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
pub async fn lose_channel(tx: &mut crate::db::Tx, channel_id: &str) {
    let text = "update channels set deleted_at_ms = 1 where id = $1";
    let done = sqlx::query(text).bind(channel_id).execute(tx.conn()).await;
    assert_eq!(done.expect("an update").rows_affected(), 1, "no channel {channel_id}");
}

/// Somebody with an account and without a password.
#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
pub async fn person(platform: &Platform, name: &str, roles: &[Role]) -> Caller {
    let ctx = platform.context(Caller::System);
    let (id, email) = (ctx.new_id(), format!("{name}@example.com"));
    let roles_text = serde_json::to_string(roles).expect("roles");
    let mut tx = platform.db().begin().await.expect("a transaction");
    sqlx::query(
        "insert into accounts (id, email, name, password_hash, roles, created_at_ms) values ($1, $2, $3, '', $4, $5)",
    )
    .bind(&id)
    .bind(&email)
    .bind(name)
    .bind(roles_text)
    .bind(ctx.now_ms)
    .execute(tx.conn())
    .await
    .expect("an account");
    tx.commit().await.expect("a commit");
    Caller::Account {
        id,
        email,
        name: name.to_owned(),
        roles: roles.to_vec(),
    }
}

/// An account without special roles, which the database does not know.
pub fn account(id: &str) -> Caller {
    Caller::Account {
        id: id.to_owned(),
        email: format!("{id}@example.com"),
        name: format!("Name of {id}"),
        roles: Vec::new(),
    }
}

/// Waits until a statement on this PostgreSQL database is held up by another transaction.
#[expect(clippy::expect_used, reason = "a test cannot go on without it")]
pub async fn until_one_is_held_up(platform: &Platform) {
    let text = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    let waiting = async {
        loop {
            let row = sqlx::query_as(text).fetch_one(platform.db().read()).await;
            let (count,): (i64,) = row.expect("the activity of the database");
            if count > 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting)
        .await
        .expect("a statement that is held up");
}

/// Makes a test on SQLite and one on PostgreSQL of each `async fn story(database: Database)`.
#[macro_export]
macro_rules! on_both_databases {
    ($($story:ident),+ $(,)?) => { $(
        mod $story {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                super::$story($crate::testing::Database::sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                super::$story($crate::testing::Database::postgres().await).await;
            }
        }
    )+ };
}
