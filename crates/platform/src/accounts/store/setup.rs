//! SQL of the set-up token.

use sqlx::{AnyConnection, AnyExecutor};

use crate::Error;

/// Makes `hash` the one set-up token.
pub(in crate::accounts) async fn put(
    connection: &mut AnyConnection,
    hash: &str,
    expires_at_ms: i64,
) -> Result<(), Error> {
    sqlx::query(
        "insert into setup_tokens (id, hash, expires_at_ms) values (1, $1, $2) \
         on conflict (id) do update set hash = excluded.hash, expires_at_ms = excluded.expires_at_ms",
    )
    .bind(hash)
    .bind(expires_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// True while `hash` is the set-up token.
pub(in crate::accounts) async fn is_good(on: impl AnyExecutor<'_>, hash: &str, now_ms: i64) -> Result<bool, Error> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from setup_tokens where hash = $1 and expires_at_ms > $2")
        .bind(hash)
        .bind(now_ms)
        .fetch_one(on)
        .await?;
    Ok(count > 0)
}

/// Uses the set-up token up; false when `hash` is not it.
pub(in crate::accounts) async fn use_up(
    connection: &mut AnyConnection,
    hash: &str,
    now_ms: i64,
) -> Result<bool, Error> {
    let done = sqlx::query("delete from setup_tokens where hash = $1 and expires_at_ms > $2")
        .bind(hash)
        .bind(now_ms)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}
