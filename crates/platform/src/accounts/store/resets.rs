//! SQL of links that set a new password.

use sqlx::{AnyConnection, AnyExecutor};

use crate::Error;

/// Makes `hash` the one link of an account. A link that is there already stays as it is, used or not.
pub(in crate::accounts) async fn put(
    connection: &mut AnyConnection,
    account_id: &str,
    hash: &str,
    expires_at_ms: i64,
) -> Result<(), Error> {
    sqlx::query(
        "insert into password_resets (account_id, hash, expires_at_ms) values ($1, $2, $3) \
         on conflict (account_id) do update set hash = excluded.hash, expires_at_ms = excluded.expires_at_ms \
         where password_resets.hash <> excluded.hash",
    )
    .bind(account_id)
    .bind(hash)
    .bind(expires_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// True while a link is good.
pub(in crate::accounts) async fn is_good(on: impl AnyExecutor<'_>, hash: &str, now_ms: i64) -> Result<bool, Error> {
    let (count,): (i64,) =
        sqlx::query_as("select count(*) from password_resets where hash = $1 and expires_at_ms > $2")
            .bind(hash)
            .bind(now_ms)
            .fetch_one(on)
            .await?;
    Ok(count > 0)
}

/// Uses a link up; the account it is for, or `None` when it is not good.
pub(in crate::accounts) async fn use_up(
    connection: &mut AnyConnection,
    hash: &str,
    now_ms: i64,
) -> Result<Option<String>, Error> {
    let row: Option<(String,)> = sqlx::query_as(
        "update password_resets set expires_at_ms = $2 where hash = $1 and expires_at_ms > $2 returning account_id",
    )
    .bind(hash)
    .bind(now_ms)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(account_id,)| account_id))
}

/// Ends the link of an account, if it has one.
pub(in crate::accounts) async fn end(
    connection: &mut AnyConnection,
    account_id: &str,
    now_ms: i64,
) -> Result<(), Error> {
    sqlx::query("update password_resets set expires_at_ms = $2 where account_id = $1 and expires_at_ms > $2")
        .bind(account_id)
        .bind(now_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes links that expired at or before `until_ms`.
pub(in crate::accounts) async fn delete_expired(connection: &mut AnyConnection, until_ms: i64) -> Result<(), Error> {
    sqlx::query("delete from password_resets where expires_at_ms <= $1")
        .bind(until_ms)
        .execute(connection)
        .await?;
    Ok(())
}
