//! What happened, told after the commit, numbered per topic without gaps.
//!
//! A change publishes with [`crate::db::Tx::publish`]. A watcher reads a state and [`last_seq`] in one
//! [`crate::db::Db::snapshot`], then [`subscribe`]s after that number and receives the next one, and the next, with
//! none missing and none twice. A reader that comes back names the last number it saw.
//!
//! **When full**: nothing is queued per watcher. Each pulls at its own pace, from the few events that its topic keeps in
//! memory, or from the log; one that falls [`LAG_MAX`] behind is told so and sent away.

mod access;
mod bus;
mod presence;
mod store;
mod watch;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use access::{Access, access, check};
pub(crate) use bus::Bus;
pub(crate) use presence::{Presence, run as run_presence};
pub use presence::{Present, enter, present, tell};
pub(crate) use store::append;
pub use store::last_seq;
pub use watch::{Watch, Watched};

use crate::jobs::{Job, JobError, Outcome};
use crate::{Context, Error, Platform};

/// One event of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Where it was published, such as `auction:{id}`.
    pub topic: String,
    /// Its number: 1, 2, 3 … within the topic.
    pub seq: i64,
    /// What happened, such as `auction_ended`.
    pub kind: String,
    /// A JSON object as text.
    pub payload: String,
    /// When, epoch ms.
    pub at_ms: i64,
}

/// An event that has no number yet.
#[derive(Debug, Clone)]
pub struct Draft {
    pub(crate) kind: &'static str,
    pub(crate) payload: String,
}

/// Bytes of one event's JSON at most: an event tells what changed, it does not carry documents.
pub const PAYLOAD_BYTES_MAX: usize = 64 * 1024;
/// Events that a watcher which had caught up may fall behind before it is sent away.
pub const LAG_MAX: i64 = 1024;
/// Events that a returning watcher is replayed at most; beyond that a snapshot is cheaper for both sides.
pub const REPLAY_MAX: i64 = 10_000;
/// How long events are kept: a client that was away longer takes a snapshot.
const KEPT_MS: i64 = 7 * 24 * 3600 * 1000;
/// Pause between two prunings.
const PRUNE_EVERY_MS: i64 = 3600 * 1000;

/// The events of `topic` after number `after`.
///
/// `None` means that the log cannot continue from there (pruned, too far back, or a number that never was): take a
/// snapshot and subscribe after its number.
/// *errors*: [`crate::ErrorKind::NotFound`] for a topic that does not exist, [`crate::ErrorKind::Unauthenticated`] or
/// [`crate::ErrorKind::Forbidden`] where the caller may not listen, [`crate::ErrorKind::Unavailable`] when there are too
/// many watchers.
pub async fn subscribe(ctx: &Context, topic: &str, after: i64) -> Result<Option<Watch>, Error> {
    check(ctx, topic)?;
    // Joining before reading the number: whatever is committed in between wakes us.
    let joined = ctx.db().bus().join(topic)?;
    let (seq, pruned_seq) = store::range(ctx.db().read(), topic).await?;
    if after < pruned_seq || after > seq || seq - after > REPLAY_MAX {
        return Ok(None);
    }
    joined.topic().wake(seq);
    Ok(Some(Watch::new(ctx.db().clone(), joined, after)))
}

impl Draft {
    /// An event of `kind` with a JSON object as payload.
    ///
    /// *errors*: [`crate::ErrorKind::Internal`] when `payload` is no JSON object or larger than [`PAYLOAD_BYTES_MAX`].
    pub fn new<P: Serialize + ?Sized>(kind: &'static str, payload: &P) -> Result<Self, Error> {
        let payload = serde_json::to_string(payload).map_err(|e| Error::internal(format_args!("event {kind}: {e}")))?;
        Self::checked(kind, payload)
    }

    /// An event of `kind` with the members of two JSON objects that both have some.
    ///
    /// *errors*: as [`Draft::new`].
    pub(crate) fn of_both<A: Serialize, B: Serialize>(
        kind: &'static str,
        first: &A,
        second: &B,
    ) -> Result<Self, Error> {
        let Self { mut payload, .. } = Self::new(kind, first)?;
        payload.pop();
        payload.push(',');
        payload.push_str(Self::new(kind, second)?.payload.get(1..).unwrap_or_default());
        Self::checked(kind, payload)
    }

    fn checked(kind: &'static str, payload: String) -> Result<Self, Error> {
        if !payload.starts_with('{') || payload.len() > PAYLOAD_BYTES_MAX {
            return Err(Error::internal(format_args!(
                "event {kind}: not a JSON object of at most 64 KiB"
            )));
        }
        Ok(Self { kind, payload })
    }
}

/// Removes events that nobody can ask for any more.
#[derive(Serialize, Deserialize)]
pub(crate) struct PruneEvents {}

impl Job for PruneEvents {
    const NAME: &'static str = "events.prune";

    fn key(&self) -> String {
        String::new()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let now_ms = platform.environment().now_ms();
        let is_done = store::prune(platform.db(), now_ms - KEPT_MS).await?;
        Ok(Outcome::Again {
            run_at_ms: if is_done { now_ms + PRUNE_EVERY_MS } else { now_ms },
        })
    }
}

impl crate::db::Row for Arc<Event> {
    const COLUMNS: usize = 5;

    fn bind<'q>(&'q self, query: crate::db::Params<'q>) -> crate::db::Params<'q> {
        query
            .bind(&self.topic)
            .bind(self.seq)
            .bind(&self.kind)
            .bind(&self.payload)
            .bind(self.at_ms)
    }
}

#[cfg(test)]
mod tests;
