//! SQL of refresh tokens.

use sqlx::{AnyConnection, AnyExecutor};

use crate::Error;

/// A refresh token's row, as far as it matters.
pub(in crate::accounts) struct Grown {
    pub(in crate::accounts) family: String,
    pub(in crate::accounts) account_id: String,
}

/// Adds a refresh token.
pub(in crate::accounts) async fn insert(
    connection: &mut AnyConnection,
    hash: &str,
    grown: &Grown,
    now_ms: i64,
    expires_at_ms: i64,
) -> Result<(), Error> {
    sqlx::query(
        "insert into refresh_tokens (hash, family, account_id, created_at_ms, expires_at_ms) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(hash)
    .bind(&grown.family)
    .bind(&grown.account_id)
    .bind(now_ms)
    .bind(expires_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Uses a refresh token up; `None` when there is none that is good.
///
/// A token used after `leeway_from_ms` is still good while it is the last of its family that was used.
pub(in crate::accounts) async fn use_up(
    connection: &mut AnyConnection,
    hash: &str,
    now_ms: i64,
    leeway_from_ms: i64,
) -> Result<Option<Grown>, Error> {
    let row: Option<(String, String)> = sqlx::query_as(
        "update refresh_tokens set used_at_ms = coalesce(used_at_ms, $2) where hash = $1 and expires_at_ms > $2 \
         and (used_at_ms is null or (used_at_ms > $3 and not exists (select 1 from refresh_tokens other \
             where other.family = refresh_tokens.family and other.hash <> refresh_tokens.hash \
             and other.used_at_ms >= refresh_tokens.used_at_ms))) \
         returning family, account_id",
    )
    .bind(hash)
    .bind(now_ms)
    .bind(leeway_from_ms)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(family, account_id)| Grown { family, account_id }))
}

/// The token's family, good or not.
pub(in crate::accounts) async fn family_of(on: impl AnyExecutor<'_>, hash: &str) -> Result<Option<Grown>, Error> {
    let row: Option<(String, String)> = sqlx::query_as("select family, account_id from refresh_tokens where hash = $1")
        .bind(hash)
        .fetch_optional(on)
        .await?;
    Ok(row.map(|(family, account_id)| Grown { family, account_id }))
}

/// Removes every refresh token of a family, also one that grows at this moment: a statement that waited for the
/// transaction which grew it does not see it, the next one does.
pub(in crate::accounts) async fn delete_family(connection: &mut AnyConnection, family: &str) -> Result<(), Error> {
    let text = "delete from refresh_tokens where family = $1";
    while sqlx::query(text)
        .bind(family)
        .execute(&mut *connection)
        .await?
        .rows_affected()
        > 0
    {}
    Ok(())
}

/// Removes every refresh token of an account but those of the family `kept`, also one that grows at this moment.
pub(in crate::accounts) async fn delete_of_account(
    connection: &mut AnyConnection,
    account_id: &str,
    kept: Option<&str>,
) -> Result<(), Error> {
    let text = "delete from refresh_tokens where account_id = $1 and family <> $2";
    while sqlx::query(text)
        .bind(account_id)
        .bind(kept.unwrap_or_default())
        .execute(&mut *connection)
        .await?
        .rows_affected()
        > 0
    {}
    Ok(())
}

/// Removes refresh tokens that expired.
pub(in crate::accounts) async fn delete_expired(connection: &mut AnyConnection, now_ms: i64) -> Result<u64, Error> {
    let done = sqlx::query("delete from refresh_tokens where expires_at_ms <= $1")
        .bind(now_ms)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}
