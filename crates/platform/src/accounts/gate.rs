//! Who is behind a bearer token.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::model::Account;
use super::store::{self, keys};
use super::{oidc, operator, service_keys, token};
use crate::{Caller, Error, Platform};

/// Callers looked up lately, so that a busy client costs no read per request.
#[derive(Default)]
pub(super) struct Cache {
    /// By session, account id (of a token without session), hash of the service key, or person and age of the issuer's token. Guards a lookup.
    entries: Mutex<HashMap<String, Entry>>,
}

#[derive(Clone)]
struct Entry {
    caller: Caller,
    token_version: i64,
    read_at_ms: i64,
}

/// How old a looked-up caller may be: a changed role, a closed account, an ended session and a deleted key take effect within this.
pub const FRESH_MS: i64 = 5_000;
/// Callers kept at most, about 300 bytes each.
const ENTRIES_MAX: usize = 10_000;
/// Characters of a bearer token at most; an issuer's is the longest.
const TOKEN_CHARS_MAX: usize = oidc::TOKEN_CHARS_MAX;

/// The caller that `token` (an access token of ours or of the issuer, a service key or an operator token, without `Bearer`)
/// stands for.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`], the same for every reason; [`crate::ErrorKind::Unavailable`] when the issuer's
/// keys cannot be had.
pub async fn authenticate(platform: &Platform, token: &str) -> Result<Caller, Error> {
    let refused = || Error::unauthenticated("Invalid or expired token");
    if token.len() > TOKEN_CHARS_MAX {
        return Err(refused());
    }
    let now_ms = platform.environment().now_ms();
    if token.starts_with(service_keys::PREFIX) {
        return service(platform, token, now_ms).await?.ok_or_else(refused);
    }
    if token.starts_with(operator::PREFIX) {
        return operator::operator(&platform.config().secret_key, token, now_ms)?.ok_or_else(refused);
    }
    match platform.accounts().tokens.check(token, now_ms) {
        Some(claims) => account(platform, &claims, now_ms).await?.ok_or_else(refused),
        None => issuers(platform, token, now_ms).await?.ok_or_else(refused),
    }
}

/// The caller of the issuer's `token`. Its signature is verified each time, its account looked up every few seconds.
async fn issuers(platform: &Platform, token: &str, now_ms: i64) -> Result<Option<Caller>, Error> {
    let Some(identity) = oidc::bearer(platform, token, now_ms).await? else {
        return Ok(None);
    };
    let cache = &platform.accounts().callers;
    let key = format!("oidc {} {}", identity.issued_at_s, identity.subject);
    if let Some(entry) = cache.find(&key, now_ms) {
        return Ok(Some(entry.caller));
    }
    let Some(stored) = oidc::account(platform, &identity).await? else {
        return Ok(None);
    };
    let entry = Entry {
        caller: caller(stored.account),
        token_version: stored.token_version,
        read_at_ms: now_ms,
    };
    Ok(Some(cache.keep(&key, entry).caller))
}

async fn account(platform: &Platform, claims: &token::Claims, now_ms: i64) -> Result<Option<Caller>, Error> {
    let cache = &platform.accounts().callers;
    let key = claims.sid.as_ref().unwrap_or(&claims.sub);
    let entry = match cache.find(key, now_ms) {
        Some(entry) => entry,
        None => {
            let on = platform.db().read();
            let stored = match &claims.sid {
                Some(session) => store::by_session(on, &claims.sub, session).await?,
                None => store::by_id(on, &claims.sub).await?,
            };
            let Some(stored) = stored.filter(|stored| !stored.is_closed) else {
                return Ok(None);
            };
            cache.keep(
                key,
                Entry {
                    caller: caller(stored.account),
                    token_version: stored.token_version,
                    read_at_ms: now_ms,
                },
            )
        }
    };
    Ok((entry.token_version == claims.ver).then_some(entry.caller))
}

fn caller(account: Account) -> Caller {
    Caller::Account {
        id: account.id,
        email: account.email,
        name: account.name,
        roles: account.roles,
    }
}

async fn service(platform: &Platform, key: &str, now_ms: i64) -> Result<Option<Caller>, Error> {
    let cache = &platform.accounts().callers;
    let hash = service_keys::hash(platform, key);
    if let Some(entry) = cache.find(&hash, now_ms) {
        return Ok(Some(entry.caller));
    }
    let Some(found) = keys::by_hash(platform.db().read(), &hash).await? else {
        return Ok(None);
    };
    let caller = Caller::Service {
        id: found.id,
        name: found.name,
        roles: found.roles,
    };
    Ok(Some(
        cache
            .keep(
                &hash,
                Entry {
                    caller,
                    token_version: 0,
                    read_at_ms: now_ms,
                },
            )
            .caller,
    ))
}

impl Cache {
    /// Forgets everybody: after a change in this process, which then shows at once.
    pub(super) fn clear(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Forgets the callers of one session.
    pub(super) fn forget(&self, session: &str) {
        self.entries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(session);
    }

    fn find(&self, key: &str, now_ms: i64) -> Option<Entry> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.get(key).filter(|entry| entry.is_fresh(now_ms)).cloned()
    }

    fn keep(&self, key: &str, entry: Entry) -> Entry {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= ENTRIES_MAX {
            entries.retain(|_, kept| kept.is_fresh(entry.read_at_ms));
        }
        // When full of fresh ones this caller is simply read again next time.
        if entries.len() < ENTRIES_MAX {
            entries.insert(key.to_owned(), entry.clone());
        }
        entry
    }
}

impl Entry {
    fn is_fresh(&self, now_ms: i64) -> bool {
        // A clock that was set back makes nothing fresh.
        (0..FRESH_MS).contains(&(now_ms - self.read_at_ms))
    }
}
