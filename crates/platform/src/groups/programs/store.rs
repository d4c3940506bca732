//! SQL of programmes.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, Row as _};

use super::{About, Program};
use crate::db::exactly_one;
use crate::groups::store::{words_of, words_text};
use crate::{Error, Page};

const REMOVED: &str = "The program was removed meanwhile";

/// How many programmes an owner has.
pub(super) async fn count(on: impl AnyExecutor<'_>, owner_id: &str) -> Result<i64, Error> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from programs where owner_id = $1")
        .bind(owner_id)
        .fetch_one(on)
        .await?;
    Ok(count)
}

/// Adds a programme.
pub(super) async fn insert(connection: &mut AnyConnection, program: &Program) -> Result<(), Error> {
    let about = &program.about;
    sqlx::query(
        "insert into programs (id, owner_id, group_id, position, title, description, broadcast_type, program_url,
             program_image, is_premium, duration_s, tags, source_type, s3_key, created_at_ms, updated_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(&program.id)
    .bind(&program.owner_id)
    .bind(program.group_id.as_deref())
    .bind(program.position)
    .bind(&about.title)
    .bind(about.description.as_deref())
    .bind(&about.broadcast_type)
    .bind(about.program_url.as_deref())
    .bind(about.program_image.as_deref())
    .bind(i64::from(about.is_premium))
    .bind(about.duration_s)
    .bind(words_text(&about.tags)?)
    .bind(about.source_type.as_deref())
    .bind(about.s3_key.as_deref())
    .bind(program.created_at_ms)
    .bind(program.updated_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes what may change of a programme.
pub(super) async fn update(connection: &mut AnyConnection, program: &Program) -> Result<(), Error> {
    let about = &program.about;
    let done = sqlx::query(
        "update programs set group_id = $2, position = $3, title = $4, description = $5, broadcast_type = $6,
             program_url = $7, program_image = $8, is_premium = $9, duration_s = $10, tags = $11, source_type = $12,
             s3_key = $13, updated_at_ms = $14 where id = $1",
    )
    .bind(&program.id)
    .bind(program.group_id.as_deref())
    .bind(program.position)
    .bind(&about.title)
    .bind(about.description.as_deref())
    .bind(&about.broadcast_type)
    .bind(about.program_url.as_deref())
    .bind(about.program_image.as_deref())
    .bind(i64::from(about.is_premium))
    .bind(about.duration_s)
    .bind(words_text(&about.tags)?)
    .bind(about.source_type.as_deref())
    .bind(about.s3_key.as_deref())
    .bind(program.updated_at_ms)
    .execute(connection)
    .await?;
    exactly_one(done.rows_affected(), REMOVED)
}

/// Removes a programme.
pub(super) async fn delete(connection: &mut AnyConnection, program_id: &str) -> Result<(), Error> {
    let done = sqlx::query("delete from programs where id = $1")
        .bind(program_id)
        .execute(connection)
        .await?;
    exactly_one(done.rows_affected(), REMOVED)
}

/// Puts a programme at a place of its group.
pub(super) async fn place(connection: &mut AnyConnection, program_id: &str, position: i64) -> Result<(), Error> {
    let done = sqlx::query("update programs set position = $2 where id = $1")
        .bind(program_id)
        .bind(position)
        .execute(connection)
        .await?;
    exactly_one(done.rows_affected(), REMOVED)
}

/// Moves the programmes behind a place of a group one place up.
pub(super) async fn move_up(connection: &mut AnyConnection, group_id: &str, behind: i64) -> Result<(), Error> {
    sqlx::query("update programs set position = position - 1 where group_id = $1 and position > $2")
        .bind(group_id)
        .bind(behind)
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes all programmes out of a group.
pub(in crate::groups) async fn leave(connection: &mut AnyConnection, group_id: &str, now_ms: i64) -> Result<(), Error> {
    sqlx::query("update programs set group_id = null, position = 0, updated_at_ms = $2 where group_id = $1")
        .bind(group_id)
        .bind(now_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// A select of programmes, ended by the text given.
macro_rules! select {
    ($tail:literal) => {
        concat!(
            "select id, owner_id, group_id, position, title, description, broadcast_type, program_url, program_image, \
             is_premium, duration_s, tags, source_type, s3_key, created_at_ms, updated_at_ms from programs ",
            $tail
        )
    };
}

/// One programme of an owner.
pub(super) async fn find(on: impl AnyExecutor<'_>, owner_id: &str, program_id: &str) -> Result<Option<Program>, Error> {
    let row = sqlx::query(select!("where id = $1 and owner_id = $2"))
        .bind(program_id)
        .bind(owner_id)
        .fetch_optional(on)
        .await?;
    row.as_ref().map(read).transpose()
}

/// A page of an owner's programmes, newest first.
pub(super) async fn list(on: impl AnyExecutor<'_>, owner_id: &str, page: Page) -> Result<Vec<Program>, Error> {
    let rows = sqlx::query(select!("where owner_id = $1 order by id desc limit $2 offset $3"))
        .bind(owner_id)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(on)
        .await?;
    rows.iter().map(read).collect()
}

/// The programmes of a group, in its order.
pub(super) async fn of_group(on: impl AnyExecutor<'_>, group_id: &str) -> Result<Vec<Program>, Error> {
    let rows = sqlx::query(select!("where group_id = $1 order by position, id"))
        .bind(group_id)
        .fetch_all(on)
        .await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Program, Error> {
    Ok(Program {
        id: row.try_get("id")?,
        owner_id: row.try_get("owner_id")?,
        group_id: row.try_get("group_id")?,
        position: row.try_get("position")?,
        about: About {
            title: row.try_get("title")?,
            description: row.try_get("description")?,
            broadcast_type: row.try_get("broadcast_type")?,
            program_url: row.try_get("program_url")?,
            program_image: row.try_get("program_image")?,
            is_premium: row.try_get::<i64, _>("is_premium")? != 0,
            duration_s: row.try_get("duration_s")?,
            tags: words_of(&row.try_get::<String, _>("tags")?)?,
            source_type: row.try_get("source_type")?,
            s3_key: row.try_get("s3_key")?,
        },
        created_at_ms: row.try_get("created_at_ms")?,
        updated_at_ms: row.try_get("updated_at_ms")?,
    })
}
