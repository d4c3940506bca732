//! Idempotency keys: the same request sent again gets the answer of the first.

use std::collections::HashMap;
use std::fmt::Write as _;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, AssertSqlSafe, Row as _};

use crate::db::{Params, Row, insert_rows, list, padded as pad};
use crate::jobs::{Job, JobError, Outcome};
use crate::{Error, Platform};

/// How long a key is remembered.
pub(super) const KEPT_MS: i64 = 24 * 3600 * 1000;
/// Longest key, characters; the longest that a header of ordinary servers and proxies carries in any case.
pub const KEY_LEN_MAX: usize = 255;
/// Pause between two prunings, and keys that one step removes: it shares the writer with everybody.
const PRUNE_EVERY_MS: i64 = 3600 * 1000;
const PRUNE_KEYS: i64 = 10_000;
/// Bytes kept of a hash: 144 bits, twice what finding two equal ones would take anybody.
const HASH_BYTES: usize = 18;

/// A key of one account, and what was asked with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    /// Hash of account and key.
    pub(super) id: String,
    /// Hash of the request.
    pub(super) request: String,
}

/// A key that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Used {
    pub(super) request: String,
    pub(super) auction_id: String,
    /// The entry that answered; 0 when the bid came too late for one.
    pub(super) seq: i64,
}

/// A key to write.
pub(super) struct NewKey<'a> {
    pub(super) key: &'a Key,
    pub(super) auction_id: &'a str,
    pub(super) seq: i64,
    pub(super) expires_at_ms: i64,
}

impl Key {
    /// The key `text` of `account_id` with the request that `parts` spell.
    ///
    /// *errors*: [`crate::ErrorKind::Invalid`] unless `text` has 1 to [`KEY_LEN_MAX`] printable ASCII characters.
    pub(super) fn new(account_id: &str, text: &str, parts: &[&str]) -> Result<Self, Error> {
        let is_printable = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if text.is_empty() || text.len() > KEY_LEN_MAX || !is_printable {
            return Err(Error::invalid(
                "Idempotency-Key",
                "Idempotency-Key must have 1 to 255 printable ASCII characters",
            ));
        }
        Ok(Self {
            id: hash(&[account_id, text]),
            request: hash(parts),
        })
    }
}

/// A hash of several texts that keeps ("a", "bc") and ("ab", "c") apart.
fn hash(parts: &[&str]) -> String {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part.as_bytes());
    }
    let digest = context.finish();
    let bytes = digest.as_ref().get(..HASH_BYTES).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Those of `ids` that were used, by id.
pub(super) async fn used(connection: &mut AnyConnection, ids: &[&str]) -> Result<HashMap<String, Used>, Error> {
    let mut found = HashMap::new();
    for ids in ids.chunks(PER_STATEMENT) {
        let text = format!(
            "select id, request, auction_id, seq from bid_keys where id in {}",
            list(connection, ids.len())
        );
        let mut query = sqlx::query(AssertSqlSafe(text));
        for id in pad(ids) {
            query = query.bind(*id);
        }
        for row in query.fetch_all(&mut *connection).await? {
            let used = Used {
                request: row.try_get("request")?,
                auction_id: row.try_get("auction_id")?,
                seq: row.try_get("seq")?,
            };
            found.insert(row.try_get("id")?, used);
        }
    }
    Ok(found)
}

/// Writes new keys.
///
/// *errors*: [`crate::ErrorKind::Unavailable`] when another process used one of them in between; nothing must be
/// committed then.
pub(super) async fn insert(connection: &mut AnyConnection, keys: &mut [NewKey<'_>]) -> Result<(), Error> {
    // In one order everywhere, so that two processes never wait for each other.
    keys.sort_by(|a, b| a.key.id.cmp(&b.key.id));
    let inserted = insert_rows(
        connection,
        "insert into bid_keys (id, request, auction_id, seq, expires_at_ms) values",
        keys,
        "on conflict (id) do nothing",
    )
    .await?;
    if usize::try_from(inserted) == Ok(keys.len()) {
        Ok(())
    } else {
        Err(Error::unavailable(
            1,
            "an idempotency key was used twice at the same time",
        ))
    }
}

impl Row for NewKey<'_> {
    const COLUMNS: usize = 5;

    fn bind<'q>(&'q self, query: Params<'q>) -> Params<'q> {
        query
            .bind(&*self.key.id)
            .bind(&*self.key.request)
            .bind(self.auction_id)
            .bind(self.seq)
            .bind(self.expires_at_ms)
    }
}

/// Parameters of one `in` list.
pub(super) const PER_STATEMENT: usize = 1_024;

/// `($1, $2, …)` with as many as the next power of two, so that there are few different statements.
pub(super) fn placeholders(count: usize) -> String {
    let mut text = String::with_capacity(count * 6);
    for number in 1..=count.next_power_of_two() {
        let _ = write!(text, "{}${number}", if number == 1 { "(" } else { ", " });
    }
    text.push(')');
    text
}

/// The values for [`placeholders`]: the last one is repeated.
pub(super) fn padded<T>(values: &[T]) -> impl Iterator<Item = &T> {
    let missing = values.len().next_power_of_two() - values.len();
    values.iter().chain(values.last().into_iter().cycle().take(missing))
}

/// Forgets old keys.
#[derive(Serialize, Deserialize)]
pub(crate) struct PruneKeys {}

impl Job for PruneKeys {
    const NAME: &'static str = "bids.prune_keys";

    fn key(&self) -> String {
        String::new()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let now_ms = platform.environment().now_ms();
        let mut tx = platform.db().begin().await?;
        let removed =
            sqlx::query("delete from bid_keys where id in (select id from bid_keys where expires_at_ms < $1 limit $2)")
                .bind(now_ms)
                .bind(PRUNE_KEYS)
                .execute(tx.conn())
                .await
                .map_err(Error::from)?
                .rows_affected();
        tx.commit().await?;
        let is_done = removed < PRUNE_KEYS.unsigned_abs();
        Ok(Outcome::Again {
            run_at_ms: if is_done { now_ms + PRUNE_EVERY_MS } else { now_ms },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_depend_on_account_text_and_request() {
        let key = |account, text, amount| Key::new(account, text, &["auction", amount]).unwrap();
        assert_eq!(key("ann", "k", "1"), key("ann", "k", "1"));
        assert_ne!(key("ann", "k", "1").id, key("bob", "k", "1").id);
        assert_ne!(key("ann", "k", "1").request, key("ann", "k", "2").request);
        assert_ne!(hash(&["a", "bc"]), hash(&["ab", "c"]));
    }

    #[test]
    fn a_key_is_short_printable_ascii() {
        assert!(Key::new("ann", &"k".repeat(255), &[]).is_ok());
        for refused in ["", "a\nb", "ü", &"k".repeat(256)] {
            assert!(Key::new("ann", refused, &[]).is_err(), "{refused:?}");
        }
    }

    #[test]
    fn lists_have_powers_of_two() {
        assert_eq!(placeholders(3), "($1, $2, $3, $4)");
        assert_eq!(padded(&[1, 2, 3]).collect::<Vec<_>>(), [&1, &2, &3, &3]);
    }
}
