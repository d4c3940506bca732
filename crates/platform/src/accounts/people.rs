//! Accounts as people and admins see them.

use super::model::{Account, EMAIL_CHARS_MAX, NewUser, checked_roles, normalised_email, trimmed_name};
use super::oidc;
use super::sign_in;
use super::store::{self, Stored};
use crate::db::Tx;
use crate::{Caller, Context, Error, Page, Role, words};

/// The caller's own account.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`] without one, [`crate::ErrorKind::Forbidden`] for a service key.
pub async fn me(ctx: &Context) -> Result<Account, Error> {
    Ok(own(ctx).await?.account)
}

/// Gives the caller's account another display name; shown elsewhere within [`super::FRESH_MS`].
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `name`; as [`me`].
pub async fn rename(ctx: &Context, name: &str) -> Result<Account, Error> {
    let id = require_account(ctx)?;
    let name = trimmed_name(name)?;
    let mut tx = ctx.db().begin().await?;
    store::set_name(tx.conn(), id, &name).await?;
    let target = format!("account:{id}");
    sign_in::audit(ctx, &mut tx, "accounts.renamed", &target, &name).await?;
    tx.commit().await?;
    ctx.platform.accounts().callers.clear();
    me(ctx).await
}

/// The caller's own account with what only this area may see; errors as [`me`].
pub(super) async fn own(ctx: &Context) -> Result<Stored, Error> {
    let id = require_account(ctx)?;
    let stored = store::by_id(ctx.db().read(), id).await?;
    stored.ok_or_else(|| Error::unauthenticated("Invalid or expired token"))
}

/// The id of the caller's account; errors as [`me`].
pub(super) fn require_account(ctx: &Context) -> Result<&str, Error> {
    match &ctx.caller {
        Caller::Account { id, .. } => Ok(id),
        Caller::Service { .. } => Err(Error::forbidden("A service key has no account")),
        Caller::Anonymous | Caller::System => Err(Error::unauthenticated("Missing authorization header")),
    }
}

/// Creates somebody's account; for admins.
///
/// *errors*: [`crate::ErrorKind::Forbidden`], [`crate::ErrorKind::Invalid`], [`crate::ErrorKind::Conflict`] when the e-mail has an account.
pub async fn create_account(ctx: &Context, input: NewUser) -> Result<Account, Error> {
    ctx.require_role(Role::Admin)?;
    let roles = checked_roles(input.roles)?;
    let (account, hash) = sign_in::prepare(ctx, input.account.validated()?, roles).await?;
    let mut tx = ctx.db().begin().await?;
    sign_in::add(ctx, &mut tx, &account, Some(&hash), "accounts.created").await?;
    tx.commit().await?;
    Ok(account)
}

/// The open accounts, newest first; for admins.
///
/// *errors*: [`crate::ErrorKind::Forbidden`].
pub async fn list_accounts(ctx: &Context, page: Page) -> Result<Vec<Account>, Error> {
    find_accounts(ctx, "", page).await
}

/// The open accounts with every word of `text` in their name or e-mail, newest first; for admins.
///
/// *errors*: [`crate::ErrorKind::Forbidden`], [`crate::ErrorKind::Invalid`] naming `q`; see [`words`].
pub async fn find_accounts(ctx: &Context, text: &str, page: Page) -> Result<Vec<Account>, Error> {
    ctx.require_role(Role::Admin)?;
    store::list(ctx.db().read(), &words::patterns(text)?, page).await
}

