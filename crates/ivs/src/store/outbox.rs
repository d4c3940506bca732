//! Rows of `outbox`: events on their way out.

use sqlx::SqliteConnection;

use crate::error::Error;

/// The oldest event that was not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Row number, the order of delivery.
    pub seq: i64,
    /// The JSON to send.
    pub body: String,
    /// How often it was tried.
    pub attempts: i64,
}

/// Adds an event; when more than `backlog_max` wait, the oldest go. Says how many went.
pub async fn push(connection: &mut SqliteConnection, body: &str, now_ms: i64, backlog_max: i64) -> Result<u64, Error> {
    sqlx::query("insert into outbox (body, created_at_ms) values ($1, $2)")
        .bind(body)
        .bind(now_ms)
        .execute(&mut *connection)
        .await?;
    let done = sqlx::query(
        "delete from outbox where seq in (
             select seq from outbox where parked_at_ms is null order by seq desc limit -1 offset $1)",
    )
    .bind(backlog_max)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

/// The next event to send.
pub async fn head(connection: &mut SqliteConnection) -> Result<Option<Queued>, Error> {
    let row: Option<(i64, String, i64)> =
        sqlx::query_as("select seq, body, attempts from outbox where parked_at_ms is null order by seq limit 1")
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|(seq, body, attempts)| Queued { seq, body, attempts }))
}

/// Removes an event that was delivered.
pub async fn delivered(connection: &mut SqliteConnection, seq: i64) -> Result<(), Error> {
    sqlx::query("delete from outbox where seq = $1")
        .bind(seq)
        .execute(connection)
        .await?;
    Ok(())
}

/// Counts an attempt that failed; with `parked_at_ms` the event leaves the line.
pub async fn failed(connection: &mut SqliteConnection, seq: i64, parked_at_ms: Option<i64>) -> Result<(), Error> {
    sqlx::query("update outbox set attempts = attempts + 1, parked_at_ms = $2 where seq = $1")
        .bind(seq)
        .bind(parked_at_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes parked events older than a time.
pub async fn delete_parked_before(connection: &mut SqliteConnection, at_ms: i64) -> Result<u64, Error> {
    let done = sqlx::query("delete from outbox where parked_at_ms < $1")
        .bind(at_ms)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn a_full_backlog_loses_its_oldest_event() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("ivs.sqlite3")).await.unwrap();
        let mut write = store.write().await.unwrap();
        let mut dropped = 0;
        for body in ["1", "2", "3", "4", "5"] {
            dropped += push(write.connection(), body, 0, 3).await.unwrap();
        }
        assert_eq!(
            (dropped, head(write.connection()).await.unwrap().unwrap().body.as_str()),
            (2, "3")
        );
    }
}
