//! Rows of `channels`.

use sqlx::SqliteConnection;

use crate::error::Error;
use crate::low_latency::channel::Channel;

use super::corrupt;

/// Adds a channel.
pub async fn insert(connection: &mut SqliteConnection, channel: &Channel, now_ms: i64) -> Result<(), Error> {
    sqlx::query("insert into channels (arn, name, document, created_at_ms) values ($1, $2, $3, $4)")
        .bind(&channel.arn)
        .bind(&channel.name)
        .bind(document(channel)?)
        .bind(now_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// Replaces a channel that exists.
pub async fn update(connection: &mut SqliteConnection, channel: &Channel) -> Result<(), Error> {
    let done = sqlx::query("update channels set name = $2, document = $3 where arn = $1")
        .bind(&channel.arn)
        .bind(&channel.name)
        .bind(document(channel)?)
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(corrupt(&channel.arn, "the row to update is gone"))
    }
}

/// Removes a channel with its keys. False when there was none.
pub async fn delete(connection: &mut SqliteConnection, arn: &str) -> Result<bool, Error> {
    let done = sqlx::query("delete from channels where arn = $1")
        .bind(arn)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// The channel of this ARN.
pub async fn find(connection: &mut SqliteConnection, arn: &str) -> Result<Option<Channel>, Error> {
    let row: Option<String> = sqlx::query_scalar("select document from channels where arn = $1")
        .bind(arn)
        .fetch_optional(connection)
        .await?;
    row.map(|text| parse(arn, &text)).transpose()
}

/// Channels with their row numbers, oldest first, after row `after`; only those named `name` when it is given.
pub async fn list(
    connection: &mut SqliteConnection,
    name: Option<&str>,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, Channel)>, Error> {
    let rows: Vec<(i64, String)> = match name {
        Some(name) => {
            sqlx::query_as("select seq, document from channels where name = $1 and seq > $2 order by seq limit $3")
                .bind(name)
                .bind(after)
                .bind(limit)
                .fetch_all(connection)
                .await?
        }
        None => {
            sqlx::query_as("select seq, document from channels where seq > $1 order by seq limit $2")
                .bind(after)
                .bind(limit)
                .fetch_all(connection)
                .await?
        }
    };
    rows.into_iter()
        .map(|(seq, text)| Ok((seq, parse("channel", &text)?)))
        .collect()
}

/// How many there are.
pub async fn count(connection: &mut SqliteConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("select count(*) from channels")
        .fetch_one(connection)
        .await?)
}

fn document(channel: &Channel) -> Result<String, Error> {
    serde_json::to_string(channel).map_err(|cause| corrupt(&channel.arn, cause))
}

fn parse(what: &str, text: &str) -> Result<Channel, Error> {
    serde_json::from_str(text).map_err(|cause| corrupt(what, cause))
}
