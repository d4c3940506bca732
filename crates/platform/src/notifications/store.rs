//! The table of notifications.

use sqlx::{AnyConnection, AnyExecutor};

use super::Notification;
use crate::{Error, Page};

/// What marking one as read found.
pub(super) enum Read {
    /// It was unread.
    Now,
    /// It was read already.
    Before,
    /// There is none such.
    Missing,
}

/// Adds a notice; false when there is one about the same subject.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    account_id: &str,
    subject_key: &str,
    new: &Notification,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "insert into notifications (id, account_id, kind, subject_key, title, text, href, created_at_ms) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (account_id, subject_key) do nothing",
    )
    .bind(&new.id)
    .bind(account_id)
    .bind(&new.kind)
    .bind(subject_key)
    .bind(&new.title)
    .bind(&new.text)
    .bind(&new.href)
    .bind(new.created_at_ms)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives an unread notice about the subject new words; false when there is none.
pub(super) async fn reword_unread(
    connection: &mut AnyConnection,
    account_id: &str,
    subject_key: &str,
    new: &Notification,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "update notifications set title = $3, text = $4 \
         where account_id = $1 and subject_key = $2 and read_at_ms is null",
    )
    .bind(account_id)
    .bind(subject_key)
    .bind(&new.title)
    .bind(&new.text)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Adds a notice, or makes the one about the same subject new again; answers its id.
pub(super) async fn put(
    connection: &mut AnyConnection,
    account_id: &str,
    subject_key: &str,
    new: &Notification,
) -> Result<String, Error> {
    let (id,): (String,) = sqlx::query_as(
        "insert into notifications (id, account_id, kind, subject_key, title, text, href, created_at_ms) \
         values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (account_id, subject_key) do update set \
         kind = excluded.kind, title = excluded.title, text = excluded.text, href = excluded.href, \
         created_at_ms = excluded.created_at_ms, read_at_ms = null returning id",
    )
    .bind(&new.id)
    .bind(account_id)
    .bind(&new.kind)
    .bind(subject_key)
    .bind(&new.title)
    .bind(&new.text)
    .bind(&new.href)
    .bind(new.created_at_ms)
    .fetch_one(connection)
    .await?;
    Ok(id)
}

/// Id, kind, title, text, href, created and read.
type NotificationRow = (String, String, String, String, String, i64, Option<i64>);

/// An account's notices, newest first.
pub(super) async fn list(on: impl AnyExecutor<'_>, account_id: &str, page: Page) -> Result<Vec<Notification>, Error> {
    let rows: Vec<NotificationRow> = sqlx::query_as(
        "select id, kind, title, text, href, created_at_ms, read_at_ms from notifications where account_id = $1 \
         order by created_at_ms desc, id desc limit $2 offset $3",
    )
    .bind(account_id)
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(on)
    .await?;
    let notification = |(id, kind, title, text, href, created_at_ms, read_at_ms)| Notification {
        id,
        kind,
        title,
        text,
        href,
        created_at_ms,
        read_at_ms,
    };
    Ok(rows.into_iter().map(notification).collect())
}

/// How many of an account's notices are unread.
pub(super) async fn unread(on: impl AnyExecutor<'_>, account_id: &str) -> Result<i64, Error> {
    let (count,): (i64,) =
        sqlx::query_as("select count(*) from notifications where account_id = $1 and read_at_ms is null")
            .bind(account_id)
            .fetch_one(on)
            .await?;
    Ok(count)
}

/// Marks one notice of the account as read.
pub(super) async fn read(
    connection: &mut AnyConnection,
    account_id: &str,
    id: &str,
    now_ms: i64,
) -> Result<Read, Error> {
    let done = sqlx::query(
        "update notifications set read_at_ms = $3 where id = $1 and account_id = $2 and read_at_ms is null",
    )
    .bind(id)
    .bind(account_id)
    .bind(now_ms)
    .execute(&mut *connection)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(Read::Now);
    }
    let known: Option<(String,)> = sqlx::query_as("select id from notifications where id = $1 and account_id = $2")
        .bind(id)
        .bind(account_id)
        .fetch_optional(connection)
        .await?;
    Ok(if known.is_some() { Read::Before } else { Read::Missing })
}

/// Marks the notice about a subject as read; false when none was unread.
pub(super) async fn read_subject(
    connection: &mut AnyConnection,
    account_id: &str,
    subject_key: &str,
    now_ms: i64,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "update notifications set read_at_ms = $3 where account_id = $1 and subject_key = $2 and read_at_ms is null",
    )
    .bind(account_id)
    .bind(subject_key)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Marks every notice of the account as read; false when none was unread.
pub(super) async fn read_all(connection: &mut AnyConnection, account_id: &str, now_ms: i64) -> Result<bool, Error> {
    let done = sqlx::query("update notifications set read_at_ms = $2 where account_id = $1 and read_at_ms is null")
        .bind(account_id)
        .bind(now_ms)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Removes a bounded number of notices from before `before_ms`; answers how many.
pub(super) async fn remove_before(connection: &mut AnyConnection, before_ms: i64, most: i64) -> Result<u64, Error> {
    let done = sqlx::query(
        "delete from notifications where id in \
         (select id from notifications where created_at_ms < $1 order by created_at_ms limit $2)",
    )
    .bind(before_ms)
    .bind(most)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
