//! SQL of what broadcasts used.

use sqlx::{AnyConnection, AnyExecutor, Row as _};

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

/// What one owner's broadcasts used.
#[derive(Debug, Clone)]
pub struct OwnerUse {
    /// `kind:id` of the owner.
    pub owner: String,
    /// What people call it; `None` for an owner whose row is gone.
    pub name: Option<String>,
    /// What the channel was made as.
    pub channel_type: Option<String>,
    pub used: Used,
}

/// Every broadcast that was on air after a moment, at most `limit` of the newest, with whose it is.
pub async fn since(connection: &mut AnyConnection, since_ms: i64, limit: i64) -> Result<Vec<OwnerUse>, Error> {
    let rows = sqlx::query(
        "select b.stream_id, b.started_at_ms, b.ended_at_ms, b.viewers, b.viewer_ms, b.changed_at_ms, b.ingest,
             r.owner, r.channel_type, coalesce(a.title, c.name) as name
         from broadcasts b join video_resources r on r.arn = b.channel_arn
         left join auctions a on r.owner = 'auction:' || a.id
         left join channels c on r.owner = 'channel:' || c.id
         where b.ended_at_ms is null or b.ended_at_ms >= $1
         order by b.started_at_ms desc limit $2",
    )
    .bind(since_ms)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| {
            let ingest: Option<String> = row.try_get("ingest")?;
            let ingest = ingest.map(|text| serde_json::from_str(&text).map_err(Error::internal));
            Ok(OwnerUse {
                owner: row.try_get("owner")?,
                name: row.try_get("name")?,
                channel_type: row.try_get("channel_type")?,
                used: Used {
                    stream_id: row.try_get("stream_id")?,
                    started_at_ms: row.try_get("started_at_ms")?,
                    ended_at_ms: row.try_get("ended_at_ms")?,
                    viewers: row.try_get("viewers")?,
                    viewer_ms: row.try_get("viewer_ms")?,
                    changed_at_ms: row.try_get("changed_at_ms")?,
                    ingest: ingest.transpose()?.unwrap_or_default(),
                },
            })
        })
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
