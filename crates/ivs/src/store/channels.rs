//! Rows of `channels`.

use sqlx::SqliteConnection;

use crate::error::Error;
use crate::low_latency::channel::Channel;

use super::corrupt;

/// Adds a channel.
pub async fn insert(connection: &mut SqliteConnection, channel: &Channel, now_ms: i64) -> Result<(), Error> {
    sqlx::query("insert into channels (arn, name, document, created_at_ms, recording_arn) values ($1, $2, $3, $4, nullif($5, ''))")
        .bind(&channel.arn)
        .bind(&channel.name)
        .bind(document(channel)?)
        .bind(now_ms)
        .bind(&channel.recording_configuration_arn)
        .execute(connection)
        .await?;
    Ok(())
}

/// Replaces a channel that exists.
pub async fn update(connection: &mut SqliteConnection, channel: &Channel) -> Result<(), Error> {
    let done =
        sqlx::query("update channels set name = $2, document = $3, recording_arn = nullif($4, '') where arn = $1")
            .bind(&channel.arn)
            .bind(&channel.name)
            .bind(document(channel)?)
            .bind(&channel.recording_configuration_arn)
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

/// What a list is narrowed to.
#[derive(Debug, Clone, Copy)]
pub enum Filter<'a> {
    /// Nothing: every channel.
    All,
    /// This name exactly.
    Name(&'a str),
    /// This recording configuration, by ARN.
    Recording(&'a str),
}

/// Channels with their row numbers, oldest first, after row `after`.
pub async fn list(
    connection: &mut SqliteConnection,
    filter: Filter<'_>,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, Channel)>, Error> {
    let query = match filter {
        Filter::All => sqlx::query_as("select seq, document from channels where seq > $1 order by seq limit $2"),
        Filter::Name(_) => {
            sqlx::query_as("select seq, document from channels where seq > $1 and name = $3 order by seq limit $2")
        }
        Filter::Recording(_) => sqlx::query_as(
            "select seq, document from channels where seq > $1 and recording_arn = $3 order by seq limit $2",
        ),
    };
    let query = query.bind(after).bind(limit);
    let query = match filter {
        Filter::All => query,
        Filter::Name(text) | Filter::Recording(text) => query.bind(text),
    };
    let rows: Vec<(i64, String)> = query.fetch_all(connection).await?;
    rows.into_iter()
        .map(|(seq, text)| Ok((seq, parse("channel", &text)?)))
        .collect()
}

/// The ARN of a channel that has this recording configuration.
pub async fn any_recorded_by(connection: &mut SqliteConnection, recording_arn: &str) -> Result<Option<String>, Error> {
    Ok(
        sqlx::query_scalar("select arn from channels where recording_arn = $1 order by seq limit 1")
            .bind(recording_arn)
            .fetch_optional(connection)
            .await?,
    )
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
