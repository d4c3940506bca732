//! Who watches a topic right now: people, not tabs.
//!
//! **A person** is an account; without one, the random text that a browser keeps for itself (`viewer`); without that, a
//! connection. Never an address: an office behind one router is many people, and a telephone has many addresses.
//!
//! **Several processes.** Nothing is stored. Each process tells the others over the database's notification channel how
//! many it has, and the keyed hashes of the first [`NAMED_MAX`] of them, so that a person with tabs at two replicas
//! counts once; those beyond are added up. What was not repeated for [`KEPT_MS`] is forgotten: its process is gone.

mod exchange;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use self::exchange::Exchange;
use crate::{Context, Error, Platform};

/// The people who watch topics through this process, and what others told of theirs.
#[derive(Clone)]
pub(crate) struct Presence {
    /// Guards lookups and counts, never held across `.await`; its size is bounded by the open event streams.
    topics: Arc<Mutex<Topics>>,
    /// This process among those that share a database.
    replica: Arc<str>,
}

#[derive(Default)]
struct Topics {
    here: HashMap<String, Here>,
    /// By topic, then by replica.
    elsewhere: HashMap<String, HashMap<String, Elsewhere>>,
}

/// The watchers of one topic in this process.
struct Here {
    /// Open connections by person: a keyed hash, so that a dump of memory names nobody.
    people: HashMap<u64, usize>,
    /// What watchers were last told.
    told: watch::Sender<i64>,
}

/// The watchers of one topic at another process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Elsewhere {
    named: BTreeSet<u64>,
    /// People besides.
    others: i64,
    /// When this is too old to count, epoch ms.
    until_ms: i64,
}

/// One open connection of one person; leaving is dropping it.
pub struct Present {
    presence: Presence,
    topic: String,
    person: u64,
    count: watch::Receiver<i64>,
}

/// Characters in the name that a client gives itself at most: a UUID fits.
const VIEWER_CHARS_MAX: usize = 64;
/// Pause between two tellings: watchers hear of a crowd, not of each of its members.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// People of a topic whose hashes a process tells: 17 bytes each in a notification of at most 8,000.
const NAMED_MAX: usize = 400;
/// How long the word of another process counts; it repeats itself three times as often.
const KEPT_MS: i64 = 15_000;

/// Counts the caller among those who watch `topic`, until the result is dropped.
///
/// A signed-in caller is known by its id, another by `viewer`, a random text its client keeps; one with neither counts
/// once per connection.
/// *errors*: [`crate::ErrorKind::Invalid`] naming `viewer` when it is longer than 64 characters.
pub fn enter(ctx: &Context, topic: &str, viewer: Option<&str>) -> Result<Present, Error> {
    if viewer.is_some_and(|viewer| viewer.chars().count() > VIEWER_CHARS_MAX) {
        return Err(Error::invalid("viewer", "viewer must be at most 64 characters"));
    }
    // The prefixes keep a client from taking the name of an account.
    let person = match (ctx.caller.id(), viewer) {
        (Some(id), _) => format!("caller:{id}"),
        (None, Some(viewer)) => format!("viewer:{viewer}"),
        (None, None) => format!("stream:{}", ctx.new_id()),
    };
    let person = hash(&ctx.platform, topic, &person);
    let presence = ctx.platform.presence().clone();
    let count = {
        let mut topics = presence.lock();
        let here = topics.here.entry(topic.to_owned()).or_insert_with(|| Here {
            people: HashMap::new(),
            told: watch::Sender::new(0),
        });
        *here.people.entry(person).or_default() += 1;
        here.told.subscribe()
    };
    Ok(Present {
        presence,
        topic: topic.to_owned(),
        person,
        count,
    })
}

/// How many people watch `topic`, at all processes as far as they told.
pub fn present(ctx: &Context, topic: &str) -> i64 {
    ctx.platform.presence().lock().count(topic, ctx.now_ms)
}

/// Tells watchers of changed numbers once: what a running platform does every second.
pub fn tell(platform: &Platform) {
    platform.presence().tell(platform.environment().now_ms());
}

/// Tells watchers and other processes once a second, until `shutdown`.
pub(crate) async fn run(platform: &Platform, shutdown: CancellationToken) {
    let presence = platform.presence();
    let mut exchange = Exchange::default();
    while shutdown
        .run_until_cancelled(tokio::time::sleep(TELL_EVERY))
        .await
        .is_some()
    {
        let now_ms = platform.environment().now_ms();
        presence.tell(now_ms);
        if let Err(error) = exchange.tell(presence, platform.db(), now_ms).await {
            // The next second tells again.
            tracing::debug!(%error, "other processes were not told who watches here");
        }
    }
}

/// Stands for a person among the watchers of `topic`, the same at every process of an installation.
fn hash(platform: &Platform, topic: &str, person: &str) -> u64 {
    let hash = platform.seal().keyed_hash(&format!("presence:{topic}"), person);
    let bytes = hash.as_ref().iter().take(8);
    bytes.fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

impl Present {
    /// The number of people in the topic, as it is told: at most once a second, and only when it changed.
    pub fn count(&mut self) -> &mut watch::Receiver<i64> {
        &mut self.count
    }
}

impl Presence {
    /// Nobody yet, in the process called `replica`, a text without spaces.
    pub(crate) fn new(replica: &str) -> Self {
        Self {
            topics: Arc::default(),
            replica: replica.into(),
        }
    }

    /// Takes what a process told; what cannot be read is of another release and left alone.
    pub(crate) fn heard(&self, text: &str, now_ms: i64) {
        let Some((replica, topic, told)) = exchange::parse(text, now_ms + KEPT_MS) else {
            return;
        };
        if replica != &*self.replica {
            let mut topics = self.lock();
            let of_topic = topics.elsewhere.entry(topic.to_owned()).or_default();
            of_topic.insert(replica.to_owned(), told);
        }
    }

    fn tell(&self, now_ms: i64) {
        let mut topics = self.lock();
        topics.forget(now_ms);
        for (topic, here) in &topics.here {
            let count = topics.count(topic, now_ms);
            here.told.send_if_modified(|told| {
                let is_news = *told != count;
                *told = count;
                is_news
            });
        }
    }

    fn lock(&self) -> MutexGuard<'_, Topics> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Topics {
    fn count(&self, topic: &str, now_ms: i64) -> i64 {
        let here = self.here.get(topic).map(|here| &here.people);
        let counts = |told: &&Elsewhere| told.until_ms > now_ms;
        let elsewhere = || {
            self.elsewhere
                .get(topic)
                .into_iter()
                .flat_map(HashMap::values)
                .filter(counts)
        };
        let named: BTreeSet<&u64> = elsewhere()
            .flat_map(|told| &told.named)
            .filter(|person| here.is_none_or(|here| !here.contains_key(person)))
            .collect();
        let others: i64 = elsewhere().map(|told| told.others).sum();
        number(here.map_or(0, HashMap::len) + named.len()) + others
    }

    fn forget(&mut self, now_ms: i64) {
        self.elsewhere.retain(|_, replicas| {
            replicas.retain(|_, told| told.until_ms > now_ms);
            !replicas.is_empty()
        });
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

impl Drop for Present {
    fn drop(&mut self) {
        let mut topics = self.presence.lock();
        let Some(here) = topics.here.get_mut(&self.topic) else {
            return;
        };
        if let Some(connections) = here.people.get_mut(&self.person) {
            *connections -= 1;
            if *connections == 0 {
                here.people.remove(&self.person);
            }
        }
        if here.people.is_empty() {
            topics.here.remove(&self.topic);
        }
    }
}

#[cfg(test)]
mod tests;
