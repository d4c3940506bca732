//! Signing up and in with a code sent by e-mail.
//!
//! An attempt is known by an opaque session that its client holds; the code goes to the mailbox. Both and the address must
//! match. Whether an address has an account shows in the mail alone: the answers, and what the database does for them, are
//! the same.

use std::net::IpAddr;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::letters::Notice;
use super::limiter::address_key;
use super::model::{Account, normalised_email, trimmed_name};
use super::sessions::{self, Device};
use super::sign_in::{self, SignedIn};
use super::store;
use super::store::codes::{self as store_codes, Attempt};
use super::{letters, mailing};
use crate::db::Tx;
use crate::{Context, Error, Platform, Role, Secret};

/// What a code is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Challenge {
    /// To create an account; an address that has one is signed in.
    SignUp,
    /// To sign in to an account.
    SignIn,
}

/// What a person gives to be sent a code.
#[derive(Debug, Clone)]
pub struct CodeRequest {
    /// Any spelling of the address.
    pub email: String,
    /// What for.
    pub challenge: Challenge,
    /// Display name of a new account.
    pub name: Option<String>,
    /// Where the request came from.
    pub remote: IpAddr,
}

/// What a person gives to be sent another code.
#[derive(Debug, Clone)]
pub struct ResendRequest {
    /// Any spelling of the address.
    pub email: String,
    /// The attempt; the latest of the address when absent.
    pub session: Option<Secret>,
    /// Where the request came from.
    pub remote: IpAddr,
}

/// What a person gives to sign in with a code.
#[derive(Debug, Clone)]
pub struct CodeAnswer {
    /// Any spelling of the address.
    pub email: String,
    /// The code; space in it and around it does not count.
    pub code: Secret,
    /// The attempt, from [`request_code`].
    pub session: Secret,
    /// What the code was asked for.
    pub challenge: Challenge,
    /// Display name of a new account, if not given before.
    pub name: Option<String>,
    /// What the person signs in with.
    pub device: Device,
}

/// How long a code is good for.
pub const CODE_LIFETIME_MS: i64 = 10 * 60 * 1000;
/// Wrong codes that end a code.
pub const TRIES_MAX: i64 = 5;
/// How long an attempt can be given further codes.
pub(super) const ATTEMPT_LIFETIME_MS: i64 = 3600 * 1000;
/// Digits of a code.
const DIGITS: usize = 6;
/// Characters of a session or code at most; our sessions have 43.
const CHARS_MAX: usize = 100;
/// Purposes under which sessions and codes are hashed.
const SESSION: &str = "sign-in-session";
const CODE: &str = "sign-in-code";

/// Sends a code to an address and begins an attempt; returns its session, for [`verify_code`].
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `email` or `name`, [`crate::ErrorKind::Unavailable`] when this server sends
/// no e-mail, [`crate::ErrorKind::LimitReached`] for too many mails to one address or asked for from one.
pub async fn request_code(ctx: &Context, input: CodeRequest) -> Result<Secret, Error> {
    let email = normalised_email(&input.email)?;
    let name = given_name(input.name.as_deref())?;
    mailing::admit(ctx, input.remote)?;
    let session = Secret::new(URL_SAFE_NO_PAD.encode(ctx.platform.environment().random_bytes::<32>()));
    let mut tx = ctx.db().begin().await?;
    mailing::count(ctx, &mut tx, &email, 0).await?;
    let mut attempt = Attempt {
        session: ctx.platform.seal().lookup(SESSION, session.reveal()),
        email,
        challenge: input.challenge.as_str().to_owned(),
        name: name.unwrap_or_default(),
        code_hash: String::new(),
    };
    let (notice, code_hash) = choose(ctx, &mut tx, &attempt, input.challenge).await?;
    attempt.code_hash = code_hash;
    let expires_at_ms = ctx.now_ms + CODE_LIFETIME_MS;
    store_codes::insert(tx.conn(), &attempt, ctx.now_ms, expires_at_ms).await?;
    letters::send(ctx, &mut tx, &attempt.email, &notice, &mail_key(ctx)).await?;
    tx.commit().await?;
    Ok(session)
}

