//! Rows of `stream_sessions` and `stream_events`.

use serde_json::Value;
use sqlx::Row as _;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::error::Error;

use super::corrupt;

/// AWS's limit on `truncatedEvents`; older ones are dropped.
const EVENTS_MAX: i64 = 500;

/// One live period as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Session {
    /// Row number; later sessions have higher ones.
    pub seq: i64,
    /// `st-…`
    pub stream_id: String,
    /// The channel it belongs to.
    pub channel_arn: String,
    /// The channel as it was when the key was accepted, as on the wire.
    pub channel: Value,
    /// `ingestConfiguration` and `ingestConfigurations`, as on the wire.
    pub ingest: Option<Value>,
    /// When the key was accepted.
    pub created_at_ms: i64,
    /// When the first part could be played.
    pub started_at_ms: Option<i64>,
    /// When the encoder was gone for good.
    pub disconnected_at_ms: Option<i64>,
    /// When the playlist ended.
    pub ended_at_ms: Option<i64>,
    /// Whether it failed.
    pub has_error: bool,
}

/// One fact of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Detail type of the event, for instance `IVS Stream State Change`.
    pub event_type: String,
    /// Its name, for instance `Stream Start`.
    pub name: String,
    /// Why, for failures.
    pub code: Option<String>,
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: i64,
}

/// A column that is set once: the first value stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// `started_at_ms`
    Started,
    /// `disconnected_at_ms`
    Disconnected,
    /// `ended_at_ms`
    Ended,
}

/// Adds a session. False when this stream id is known already.
pub async fn insert(
    connection: &mut SqliteConnection,
    stream_id: &str,
    channel_arn: &str,
    channel: &Value,
    at_ms: i64,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "insert into stream_sessions (stream_id, channel_arn, channel, created_at_ms) values ($1, $2, $3, $4)
         on conflict (stream_id) do nothing",
    )
    .bind(stream_id)
    .bind(channel_arn)
    .bind(channel.to_string())
    .bind(at_ms)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes a moment. False when it was set before, or the session does not exist.
