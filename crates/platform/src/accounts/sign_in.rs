//! Registering and signing in with a password.

use serde_json::json;

use super::limiter::address_key;
use super::model::{self, Account, NewAccount};
use super::sessions::{self, Device};
use super::store::{self, Stored};
use crate::audit::Entry;
use crate::db::Tx;
use crate::{Context, Error, Role, Secret};

/// What a person gives to sign in.
#[derive(Debug, Clone)]
pub struct Login {
    /// Any spelling of the e-mail address.
    pub email: String,
    /// The password.
    pub password: Secret,
    /// What the person signs in with.
    pub device: Device,
}

/// What a person has after signing in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// For the `Authorization: Bearer` header.
    pub access_token: Secret,
    /// Says who signed in, for the client to read; no credential.
    pub id_token: Secret,
    /// Seconds that the access token is good for.
    pub expires_in_s: i64,
    /// For one call of [`super::refresh`].
    pub refresh_token: Secret,
    /// Seconds that the refresh token is good for.
    pub refresh_expires_in_s: i64,
    /// Who signed in.
    pub account: Account,
}

/// The topic that admins follow.
pub(super) const TOPIC: &str = "accounts";

/// Creates an account with the role `member` and signs it in.
///
/// *errors*: [`crate::ErrorKind::Invalid`], [`crate::ErrorKind::Conflict`] when the e-mail has an account,
/// [`crate::ErrorKind::LimitReached`] for too many accounts from one address.
pub async fn register(ctx: &Context, input: NewAccount, device: &Device) -> Result<SignedIn, Error> {
    let input = input.validated()?;
    ctx.platform
        .accounts()
        .registrations
        .count(&address_key(device.address), ctx.now_ms)?;
    let (account, hash) = prepare(ctx, input, vec![Role::Member]).await?;
    let mut tx = ctx.db().begin().await?;
    add(ctx, &mut tx, &account, Some(&hash), "accounts.registered").await?;
    let signed_in = sessions::start(ctx, &mut tx, account, 0, device).await?;
    tx.commit().await?;
    Ok(signed_in)
}

/// Signs a person in.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`] alike for an unknown e-mail, an account without a password and a wrong one,
/// [`crate::ErrorKind::LimitReached`] for too many attempts with this e-mail or from this address.
pub async fn login(ctx: &Context, input: Login) -> Result<SignedIn, Error> {
    let accounts = ctx.platform.accounts();
    let address = address_key(input.device.address);
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
    let hash = found.as_ref().and_then(|stored| stored.password_hash.as_deref());
    let is_right = accounts.passwords.verify(password, hash).await? && is_sensible;
    let mut tx = ctx.db().begin().await?;
    let target = target(ctx, found.as_ref(), &email);
    let action = if is_right {
        "accounts.login"
    } else {
        "accounts.login_failed"
    };
    let from = format!("from {}", input.device.address);
    audit(ctx, &mut tx, action, &target, &from).await?;
    let Some(stored) = found.filter(|_| is_right) else {
        tx.commit().await?;
        return Err(Error::unauthenticated("Invalid email or password"));
    };
    let signed_in = sessions::start(ctx, &mut tx, stored.account, stored.token_version, &input.device).await?;
    tx.commit().await?;
    accounts.by_email.forget(&email);
    accounts.by_address.give_back(&address);
    Ok(signed_in)
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

/// Writes a new account, with or without a password, with its audit line and event.
pub(super) async fn add(
    ctx: &Context,
    tx: &mut Tx,
    account: &Account,
    hash: Option<&str>,
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

/// Whom an audit line is about: an address without an account is named by a hash.
pub(super) fn target(ctx: &Context, found: Option<&Stored>, email: &str) -> String {
    match found {
        Some(stored) => format!("account:{}", stored.account.id),
        None => format!("email:{}", ctx.platform.seal().lookup("audit-email", email)),
    }
}

/// Adds an audit line with `detail`.
pub(super) async fn audit(
    ctx: &Context,
    tx: &mut Tx,
    action: &'static str,
    target: &str,
    detail: &str,
) -> Result<(), Error> {
    tx.audit(Entry {
        actor: &ctx.caller,
        action,
        target,
        detail: Some(detail),
    })
    .await
}
