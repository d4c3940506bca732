//! Groups of programmes, and how a group gets a channel: the work of a programme manager.
//!
//! **Invariants**
//! - Groups, programmes and requests belong to an account; only it and admins see or change them.
//! - One row per owner orders that owner's changes ([`store::hold_owner`]): limits hold whatever is done at once.
//! - A group has at most one pending request ([`channel_requests`]), and cannot be removed while it has one.
//!
//! **Where to start.** [`create`], then [`channel_requests`] for asking and deciding.

pub mod channel_requests;
mod model;
pub mod picture;
pub mod programs;
mod store;

pub(crate) use store::picture_of_channel;

pub use model::{
    About, CATEGORY_LEN_MAX, Changes, DESCRIPTION_LEN_MAX, Group, NAME_LEN_MAX, TAG_LEN_MAX, TAGS_MAX, Visibility,
};

use crate::db::Tx;
use crate::{Context, Error, audit, id};

/// Groups of one owner at most: a list that fits one answer, and a person's overview.
pub const GROUPS_MAX: i64 = 200;
const NOT_FOUND: &str = "Group not found";
const NO_USER: &str = "User not found";

/// Adds a group.
///
/// *errors*: [`crate::ErrorKind::Invalid`] with the field; [`crate::ErrorKind::Forbidden`] for others than the owner and
/// admins, [`crate::ErrorKind::NotFound`] for an owner without an account, [`crate::ErrorKind::Conflict`] when there are
/// [`GROUPS_MAX`] already.
pub async fn create(ctx: &Context, user_id: &str, about: About) -> Result<Group, Error> {
    let owner_id = owner(ctx, user_id)?;
    let about = about.validate()?;
    let mut tx = hold(ctx, &owner_id).await?;
    if store::count(tx.conn(), &owner_id).await? >= GROUPS_MAX {
        return Err(Error::conflict(format!("There are {GROUPS_MAX} groups already")));
    }
    let group = Group {
        id: ctx.new_id(),
        owner_id,
        about,
        picture: None,
        programs: 0,
        request: None,
        created_at_ms: ctx.now_ms,
        updated_at_ms: ctx.now_ms,
    };
    store::insert(tx.conn(), &group).await?;
    record(ctx, &mut tx, "groups.create", &group.id).await?;
    tx.commit().await?;
    Ok(group)
}

/// Changes what a group says about itself.
///
/// *errors*: as [`create`], and [`crate::ErrorKind::NotFound`] when the owner has no such group.
pub async fn edit(ctx: &Context, user_id: &str, group_id: &str, changes: Changes) -> Result<Group, Error> {
    let (mut tx, group) = lock(ctx, user_id, group_id).await?;
    let group = Group {
        about: group.about.with(changes).validate()?,
        updated_at_ms: ctx.now_ms,
        ..group
    };
    store::update(tx.conn(), &group).await?;
    record(ctx, &mut tx, "groups.edit", &group.id).await?;
    tx.commit().await?;
    Ok(group)
}

/// Removes a group; its programmes stay, in no group.
///
/// *errors*: as [`edit`], and [`crate::ErrorKind::Conflict`] while a channel is being asked for.
pub async fn remove(ctx: &Context, user_id: &str, group_id: &str) -> Result<(), Error> {
    let (mut tx, group) = lock(ctx, user_id, group_id).await?;
    if group
        .request
        .as_ref()
        .is_some_and(channel_requests::Request::is_pending)
    {
        return Err(Error::conflict(
            "A request for this group is pending: withdraw it first",
        ));
    }
    programs::leave(tx.conn(), &group.id, ctx.now_ms).await?;
    store::delete(tx.conn(), &group.id).await?;
    if let Some(picture) = &group.picture {
        picture.release(&mut tx, ctx.now_ms).await?;
    }
    record(ctx, &mut tx, "groups.remove", &group.id).await?;
    tx.commit().await
}

/// One group.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than its owner and admins.
pub async fn get(ctx: &Context, user_id: &str, group_id: &str) -> Result<Group, Error> {
    let owner_id = owner(ctx, user_id)?;
    let group_id = id::parse(group_id, NOT_FOUND)?;
    let mut snapshot = ctx.db().snapshot().await?;
    store::find(snapshot.conn(), &owner_id, &group_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))
}

/// All groups of an owner, by name.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than the owner and admins.
pub async fn list(ctx: &Context, user_id: &str) -> Result<Vec<Group>, Error> {
    let owner_id = owner(ctx, user_id)?;
    let mut snapshot = ctx.db().snapshot().await?;
    store::list(snapshot.conn(), &owner_id).await
}

/// The owner whose things the caller may see and change.
///
/// *errors*: [`crate::ErrorKind::Unauthenticated`], [`crate::ErrorKind::Forbidden`].
fn owner(ctx: &Context, user_id: &str) -> Result<String, Error> {
    let owner_id = id::parse(user_id, NO_USER)?;
    if ctx.caller.is_admin() || ctx.require_signed_in()? == owner_id {
        return Ok(owner_id);
    }
    Err(Error::forbidden("You are not allowed to do this"))
}

/// Begins a change of an owner's things; the owner's other changes wait.
///
/// *errors*: [`crate::ErrorKind::NotFound`] when there is no such open account.
async fn hold(ctx: &Context, owner_id: &str) -> Result<Tx, Error> {
    let mut tx = ctx.db().begin().await?;
    if store::person(tx.conn(), owner_id).await?.is_none() {
        return Err(Error::not_found(NO_USER));
    }
    store::hold_owner(tx.conn(), owner_id).await?;
    Ok(tx)
}

/// Begins a change of one group.
async fn lock(ctx: &Context, user_id: &str, group_id: &str) -> Result<(Tx, Group), Error> {
    let owner_id = owner(ctx, user_id)?;
    let group_id = id::parse(group_id, NOT_FOUND)?;
    let mut tx = hold(ctx, &owner_id).await?;
    let group = store::find(tx.conn(), &owner_id, &group_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    Ok((tx, group))
}

async fn record(ctx: &Context, tx: &mut Tx, action: &'static str, group_id: &str) -> Result<(), Error> {
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action,
        target: &format!("group:{group_id}"),
        detail: None,
    })
    .await
}
