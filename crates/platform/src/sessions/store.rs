//! SQL of sessions.

use std::collections::HashMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, AnyExecutor, AssertSqlSafe, Row as _};

use super::model::{EndCause, Ended, Session, Status, Streaming};
use super::view::{ChannelFacts, Publisher, Row};
use crate::Error;

/// Id, first and last moment on air, whether it is on air, and for how long it was.
type Shown = (String, i64, Option<i64>, i64, i64);

/// The columns that [`read`] reads; a macro so that every statement stays one literal.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select s.id, s.channel_id, s.host_user_id, s.show_id, s.episode_id, s.created_at_ms, s.updated_at_ms, ",
            "s.ended_at_ms, s.end_cause, s.ended_by, s.publisher, c.name as channel_name, c.arn, c.playback_url, ",
            "c.ingest_endpoint, case when c.claim_id = s.id then c.claim_lease_ms else null end as lease_until_ms ",
            "from sessions s join channels c on c.id = s.channel_id ",
            $rest
        )
    };
}

/// Which sessions are listed.
pub(super) struct Narrow<'a> {
    pub(super) host_user_id: Option<&'a str>,
    pub(super) channel_id: Option<&'a str>,
    pub(super) status: Option<Status>,
    /// Only those that are older than the one of this id.
    pub(super) before_id: Option<&'a str>,
}

/// Adds a session.
pub(super) async fn insert(connection: &mut AnyConnection, session: &Session) -> Result<(), Error> {
    sqlx::query(
        "insert into sessions (id, channel_id, host_user_id, show_id, episode_id, created_at_ms, updated_at_ms)
         values ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&session.id)
    .bind(&session.channel_id)
    .bind(&session.host_user_id)
    .bind(&session.show_id)
    .bind(session.episode_id.as_deref())
    .bind(session.created_at_ms)
    .bind(session.updated_at_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Ends a session. False when it is over already.
pub(super) async fn end(
    connection: &mut AnyConnection,
    id: &str,
    ended: &Ended,
    publisher: &Publisher,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "update sessions set ended_at_ms = $1, end_cause = $2, ended_by = $3, publisher = $4, updated_at_ms = $1
         where id = $5 and ended_at_ms is null",
    )
    .bind(ended.at_ms)
    .bind(ended.cause.as_str())
    .bind(ended.by.as_deref())
    .bind(publisher.to_text())
    .bind(id)
    .execute(connection)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// One session.
pub(super) async fn find(executor: impl AnyExecutor<'_>, id: &str) -> Result<Option<Row>, Error> {
    let row = sqlx::query(select!("where s.id = $1"))
        .bind(id)
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(read).transpose()
}

/// The session that runs on a channel.
pub(super) async fn active_on(executor: impl AnyExecutor<'_>, channel_id: &str) -> Result<Option<Row>, Error> {
    let row = sqlx::query(select!("where s.channel_id = $1 and s.ended_at_ms is null"))
        .bind(channel_id)
        .fetch_optional(executor)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Sessions, newest first.
pub(super) async fn list(executor: impl AnyExecutor<'_>, narrow: &Narrow<'_>, limit: i64) -> Result<Vec<Row>, Error> {
    let rows = sqlx::query(select!(
        "where ($1 is null or s.host_user_id = $1) and ($2 is null or s.channel_id = $2) and ($3 is null or s.id < $3)
             and ($4 is null or $4 = case when s.ended_at_ms is null then 'ACTIVE' else 'ENDED' end)
         order by s.id desc limit $5"
    ))
    .bind(narrow.host_user_id)
    .bind(narrow.channel_id)
    .bind(narrow.before_id)
    .bind(narrow.status.map(Status::as_str))
    .bind(limit)
    .fetch_all(executor)
    .await?;
    rows.iter().map(read).collect()
}

/// What each of these sessions has shown, with one statement; those that showed nothing are missing.
pub(super) async fn streaming(
    executor: impl AnyExecutor<'_>,
    session_ids: &[&str],
    now_ms: i64,
) -> Result<HashMap<String, Streaming>, Error> {
    if session_ids.is_empty() {
        return Ok(HashMap::new());
    }
    let places: Vec<String> = (2..=session_ids.len() + 1).map(|place| format!("${place}")).collect();
    // The text consists of constants and numbers only. An on-air period counts from when both it and the session had begun
    // until one of them was over, or until now.
    let text = format!(
        "select id, min(from_ms), max(case when is_live = 1 then null else to_ms end), cast(max(is_live) as bigint),
             cast(sum(case when to_ms > from_ms then to_ms - from_ms else 0 end) as bigint)
         from (
             select s.id,
                 case when b.started_at_ms > s.created_at_ms then b.started_at_ms else s.created_at_ms end as from_ms,
                 case when b.ended_at_ms <= coalesce(s.ended_at_ms, b.ended_at_ms) then b.ended_at_ms
                     else coalesce(s.ended_at_ms, $1) end as to_ms,
                 case when b.ended_at_ms is null and s.ended_at_ms is null then 1 else 0 end as is_live
             from sessions s join channels c on c.id = s.channel_id join broadcasts b on b.channel_arn = c.arn
             where s.id in ({}) and b.started_at_ms <= coalesce(s.ended_at_ms, b.started_at_ms)
                 and (b.ended_at_ms is null or b.ended_at_ms > s.created_at_ms)
         ) shown group by id",
        places.join(", ")
    );
    let mut query = sqlx::query_as::<_, Shown>(AssertSqlSafe(text)).bind(now_ms);
    for id in session_ids {
        query = query.bind(*id);
    }
    let rows = query.fetch_all(executor).await?;
    let shown = |(id, started_at_ms, last_at_ms, is_live, on_air_ms): Shown| {
        let streaming = Streaming {
            is_live: is_live == 1,
            started_at_ms: Some(started_at_ms),
            last_at_ms: last_at_ms.filter(|_| is_live == 0),
            on_air_ms,
        };
        (id, streaming)
    };
    Ok(rows.into_iter().map(shown).collect())
}

fn read(row: &AnyRow) -> Result<Row, Error> {
    let id: String = row.try_get("id")?;
    let cause: Option<String> = row.try_get("end_cause")?;
    let ended = match (row.try_get("ended_at_ms")?, cause.as_deref().and_then(EndCause::parse)) {
        (None, _) => None,
        (Some(at_ms), Some(cause)) => Some(Ended {
            at_ms,
            cause,
            by: row.try_get("ended_by")?,
        }),
        (Some(_), None) => {
            return Err(Error::internal(format_args!("session {id} ended for an unknown cause")));
        }
    };
    Ok(Row {
        session: Session {
            id,
            host_user_id: row.try_get("host_user_id")?,
            show_id: row.try_get("show_id")?,
            episode_id: row.try_get("episode_id")?,
            channel_id: row.try_get("channel_id")?,
            created_at_ms: row.try_get("created_at_ms")?,
            updated_at_ms: row.try_get("updated_at_ms")?,
            ended,
        },
        channel: ChannelFacts {
            name: row.try_get("channel_name")?,
            arn: row.try_get("arn")?,
            playback_url: row.try_get("playback_url")?,
            ingest_endpoint: row.try_get("ingest_endpoint")?,
        },
        lease_until_ms: row.try_get("lease_until_ms")?,
        publisher: Publisher::of_text(row.try_get::<Option<String>, _>("publisher")?.as_deref()),
    })
}
