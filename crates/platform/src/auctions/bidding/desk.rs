//! Where commands wait for their turn.
//!
//! Each auction has a queue; a worker takes what has queued for the auctions that are ready, judges it in one
//! transaction and answers after the commit. There is one worker on SQLite, where the sync of a commit is the limit and
//! one commit may serve many auctions, and a few on PostgreSQL, each for its share of the auctions. A worker lives while
//! there is work, so an idle auction costs nothing.
//!
//! **When full** ([`AUCTION_MAX`] commands of one auction, [`WAITING_MAX`] of all) a command is refused with
//! [`crate::ErrorKind::Unavailable`] before anything happened. **Fairness**: an auction gets [`PER_AUCTION`] commands
//! into a round, and what is left waits behind the others.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio_util::task::TaskTracker;

use super::keys::Key;
use super::round;
use crate::auctions::rules::{Answer, Command, Id, Stamped, Terms};
use crate::db::Backend;
use crate::{Caller, Error, Platform};

/// Commands that wait for one auction at most: some tenths of a second of work.
const AUCTION_MAX: usize = 8_192;
/// Commands that wait at a worker at most; about half a kilobyte each.
const WAITING_MAX: usize = 65_536;
/// Commands of one auction in one transaction.
const PER_AUCTION: usize = 2_048;
/// Commands, and auctions, in one transaction: larger ones make nobody faster and everybody wait longer.
const PER_ROUND: usize = 4_096;
const AUCTIONS_PER_ROUND: usize = 1_024;
/// Workers on PostgreSQL; each holds one of the pool's connections while it works.
const POSTGRES_WORKERS: usize = 4;
/// Auctions whose terms are kept in memory, about half a kilobyte each.
const TERMS_MAX: usize = 8_192;
/// Seconds a bidder should wait when the queue is full.
const FULL_RETRY_S: u64 = 1;

/// The queues of this process.
pub(crate) struct Desk {
    /// An auction always has the same worker.
    shards: Vec<Arc<Shard>>,
    /// Terms never change, so what is here is right. The lock guards a look-up.
    terms: Mutex<HashMap<Id, Arc<Terms>>>,
    tasks: TaskTracker,
}

/// The auctions of one worker. The lock guards a few pushes and pops.
#[derive(Default)]
pub(super) struct Shard(Mutex<Queues>);

#[derive(Default)]
struct Queues {
    by_auction: HashMap<Id, VecDeque<Waiting>>,
    /// Auctions that have commands waiting, each once, the one that waits longest first.
    ready: VecDeque<Id>,
    waiting: usize,
    is_worked_on: bool,
}

