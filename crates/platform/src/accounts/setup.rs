//! The first admin.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::model::{self, NewAccount, check_password, normalised_email};
use super::sessions::{self, Device};
use super::sign_in::{self, SignedIn};
use super::store;
use crate::audit::Entry;
use crate::{Caller, Context, Error, Platform, Role, Secret};

/// How long a set-up link is good for; every start of the server prints a new one.
const LIFETIME_MS: i64 = 24 * 3600 * 1000;
/// Characters of a set-up token at most; ours have 43.
const TOKEN_CHARS_MAX: usize = 100;
/// The purpose under which the token is hashed.
const SETUP: &str = "setup-token";

/// True while no account is an admin's.
pub async fn setup_needed(platform: &Platform) -> Result<bool, Error> {
    Ok(!store::has_admin(platform.db().read()).await?)
}

/// A new one-time token for [`set_up`], or `None` when there is an admin. Earlier tokens end.
pub async fn setup_link(platform: &Platform) -> Result<Option<Secret>, Error> {
    if !setup_needed(platform).await? {
        return Ok(None);
    }
    let token = Secret::new(URL_SAFE_NO_PAD.encode(platform.environment().random_bytes::<32>()));
    let hash = platform.seal().lookup(SETUP, token.reveal());
    let mut tx = platform.db().begin().await?;
    store::setup::put(tx.conn(), &hash, platform.environment().now_ms() + LIFETIME_MS).await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Creates the first admin with the token of the set-up link and signs in.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`] for a wrong, used or expired token, [`crate::ErrorKind::Conflict`]
/// when there is an admin or the e-mail has an account, [`crate::ErrorKind::Invalid`]. The token survives the last two.
pub async fn set_up(ctx: &Context, token: &Secret, input: NewAccount, device: &Device) -> Result<SignedIn, Error> {
    let refused = || Error::unauthenticated("Invalid or expired token");
    if token.reveal().len() > TOKEN_CHARS_MAX {
        return Err(refused());
    }
    let token_hash = ctx.platform.seal().lookup(SETUP, token.reveal());
    // Before hashing a password, which is what an attacker would make us do.
    if !store::setup::is_good(ctx.db().read(), &token_hash, ctx.now_ms).await? {
        return Err(refused());
    }
    let (account, hash) = sign_in::prepare(ctx, input.validated()?, vec![Role::Admin]).await?;
    let mut tx = ctx.db().begin().await?;
    if !store::setup::use_up(tx.conn(), &token_hash, ctx.now_ms).await? {
        return Err(refused());
    }
    if store::has_admin(tx.conn()).await? {
        return Err(Error::conflict("Rostrum is already set up"));
    }
    sign_in::add(ctx, &mut tx, &account, Some(&hash), "accounts.set_up").await?;
    let signed_in = sessions::start(ctx, &mut tx, account, 0, device).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// Sees to it that `email` is an admin with `password`, as the operator configured it.
///
/// *shape*: a missing account is created; one with another password or without the role is changed, and its tokens end.
/// *errors*: [`crate::ErrorKind::Invalid`] naming `email` or `password`.
pub async fn ensure_admin(platform: &Platform, email: &str, password: &Secret) -> Result<(), Error> {
    let ctx = platform.context(Caller::System);
    let email = normalised_email(email)?;
    check_password(password)?;
    let Some(found) = store::by_email(ctx.db().read(), &email).await? else {
        let input = NewAccount {
            email,
            password: password.clone(),
            name: "Admin".to_owned(),
        };
        let (account, hash) = sign_in::prepare(&ctx, input, vec![Role::Admin]).await?;
        let mut tx = ctx.db().begin().await?;
        sign_in::add(&ctx, &mut tx, &account, Some(&hash), "accounts.admin_ensured").await?;
        return tx.commit().await;
    };
    let passwords = &platform.accounts().passwords;
    let is_admin = found.account.roles.contains(&Role::Admin) && !found.is_closed;
    if is_admin && passwords.verify(password, found.password_hash.as_deref()).await? {
        return Ok(());
    }
    let hash = passwords.hash(password, platform.environment().random_bytes()).await?;
    let mut roles = found.account.roles;
    roles.push(Role::Admin);
    let mut tx = ctx.db().begin().await?;
    store::overwrite(tx.conn(), &found.account.id, &model::checked_roles(roles)?, &hash).await?;
    store::sessions::end_all(tx.conn(), &found.account.id, None).await?;
    let target = format!("account:{}", found.account.id);
    tx.audit(Entry {
        actor: &ctx.caller,
        action: "accounts.admin_ensured",
        target: &target,
        detail: None,
    })
    .await?;
    tx.commit().await?;
    platform.accounts().callers.clear();
    Ok(())
}
