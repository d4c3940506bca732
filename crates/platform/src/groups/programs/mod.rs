//! Programmes: what a group shows, in its order. A programme may be in no group.
//!
//! **Invariants**
//! - A group has at most [`IN_GROUP_MAX`], an owner at most [`PROGRAMS_MAX`]: the owner's row orders all changes.
//! - The places of a group's programmes are 0, 1, 2 … without gaps.

mod model;
mod store;

pub use model::{
    About, Changes, DESCRIPTION_LEN_MAX, DURATION_S_MAX, KIND_LEN_MAX, Program, S3_KEY_LEN_MAX, TITLE_LEN_MAX,
};
pub(super) use store::leave;

use std::collections::HashSet;

use super::{hold, owner, store as groups};
use crate::db::Tx;
use crate::{Context, Error, Page, audit, id};

/// Programmes in one group at most: a list that fits one answer, and weeks of evenings.
pub const IN_GROUP_MAX: i64 = 200;
/// Programmes of one owner at most.
pub const PROGRAMS_MAX: i64 = 5_000;
const NOT_FOUND: &str = "Program not found";
const NO_GROUP: &str = "Group not found";

/// A page of an owner's programmes, newest first.
#[derive(Debug)]
pub struct List {
    /// The page.
    pub programs: Vec<Program>,
    /// Which page.
    pub page: Page,
    /// How many there are in all.
    pub total: i64,
}

/// Adds a programme, as the last one of `group_id` if that is named.
///
/// *errors*: [`crate::ErrorKind::Invalid`] with the field; [`crate::ErrorKind::NotFound`] when the owner has no such group,
/// [`crate::ErrorKind::Conflict`] when group or owner has as many as allowed; [`crate::ErrorKind::Forbidden`] for others
/// than the owner and admins.
pub async fn create(ctx: &Context, user_id: &str, group_id: Option<&str>, about: About) -> Result<Program, Error> {
    let owner_id = owner(ctx, user_id)?;
    let about = about.validate()?;
    let mut tx = hold(ctx, &owner_id).await?;
    if store::count(tx.conn(), &owner_id).await? >= PROGRAMS_MAX {
        return Err(Error::conflict(format!("There are {PROGRAMS_MAX} programs already")));
    }
    let (group_id, position) = match group_id {
        Some(group_id) => join(&mut tx, &owner_id, group_id).await?,
        None => (None, 0),
    };
    let program = Program {
        id: ctx.new_id(),
        owner_id,
        group_id,
        position,
        about,
        created_at_ms: ctx.now_ms,
        updated_at_ms: ctx.now_ms,
    };
    store::insert(tx.conn(), &program).await?;
    record(ctx, &mut tx, "programs.create", &program.id).await?;
    tx.commit().await?;
    Ok(program)
}

/// Changes a programme; in another group it comes last.
///
/// *errors*: as [`create`], and [`crate::ErrorKind::NotFound`] when the owner has no such programme.
pub async fn edit(ctx: &Context, user_id: &str, program_id: &str, mut changes: Changes) -> Result<Program, Error> {
    let (mut tx, mut program) = lock(ctx, user_id, program_id).await?;
    if let Some(group_id) = changes.group_id.take()
        && group_id != program.group_id
    {
        close_gap(&mut tx, &program).await?;
        (program.group_id, program.position) = match &group_id {
            Some(group_id) => join(&mut tx, &program.owner_id, group_id).await?,
            None => (None, 0),
        };
    }
    let program = Program {
        about: program.about.with(changes).validate()?,
        updated_at_ms: ctx.now_ms,
        ..program
    };
    store::update(tx.conn(), &program).await?;
    record(ctx, &mut tx, "programs.edit", &program.id).await?;
    tx.commit().await?;
    Ok(program)
}

/// Removes a programme.
///
/// *errors*: as [`edit`].
pub async fn remove(ctx: &Context, user_id: &str, program_id: &str) -> Result<(), Error> {
    let (mut tx, program) = lock(ctx, user_id, program_id).await?;
    close_gap(&mut tx, &program).await?;
    store::delete(tx.conn(), &program.id).await?;
    record(ctx, &mut tx, "programs.remove", &program.id).await?;
    tx.commit().await
}

