//! SQL of stream keys and of their changes.

use sqlx::{AnyConnection, AnyExecutor};

use crate::Error;
use crate::db::exactly_one;

/// Orders a new key for a channel and takes hold of the change, unless somebody is at one already. True when we hold it.
pub(super) async fn order(
    connection: &mut AnyConnection,
    channel_id: &str,
    requested_by: &str,
    holder: &str,
    now_ms: i64,
    held_until_ms: i64,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "insert into channel_key_changes (channel_id, requested_by, requested_at_ms, holder, held_until_ms) \
         values ($1, $2, $3, $4, $5) on conflict (channel_id) do update set holder = excluded.holder, \
         held_until_ms = excluded.held_until_ms \
         where channel_key_changes.held_until_ms is null or channel_key_changes.held_until_ms <= $3",
    )
    .bind(channel_id)
    .bind(requested_by)
    .bind(now_ms)
    .bind(holder)
    .bind(held_until_ms)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Takes hold of a change that nobody is at. False when somebody is, or none is ordered.
pub(super) async fn take(
    connection: &mut AnyConnection,
    channel_id: &str,
    holder: &str,
    now_ms: i64,
    held_until_ms: i64,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "update channel_key_changes set holder = $2, held_until_ms = $4 \
         where channel_id = $1 and (held_until_ms is null or held_until_ms <= $3)",
    )
    .bind(channel_id)
    .bind(holder)
    .bind(now_ms)
    .bind(held_until_ms)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Lets go of a change that is still to be made.
pub(super) async fn let_go(connection: &mut AnyConnection, channel_id: &str, holder: &str) -> Result<(), Error> {
    sqlx::query(
        "update channel_key_changes set holder = null, held_until_ms = null where channel_id = $1 and holder = $2",
    )
    .bind(channel_id)
    .bind(holder)
    .execute(connection)
    .await?;
    Ok(())
}

/// The change is made. False when `holder` no longer holds it.
pub(super) async fn finish(connection: &mut AnyConnection, channel_id: &str, holder: &str) -> Result<bool, Error> {
    let done = sqlx::query("delete from channel_key_changes where channel_id = $1 and holder = $2")
        .bind(channel_id)
        .bind(holder)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets a change of a channel that is gone, and its key with it.
pub(super) async fn forget(connection: &mut AnyConnection, channel_id: &str) -> Result<(), Error> {
    sqlx::query("delete from channel_key_changes where channel_id = $1")
        .bind(channel_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Until when somebody is at the change that is ordered for a channel: `None` when none is, `Some(None)` when nobody is.
pub(super) async fn ordered(executor: impl AnyExecutor<'_>, channel_id: &str) -> Result<Option<Option<i64>>, Error> {
    let row: Option<(Option<i64>,)> =
        sqlx::query_as("select held_until_ms from channel_key_changes where channel_id = $1")
            .bind(channel_id)
            .fetch_optional(executor)
            .await?;
    Ok(row.map(|(held_until_ms,)| held_until_ms))
}

/// The sealed key of a channel.
pub(super) async fn sealed(executor: impl AnyExecutor<'_>, channel_id: &str) -> Result<Option<String>, Error> {
    let row: Option<(Option<String>,)> = sqlx::query_as("select stream_key from channels where id = $1")
        .bind(channel_id)
        .fetch_optional(executor)
        .await?;
    Ok(row.and_then(|(sealed,)| sealed))
}

/// Stores another key.
pub(super) async fn put(
    connection: &mut AnyConnection,
    channel_id: &str,
    sealed: &str,
    now_ms: i64,
) -> Result<(), Error> {
    let done = sqlx::query("update channels set stream_key = $2, updated_at_ms = $3 where id = $1")
        .bind(channel_id)
        .bind(sealed)
        .bind(now_ms)
        .execute(connection)
        .await?;
    exactly_one(done.rows_affected(), "The channel was deleted meanwhile")
}