/// Sends another code for an attempt that was begun in the last hour; the code before it ends. Answers alike when there is none.
///
/// *errors*: as [`request_code`]; [`crate::ErrorKind::LimitReached`] also within 30 seconds of the last mail.
pub async fn resend_code(ctx: &Context, input: ResendRequest) -> Result<(), Error> {
    let email = normalised_email(&input.email)?;
    mailing::admit(ctx, input.remote)?;
    let session = input.session.map(|session| session_hash(&ctx.platform, &session));
    let mut tx = ctx.db().begin().await?;
    mailing::count(ctx, &mut tx, &email, mailing::RESEND_PAUSE_MS).await?;
    let after_ms = ctx.now_ms - ATTEMPT_LIFETIME_MS;
    let found = store_codes::find(tx.conn(), &email, session.as_deref(), after_ms).await?;
    if let Some(attempt) = found {
        let (notice, code_hash) = choose(ctx, &mut tx, &attempt, attempt.challenge.parse()?).await?;
        let expires_at_ms = ctx.now_ms + CODE_LIFETIME_MS;
        store_codes::renew(tx.conn(), &attempt.session, &code_hash, expires_at_ms).await?;
        letters::send(ctx, &mut tx, &email, &notice, &mail_key(ctx)).await?;
    }
    tx.commit().await
}

/// Signs in with a code; a new address gets an account without a password and with the role `member`.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`], the same for a wrong, used, expired or worn-out code and for another
/// session, address or challenge; [`crate::ErrorKind::Invalid`] naming `name`; [`crate::ErrorKind::LimitReached`] for too
/// many attempts from one address.
pub async fn verify_code(ctx: &Context, input: CodeAnswer) -> Result<SignedIn, Error> {
    let accounts = ctx.platform.accounts();
    let address = address_key(input.device.address);
    accounts.by_address.count(&address, ctx.now_ms)?;
    let email = normalised_email(&input.email).unwrap_or_default();
    let name = given_name(input.name.as_deref())?;
    let session = session_hash(&ctx.platform, &input.session);
    let code_hash = code_hash(&ctx.platform, &session, &input.code);
    let mut tx = ctx.db().begin().await?;
    let challenge = input.challenge.as_str();
    // Whoever comes second with the same code waits here, and finds it gone.
    let attempt = store_codes::take_try(tx.conn(), &session, &email, challenge, TRIES_MAX, ctx.now_ms).await?;
    let found = store::by_email(tx.conn(), &email).await?;
    let from = format!("by code, from {}", input.device.address);
    let right = attempt.filter(|attempt| attempt.code_hash == code_hash);
    let Some(attempt) = right.filter(|_| found.as_ref().is_none_or(|stored| !stored.is_closed)) else {
        let target = sign_in::target(ctx, found.as_ref(), &email);
        sign_in::audit(ctx, &mut tx, "accounts.login_failed", &target, &from).await?;
        tx.commit().await?;
        return Err(Error::unauthenticated("Invalid or expired code"));
    };
    store_codes::delete(tx.conn(), &session).await?;
    let (account, version) = match found {
        Some(stored) => {
            let target = sign_in::target(ctx, Some(&stored), &email);
            sign_in::audit(ctx, &mut tx, "accounts.login", &target, &from).await?;
            (stored.account, stored.token_version)
        }
        None => (sign_up(ctx, &mut tx, &attempt, name).await?, 0),
    };
    let signed_in = sessions::start(ctx, &mut tx, account, version, &input.device).await?;
    tx.commit().await?;
    accounts.by_address.give_back(&address);
    Ok(signed_in)
}

