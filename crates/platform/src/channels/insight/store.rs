//! SQL of what happened on a channel.

use std::collections::HashMap;

use sqlx::{AnyConnection, AssertSqlSafe};

use crate::Error;
use crate::audit::{self, Line};
use crate::broadcasts::{self, Broadcast};
use crate::channels::Channel;
use crate::channels::store::{read, select};
use crate::db::{list, padded};

/// Channels in service that are claimed by a session and on air, the most watched first.
pub(super) async fn on_air_in_session(connection: &mut AnyConnection, limit: i64) -> Result<Vec<Channel>, Error> {
    let rows = sqlx::query(select!(
        "join broadcasts b on b.channel_arn = c.arn and b.ended_at_ms is null
         where c.deleted_at_ms is null and c.disabled_at_ms is null and c.claim_kind = 'session'
         order by b.viewers desc, c.id limit $1"
    ))
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.iter().map(read).collect()
}

/// The raw material of a timeline, each newest first and all before the same moment.
pub(super) struct Rows {
    pub(super) broadcasts: Vec<Broadcast>,
    pub(super) uses: Vec<Use>,
    pub(super) audit: Vec<Line>,
    /// Moment and payload of events about the video, newest first.
    pub(super) video: Vec<(i64, String)>,
}

/// One session's use of the channel.
pub(super) struct Use {
    pub(super) claim_id: String,
    pub(super) since_ms: i64,
    pub(super) until_ms: Option<i64>,
}

/// Characters of an id of ours.
const ID_LEN: usize = 36;
/// Events that are looked at for interruptions: most are about viewers.
const EVENTS_MAX: i64 = 1000;

pub(super) async fn rows(
    connection: &mut AnyConnection,
    channel: &Channel,
    before_ms: i64,
    limit: i64,
) -> Result<Rows, Error> {
    let topic = crate::channels::topic(&channel.id);
    Ok(Rows {
        broadcasts: broadcasts::store::begun_before(&mut *connection, &channel.arn, before_ms, limit).await?,
        uses: uses(connection, &channel.id, before_ms, limit).await?,
        audit: audit::before(connection, &topic, before_ms, limit).await?,
        video: sqlx::query_as(
            "select at_ms, payload from events where topic = $1 and kind = 'video_update' and at_ms < $2 \
             order by seq desc limit $3",
        )
        .bind(&topic)
        .bind(before_ms)
        .bind(EVENTS_MAX)
        .fetch_all(&mut *connection)
        .await?,
    })
}

async fn uses(connection: &mut AnyConnection, channel_id: &str, before_ms: i64, limit: i64) -> Result<Vec<Use>, Error> {
    let rows: Vec<(String, i64, Option<i64>)> = sqlx::query_as(
        "select claim_id, since_ms, until_ms from channel_uses where channel_id = $1 and since_ms < $2 \
         order by since_ms desc limit $3",
    )
    .bind(channel_id)
    .bind(before_ms)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    let row = |(claim_id, since_ms, until_ms)| Use {
        claim_id,
        since_ms,
        until_ms,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// The names of those of `ids` that are accounts, by the word of the audit (`account:{id}`).
pub(super) async fn names(
    connection: &mut AnyConnection,
    mut ids: Vec<&str>,
) -> Result<HashMap<String, String>, Error> {
    ids.retain(|id| id.len() == ID_LEN);
    ids.sort_unstable();
    ids.dedup();
    let mut names = HashMap::new();
    for ids in ids.chunks(usize::try_from(crate::page::LIMIT_MAX).unwrap_or(100)) {
        let text = format!(
            "select id, name from accounts where id in {}",
            list(connection, ids.len())
        );
        let mut query = sqlx::query_as(AssertSqlSafe(text));
        for id in padded(ids) {
            query = query.bind(*id);
        }
        let rows: Vec<(String, String)> = query.fetch_all(&mut *connection).await?;
        names.extend(rows.into_iter().map(|(id, name)| (format!("account:{id}"), name)));
    }
    Ok(names)
}