/// Gives an account other roles, which count at once here and within [`super::FRESH_MS`] elsewhere; for admins.
///
/// *errors*: [`crate::ErrorKind::Forbidden`], [`crate::ErrorKind::Invalid`] naming `roles`, [`crate::ErrorKind::NotFound`],
/// [`crate::ErrorKind::Conflict`] when nobody would be left to administrate, or the issuer decides this person's roles.
pub async fn set_roles(ctx: &Context, id: &str, roles: Vec<Role>) -> Result<Account, Error> {
    ctx.require_role(Role::Admin)?;
    let roles = checked_roles(roles)?;
    let mut tx = ctx.db().begin().await?;
    // Before anything is read: of two admins who take the role from each other, the second one finds a single admin.
    store::hold_admins(tx.conn()).await?;
    let found = store::by_id(tx.conn(), id).await?.filter(|stored| !stored.is_closed);
    let found = found.ok_or_else(|| Error::not_found("User not found"))?;
    let account = Account {
        roles,
        ..found.account.clone()
    };
    if account.roles == found.account.roles {
        return Ok(account);
    }
    if oidc::decides_roles(&ctx.platform, tx.conn(), id).await? {
        return Err(Error::conflict("The identity provider decides this person's roles"));
    }
    store::set_roles(tx.conn(), id, &account.roles).await?;
    if !store::has_admin(tx.conn()).await? {
        return Err(Error::conflict("The last administrator cannot lose that role"));
    }
    let detail = format!(
        "{} instead of {}",
        text_of(&account.roles),
        text_of(&found.account.roles)
    );
    sign_in::audit(
        ctx,
        &mut tx,
        "accounts.roles_changed",
        &format!("account:{id}"),
        &detail,
    )
    .await?;
    tx.commit().await?;
    ctx.platform.accounts().callers.clear();
    Ok(account)
}

/// Makes a host of whoever was given something that only hosts can use, inside the change that gives it; true when the
/// person was none. Where an issuer decides the roles, it stays as the issuer says.
///
/// Other servers know it within [`super::FRESH_MS`], this one after [`forget_callers`].
pub(crate) async fn make_host(tx: &mut Tx, ctx: &Context, id: &str) -> Result<bool, Error> {
    let found = store::by_id(tx.conn(), id).await?.filter(|stored| !stored.is_closed);
    let found = found.ok_or_else(|| Error::not_found("User not found"))?;
    let mut roles = found.account.roles.clone();
    if roles.contains(&Role::Host) || oidc::decides_roles(&ctx.platform, tx.conn(), id).await? {
        return Ok(false);
    }
    roles.push(Role::Host);
    let roles = checked_roles(roles)?;
    store::set_roles(tx.conn(), id, &roles).await?;
    let detail = format!("{} instead of {}", text_of(&roles), text_of(&found.account.roles));
    let target = format!("account:{id}");
    sign_in::audit(ctx, tx, "accounts.roles_changed", &target, &detail).await?;
    Ok(true)
}

/// Makes this server look again at who may do what, after the commit that changed it.
pub(crate) fn forget_callers(ctx: &Context) {
    ctx.platform.accounts().callers.clear();
}

fn text_of(roles: &[Role]) -> String {
    roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ")
}

/// An account as an admin finds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The account.
    pub account: Account,
    /// False for a closed one.
    pub is_open: bool,
    /// True when the mailbox was proven as the account was made: by a code, or by an outside issuer.
    pub is_email_verified: bool,
}

/// Finds a person by e-mail address; for admins.
///
/// *errors*: [`crate::ErrorKind::Forbidden`], [`crate::ErrorKind::Invalid`] naming `email` when it is empty,
/// [`crate::ErrorKind::NotFound`] with the address.
pub async fn find_by_email(ctx: &Context, email: &str) -> Result<Found, Error> {
    ctx.require_role(Role::Admin)?;
    let email = email.trim();
    if email.is_empty() {
        return Err(Error::invalid("email", "Email parameter is required"));
    }
    // An address that nobody can have is nobody's.
    let found = match normalised_email(email) {
        Ok(email) => store::by_email(ctx.db().read(), &email).await?,
        Err(_) => None,
    };
    let stored = found.ok_or_else(|| {
        let shown: String = email.chars().take(EMAIL_CHARS_MAX).collect();
        Error::not_found(format!("No user found with email: {shown}"))
    })?;
    Ok(Found {
        is_open: !stored.is_closed,
        is_email_verified: stored.password_hash.is_none(),
        account: stored.account,
    })
}

/// The open account of that id.
pub(crate) async fn open_account(ctx: &Context, id: &str) -> Result<Option<Account>, Error> {
    let stored = store::by_id(ctx.db().read(), id).await?;
    Ok(stored.filter(|stored| !stored.is_closed).map(|stored| stored.account))
}
