//! SQL of calendars. Writers hold the channel's row.

use sqlx::{AnyConnection, AnyExecutor};

use super::rules::{Entry, Window};
use super::{Booking, FUTURE_MAX};
use crate::Error;

type Columns = (String, String, String, String, i64, i64, Option<String>, String);

const COLUMNS: &str = "booking.id, booking.channel_id, booking.host_user_id, host.name, booking.starts_at_ms, \
     booking.ends_at_ms, booking.note, booking.created_by \
     from channel_bookings booking join accounts host on host.id = booking.host_user_id";

pub(super) async fn insert(connection: &mut AnyConnection, booking: &Booking, now_ms: i64) -> Result<(), Error> {
    sqlx::query(
        "insert into channel_bookings (id, channel_id, host_user_id, starts_at_ms, ends_at_ms, note, created_by, created_at_ms) \
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&booking.id)
    .bind(&booking.channel_id)
    .bind(&booking.host_user_id)
    .bind(booking.window.starts_at_ms)
    .bind(booking.window.ends_at_ms)
    .bind(booking.note.as_deref())
    .bind(&booking.created_by)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// The first booking of a channel that has a moment in common with `window`.
pub(super) async fn overlapping(
    connection: &mut AnyConnection,
    channel_id: &str,
    window: Window,
) -> Result<Option<String>, Error> {
    let row: Option<(String,)> = sqlx::query_as(
        "select id from channel_bookings where channel_id = $1 and ends_at_ms > $2 and starts_at_ms < $3 \
         order by starts_at_ms limit 1",
    )
    .bind(channel_id)
    .bind(window.starts_at_ms)
    .bind(window.ends_at_ms)
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|(id,)| id))
}

/// How many bookings of a channel are not over.
pub(super) async fn count_open(connection: &mut AnyConnection, channel_id: &str, now_ms: i64) -> Result<i64, Error> {
    let (count,): (i64,) =
        sqlx::query_as("select count(*) from channel_bookings where channel_id = $1 and ends_at_ms > $2")
            .bind(channel_id)
            .bind(now_ms)
            .fetch_one(connection)
            .await?;
    Ok(count)
}

/// Every window of a channel that is not over, in order: at most [`FUTURE_MAX`], because no more are taken.
pub(super) async fn open(executor: impl AnyExecutor<'_>, channel_id: &str, now_ms: i64) -> Result<Vec<Entry>, Error> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "select host_user_id, starts_at_ms, ends_at_ms from channel_bookings where channel_id = $1 and ends_at_ms > $2 \
         order by starts_at_ms limit $3",
    )
    .bind(channel_id)
    .bind(now_ms)
    .bind(FUTURE_MAX)
    .fetch_all(executor)
    .await?;
    let entry = |(host_user_id, starts_at_ms, ends_at_ms)| Entry {
        host_user_id,
        window: Window {
            starts_at_ms,
            ends_at_ms,
        },
    };
    Ok(rows.into_iter().map(entry).collect())
}

/// When the first window of anybody else begins that is not over at `after_ms`.
pub(super) async fn next_foreign_start(
    executor: impl AnyExecutor<'_>,
    channel_id: &str,
    host_user_id: &str,
    after_ms: i64,
) -> Result<Option<i64>, Error> {
    let (start,): (Option<i64>,) = sqlx::query_as(
        "select min(starts_at_ms) from channel_bookings where channel_id = $1 and host_user_id <> $2 and ends_at_ms > $3",
    )
    .bind(channel_id)
    .bind(host_user_id)
    .bind(after_ms)
    .fetch_one(executor)
    .await?;
    Ok(start)
}

pub(super) async fn find(
    executor: impl AnyExecutor<'_>,
    channel_id: &str,
    booking_id: &str,
) -> Result<Option<Booking>, Error> {
    let text = format!("select {COLUMNS} where booking.id = $1 and booking.channel_id = $2");
    let row: Option<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(booking_id)
        .bind(channel_id)
        .fetch_optional(executor)
        .await?;
    Ok(row.map(booking))
}

/// The bookings of a channel that have a moment in common with `window`, in order, at most `limit`.
pub(super) async fn between(
    executor: impl AnyExecutor<'_>,
    channel_id: &str,
    window: Window,
    limit: i64,
) -> Result<Vec<Booking>, Error> {
    let text = format!(
        "select {COLUMNS} where booking.channel_id = $1 and booking.ends_at_ms > $2 and booking.starts_at_ms < $3 \
         order by booking.starts_at_ms limit $4"
    );
    let rows: Vec<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(channel_id)
        .bind(window.starts_at_ms)
        .bind(window.ends_at_ms)
        .bind(limit)
        .fetch_all(executor)
        .await?;
    Ok(rows.into_iter().map(booking).collect())
}

/// The bookings of one host on a channel that are not over, in order, at most `limit`.
pub(super) async fn of_host(
    executor: impl AnyExecutor<'_>,
    channel_id: &str,
    host_user_id: &str,
    now_ms: i64,
    limit: i64,
) -> Result<Vec<Booking>, Error> {
    let text = format!(
        "select {COLUMNS} where booking.channel_id = $1 and booking.ends_at_ms > $2 and booking.host_user_id = $3 \
         order by booking.starts_at_ms limit $4"
    );
    let rows: Vec<Columns> = sqlx::query_as(sqlx::AssertSqlSafe(text))
        .bind(channel_id)
        .bind(now_ms)
        .bind(host_user_id)
        .bind(limit)
        .fetch_all(executor)
        .await?;
    Ok(rows.into_iter().map(booking).collect())
}

/// True when there was such a booking.
pub(super) async fn remove(connection: &mut AnyConnection, booking_id: &str) -> Result<bool, Error> {
    let done = sqlx::query("delete from channel_bookings where id = $1")
        .bind(booking_id)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes what a host has booked and has not begun, and ends what has begun; returns how many bookings that changed.
pub(super) async fn give_up(
    connection: &mut AnyConnection,
    channel_id: &str,
    host_user_id: &str,
    now_ms: i64,
) -> Result<u64, Error> {
    let removed =
        sqlx::query("delete from channel_bookings where channel_id = $1 and host_user_id = $2 and starts_at_ms >= $3")
            .bind(channel_id)
            .bind(host_user_id)
            .bind(now_ms)
            .execute(&mut *connection)
            .await?;
    let ended = sqlx::query(
        "update channel_bookings set ends_at_ms = $3 where channel_id = $1 and host_user_id = $2 and ends_at_ms > $3",
    )
    .bind(channel_id)
    .bind(host_user_id)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(removed.rows_affected() + ended.rows_affected())
}

fn booking(row: Columns) -> Booking {
    let (id, channel_id, host_user_id, host_name, starts_at_ms, ends_at_ms, note, created_by) = row;
    Booking {
        id,
        channel_id,
        host_user_id,
        host_name,
        window: Window {
            starts_at_ms,
            ends_at_ms,
        },
        note,
        created_by,
    }
}
