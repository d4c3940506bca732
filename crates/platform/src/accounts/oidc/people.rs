//! From an identity to an account.
//!
//! The rule for e-mail addresses, in the order in which it is asked:
//!
//! | somebody has the verified address | the newcomer gets |
//! |---|---|
//! | nobody | an account with the address |
//! | a closed account | nothing: who was shown out does not come back by another door |
//! | an administrator, or somebody who signs in through the issuer too | an account of its own without the address |
//! | anybody else | that account; its password and sessions end, for whoever made it never proved to own the address |
//!
//! An address that the issuer did not verify counts as none. An account without an address has one under `.invalid`, where
//! no mail goes (RFC 2606 §2).

use serde_json::json;

use super::claims::Identity;
use super::store::{self, Known};
use crate::accounts::model::Account;
use crate::accounts::store::{self as accounts, Stored, sessions};
use crate::accounts::{sign_in, store::by_email};
use crate::audit::Entry;
use crate::db::Tx;
use crate::{Context, Error, ErrorKind, Role};

/// Tries when another request makes the same account at the same moment: the second finds it.
const TRIES: usize = 3;
/// What somebody is called whose token has no name.
const NAMELESS: &str = "Member";
/// What places an address where no mail goes.
const NOWHERE: &str = "@oidc.invalid";

/// The account of `identity`, made, linked or brought up to date if need be; `None` when it is closed.
pub(super) async fn settle(ctx: &Context, identity: &Identity) -> Result<Option<Stored>, Error> {
    if let Some(known) = store::find(ctx.db().read(), identity).await? {
        if known.stored.is_closed {
            return Ok(None);
        }
        if !known.is_older_than(identity) {
            return Ok(Some(known.stored));
        }
    }
    let mut tries = 1;
    loop {
        let mut tx = ctx.db().begin().await?;
        let settled = match settle_in(ctx, &mut tx, identity).await {
            Ok(settled) => tx.commit().await.map(|()| settled),
            Err(error) => Err(error),
        };
        match settled {
            Err(error) if error.kind == ErrorKind::Conflict && tries < TRIES => tries += 1,
            settled => return settled,
        }
    }
}

async fn settle_in(ctx: &Context, tx: &mut Tx, identity: &Identity) -> Result<Option<Stored>, Error> {
    match store::find(tx.conn(), identity).await? {
        Some(known) if known.stored.is_closed => Ok(None),
        Some(known) => update(ctx, tx, identity, known).await.map(Some),
        None => first_seen(ctx, tx, identity).await,
    }
}

/// Takes over what the token says, unless a newer one said it already.
async fn update(ctx: &Context, tx: &mut Tx, identity: &Identity, known: Known) -> Result<Stored, Error> {
    let mut stored = known.stored.clone();
    if known.roles_at_s < identity.issued_at_s {
        stored.account.roles = identity.roles.clone();
    }
    if identity.has_profile() && known.profile_at_s < identity.issued_at_s {
        if let Some(name) = &identity.name {
            stored.account.name = name.clone();
        }
        if let Some(email) = &identity.email
            && by_email(tx.conn(), email).await?.is_none()
        {
            stored.account.email = email.clone();
        }
    }
    if stored.account != known.stored.account {
        store::overwrite(tx.conn(), &stored.account).await?;
    }
    if stored.account.roles != known.stored.account.roles {
        let detail = format!("roles {}", accounts::roles_text(&stored.account.roles)?);
        audit(ctx, tx, "accounts.oidc_roles", &stored.account, &detail).await?;
    }
    store::mark(tx.conn(), identity).await?;
    Ok(stored)
}

async fn first_seen(ctx: &Context, tx: &mut Tx, identity: &Identity) -> Result<Option<Stored>, Error> {
    let owner = match &identity.email {
        Some(email) => by_email(tx.conn(), email).await?,
        None => None,
    };
    let stored = match owner {
        Some(owner) if owner.is_closed => return Ok(None),
        Some(owner) if may_be_linked(tx, &owner).await? => link(ctx, tx, identity, owner).await?,
        owner => create(ctx, tx, identity, owner.is_none()).await?,
    };
    store::insert(tx.conn(), identity, &stored.account.id, ctx.now_ms).await?;
    Ok(Some(stored))
}

async fn may_be_linked(tx: &mut Tx, owner: &Stored) -> Result<bool, Error> {
    let is_admin = owner.account.roles.contains(&Role::Admin);
    Ok(!is_admin && !store::has_identity(tx.conn(), &owner.account.id).await?)
}

/// Gives an account to the person whom the issuer vouches for, and to nobody else.
async fn link(ctx: &Context, tx: &mut Tx, identity: &Identity, owner: Stored) -> Result<Stored, Error> {
    accounts::overwrite(tx.conn(), &owner.account.id, &identity.roles, "").await?;
    sessions::end_all(tx.conn(), &owner.account.id, None).await?;
    audit(ctx, tx, "accounts.oidc_linked", &owner.account, &identity.issuer).await?;
    let stored = accounts::by_id(tx.conn(), &owner.account.id).await?;
    stored.ok_or_else(|| Error::conflict("Account was removed meanwhile"))
}

async fn create(ctx: &Context, tx: &mut Tx, identity: &Identity, takes_email: bool) -> Result<Stored, Error> {
    let email = identity.email.clone().filter(|_| takes_email);
    let account = Account {
        id: ctx.new_id(),
        email: email.unwrap_or_else(|| nowhere(ctx, identity)),
        name: identity.name.clone().unwrap_or_else(|| NAMELESS.to_owned()),
        roles: identity.roles.clone(),
        created_at_ms: ctx.now_ms,
    };
    sign_in::add(ctx, tx, &account, None, "accounts.oidc_created").await?;
    Ok(Stored {
        account,
        password_hash: None,
        token_version: 0,
        is_closed: false,
    })
}

/// The address of somebody without one: the same for the same person, and no hint at who it is.
fn nowhere(ctx: &Context, identity: &Identity) -> String {
    let who = json!([identity.issuer, identity.subject]).to_string();
    let hash = ctx.platform.seal().lookup("oidc-email", &who);
    format!("{}{NOWHERE}", hash.to_ascii_lowercase().replace(['-', '_'], "x"))
}

async fn audit(ctx: &Context, tx: &mut Tx, action: &'static str, account: &Account, detail: &str) -> Result<(), Error> {
    let target = format!("account:{}", account.id);
    tx.audit(Entry {
        actor: &ctx.caller,
        action,
        target: &target,
        detail: Some(detail),
    })
    .await
}
