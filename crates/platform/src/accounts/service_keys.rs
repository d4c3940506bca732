//! Keys for programs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::model::{checked_roles, trimmed_name};
use super::store::keys;
use crate::audit::Entry;
use crate::{Context, Error, Platform, Role, Secret};

/// A service key, without the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceKey {
    /// UUID v7.
    pub id: String,
    /// What it is for, in the admin's words.
    pub name: String,
    /// What its holder may do.
    pub roles: Vec<Role>,
    /// Epoch ms.
    pub created_at_ms: i64,
}

/// A service key at the one moment when the key can be read.
#[derive(Debug, Clone)]
pub struct CreatedServiceKey {
    /// What is kept of it.
    pub service_key: ServiceKey,
    /// The key, `rsk_` and 43 characters; sent as a bearer token.
    pub key: Secret,
}

/// What every service key begins with, so that one in a log or a repository is recognised.
pub(super) const PREFIX: &str = "rsk_";
/// Service keys of an installation at most; all are listed on one page.
const KEYS_MAX: i64 = 100;
/// The purpose under which keys are hashed.
const PURPOSE: &str = "service-key";

/// Creates a service key; for admins. The answer is the only place where the key appears.
///
/// *errors*: [`crate::ErrorKind::Forbidden`], [`crate::ErrorKind::Invalid`] naming `name` or `roles`,
/// [`crate::ErrorKind::Conflict`] when there are too many.
pub async fn create_service_key(ctx: &Context, name: &str, roles: Vec<Role>) -> Result<CreatedServiceKey, Error> {
    ctx.require_role(Role::Admin)?;
    let (name, roles) = (trimmed_name(name)?, checked_roles(roles)?);
    let random = URL_SAFE_NO_PAD.encode(ctx.platform.environment().random_bytes::<32>());
    let key = Secret::new(format!("{PREFIX}{random}"));
    let service_key = ServiceKey {
        id: ctx.new_id(),
        name,
        roles,
        created_at_ms: ctx.now_ms,
    };
    let mut tx = ctx.db().begin().await?;
    if keys::count(tx.conn()).await? >= KEYS_MAX {
        return Err(Error::conflict("There are too many service keys, delete one first"));
    }
    let hash = hash(&ctx.platform, key.reveal());
    keys::insert(tx.conn(), &service_key, &hash, ctx.caller.id().unwrap_or("system")).await?;
    let target = format!("service-key:{}", service_key.id);
    tx.audit(Entry {
        actor: &ctx.caller,
        action: "accounts.service_key_created",
        target: &target,
        detail: None,
    })
    .await?;
    tx.commit().await?;
    Ok(CreatedServiceKey { service_key, key })
}

/// Every service key, newest first; for admins.
///
/// *errors*: [`crate::ErrorKind::Forbidden`].
pub async fn list_service_keys(ctx: &Context) -> Result<Vec<ServiceKey>, Error> {
    ctx.require_role(Role::Admin)?;
    keys::list(ctx.db().read(), KEYS_MAX).await
}

/// Deletes a service key, which then stops working within seconds everywhere; for admins.
///
/// *errors*: [`crate::ErrorKind::Forbidden`], [`crate::ErrorKind::NotFound`].
pub async fn delete_service_key(ctx: &Context, id: &str) -> Result<(), Error> {
    ctx.require_role(Role::Admin)?;
    let id = crate::id::parse(id, "Service key not found")?;
    let mut tx = ctx.db().begin().await?;
    if !keys::delete(tx.conn(), &id).await? {
        return Err(Error::not_found("Service key not found"));
    }
    let target = format!("service-key:{id}");
    tx.audit(Entry {
        actor: &ctx.caller,
        action: "accounts.service_key_deleted",
        target: &target,
        detail: None,
    })
    .await?;
    tx.commit().await?;
    ctx.platform.accounts().callers.clear();
    Ok(())
}

/// The hash by which `key` is found.
pub(super) fn hash(platform: &Platform, key: &str) -> String {
    platform.seal().lookup(PURPOSE, key)
}
