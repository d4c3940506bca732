//! Changing a password, and setting one when it is forgotten or was never set.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::letters::{self, Notice};
use super::model::{self, check_password, normalised_email};
use super::sessions::{self, Device};
use super::sign_in::{self, SignedIn};
use super::store::{self, resets};
use super::{mailing, people};
use crate::db::Tx;
use crate::jobs::{Job, JobError, Outcome};
use crate::{Caller, Context, Error, Platform, Secret, mail};

/// How long a link to set a password is good for.
pub const RESET_LIFETIME_MS: i64 = 3600 * 1000;
/// Characters of a link's token at most; ours have 43.
const TOKEN_CHARS_MAX: usize = 100;
/// The purpose under which tokens are hashed.
const RESET: &str = "password-reset";

/// Sends a link to set a new password, if the address has an account. The answer, and all that is done before it, is the same
/// for every address: the account is looked for later, by [`SendResetLink`].
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `email`, [`crate::ErrorKind::Unavailable`] when this server sends no e-mail,
/// [`crate::ErrorKind::LimitReached`] for too many mails to one address or asked for from one.
pub async fn forgot_password(ctx: &Context, email: &str, remote: IpAddr) -> Result<(), Error> {
    let email = normalised_email(email)?;
    mailing::admit(ctx, remote)?;
    let seal = ctx.platform.seal();
    let email_hash = mailing::hash(ctx, &email);
    let token = URL_SAFE_NO_PAD.encode(ctx.platform.environment().random_bytes::<32>());
    let wish = serde_json::to_string(&Wish {
        email: &email,
        token: &token,
    })
    .map_err(Error::internal)?;
    let job = SendResetLink {
        sealed: seal.seal(&purpose(&email_hash), &Secret::new(wish))?,
        email_hash,
        asked_at_ms: ctx.now_ms,
    };
    let mut tx = ctx.db().begin().await?;
    mailing::count(ctx, &mut tx, &email, 0).await?;
    tx.enqueue(&job, ctx.now_ms).await?;
    tx.commit().await
}

/// Sets a password with the token of a link. Every session of the account ends.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `password`, which leaves the link good; [`crate::ErrorKind::Unauthenticated`] for a wrong,
/// used or expired token.
pub async fn reset_password(ctx: &Context, token: &Secret, password: &Secret) -> Result<(), Error> {
    let refused = || Error::unauthenticated("Invalid or expired token");
    check_password(password)?;
    if token.reveal().len() > TOKEN_CHARS_MAX {
        return Err(refused());
    }
    let token_hash = ctx.platform.seal().lookup(RESET, token.reveal());
    // Before hashing a password, which is what an attacker would make us do.
    if !resets::is_good(ctx.db().read(), &token_hash, ctx.now_ms).await? {
        return Err(refused());
    }
    let hash = hash(&ctx.platform, password).await?;
    let mut tx = ctx.db().begin().await?;
    let account_id = resets::use_up(tx.conn(), &token_hash, ctx.now_ms)
        .await?
        .ok_or_else(refused)?;
    let stored = store::by_id(tx.conn(), &account_id)
        .await?
        .filter(|stored| !stored.is_closed)
        .ok_or_else(refused)?;
    let account = stored.account;
    let version = stored.token_version;
    replace(ctx, &mut tx, &account, version, &hash, "accounts.password_reset").await?;
    tx.commit().await?;
    ctx.platform.accounts().callers.clear();
    Ok(())
}

/// What a person gives to change their password.
#[derive(Debug, Clone)]
pub struct PasswordChange {
    /// The password until now.
    pub current: Secret,
    /// The password from now on.
    pub new: Secret,
    /// What the person goes on with.
    pub device: Device,
}

