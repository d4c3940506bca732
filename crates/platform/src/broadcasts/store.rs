//! SQL of broadcasts, their samples and the events already seen.

use std::collections::HashMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe, Row as _};

use super::model::{Broadcast, EndCause, Ended, Health};
use super::samples::{Ingest, Sample};
use crate::Error;

type SampleColumns = (i64, i64, i64, f64, Option<i64>, i64);

/// A channel with its broadcasts locked for this transaction: the ledger's row orders writers of the same channel.
pub async fn lock_channel(connection: &mut AnyConnection, channel_arn: &str) -> Result<bool, Error> {
    let touched = sqlx::query("update video_resources set arn = arn where arn = $1")
        .bind(channel_arn)
        .execute(connection)
        .await?;
    Ok(touched.rows_affected() == 1)
}

/// Remembers an event. False when it was seen before.
pub async fn remember_event(connection: &mut AnyConnection, id: &str, now_ms: i64) -> Result<bool, Error> {
    let inserted = sqlx::query("insert into broadcast_events (id, at_ms) values ($1, $2) on conflict (id) do nothing")
        .bind(id)
        .bind(now_ms)
        .execute(connection)
        .await?;
    Ok(inserted.rows_affected() == 1)
}

/// The broadcast of a live period, if it is one of that channel.
pub async fn find(
    executor: impl AnyExecutor<'_>,
    channel_arn: &str,
    stream_id: &str,
) -> Result<Option<Broadcast>, Error> {
    let row = sqlx::query(
        "select stream_id, started_at_ms, ended_at_ms, end_cause, health, health_at_ms, viewers, peak_viewers, changed_at_ms
         from broadcasts where stream_id = $1 and channel_arn = $2",
    )
    .bind(stream_id)
    .bind(channel_arn)
    .fetch_optional(executor)
    .await?;
    row.as_ref().map(read).transpose()
}

/// The newest broadcast of a channel; one on air comes before all others.
pub async fn latest(executor: impl AnyExecutor<'_>, channel_arn: &str) -> Result<Option<Broadcast>, Error> {
    let row = sqlx::query(
        "select stream_id, started_at_ms, ended_at_ms, end_cause, health, health_at_ms, viewers, peak_viewers, changed_at_ms
         from broadcasts where channel_arn = $1
         order by case when ended_at_ms is null then 0 else 1 end, started_at_ms desc, stream_id desc limit 1",
    )
    .bind(channel_arn)
    .fetch_optional(executor)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Broadcasts of a channel, newest first.
pub async fn of_channel(
    executor: impl AnyExecutor<'_>,
    channel_arn: &str,
    page: crate::Page,
) -> Result<Vec<Broadcast>, Error> {
    let rows = sqlx::query(
        "select stream_id, started_at_ms, ended_at_ms, end_cause, health, health_at_ms, viewers, peak_viewers, changed_at_ms
         from broadcasts where channel_arn = $1 order by started_at_ms desc, stream_id desc limit $2 offset $3",
    )
    .bind(channel_arn)
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(executor)
    .await?;
    rows.iter().map(read).collect()
}

/// How many broadcasts of a channel are known.
pub async fn count_of_channel(executor: impl AnyExecutor<'_>, channel_arn: &str) -> Result<i64, Error> {
    let count = sqlx::query_scalar("select count(*) from broadcasts where channel_arn = $1").bind(channel_arn);
    Ok(count.fetch_one(executor).await?)
}

/// Broadcasts of a channel that began before a moment, newest first.
pub async fn begun_before(
    executor: impl AnyExecutor<'_>,
    channel_arn: &str,
    before_ms: i64,
    limit: i64,
) -> Result<Vec<Broadcast>, Error> {
    let rows = sqlx::query(
        "select stream_id, started_at_ms, ended_at_ms, end_cause, health, health_at_ms, viewers, peak_viewers, changed_at_ms
         from broadcasts where channel_arn = $1 and started_at_ms < $2 order by started_at_ms desc limit $3",
    )
    .bind(channel_arn)
    .bind(before_ms)
    .bind(limit)
    .fetch_all(executor)
    .await?;
    rows.iter().map(read).collect()
}

/// Every broadcast on air, by channel.
pub async fn on_air(executor: impl AnyExecutor<'_>) -> Result<HashMap<String, Broadcast>, Error> {
    let rows = sqlx::query(
        "select channel_arn, stream_id, started_at_ms, ended_at_ms, end_cause, health, health_at_ms, viewers, peak_viewers,
             changed_at_ms
         from broadcasts where ended_at_ms is null",
    )
    .fetch_all(executor)
    .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("channel_arn")?, read(row)?)))
        .collect()
}