pub async fn mark(
    connection: &mut SqliteConnection,
    stream_id: &str,
    moment: Moment,
    at_ms: i64,
) -> Result<bool, Error> {
    let text = match moment {
        Moment::Started => {
            "update stream_sessions set started_at_ms = $2 where stream_id = $1 and started_at_ms is null"
        }
        Moment::Disconnected => {
            "update stream_sessions set disconnected_at_ms = $2 where stream_id = $1 and disconnected_at_ms is null"
        }
        Moment::Ended => "update stream_sessions set ended_at_ms = $2 where stream_id = $1 and ended_at_ms is null",
    };
    let done = sqlx::query(text)
        .bind(stream_id)
        .bind(at_ms)
        .execute(connection)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Writes what the encoder sends.
pub async fn set_ingest(connection: &mut SqliteConnection, stream_id: &str, ingest: &Value) -> Result<(), Error> {
    sqlx::query("update stream_sessions set ingest = $2 where stream_id = $1")
        .bind(stream_id)
        .bind(ingest.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that the session failed.
pub async fn set_error(connection: &mut SqliteConnection, stream_id: &str) -> Result<(), Error> {
    sqlx::query("update stream_sessions set has_error = 1 where stream_id = $1")
        .bind(stream_id)
        .execute(connection)
        .await?;
    Ok(())
}

/// The session of a stream id.
pub async fn find(connection: &mut SqliteConnection, stream_id: &str) -> Result<Option<Session>, Error> {
    let row = sqlx::query("select * from stream_sessions where stream_id = $1")
        .bind(stream_id)
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(session).transpose()
}

/// Sessions of a channel, newest first, before row `before`.
pub async fn list(
    connection: &mut SqliteConnection,
    channel_arn: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<Session>, Error> {
    let rows =
        sqlx::query("select * from stream_sessions where channel_arn = $1 and seq < $2 order by seq desc limit $3")
            .bind(channel_arn)
            .bind(before)
            .bind(limit)
            .fetch_all(connection)
            .await?;
    rows.iter().map(session).collect()
}

/// Sessions without an end, oldest first.
pub async fn open(connection: &mut SqliteConnection) -> Result<Vec<Session>, Error> {
    let rows = sqlx::query("select * from stream_sessions where ended_at_ms is null order by seq")
        .fetch_all(connection)
        .await?;
    rows.iter().map(session).collect()
}

/// Adds a fact and drops the oldest beyond AWS's limit.
pub async fn append_fact(connection: &mut SqliteConnection, stream_id: &str, fact: &Fact) -> Result<(), Error> {
    sqlx::query("insert into stream_events (stream_id, type, name, code, at_ms) values ($1, $2, $3, $4, $5)")
        .bind(stream_id)
        .bind(&fact.event_type)
        .bind(&fact.name)
        .bind(&fact.code)
        .bind(fact.at_ms)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "delete from stream_events where seq in (
             select seq from stream_events where stream_id = $1 order by seq desc limit -1 offset $2)",
    )
    .bind(stream_id)
    .bind(EVENTS_MAX)
    .execute(connection)
    .await?;
    Ok(())
}

/// Facts of a session, newest first.
pub async fn facts(connection: &mut SqliteConnection, stream_id: &str) -> Result<Vec<Fact>, Error> {
    let rows: Vec<(String, String, Option<String>, i64)> =
        sqlx::query_as("select type, name, code, at_ms from stream_events where stream_id = $1 order by seq desc")
            .bind(stream_id)
            .fetch_all(connection)
            .await?;
    let fact = |(event_type, name, code, at_ms)| Fact {
        event_type,
        name,
        code,
        at_ms,
    };
    Ok(rows.into_iter().map(fact).collect())
}

/// Removes sessions that ended before a time, with their facts. Says how many.
pub async fn delete_ended_before(connection: &mut SqliteConnection, at_ms: i64) -> Result<u64, Error> {
    let done = sqlx::query("delete from stream_sessions where ended_at_ms < $1")
        .bind(at_ms)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Notes that the server was up at a time.
pub async fn set_alive(connection: &mut SqliteConnection, at_ms: i64) -> Result<(), Error> {
    sqlx::query(
        "insert into meta (name, value) values ('alive_at_ms', $1) on conflict (name) do update set value = excluded.value",
    )
    .bind(at_ms.to_be_bytes().to_vec())
    .execute(connection)
    .await?;
    Ok(())
}

/// When the server was last known to be up.
pub async fn alive(connection: &mut SqliteConnection) -> Result<Option<i64>, Error> {
    let value: Option<Vec<u8>> = sqlx::query_scalar("select value from meta where name = 'alive_at_ms'")
        .fetch_optional(connection)
        .await?;
    Ok(value.and_then(|bytes| Some(i64::from_be_bytes(bytes.try_into().ok()?))))
}

fn session(row: &SqliteRow) -> Result<Session, Error> {
    let stream_id: String = row.try_get("stream_id")?;
    let json = |column: &str, text: Option<String>| {
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|cause| corrupt(&format!("{column} of stream session {stream_id}"), cause))
    };
    Ok(Session {
        seq: row.try_get("seq")?,
        channel_arn: row.try_get("channel_arn")?,
        channel: json("channel", row.try_get("channel")?)?.unwrap_or_default(),
        ingest: json("ingest", row.try_get("ingest")?)?,
        created_at_ms: row.try_get("created_at_ms")?,
        started_at_ms: row.try_get("started_at_ms")?,
        disconnected_at_ms: row.try_get("disconnected_at_ms")?,
        ended_at_ms: row.try_get("ended_at_ms")?,
        has_error: row.try_get::<i64, _>("has_error")? != 0,
        stream_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn a_session_keeps_its_newest_five_hundred_facts() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("ivs.sqlite3")).await.unwrap();
        let mut write = store.write().await.unwrap();
        insert(write.connection(), "st-a", "arn", &Value::Null, 0)
            .await
            .unwrap();
        for at_ms in 0..=EVENTS_MAX {
            let fact = Fact {
                event_type: String::new(),
                name: String::new(),
                code: None,
                at_ms,
            };
            append_fact(write.connection(), "st-a", &fact).await.unwrap();
        }
        let kept = facts(write.connection(), "st-a").await.unwrap();
        assert_eq!((kept.len(), kept[0].at_ms, kept[499].at_ms), (500, 500, 1));
    }
}