/// What to write to the address of an attempt, with the hash of the code in it; that is empty when there is none.
async fn choose(
    ctx: &Context,
    tx: &mut Tx,
    attempt: &Attempt,
    challenge: Challenge,
) -> Result<(Notice, String), Error> {
    let found = store::by_email(tx.conn(), &attempt.email).await?;
    let target = sign_in::target(ctx, found.as_ref(), &attempt.email);
    sign_in::audit(ctx, tx, "accounts.code_requested", &target, challenge.as_str()).await?;
    let code = new_code(ctx.platform.environment().random_bytes());
    let code_hash = code_hash(&ctx.platform, &attempt.session, &code);
    Ok(match (&found, challenge) {
        (Some(stored), _) if !stored.is_closed => (Notice::SignInCode(code), code_hash),
        (None, Challenge::SignUp) => (Notice::SignUpCode(code), code_hash),
        (Some(_), _) | (None, Challenge::SignIn) => (Notice::NoAccount, String::new()),
    })
}

/// Every code is a mail of its own.
fn mail_key(ctx: &Context) -> String {
    format!("code:{}", ctx.new_id())
}

async fn sign_up(ctx: &Context, tx: &mut Tx, attempt: &Attempt, name: Option<String>) -> Result<Account, Error> {
    let given = name.or_else(|| Some(attempt.name.clone()).filter(|name| !name.is_empty()));
    let local_part = attempt.email.split('@').next().unwrap_or_default();
    let account = Account {
        id: ctx.new_id(),
        email: attempt.email.clone(),
        name: given.unwrap_or_else(|| local_part.to_owned()),
        roles: vec![Role::Member],
        created_at_ms: ctx.now_ms,
    };
    sign_in::add(ctx, tx, &account, None, "accounts.registered").await?;
    Ok(account)
}

fn given_name(name: Option<&str>) -> Result<Option<String>, Error> {
    name.filter(|name| !name.trim().is_empty())
        .map(trimmed_name)
        .transpose()
}

/// Six digits; the remainder of 64 bits prefers none of them measurably.
fn new_code(random: [u8; 8]) -> Secret {
    Secret::new(format!("{:0DIGITS$}", u64::from_be_bytes(random) % 1_000_000))
}

fn session_hash(platform: &Platform, session: &Secret) -> String {
    // Longer ones are not ours; what is hashed instead has no row.
    let text = Some(session.reveal()).filter(|text| text.len() <= CHARS_MAX);
    platform.seal().lookup(SESSION, text.unwrap_or_default())
}

/// A code is short, so its hash is bound to its attempt.
fn code_hash(platform: &Platform, session_hash: &str, code: &Secret) -> String {
    let digits = code.reveal().chars().filter(|char| !char.is_whitespace());
    let digits: String = digits.take(DIGITS + 1).collect();
    platform.seal().lookup(CODE, &format!("{session_hash}:{digits}"))
}

impl Challenge {
    /// The name on the wire. *source*: Amazon Cognito's names, which clients of the first version know.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "SIGN_UP",
            Self::SignIn => "CUSTOM_AUTH",
        }
    }
}

impl FromStr for Challenge {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text {
            "SIGN_UP" => Ok(Self::SignUp),
            "CUSTOM_AUTH" => Ok(Self::SignIn),
            _ => Err(Error::invalid(
                "challengeName",
                "challengeName must be SIGN_UP or CUSTOM_AUTH",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_six_digits() {
        for (random, code) in [
            (0, "000000"),
            (7, "000007"),
            (999_999, "999999"),
            (1_000_000, "000000"),
            (u64::MAX, "551615"),
        ] {
            assert_eq!(new_code(u64::to_be_bytes(random)).reveal(), code);
        }
    }

    #[test]
    fn challenges_have_one_spelling() {
        for challenge in [Challenge::SignUp, Challenge::SignIn] {
            assert_eq!(challenge.as_str().parse::<Challenge>().unwrap(), challenge);
        }
        assert!("sign_up".parse::<Challenge>().is_err());
    }
}