/// Puts a group's programmes into the order of `ids`, which names each of them once.
///
/// *errors*: [`crate::ErrorKind::Invalid`] naming `ids`; [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`].
pub async fn reorder(ctx: &Context, user_id: &str, group_id: &str, ids: &[String]) -> Result<Vec<Program>, Error> {
    let owner_id = owner(ctx, user_id)?;
    let group_id = id::parse(group_id, NO_GROUP)?;
    let mut tx = hold(ctx, &owner_id).await?;
    require_group(&mut tx, &owner_id, &group_id).await?;
    let mut programs = store::of_group(tx.conn(), &group_id).await?;
    let named: HashSet<&str> = ids.iter().map(String::as_str).collect();
    let is_each_once = named.len() == ids.len()
        && ids.len() == programs.len()
        && programs.iter().all(|program| named.contains(program.id.as_str()));
    if !is_each_once {
        return Err(Error::invalid("ids", "ids must name every program of the group once"));
    }
    programs.sort_by_key(|program| ids.iter().position(|id| *id == program.id));
    for (position, program) in (0..).zip(&mut programs) {
        program.position = position;
        store::place(tx.conn(), &program.id, position).await?;
    }
    tx.commit().await?;
    Ok(programs)
}

/// One programme.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than its owner and admins.
pub async fn get(ctx: &Context, user_id: &str, program_id: &str) -> Result<Program, Error> {
    let owner_id = owner(ctx, user_id)?;
    let program_id = id::parse(program_id, NOT_FOUND)?;
    store::find(ctx.db().read(), &owner_id, &program_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))
}

/// An owner's programmes, newest first.
///
/// *errors*: [`crate::ErrorKind::Forbidden`] for others than the owner and admins.
pub async fn list(ctx: &Context, user_id: &str, page: Page) -> Result<List, Error> {
    let owner_id = owner(ctx, user_id)?;
    let mut snapshot = ctx.db().snapshot().await?;
    Ok(List {
        programs: store::list(&mut *snapshot.conn(), &owner_id, page).await?,
        total: store::count(&mut *snapshot.conn(), &owner_id).await?,
        page,
    })
}

/// All programmes of a group, in its order.
///
/// *errors*: [`crate::ErrorKind::NotFound`], [`crate::ErrorKind::Forbidden`] for others than the owner and admins.
pub async fn of_group(ctx: &Context, user_id: &str, group_id: &str) -> Result<Vec<Program>, Error> {
    let group = super::get(ctx, user_id, group_id).await?;
    store::of_group(ctx.db().read(), &group.id).await
}

/// The group, and the place behind its last programme.
async fn join(tx: &mut Tx, owner_id: &str, group_id: &str) -> Result<(Option<String>, i64), Error> {
    let group_id = id::parse(group_id, NO_GROUP)?;
    let group = require_group(tx, owner_id, &group_id).await?;
    if group.programs >= IN_GROUP_MAX {
        return Err(Error::conflict(format!(
            "The group has {IN_GROUP_MAX} programs already"
        )));
    }
    Ok((Some(group_id), group.programs))
}

async fn require_group(tx: &mut Tx, owner_id: &str, group_id: &str) -> Result<super::Group, Error> {
    groups::find(tx.conn(), owner_id, group_id)
        .await?
        .ok_or_else(|| Error::not_found(NO_GROUP))
}

/// Moves up those behind a programme that leaves its group.
async fn close_gap(tx: &mut Tx, program: &Program) -> Result<(), Error> {
    match &program.group_id {
        Some(group_id) => store::move_up(tx.conn(), group_id, program.position).await,
        None => Ok(()),
    }
}

async fn lock(ctx: &Context, user_id: &str, program_id: &str) -> Result<(Tx, Program), Error> {
    let owner_id = owner(ctx, user_id)?;
    let program_id = id::parse(program_id, NOT_FOUND)?;
    let mut tx = hold(ctx, &owner_id).await?;
    let program = store::find(&mut *tx.conn(), &owner_id, &program_id)
        .await?
        .ok_or_else(|| Error::not_found(NOT_FOUND))?;
    Ok((tx, program))
}

async fn record(ctx: &Context, tx: &mut Tx, action: &'static str, program_id: &str) -> Result<(), Error> {
    tx.audit(audit::Entry {
        actor: &ctx.caller,
        action,
        target: &format!("program:{program_id}"),
        detail: None,
    })
    .await
}
