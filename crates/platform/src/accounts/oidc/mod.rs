//! Signing in at somebody else's door: an OpenID Connect issuer, such as an Amazon Cognito user pool.
//!
//! Programs and pages may show the issuer's tokens as bearer tokens ([`bearer`]); people may come through the code flow
//! ([`start`], [`finish`]) and then have a session of ours. Both end at the same account, found by issuer and subject.
//!
//! **Invariants**
//! - Signatures are RS256 or ES256 by a key of the issuer's key set, and the key decides the algorithm; nothing in a token
//!   names a key but `kid`.
//! - Ours and theirs never mix: ours are HS256 under a derived key, theirs are never HS256 and name the issuer's URL.
//! - An account is found by issuer and subject. An e-mail address counts only when the issuer says that it is verified; it
//!   then leads to an existing account unless that is an administrator's, and whoever knew a password there loses it.
//! - The issuer's groups decide the roles of its people; the newest token wins, whatever the order of arrival.
//! - A closed account stays closed, also for a newcomer with its verified e-mail address.
//!
//! *source*: OpenID Connect Core 1.0, RFC 7519 and 8725 (JWT), RFC 7636 (PKCE), RFC 9068, RFC 9207, RFC 9700.

mod claims;
mod config;
mod flow;
mod http;
mod keys;
mod people;
mod provider;
mod store;
mod token;

pub use config::Config;
pub use flow::{Callback, Finished, Started, finish, next_of, start};
pub(super) use provider::Provider;

use claims::Identity;
use sqlx::AnyExecutor;

use super::store::Stored;
use crate::{Caller, Error, Platform};

/// Characters of an issuer's token at most. Cognito's have about 1,100, and groups make them longer.
pub(super) const TOKEN_CHARS_MAX: usize = 8192;

/// What to call the issuer on the sign-in page; `None` without one.
pub fn method(platform: &Platform) -> Option<String> {
    Some(platform.accounts().oidc.as_ref()?.config().name.clone())
}

/// Whom the issuer's `token` names, when it is one of the issuer's and good at `now_ms`.
///
/// *errors*: [`crate::ErrorKind::Unavailable`] when the issuer's keys cannot be had.
pub(super) async fn bearer(platform: &Platform, token: &str, now_ms: i64) -> Result<Option<Identity>, Error> {
    let Some(provider) = &platform.accounts().oidc else {
        return Ok(None);
    };
    match provider.verify(token, now_ms, claims::Use::Bearer).await? {
        Ok(identity) => Ok(Some(identity)),
        Err(why) => {
            tracing::debug!(why, "a bearer token is none of the issuer's: {why}");
            Ok(None)
        }
    }
}

/// The account of `identity`, made or brought up to date if need be; `None` when it is closed.
pub(super) async fn account(platform: &Platform, identity: &Identity) -> Result<Option<Stored>, Error> {
    people::settle(&platform.context(Caller::Anonymous), identity).await
}

/// Whether the issuer says what this account may do: whatever is written here, its next token overwrites.
pub(super) async fn decides_roles(
    platform: &Platform,
    on: impl AnyExecutor<'_>,
    account_id: &str,
) -> Result<bool, Error> {
    Ok(platform.accounts().oidc.is_some() && store::has_identity(on, account_id).await?)
}

#[cfg(test)]
mod tests;
