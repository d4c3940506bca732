//! SQL of sessions.

use sqlx::{AnyConnection, AnyExecutor};

use super::refresh;
use crate::Error;
use crate::accounts::sessions::Session;

/// Adds a session, or notes that it was used. One may be missing that a version without sessions began.
pub(in crate::accounts) async fn touch(
    connection: &mut AnyConnection,
    account_id: &str,
    session: &Session,
    expires_at_ms: i64,
) -> Result<(), Error> {
    sqlx::query(
        "insert into account_sessions \
         (id, account_id, created_at_ms, last_used_at_ms, expires_at_ms, address, user_agent) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do update set \
         last_used_at_ms = excluded.last_used_at_ms, expires_at_ms = excluded.expires_at_ms, \
         address = excluded.address, user_agent = excluded.user_agent",
    )
    .bind(&session.id)
    .bind(account_id)
    .bind(session.created_at_ms)
    .bind(session.last_used_at_ms)
    .bind(expires_at_ms)
    .bind(&session.address)
    .bind(&session.user_agent)
    .execute(connection)
    .await?;
    Ok(())
}

/// The sessions of an account, the one used last first.
pub(in crate::accounts) async fn list(
    on: impl AnyExecutor<'_>,
    account_id: &str,
    now_ms: i64,
    limit: i64,
) -> Result<Vec<Session>, Error> {
    let rows: Vec<(String, i64, i64, Option<String>, String)> = sqlx::query_as(
        "select id, created_at_ms, last_used_at_ms, address, user_agent from account_sessions \
         where account_id = $1 and expires_at_ms > $2 order by last_used_at_ms desc, id desc limit $3",
    )
    .bind(account_id)
    .bind(now_ms)
    .bind(limit)
    .fetch_all(on)
    .await?;
    let session = |(id, created_at_ms, last_used_at_ms, address, user_agent)| Session {
        id,
        created_at_ms,
        last_used_at_ms,
        address,
        user_agent,
    };
    Ok(rows.into_iter().map(session).collect())
}

/// The sessions of an account beyond the `kept` that were used last, at most a hundred of them.
pub(in crate::accounts) async fn surplus(
    connection: &mut AnyConnection,
    account_id: &str,
    kept: i64,
) -> Result<Vec<String>, Error> {
    let rows: Vec<(String,)> = sqlx::query_as(
        "select id from account_sessions where account_id = $1 \
         order by last_used_at_ms desc, id desc limit 100 offset $2",
    )
    .bind(account_id)
    .bind(kept)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// True when the account has this session.
pub(in crate::accounts) async fn belongs(
    on: impl AnyExecutor<'_>,
    account_id: &str,
    session: &str,
) -> Result<bool, Error> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from account_sessions where account_id = $1 and id = $2")
        .bind(account_id)
        .bind(session)
        .fetch_one(on)
        .await?;
    Ok(count > 0)
}

/// Ends a session: its refresh tokens first, for whoever grows one at this moment has locked it and writes the session next.
pub(in crate::accounts) async fn end(connection: &mut AnyConnection, session: &str) -> Result<(), Error> {
    refresh::delete_family(&mut *connection, session).await?;
    sqlx::query("delete from account_sessions where id = $1")
        .bind(session)
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends every session of an account but `kept`; returns how many that were.
pub(in crate::accounts) async fn end_all(
    connection: &mut AnyConnection,
    account_id: &str,
    kept: Option<&str>,
) -> Result<u64, Error> {
    refresh::delete_of_account(&mut *connection, account_id, kept).await?;
    let done = sqlx::query("delete from account_sessions where account_id = $1 and id <> $2")
        .bind(account_id)
        .bind(kept.unwrap_or_default())
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Removes sessions that nobody came back to.
pub(in crate::accounts) async fn delete_expired(connection: &mut AnyConnection, now_ms: i64) -> Result<(), Error> {
    sqlx::query("delete from account_sessions where expires_at_ms <= $1")
        .bind(now_ms)
        .execute(connection)
        .await?;
    Ok(())
}
