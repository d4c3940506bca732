//! Registering, signing in, staying signed in, signing out.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::limiter::address_key;
use super::model::{self, Account, NewAccount};
use super::store;
use super::store::refresh::{self as refresh_store, Grown};
use super::token;
use crate::audit::Entry;
use crate::db::Tx;
use crate::{Context, Error, Platform, Role, Secret};

/// What a person gives to sign in.
#[derive(Debug, Clone)]
pub struct Login {
    /// Any spelling of the e-mail address.
    pub email: String,
    /// The password.
    pub password: Secret,
    /// Where the request came from.
    pub remote: IpAddr,
}

/// What a person has after signing in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// For the `Authorization: Bearer` header.
    pub access_token: Secret,
    /// Seconds that the access token is good for.
    pub expires_in_s: i64,
    /// For one call of [`refresh`].
    pub refresh_token: Secret,
    /// Seconds that the refresh token is good for.
    pub refresh_expires_in_s: i64,
    /// Who signed in.
    pub account: Account,
}

/// How long a person stays signed in without coming back.
const REFRESH_LIFETIME_S: i64 = 30 * 24 * 3600;
/// How long a used refresh token is good once more. Tabs of one browser share a cookie and may refresh with it at once, and an
/// answer may be lost on its way; a thief's copy is rarely that quick, and is noticed at the next refresh of the other.
pub(super) const LEEWAY_MS: i64 = 10_000;
/// Characters of a refresh token at most; ours have 43.
const REFRESH_CHARS_MAX: usize = 100;
/// The purpose under which refresh tokens are hashed.
const REFRESH: &str = "refresh-token";
/// The topic that admins follow.
pub(super) const TOPIC: &str = "accounts";

