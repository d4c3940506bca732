//! Rows of `stream_keys`. The plain key is never in the file.

use sqlx::SqliteConnection;

use crate::error::Error;
use crate::seal::Digest;
use crate::tags::Tags;

use super::corrupt;

/// A stream key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredKey {
    /// Its ARN.
    pub arn: String,
    /// The channel it publishes to.
    pub channel_arn: String,
    /// The key, sealed for this ARN.
    pub sealed: Vec<u8>,
    /// Its tags.
    pub tags: Tags,
}

/// Adds a key.
pub async fn insert(
    connection: &mut SqliteConnection,
    key: &StoredKey,
    digest: &Digest,
    now_ms: i64,
) -> Result<(), Error> {
    sqlx::query(
        "insert into stream_keys (arn, channel_arn, digest, sealed, tags, created_at_ms) values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(&key.arn)
    .bind(&key.channel_arn)
    .bind(&digest[..])
    .bind(&key.sealed)
    .bind(tags_text(key)?)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes the tags of a key that exists.
pub async fn update_tags(connection: &mut SqliteConnection, key: &StoredKey) -> Result<(), Error> {
    let done = sqlx::query("update stream_keys set tags = $2 where arn = $1")
        .bind(&key.arn)
        .bind(tags_text(key)?)
        .execute(connection)
        .await?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(corrupt(&key.arn, "the row to update is gone"))
    }
}

/// Removes a key and says what it was found by; `None` when there was none.
pub async fn delete(connection: &mut SqliteConnection, arn: &str) -> Result<Option<Digest>, Error> {
    let row: Option<Vec<u8>> = sqlx::query_scalar("delete from stream_keys where arn = $1 returning digest")
        .bind(arn)
        .fetch_optional(connection)
        .await?;
    row.map(|bytes| digest(&bytes)).transpose()
}

/// The key of this ARN.
pub async fn find(connection: &mut SqliteConnection, arn: &str) -> Result<Option<StoredKey>, Error> {
    let row: Option<(String, String, Vec<u8>, String)> =
        sqlx::query_as("select arn, channel_arn, sealed, tags from stream_keys where arn = $1")
            .bind(arn)
            .fetch_optional(connection)
            .await?;
    row.map(stored).transpose()
}

/// Keys of a channel with their row numbers, oldest first, after row `after`.
pub async fn list(
    connection: &mut SqliteConnection,
    channel_arn: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, StoredKey)>, Error> {
    let rows: Vec<(i64, String, String, Vec<u8>, String)> = sqlx::query_as(
        "select seq, arn, channel_arn, sealed, tags from stream_keys
         where channel_arn = $1 and seq > $2 order by seq limit $3",
    )
    .bind(channel_arn)
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let row = |(seq, arn, channel_arn, sealed, tags)| Ok((seq, stored((arn, channel_arn, sealed, tags))?));
    rows.into_iter().map(row).collect()
}

/// How many a channel has.
pub async fn count(connection: &mut SqliteConnection, channel_arn: &str) -> Result<i64, Error> {
    let count = sqlx::query_scalar("select count(*) from stream_keys where channel_arn = $1");
    Ok(count.bind(channel_arn).fetch_one(connection).await?)
}

/// Every key's digest and channel.
pub async fn digests(connection: &mut SqliteConnection) -> Result<Vec<(Digest, String)>, Error> {
    let rows: Vec<(Vec<u8>, String)> = sqlx::query_as("select digest, channel_arn from stream_keys")
        .fetch_all(connection)
        .await?;
    rows.into_iter()
        .map(|(bytes, channel_arn)| Ok((digest(&bytes)?, channel_arn)))
        .collect()
}

fn stored((arn, channel_arn, sealed, tags): (String, String, Vec<u8>, String)) -> Result<StoredKey, Error> {
    let tags = serde_json::from_str(&tags).map_err(|cause| corrupt(&arn, cause))?;
    Ok(StoredKey {
        arn,
        channel_arn,
        sealed,
        tags,
    })
}

fn digest(bytes: &[u8]) -> Result<Digest, Error> {
    bytes.try_into().map_err(|cause| corrupt("stream key digest", cause))
}

fn tags_text(key: &StoredKey) -> Result<String, Error> {
    serde_json::to_string(&key.tags).map_err(|cause| corrupt(&key.arn, cause))
}
