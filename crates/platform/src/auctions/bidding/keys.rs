//! Idempotency keys: the same request sent again gets the answer of the first.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::store;
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
pub(in crate::auctions) struct Key {
    /// Hash of account and key.
    pub(super) id: String,
    /// Hash of the request.
    pub(super) request: String,
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
        let removed = store::remove_expired(tx.conn(), now_ms, PRUNE_KEYS).await?;
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
}