/// A command on its way.
pub(super) struct Request {
    pub(super) terms: Arc<Terms>,
    pub(super) command: Command,
    /// Lets the same request be sent again.
    pub(super) key: Option<Key>,
    /// Who asks and what the audit calls it; bids are in the history instead.
    pub(super) audit: Option<(Caller, &'static str)>,
}

/// A command that waits for its turn.
pub(super) struct Waiting {
    pub(super) stamped: Stamped,
    pub(super) terms: Arc<Terms>,
    pub(super) key: Option<Key>,
    pub(super) audit: Option<(Caller, &'static str)>,
    pub(super) reply: oneshot::Sender<Result<Answer, Error>>,
}

/// What one auction brings into a transaction.
pub(super) struct Batch {
    pub(super) terms: Arc<Terms>,
    pub(super) waiting: Vec<Waiting>,
}

/// Ends a worker's claim on its shard, also when it panics: those who wait are then told that nobody knows.
struct Claim(Arc<Shard>);

impl Desk {
    pub(crate) fn new(backend: Backend) -> Self {
        let workers = match backend {
            Backend::Sqlite => 1,
            Backend::Postgres => POSTGRES_WORKERS,
        };
        Self {
            shards: (0..workers).map(|_| Arc::default()).collect(),
            terms: Mutex::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Stamps a command, queues it and waits for its answer, which comes after the commit.
    ///
    /// *errors*: [`crate::ErrorKind::Unavailable`] when the queue is full, or when nobody knows what became of it;
    /// what the transaction failed with.
    /// *cancel*: the command is carried out all the same.
    pub(super) async fn ask(&self, platform: &Platform, request: Request) -> Result<Answer, Error> {
        let (reply, answer) = oneshot::channel();
        let shard = &self.shards[self.shard_of(&request.terms.auction_id)];
        if shard.push(platform, request, reply)? {
            self.tasks.spawn(work(platform.clone(), shard.clone()));
        }
        answer.await.unwrap_or_else(|_| Err(unknown_outcome()))
    }

    /// Waits until nothing is waiting any more.
    pub(crate) async fn drain(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// The terms of an auction, where they are known already.
    pub(super) fn terms(&self, auction_id: &str) -> Option<Arc<Terms>> {
        self.lock_terms().get(auction_id).cloned()
    }

    /// Keeps the terms of an auction. When full: all are forgotten, and read again as they are asked for.
    pub(super) fn keep_terms(&self, terms: Terms) -> Arc<Terms> {
        let terms = Arc::new(terms);
        let mut kept = self.lock_terms();
        if kept.len() >= TERMS_MAX {
            kept.clear();
        }
        kept.insert(terms.auction_id.clone(), terms.clone());
        terms
    }

    fn lock_terms(&self) -> MutexGuard<'_, HashMap<Id, Arc<Terms>>> {
        self.terms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard_of(&self, auction_id: &str) -> usize {
        let sum: usize = auction_id.bytes().map(usize::from).sum();
        sum % self.shards.len()
    }
}

/// Judges round after round until nothing waits.
async fn work(platform: Platform, shard: Arc<Shard>) {
    let claim = Claim(shard);
    while let Some(batches) = claim.0.next_round() {
        round::carry_out(&platform, batches).await;
        // The transactions of others, and the bidders who were just answered, get their turn.
        tokio::task::yield_now().await;
    }
}

impl Shard {
    /// Queues a command; true when the caller must start the worker.
    ///
    /// The stamp is taken under the lock, so that the order of the queue is the order of the stamps.
    fn push(
        &self,
        platform: &Platform,
        request: Request,
        reply: oneshot::Sender<Result<Answer, Error>>,
    ) -> Result<bool, Error> {
        let Request {
            terms,
            command,
            key,
            audit,
        } = request;
        let auction_id = terms.auction_id.clone();
        let mut queues = self.lock();
        let queue_len = queues.by_auction.get(&auction_id).map_or(0, VecDeque::len);
        if queue_len >= AUCTION_MAX || queues.waiting >= WAITING_MAX {
            return Err(full());
        }
        if queue_len == 0 {
            queues.ready.push_back(auction_id.clone());
        }
        let at_ms = platform.environment().now_ms();
        queues.by_auction.entry(auction_id).or_default().push_back(Waiting {
            stamped: Stamped { at_ms, command },
            terms,
            key,
            audit,
            reply,
        });
        queues.waiting += 1;
        Ok(!std::mem::replace(&mut queues.is_worked_on, true))
    }

    /// What the next transaction serves, in the order of the auctions' ids: that is the order in which every process
    /// locks them. `None` ends the worker.
    fn next_round(&self) -> Option<Vec<Batch>> {
        let mut queues = self.lock();
        let (mut batches, mut later) = (Vec::new(), Vec::new());
        let mut room = PER_ROUND;
        while room > 0 && batches.len() < AUCTIONS_PER_ROUND {
            let Some(auction_id) = queues.ready.pop_front() else {
                break;
            };
            let Some(mut queue) = queues.by_auction.remove(&auction_id) else {
                continue;
            };
            let waiting: Vec<Waiting> = queue.drain(..queue.len().min(PER_AUCTION).min(room)).collect();
            room -= waiting.len();
            batches.extend(batch(waiting));
            if !queue.is_empty() {
                queues.by_auction.insert(auction_id.clone(), queue);
                later.push(auction_id);
            }
        }
        queues.ready.extend(later);
        queues.waiting -= PER_ROUND - room;
        if batches.is_empty() {
            queues.is_worked_on = false;
            return None;
        }
        batches.sort_by(|a, b| a.terms.auction_id.cmp(&b.terms.auction_id));
        Some(batches)
    }

    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn batch(waiting: Vec<Waiting>) -> Option<Batch> {
    let terms = waiting.first()?.terms.clone();
    Some(Batch { terms, waiting })
}

impl Drop for Claim {
    fn drop(&mut self) {
        if std::thread::panicking() {
            *self.0.lock() = Queues::default();
        }
    }
}

/// Too many wait already; nothing happened.
fn full() -> Error {
    let error = Error::unavailable(FULL_RETRY_S, "a bid queue is full");
    Error {
        message: "Too many bids are waiting".into(),
        ..error
    }
}

/// It may or may not have been carried out.
pub(super) fn unknown_outcome() -> Error {
    Error::unavailable(FULL_RETRY_S, "the outcome of a command is unknown")
}
