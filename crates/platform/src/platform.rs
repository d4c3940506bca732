//! The running application and what it stands on.

use std::fmt;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::accounts::Accounts;
use crate::auctions::bidding::Bidding;
use crate::auctions::outcome::Hints;
use crate::broadcasts::thumbnails::Thumbnails;
use crate::db::Db;
use crate::events::Presence;
use crate::failpoint::Failpoint;
use crate::health::Probe;
use crate::mail::Outbox;
use crate::pictures::Intake;
use crate::seal::Seal;
use crate::storage::Storage;
use crate::{Caller, Config, Context, Error, chat, db, events, id, jobs, video};

/// The application; cheap to clone, one per process (tests start several).
#[derive(Clone)]
pub struct Platform(Arc<Inner>);

struct Inner {
    config: Config,
    environment: Environment,
    db: Db,
    seal: Arc<Seal>,
    accounts: Accounts,
    bidding: Bidding,
    presence: Presence,
    outbid: Hints,
    video: video::Client,
    storage: Storage,
    pictures: Intake,
    thumbnails: Thumbnails,
    probe: Probe,
    chat: chat::Desk,
}

/// What the process gives us instead of a clock and a random generator.
#[derive(Clone)]
pub struct Environment {
    /// Wall clock, epoch ms.
    pub now_ms: Arc<dyn Fn() -> i64 + Send + Sync>,
    /// Fills a buffer with bytes nobody can predict.
    pub random: Arc<Fill>,
}

/// Fills a buffer.
pub type Fill = dyn Fn(&mut [u8]) + Send + Sync;

impl Platform {
    /// Connects to the database, brings its tables up to date and plans the recurring jobs. Nothing runs before
    /// [`Platform::run`].
    ///
    /// *errors*: [`crate::ErrorKind::Internal`] when the database cannot be used; the detail says why.
    pub async fn open(config: Config, environment: Environment) -> Result<Self, Error> {
        let seal = Arc::new(Seal::new(&config.secret_key, environment.clone())?);
        let outbox = Outbox::new(seal.clone(), &config.mail.delivery);
        let db = Db::connect(config.database_url.reveal(), environment.clone(), outbox).await?;
        let accounts = Accounts::new(&config.secret_key, config.oidc.clone())?;
        let bidding = Bidding::new(db.backend(), config.auctions);
        let video = video::Client::new(config.video.clone()).await;
        let chat = chat::Desk::new(&environment);
        let storage = Storage::open(&config.storage).await?;
        let presence = Presence::new(&id::new(environment.now_ms(), environment.random_bytes()));
        let platform = Self(Arc::new(Inner {
            config,
            environment,
            db,
            seal,
            accounts,
            bidding,
            presence,
            outbid: Hints::default(),
            video,
            storage,
            pictures: Intake::default(),
            thumbnails: Thumbnails::default(),
            probe: Probe::default(),
            chat,
        }));
        jobs::plan_recurring(&platform).await?;
        Ok(platform)
    }

    /// Runs jobs, hears other processes and what is said in chats, until `shutdown`; then lets running jobs finish for a few seconds.
    pub async fn run(&self, shutdown: CancellationToken) {
        tokio::join!(
            jobs::run(self, shutdown.clone()),
            db::listen(self.db(), self.presence(), shutdown.clone()),
            events::run_presence(self, shutdown.clone()),
            chat::listener::run(self, shutdown.clone())
        );
        self.bidding().desk.drain().await;
    }

    /// The context of one operation by `caller`, at this moment.
    pub fn context(&self, caller: Caller) -> Context {
        Context {
            platform: self.clone(),
            caller,
            now_ms: self.environment().now_ms(),
        }
    }

    /// A new UUID v7 as text for a thing created at `now_ms`.
    pub fn new_id(&self, now_ms: i64) -> String {
        id::new(now_ms, self.environment().random_bytes())
    }

    /// The store.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The settings this application was opened with.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Clock and randomness.
    pub fn environment(&self) -> &Environment {
        &self.0.environment
    }

    /// Seals and looks up secrets.
    pub fn seal(&self) -> &Seal {
        &self.0.seal
    }

    /// In which auctions the outbid are about to be told.
    pub(crate) fn outbid(&self) -> &Hints {
        &self.0.outbid
    }

    /// Who watches which topic.
    pub(crate) fn presence(&self) -> &Presence {
        &self.0.presence
    }

    /// The video provider.
    pub(crate) fn video(&self) -> &video::Client {
        &self.0.video
    }

    /// Where files are kept.
    pub(crate) fn storage(&self) -> &Storage {
        &self.0.storage
    }

    /// Where pictures are read.
    pub(crate) fn pictures(&self) -> &Intake {
        &self.0.pictures
    }

    /// Pictures of what is on air.
    pub(crate) fn thumbnails(&self) -> &Thumbnails {
        &self.0.thumbnails
    }

    /// What chat keeps in memory.
    pub(crate) fn chat(&self) -> &chat::Desk {
        &self.0.chat
    }

    /// Whether the video provider answered lately.
    pub(crate) fn probe(&self) -> &Probe {
        &self.0.probe
    }

    /// Where bids wait for their turn.
    pub(crate) fn bidding(&self) -> &Bidding {
        &self.0.bidding
    }

    /// Hears of the steps that crash tests stop at.
    pub(crate) fn failpoint(&self) -> &Failpoint {
        &self.0.config.failpoint
    }

    /// What the accounts area keeps in memory.
    pub(crate) fn accounts(&self) -> &Accounts {
        &self.0.accounts
    }
}

impl Environment {
    /// Wall clock, epoch ms.
    pub fn now_ms(&self) -> i64 {
        (self.now_ms)()
    }

    /// `N` bytes nobody can predict.
    pub fn random_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.random)(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Platform")
    }
}