/// Creates an account with the role `member` and signs it in.
///
/// *errors*: [`crate::ErrorKind::Invalid`], [`crate::ErrorKind::Conflict`] when the e-mail has an account,
/// [`crate::ErrorKind::LimitReached`] for too many accounts from one address.
pub async fn register(ctx: &Context, input: NewAccount, remote: IpAddr) -> Result<SignedIn, Error> {
    let input = input.validated()?;
    ctx.platform
        .accounts()
        .registrations
        .count(&address_key(remote), ctx.now_ms)?;
    let (account, hash) = prepare(ctx, input, vec![Role::Member]).await?;
    let mut tx = ctx.db().begin().await?;
    add(ctx, &mut tx, &account, &hash, "accounts.registered").await?;
    let signed_in = start(ctx, &mut tx, account, 0).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// Signs a person in.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`] alike for an unknown e-mail and a wrong password,
/// [`crate::ErrorKind::LimitReached`] for too many attempts with this e-mail or from this address.
pub async fn login(ctx: &Context, input: Login) -> Result<SignedIn, Error> {
    let accounts = ctx.platform.accounts();
    let address = address_key(input.remote);
    // What is no address cannot be known; it goes the same way as one that is unknown.
    let email = model::normalised_email(&input.email).unwrap_or_default();
    accounts.by_address.count(&address, ctx.now_ms)?;
    accounts.by_email.count(&email, ctx.now_ms)?;
    let found = store::by_email(ctx.db().read(), &email)
        .await?
        .filter(|stored| !stored.is_closed);
    let is_sensible = model::check_password(&input.password).is_ok();
    // Absurdly long input is not hashed; its length is no secret.
    let password = if is_sensible { &input.password } else { &Secret::new("") };
    let hash = found.as_ref().map(|stored| stored.password_hash.as_str());
    let is_right = accounts.passwords.verify(password, hash).await? && is_sensible;
    let mut tx = ctx.db().begin().await?;
    let target = match &found {
        Some(stored) => format!("account:{}", stored.account.id),
        None => format!("email:{}", ctx.platform.seal().lookup("audit-email", &email)),
    };
    let action = if is_right {
        "accounts.login"
    } else {
        "accounts.login_failed"
    };
    let from = format!("from {}", input.remote);
    tx.audit(Entry {
        actor: &ctx.caller,
        action,
        target: &target,
        detail: Some(&from),
    })
    .await?;
    let Some(stored) = found.filter(|_| is_right) else {
        tx.commit().await?;
        return Err(Error::unauthenticated("Invalid email or password"));
    };
    let signed_in = start(ctx, &mut tx, stored.account, stored.token_version).await?;
    tx.commit().await?;
    accounts.by_email.forget(&email);
    accounts.by_address.give_back(&address);
    Ok(signed_in)
}

/// Exchanges a refresh token for new tokens; the old one is used up, but for a leeway of ten seconds while no later token of
/// the same sign-in was used.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`] for a token that is unknown, expired or used. A second use beyond the leeway
/// means that somebody copied it, so every token that grew from the same sign-in ends.
pub async fn refresh(ctx: &Context, refresh_token: &Secret) -> Result<SignedIn, Error> {
    let refused = || Error::unauthenticated("Invalid or expired token");
    let hash = refresh_hash(&ctx.platform, refresh_token).ok_or_else(refused)?;
    let mut tx = ctx.db().begin().await?;
    let Some(grown) = refresh_store::use_up(tx.conn(), &hash, ctx.now_ms, ctx.now_ms - LEEWAY_MS).await? else {
        if let Some(grown) = refresh_store::family_of(tx.conn(), &hash).await? {
            refresh_store::delete_family(tx.conn(), &grown.family).await?;
            let target = format!("account:{}", grown.account_id);
            tx.audit(Entry {
                actor: &ctx.caller,
                action: "accounts.refresh_reused",
                target: &target,
                detail: None,
            })
            .await?;
            tx.commit().await?;
        }
        return Err(refused());
    };
    let stored = store::by_id(tx.conn(), &grown.account_id)
        .await?
        .filter(|stored| !stored.is_closed)
        .ok_or_else(refused)?;
    let signed_in = grow(ctx, &mut tx, grown, stored.account, stored.token_version).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// Ends every refresh token of the same sign-in; the access token runs out by itself. Unknown tokens are no error.
pub async fn logout(ctx: &Context, refresh_token: &Secret) -> Result<(), Error> {
    let Some(hash) = refresh_hash(&ctx.platform, refresh_token) else {
        return Ok(());
    };
    let mut tx = ctx.db().begin().await?;
    if let Some(grown) = refresh_store::family_of(tx.conn(), &hash).await? {
        refresh_store::delete_family(tx.conn(), &grown.family).await?;
    }
    tx.commit().await
}

/// The account and password hash of a new person; the hashing is done before any transaction begins.
pub(super) async fn prepare(ctx: &Context, input: NewAccount, roles: Vec<Role>) -> Result<(Account, String), Error> {
    let salt = ctx.platform.environment().random_bytes();
    let hash = ctx.platform.accounts().passwords.hash(&input.password, salt).await?;
    let account = Account {
        id: ctx.new_id(),
        email: input.email,
        name: input.name,
        roles,
        created_at_ms: ctx.now_ms,
    };
    Ok((account, hash))
}

/// Writes a new account with its audit line and event.
pub(super) async fn add(
    ctx: &Context,
    tx: &mut Tx,
    account: &Account,
    hash: &str,
    action: &'static str,
) -> Result<(), Error> {
    store::insert(tx.conn(), account, hash).await?;
    let target = format!("account:{}", account.id);
    tx.audit(Entry {
        actor: &ctx.caller,
        action,
        target: &target,
        detail: None,
    })
    .await?;
    tx.publish(TOPIC, "account_created", &json!({ "account_id": account.id }))
}

/// Begins a new family of refresh tokens.
pub(super) async fn start(ctx: &Context, tx: &mut Tx, account: Account, version: i64) -> Result<SignedIn, Error> {
    let grown = Grown {
        family: ctx.new_id(),
        account_id: account.id.clone(),
    };
    grow(ctx, tx, grown, account, version).await
}

async fn grow(ctx: &Context, tx: &mut Tx, grown: Grown, account: Account, version: i64) -> Result<SignedIn, Error> {
    let refresh_token = Secret::new(URL_SAFE_NO_PAD.encode(ctx.platform.environment().random_bytes::<32>()));
    let hash = ctx.platform.seal().lookup(REFRESH, refresh_token.reveal());
    refresh_store::insert(
        tx.conn(),
        &hash,
        &grown,
        ctx.now_ms,
        ctx.now_ms + REFRESH_LIFETIME_S * 1000,
    )
    .await?;
    Ok(SignedIn {
        access_token: ctx
            .platform
            .accounts()
            .tokens
            .sign(&account.id, version, &account.roles, ctx.now_ms)?,
        expires_in_s: token::LIFETIME_S,
        refresh_token,
        refresh_expires_in_s: REFRESH_LIFETIME_S,
        account,
    })
}

fn refresh_hash(platform: &Platform, refresh_token: &Secret) -> Option<String> {
    let token = refresh_token.reveal();
    (1..=REFRESH_CHARS_MAX)
        .contains(&token.len())
        .then(|| platform.seal().lookup(REFRESH, token))
}
