//! The table of mails.

use sqlx::{AnyConnection, AnyExecutor};

use super::outbox::{Listed, State};
use crate::{Error, Page};

/// A mail as it is written.
pub(super) struct NewMail {
    pub(super) id: String,
    pub(super) recipient: String,
    pub(super) sealed: String,
    pub(super) state: State,
    pub(super) lane: i64,
    pub(super) created_at_ms: i64,
}

/// A mail that waits.
pub(super) struct Queued {
    pub(super) id: String,
    pub(super) recipient: String,
    pub(super) sealed: String,
    pub(super) attempts: i64,
    pub(super) next_attempt_at_ms: i64,
    pub(super) created_at_ms: i64,
}

/// A mail that a development server keeps.
pub(super) struct KeptRow {
    pub(super) id: String,
    pub(super) recipient: String,
    pub(super) sealed: String,
    pub(super) created_at_ms: i64,
}

/// Characters kept of what a mail server said.
const ERROR_CHARS_MAX: usize = 500;

/// Writes a mail down; false when it is there already.
pub(super) async fn insert(connection: &mut AnyConnection, mail: &NewMail) -> Result<bool, Error> {
    let done = sqlx::query(
        "insert into mails (id, recipient, sealed, state, lane, next_attempt_at_ms, created_at_ms) \
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (id) do nothing",
    )
    .bind(&mail.id)
    .bind(&mail.recipient)
    .bind(&mail.sealed)
    .bind(mail.state.as_str())
    .bind(mail.lane)
    .bind(mail.created_at_ms)
    .bind(mail.created_at_ms)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The mail of `lane` to try next, which may be later than now.
pub(super) async fn next(on: impl AnyExecutor<'_>, lane: i64) -> Result<Option<Queued>, Error> {
    let row: Option<(String, String, String, i64, i64, i64)> = sqlx::query_as(
        "select id, recipient, sealed, attempts, next_attempt_at_ms, created_at_ms from mails \
         where state = 'queued' and lane = $1 order by next_attempt_at_ms, id limit 1",
    )
    .bind(lane)
    .fetch_optional(on)
    .await?;
    let queued = |(id, recipient, sealed, attempts, next_attempt_at_ms, created_at_ms)| Queued {
        id,
        recipient,
        sealed,
        attempts,
        next_attempt_at_ms,
        created_at_ms,
    };
    Ok(row.map(queued))
}

/// Ends a mail: its text is wiped.
pub(super) async fn settle(
    connection: &mut AnyConnection,
    id: &str,
    state: State,
    error: Option<&str>,
    now_ms: i64,
) -> Result<(), Error> {
    sqlx::query(
        "update mails set state = $2, sealed = null, attempts = attempts + 1, last_error = $3, settled_at_ms = $4 \
         where id = $1 and state = 'queued'",
    )
    .bind(id)
    .bind(state.as_str())
    .bind(error.map(cut))
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts a mail off.
pub(super) async fn postpone(
    connection: &mut AnyConnection,
    id: &str,
    error: &str,
    next_attempt_at_ms: i64,
) -> Result<(), Error> {
    sqlx::query(
        "update mails set attempts = attempts + 1, last_error = $2, next_attempt_at_ms = $3 \
         where id = $1 and state = 'queued'",
    )
    .bind(id)
    .bind(cut(error))
    .bind(next_attempt_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Gives up what has waited since before `before_ms`, also when there is no mail server any more.
pub(super) async fn expire(connection: &mut AnyConnection, before_ms: i64, now_ms: i64) -> Result<u64, Error> {
    let done = sqlx::query(
        "update mails set state = 'failed', sealed = null, settled_at_ms = $2, \
         last_error = coalesce(last_error, 'there was no mail server') where state = 'queued' and created_at_ms <= $1",
    )
    .bind(before_ms)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// Lanes in which mails wait.
pub(super) async fn lanes(on: impl AnyExecutor<'_>) -> Result<Vec<i64>, Error> {
    let rows: Vec<(i64,)> = sqlx::query_as("select distinct lane from mails where state = 'queued'")
        .fetch_all(on)
        .await?;
    Ok(rows.into_iter().map(|(lane,)| lane).collect())
}

/// Removes what was settled before `before_ms`.
pub(super) async fn remove_settled(connection: &mut AnyConnection, before_ms: i64) -> Result<(), Error> {
    sqlx::query("delete from mails where settled_at_ms < $1")
        .bind(before_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// Leaves the newest `most` of the kept mails.
pub(super) async fn forget_kept(connection: &mut AnyConnection, most: i64) -> Result<(), Error> {
    sqlx::query(
        "delete from mails where state = 'kept' and id not in \
         (select id from mails where state = 'kept' order by created_at_ms desc, id desc limit $1)",
    )
    .bind(most)
    .execute(connection)
    .await?;
    Ok(())
}

/// The newest kept mails.
pub(super) async fn kept(on: impl AnyExecutor<'_>, most: i64) -> Result<Vec<KeptRow>, Error> {
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
        "select id, recipient, sealed, created_at_ms from mails where state = 'kept' and sealed is not null \
         order by created_at_ms desc, id desc limit $1",
    )
    .bind(most)
    .fetch_all(on)
    .await?;
    Ok(rows.into_iter().map(kept_row).collect())
}

/// One kept mail.
pub(super) async fn kept_one(on: impl AnyExecutor<'_>, id: &str) -> Result<Option<KeptRow>, Error> {
    let row: Option<(String, String, String, i64)> = sqlx::query_as(
        "select id, recipient, sealed, created_at_ms from mails \
         where id = $1 and state = 'kept' and sealed is not null",
    )
    .bind(id)
    .fetch_optional(on)
    .await?;
    Ok(row.map(kept_row))
}

fn kept_row((id, recipient, sealed, created_at_ms): (String, String, String, i64)) -> KeptRow {
    KeptRow {
        id,
        recipient,
        sealed,
        created_at_ms,
    }
}

/// Id, recipient, attempts, last error, created and settled.
type ListedRow = (String, String, i64, Option<String>, i64, Option<i64>);

/// Mails in `state`, newest first.
pub(super) async fn list(on: impl AnyExecutor<'_>, state: State, page: Page) -> Result<Vec<Listed>, Error> {
    let rows: Vec<ListedRow> = sqlx::query_as(
        "select id, recipient, attempts, last_error, created_at_ms, settled_at_ms from mails \
         where state = $1 order by created_at_ms desc, id desc limit $2 offset $3",
    )
    .bind(state.as_str())
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(on)
    .await?;
    let listed = |(id, to, attempts, last_error, created_at_ms, settled_at_ms)| Listed {
        id,
        to,
        state,
        attempts,
        last_error,
        created_at_ms,
        settled_at_ms,
    };
    Ok(rows.into_iter().map(listed).collect())
}

/// How many mails are in `state`.
pub(super) async fn count(on: impl AnyExecutor<'_>, state: State) -> Result<i64, Error> {
    let (count,): (i64,) = sqlx::query_as("select count(*) from mails where state = $1")
        .bind(state.as_str())
        .fetch_one(on)
        .await?;
    Ok(count)
}

fn cut(error: &str) -> String {
    error.chars().take(ERROR_CHARS_MAX).collect()
}