/// Writes a broadcast, new or changed. What its viewers watched since the row last changed is counted on the way: as many
/// as were known then, until the change or the end, whichever came first.
pub async fn put(connection: &mut AnyConnection, channel_arn: &str, row: &Broadcast) -> Result<(), Error> {
    sqlx::query(
        "insert into broadcasts (stream_id, channel_arn, started_at_ms, ended_at_ms, end_cause, health, health_at_ms,
             viewers, peak_viewers, told_at_ms, changed_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)
         on conflict (stream_id) do update set started_at_ms = excluded.started_at_ms, ended_at_ms = excluded.ended_at_ms,
             end_cause = excluded.end_cause, health = excluded.health, health_at_ms = excluded.health_at_ms,
             viewers = excluded.viewers, peak_viewers = excluded.peak_viewers, changed_at_ms = excluded.changed_at_ms,
             viewer_ms = broadcasts.viewer_ms + broadcasts.viewers * case
                 when excluded.ended_at_ms < excluded.changed_at_ms and excluded.ended_at_ms > broadcasts.changed_at_ms
                     then excluded.ended_at_ms - broadcasts.changed_at_ms
                 when excluded.ended_at_ms < excluded.changed_at_ms then 0
                 when excluded.changed_at_ms > broadcasts.changed_at_ms
                     then excluded.changed_at_ms - broadcasts.changed_at_ms
                 else 0 end",
    )
    .bind(&row.stream_id)
    .bind(channel_arn)
    .bind(row.started_at_ms)
    .bind(row.ended.map(|ended| ended.at_ms))
    .bind(row.ended.map(|ended| ended.cause.as_str()))
    .bind(row.health.as_str())
    .bind(row.health_at_ms)
    .bind(row.viewers)
    .bind(row.peak_viewers)
    .bind(row.changed_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Claims the right to tell watchers of a change. False when they know it, and when they were told less than `pause_ms` ago.
pub async fn claim_telling(
    connection: &mut AnyConnection,
    stream_id: &str,
    now_ms: i64,
    pause_ms: i64,
) -> Result<bool, Error> {
    let claimed = sqlx::query(
        "update broadcasts set told_at_ms = $1 where stream_id = $2 and told_at_ms <= $3 and told_at_ms < changed_at_ms",
    )
        .bind(now_ms)
        .bind(stream_id)
        .bind(now_ms - pause_ms)
        .execute(connection)
        .await?;
    Ok(claimed.rows_affected() == 1)
}

/// Keeps what the encoder said about itself.
pub async fn put_ingest(connection: &mut AnyConnection, stream_id: &str, ingest: &Ingest) -> Result<(), Error> {
    let text = serde_json::to_string(ingest).map_err(Error::internal)?;
    sqlx::query("update broadcasts set ingest = $1 where stream_id = $2")
        .bind(text)
        .bind(stream_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// What the encoder said about itself, if it did.
pub async fn ingest(executor: impl AnyExecutor<'_>, stream_id: &str) -> Result<Option<Ingest>, Error> {
    let row: Option<(Option<String>,)> = sqlx::query_as("select ingest from broadcasts where stream_id = $1")
        .bind(stream_id)
        .fetch_optional(executor)
        .await?;
    row.and_then(|(text,)| text)
        .map(|text| serde_json::from_str(&text).map_err(Error::internal))
        .transpose()
}

/// Adds a sample; a second one of the same moment is dropped.
pub async fn insert_sample(connection: &mut AnyConnection, stream_id: &str, sample: &Sample) -> Result<(), Error> {
    sqlx::query(
        "insert into broadcast_samples (stream_id, at_ms, video_bitrate_bps, audio_bitrate_bps, frame_rate, keyframe_interval_ms, viewers)
         values ($1, $2, $3, $4, $5, $6, $7) on conflict (stream_id, at_ms) do nothing",
    )
    .bind(stream_id)
    .bind(sample.at_ms)
    .bind(sample.video_bitrate_bps)
    .bind(sample.audio_bitrate_bps)
    .bind(sample.frame_rate)
    .bind(sample.keyframe_interval_ms)
    .bind(sample.viewers)
    .execute(connection)
    .await?;
    Ok(())
}

/// The newest samples of a live period, oldest first.
pub async fn samples(executor: impl AnyExecutor<'_>, stream_id: &str, limit: i64) -> Result<Vec<Sample>, Error> {
    let mut rows: Vec<SampleColumns> = sqlx::query_as(
        "select at_ms, video_bitrate_bps, audio_bitrate_bps, frame_rate, keyframe_interval_ms, viewers
         from broadcast_samples where stream_id = $1 order by at_ms desc limit $2",
    )
    .bind(stream_id)
    .bind(limit)
    .fetch_all(executor)
    .await?;
    rows.reverse();
    let sample = |(at_ms, video_bitrate_bps, audio_bitrate_bps, frame_rate, keyframe_interval_ms, viewers)| Sample {
        at_ms,
        video_bitrate_bps,
        audio_bitrate_bps,
        frame_rate,
        keyframe_interval_ms,
        viewers,
    };
    Ok(rows.into_iter().map(sample).collect())
}

/// Drops samples and event ids older than a moment; returns how many.
pub async fn prune(connection: &mut AnyConnection, before_ms: i64) -> Result<u64, Error> {
    let samples = sqlx::query("delete from broadcast_samples where at_ms < $1")
        .bind(before_ms)
        .execute(&mut *connection)
        .await?;
    let events = sqlx::query("delete from broadcast_events where at_ms < $1")
        .bind(before_ms)
        .execute(connection)
        .await?;
    Ok(samples.rows_affected() + events.rows_affected())
}

/// The newest broadcast of each channel; one on air comes before all others.
pub async fn latest_of(
    executor: impl AnyExecutor<'_>,
    channel_arns: &[&str],
) -> Result<HashMap<String, Broadcast>, Error> {
    let places: Vec<String> = (1..=channel_arns.len()).map(|place| format!("${place}")).collect();
    // The text consists of constants and numbers only.
    let text = format!(
        "select channel_arn, stream_id, started_at_ms, ended_at_ms, end_cause, health, health_at_ms, viewers, peak_viewers, changed_at_ms
         from broadcasts b where channel_arn in ({}) and (ended_at_ms is null
             or started_at_ms = (select max(started_at_ms) from broadcasts other where other.channel_arn = b.channel_arn))
         order by case when ended_at_ms is null then 1 else 0 end, started_at_ms, stream_id",
        places.join(", ")
    );
    let mut query = sqlx::query(AssertSqlSafe(text));
    for arn in channel_arns {
        query = query.bind(*arn);
    }
    // The best row of a channel comes last and stays.
    let rows = query.fetch_all(executor).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("channel_arn")?, read(row)?)))
        .collect()
}

fn read(row: &AnyRow) -> Result<Broadcast, Error> {
    let stream_id: String = row.try_get("stream_id")?;
    let cause: Option<String> = row.try_get("end_cause")?;
    let ended = match (row.try_get("ended_at_ms")?, cause.as_deref().and_then(EndCause::parse)) {
        (None, _) => None,
        (Some(at_ms), Some(cause)) => Some(Ended { at_ms, cause }),
        (Some(_), None) => {
            return Err(Error::internal(format_args!(
                "broadcast {stream_id} ended for an unknown cause"
            )));
        }
    };
    Ok(Broadcast {
        stream_id,
        started_at_ms: row.try_get("started_at_ms")?,
        ended,
        health: Health::parse(row.try_get("health")?),
        health_at_ms: row.try_get("health_at_ms")?,
        viewers: row.try_get("viewers")?,
        peak_viewers: row.try_get("peak_viewers")?,
        changed_at_ms: row.try_get("changed_at_ms")?,
    })
}
