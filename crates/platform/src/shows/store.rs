//! The table of shows.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, Row as _};

use super::{Show, Status};
use crate::{Error, Page};

/// Adds a show.
pub(super) async fn insert(connection: &mut AnyConnection, show: &Show) -> Result<(), Error> {
    sqlx::query(
        "insert into shows (id, title, description, host_user_id, status, created_at_ms, updated_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&show.id)
    .bind(&show.title)
    .bind(show.description.as_deref())
    .bind(&show.host_user_id)
    .bind(show.status.as_str())
    .bind(show.created_at_ms)
    .bind(show.updated_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// One show.
pub(crate) async fn find(executor: impl AnyExecutor<'_>, id: &str) -> Result<Option<Show>, Error> {
    let row = sqlx::query(
        "select id, title, description, host_user_id, status, created_at_ms, updated_at_ms from shows where id = $1",
    )
    .bind(id)
    .fetch_optional(executor)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Shows of one host or of all, newest first.
pub(super) async fn list(
    executor: impl AnyExecutor<'_>,
    host_user_id: Option<&str>,
    page: Page,
) -> Result<Vec<Show>, Error> {
    let rows = sqlx::query(
        "select id, title, description, host_user_id, status, created_at_ms, updated_at_ms from shows
         where ($1 is null or host_user_id = $1) order by created_at_ms desc, id desc limit $2 offset $3",
    )
    .bind(host_user_id)
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(executor)
    .await?;
    rows.iter().map(read).collect()
}

/// How many shows one host has, or all have.
pub(super) async fn count(executor: impl AnyExecutor<'_>, host_user_id: Option<&str>) -> Result<i64, Error> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from shows where ($1 is null or host_user_id = $1)")
        .bind(host_user_id)
        .fetch_one(executor)
        .await?;
    Ok(count)
}

fn read(row: &AnyRow) -> Result<Show, Error> {
    let id: String = row.try_get("id")?;
    let status: String = row.try_get("status")?;
    Ok(Show {
        status: Status::parse(&status)
            .ok_or_else(|| Error::internal(format_args!("show {id} has an unknown status")))?,
        id,
        title: row.try_get("title")?,
        description: row.try_get("description")?,
        host_user_id: row.try_get("host_user_id")?,
        created_at_ms: row.try_get("created_at_ms")?,
        updated_at_ms: row.try_get("updated_at_ms")?,
    })
}
