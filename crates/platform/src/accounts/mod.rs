//! People and programs: who they are and what they may do.
//!
//! A person signs in with e-mail and password ([`login`]) or with a code sent by e-mail ([`request_code`], [`verify_code`]) and
//! receives an access token for fifteen minutes and a refresh token for thirty days ([`refresh`]). A program carries a service key. [`authenticate`] turns either into a
//! [`crate::Caller`].
//!
//! **Invariants**
//! - Roles are read from the account's row, at most [`FRESH_MS`] old; the token only names the account. So a changed
//!   role and a closed account take effect within seconds on every process, without a session table.
//! - Passwords are stored as Argon2id, refresh tokens, service keys, codes and the tokens of links as keyed hashes.
//! - A wrong e-mail and a wrong password take the same steps and give the same answer. Whether an address has an account is
//!   told to its mailbox only.
//! - A refresh token is good for one use, and for ten seconds more while no later one was used; any other use ends the
//!   session, which is every token that grew from the same sign-in.
//! - An access token names its session and is good while that exists: ending a session takes effect within seconds on every
//!   process, at once on the one that ended it.

mod codes;
mod gate;
pub(crate) mod jobs;
mod letters;
pub(crate) mod limiter;
mod mailing;
mod model;
pub mod oidc;
mod operator;
mod password;
mod people;
pub(crate) mod recovery;
mod service_keys;
mod sessions;
mod setup;
mod sign_in;
mod store;
mod token;

pub use codes::{
    CODE_LIFETIME_MS, Challenge, CodeAnswer, CodeRequest, ResendRequest, TRIES_MAX, request_code, resend_code,
    verify_code,
};
pub use gate::{FRESH_MS, authenticate};
pub use mailing::{MAILS_MAX, RESEND_PAUSE_MS};
pub use model::{Account, NewAccount, NewUser};
pub use operator::operator_token;
pub use people::{Found, create_account, find_accounts, find_by_email, list_accounts, me, rename, set_roles};
pub(crate) use people::{forget_callers, make_host, open_account};
pub use recovery::{PasswordChange, RESET_LIFETIME_MS, change_password, forgot_password, has_password, reset_password};
pub use service_keys::{CreatedServiceKey, ServiceKey, create_service_key, delete_service_key, list_service_keys};
pub use sessions::{
    Device, SESSIONS_MAX, Session, USER_AGENT_CHARS_MAX, end_other_sessions, end_session, list_sessions, logout,
    refresh, session_of,
};
pub use setup::{ensure_admin, set_up, setup_link, setup_needed};
pub use sign_in::{Login, SignedIn, login, register};

use crate::Error;
use crate::config::SecretKey;

/// What this area keeps in memory.
pub(crate) struct Accounts {
    tokens: token::Signer,
    passwords: password::Hasher,
    by_email: limiter::Limiter,
    by_address: limiter::Limiter,
    registrations: limiter::Limiter,
    mailings: limiter::Limiter,
    callers: gate::Cache,
    oidc: Option<oidc::Provider>,
}

impl Accounts {
    pub(crate) fn new(key: &SecretKey, oidc: Option<oidc::Config>) -> Result<Self, Error> {
        Ok(Self {
            tokens: token::Signer::new(key)?,
            passwords: password::Hasher::new()?,
            by_email: limiter::Limiter::new(limiter::BY_EMAIL),
            by_address: limiter::Limiter::new(limiter::BY_ADDRESS),
            registrations: limiter::Limiter::new(limiter::REGISTRATIONS),
            mailings: limiter::Limiter::new(limiter::MAILINGS),
            callers: gate::Cache::default(),
            oidc: oidc.map(oidc::Provider::new).transpose()?,
        })
    }
}

#[cfg(test)]
mod tests;