/// Changes the caller's password. Every session and access token of the account ends, and a new session begins for whoever
/// made the change.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `current_password` or `new_password`, [`crate::ErrorKind::Conflict`] for an account without
/// a password, [`crate::ErrorKind::LimitReached`] for too many wrong ones; as [`super::me`].
pub async fn change_password(ctx: &Context, input: PasswordChange) -> Result<SignedIn, Error> {
    let stored = people::own(ctx).await?;
    check_password(&input.new)
        .map_err(|_| Error::invalid("new_password", "new_password must have 8 to 256 characters"))?;
    let Some(known) = &stored.password_hash else {
        return Err(Error::conflict(
            "This account has no password yet, ask for a link to set one",
        ));
    };
    let accounts = ctx.platform.accounts();
    // With the sign-ins: a stolen access token gives no further guesses.
    accounts.by_email.count(&stored.account.email, ctx.now_ms)?;
    // Absurdly long input is not hashed; it is nobody's password.
    let is_sensible = check_password(&input.current).is_ok();
    if !is_sensible || !accounts.passwords.verify(&input.current, Some(known)).await? {
        return Err(Error::invalid("current_password", "current_password is wrong"));
    }
    let hash = hash(&ctx.platform, &input.new).await?;
    let (account, version) = (stored.account, stored.token_version);
    let mut tx = ctx.db().begin().await?;
    replace(ctx, &mut tx, &account, version, &hash, "accounts.password_changed").await?;
    let email = account.email.clone();
    let signed_in = sessions::start(ctx, &mut tx, account, version + 1, &input.device).await?;
    tx.commit().await?;
    accounts.callers.clear();
    accounts.by_email.forget(&email);
    Ok(signed_in)
}

/// True when the caller can sign in with a password; errors as [`super::me`].
pub async fn has_password(ctx: &Context) -> Result<bool, Error> {
    Ok(people::own(ctx).await?.password_hash.is_some())
}

/// Writes a new password; what the old one let in ends, and the owner is told.
async fn replace(
    ctx: &Context,
    tx: &mut Tx,
    account: &model::Account,
    version: i64,
    hash: &str,
    action: &'static str,
) -> Result<(), Error> {
    store::set_password(tx.conn(), &account.id, version, hash).await?;
    store::sessions::end_all(tx.conn(), &account.id, None).await?;
    resets::end(tx.conn(), &account.id, ctx.now_ms).await?;
    sign_in::audit(
        ctx,
        tx,
        action,
        &format!("account:{}", account.id),
        "all sessions ended",
    )
    .await?;
    if mail::is_configured(&ctx.platform) {
        let key = format!("password-changed:{}", ctx.new_id());
        letters::send(ctx, tx, &account.email, &Notice::PasswordChanged, &key).await?;
    }
    Ok(())
}

async fn hash(platform: &Platform, password: &Secret) -> Result<String, Error> {
    let salt = platform.environment().random_bytes();
    platform.accounts().passwords.hash(password, salt).await
}

/// Sends the link that [`forgot_password`] was asked for, if the address has an account. A second run does the same again, so
/// that the link that was sent is the one that is good.
#[derive(Serialize, Deserialize)]
pub(crate) struct SendResetLink {
    /// Stands for the address: what is asked for again replaces what waits.
    email_hash: String,
    /// A [`Wish`]; the token in it is as good as a password.
    sealed: String,
    asked_at_ms: i64,
}

#[derive(Serialize, Deserialize)]
struct Wish<'a> {
    email: &'a str,
    token: &'a str,
}

impl Job for SendResetLink {
    const NAME: &'static str = "accounts.send_reset_link";

    fn key(&self) -> String {
        self.email_hash.clone()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let ctx = platform.context(Caller::System);
        let expires_at_ms = self.asked_at_ms + RESET_LIFETIME_MS;
        if ctx.now_ms >= expires_at_ms {
            return Ok(Outcome::Done);
        }
        let wish = platform.seal().open(&purpose(&self.email_hash), &self.sealed)?;
        let wish: Wish<'_> = serde_json::from_str(wish.reveal()).map_err(Error::internal)?;
        let mut tx = platform.db().begin().await?;
        let found = store::by_email(tx.conn(), wish.email).await?;
        let Some(stored) = found.filter(|stored| !stored.is_closed) else {
            return Ok(Outcome::Done);
        };
        let hash = platform.seal().lookup(RESET, wish.token);
        resets::put(tx.conn(), &stored.account.id, &hash, expires_at_ms).await?;
        let notice = Notice::ResetLink(Secret::new(wish.token));
        let key = format!("password-reset:{hash}");
        letters::send(&ctx, &mut tx, wish.email, &notice, &key).await?;
        let target = format!("account:{}", stored.account.id);
        sign_in::audit(&ctx, &mut tx, "accounts.reset_link_sent", &target, "by e-mail").await?;
        tx.commit().await?;
        Ok(Outcome::Done)
    }
}

fn purpose(email_hash: &str) -> String {
    format!("password-reset:{email_hash}")
}
