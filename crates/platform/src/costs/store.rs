//! SQL of what broadcasts used.

use sqlx::{AnyConnection, AnyExecutor};

use crate::Error;
use crate::broadcasts::Ingest;

/// What one broadcast used, as its row says.
#[derive(Debug, Clone)]
pub struct Used {
    pub stream_id: String,
    pub started_at_ms: i64,
    pub ended_at_ms: Option<i64>,
    /// Viewers since `changed_at_ms`.
    pub viewers: i64,
    /// Viewers times milliseconds until `changed_at_ms`.
    pub viewer_ms: i64,
    pub changed_at_ms: i64,
    /// What was sent, where that is known.
    pub ingest: Ingest,
}

type Columns = (String, i64, Option<i64>, i64, i64, i64, Option<String>);

/// Every broadcast of a channel, oldest first.
pub async fn used(connection: &mut AnyConnection, channel_arn: &str) -> Result<Vec<Used>, Error> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select stream_id, started_at_ms, ended_at_ms, viewers, viewer_ms, changed_at_ms, ingest from broadcasts
         where channel_arn = $1 order by started_at_ms, stream_id",
    )
    .bind(channel_arn)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(
            |(stream_id, started_at_ms, ended_at_ms, viewers, viewer_ms, changed_at_ms, ingest)| {
                let ingest = ingest.map(|text| serde_json::from_str(&text).map_err(Error::internal));
                Ok(Used {
                    stream_id,
                    started_at_ms,
                    ended_at_ms,
                    viewers,
                    viewer_ms,
                    changed_at_ms,
                    ingest: ingest.transpose()?.unwrap_or_default(),
                })
            },
        )
        .collect()
}

/// What a channel was made as; `None` for channels of earlier releases.
pub async fn channel_type(executor: impl AnyExecutor<'_>, channel_arn: &str) -> Result<Option<String>, Error> {
    let row: Option<(Option<String>,)> = sqlx::query_as("select channel_type from video_resources where arn = $1")
        .bind(channel_arn)
        .fetch_optional(executor)
        .await?;
    Ok(row.and_then(|(channel_type,)| channel_type))
}
