//! SQL of service keys.

use sqlx::{AnyConnection, AnyExecutor};

use super::{roles_of, roles_text};
use crate::Error;
use crate::accounts::service_keys::ServiceKey;

/// The service key with this hash.
pub(in crate::accounts) async fn by_hash(on: impl AnyExecutor<'_>, hash: &str) -> Result<Option<ServiceKey>, Error> {
    let row: Option<Row> = sqlx::query_as("select id, name, roles, created_at_ms from service_keys where hash = $1")
        .bind(hash)
        .fetch_optional(on)
        .await?;
    row.map(service_key).transpose()
}

type Row = (String, String, String, i64);

fn service_key((id, name, roles, created_at_ms): Row) -> Result<ServiceKey, Error> {
    Ok(ServiceKey {
        id,
        name,
        roles: roles_of(&roles)?,
        created_at_ms,
    })
}

/// Number of service keys.
pub(in crate::accounts) async fn count(connection: &mut AnyConnection) -> Result<i64, Error> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from service_keys")
        .fetch_one(connection)
        .await?;
    Ok(count)
}

/// Adds a service key.
pub(in crate::accounts) async fn insert(
    connection: &mut AnyConnection,
    key: &ServiceKey,
    hash: &str,
    created_by: &str,
) -> Result<(), Error> {
    sqlx::query(
        "insert into service_keys (id, name, hash, roles, created_by, created_at_ms) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&key.id)
    .bind(&key.name)
    .bind(hash)
    .bind(roles_text(&key.roles)?)
    .bind(created_by)
    .bind(key.created_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// The newest `limit` service keys, newest first.
pub(in crate::accounts) async fn list(on: impl AnyExecutor<'_>, limit: i64) -> Result<Vec<ServiceKey>, Error> {
    let rows: Vec<Row> =
        sqlx::query_as("select id, name, roles, created_at_ms from service_keys order by id desc limit $1")
            .bind(limit)
            .fetch_all(on)
            .await?;
    rows.into_iter().map(service_key).collect()
}

/// Removes a service key; false when there is none.
pub(in crate::accounts) async fn delete(connection: &mut AnyConnection, id: &str) -> Result<bool, Error> {
    let done = sqlx::query("delete from service_keys where id = $1")
        .bind(id)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}
