//! Rows of `recording_configurations`.

use sqlx::SqliteConnection;

use crate::error::Error;
use crate::low_latency::recording::Recording;

use super::corrupt;

/// Adds a configuration.
pub async fn insert(connection: &mut SqliteConnection, recording: &Recording, now_ms: i64) -> Result<(), Error> {
    sqlx::query("insert into recording_configurations (arn, document, created_at_ms) values ($1, $2, $3)")
        .bind(&recording.arn)
        .bind(document(recording)?)
        .bind(now_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// Replaces a configuration that exists.
pub async fn update(connection: &mut SqliteConnection, recording: &Recording) -> Result<(), Error> {
    let done = sqlx::query("update recording_configurations set document = $2 where arn = $1")
        .bind(&recording.arn)
        .bind(document(recording)?)
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(corrupt(&recording.arn, "the row to update is gone"))
    }
}

/// Removes a configuration that no channel has. False when there was none.
pub async fn delete(connection: &mut SqliteConnection, arn: &str) -> Result<bool, Error> {
    let done = sqlx::query("delete from recording_configurations where arn = $1")
        .bind(arn)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The configuration of this ARN.
pub async fn find(connection: &mut SqliteConnection, arn: &str) -> Result<Option<Recording>, Error> {
    let row: Option<String> = sqlx::query_scalar("select document from recording_configurations where arn = $1")
        .bind(arn)
        .fetch_optional(connection)
        .await?;
    row.map(|text| parse(arn, &text)).transpose()
}

/// Configurations with their row numbers, oldest first, after row `after`.
pub async fn list(connection: &mut SqliteConnection, after: i64, limit: i64) -> Result<Vec<(i64, Recording)>, Error> {
    let rows: Vec<(i64, String)> =
        sqlx::query_as("select seq, document from recording_configurations where seq > $1 order by seq limit $2")
            .bind(after)
            .bind(limit)
            .fetch_all(connection)
            .await?;
    rows.into_iter()
        .map(|(seq, text)| Ok((seq, parse("recording configuration", &text)?)))
        .collect()
}

/// How many there are.
pub async fn count(connection: &mut SqliteConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("select count(*) from recording_configurations")
        .fetch_one(connection)
        .await?)
}

fn document(recording: &Recording) -> Result<String, Error> {
    serde_json::to_string(recording).map_err(|cause| corrupt(&recording.arn, cause))
}

fn parse(what: &str, text: &str) -> Result<Recording, Error> {
    serde_json::from_str(text).map_err(|cause| corrupt(what, cause))
}
