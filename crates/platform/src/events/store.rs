//! The log of events.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use sqlx::{AnyConnection, AnyExecutor, Row as _};

use super::{Draft, Event};
use crate::Error;
use crate::db::{Db, Params, Row, insert_rows, insert_rows_returning};

/// Events that one step of pruning removes per topic, and topics it looks at: it shares the writer with everybody.
const PRUNE_EVENTS: i64 = 5_000;
const PRUNE_TOPICS: i64 = 100;

/// Numbers the drafts and writes them, one statement for all numbers and one for all events. The rows of `topics` stay locked until the commit, which
/// is what makes the numbers gapless and their order the order of commits.
pub(crate) async fn append(
    connection: &mut AnyConnection,
    drafts: BTreeMap<String, Vec<Draft>>,
    at_ms: i64,
) -> Result<Vec<Arc<Event>>, Error> {
    let last = advance(connection, &drafts).await?;
    let mut events = Vec::with_capacity(drafts.values().map(Vec::len).sum());
    for (topic, drafts) in drafts {
        let last = *last
            .get(&topic)
            .ok_or_else(|| Error::internal(format_args!("topic {topic} was not counted")))?;
        let numbered = drafts.into_iter().rev().zip((1..=last).rev()).map(|(draft, seq)| {
            let kind = draft.kind.to_owned();
            Arc::new(Event {
                topic: topic.clone(),
                seq,
                kind,
                payload: draft.payload,
                at_ms,
            })
        });
        let first = events.len();
        events.extend(numbered);
        events[first..].reverse();
    }
    insert_rows(
        connection,
        "insert into events (topic, seq, kind, payload, at_ms) values",
        &events,
        "",
    )
    .await?;
    Ok(events)
}

/// Counts the drafts of each topic, in the order of the topics' names; returns the number of each topic's last.
async fn advance(
    connection: &mut AnyConnection,
    drafts: &BTreeMap<String, Vec<Draft>>,
) -> Result<HashMap<String, i64>, Error> {
    let counts: Vec<Count<'_>> = drafts
        .iter()
        .map(|(topic, drafts)| Count(topic, i64::try_from(drafts.len()).unwrap_or(i64::MAX)))
        .collect();
    let rows = insert_rows_returning(
        connection,
        "insert into topics (topic, seq) values",
        &counts,
        "on conflict (topic) do update set seq = topics.seq + excluded.seq returning topic, seq",
    )
    .await?;
    rows.iter()
        .map(|row| Ok((row.try_get("topic")?, row.try_get("seq")?)))
        .collect()
}

/// A topic and how many events it gets.
struct Count<'a>(&'a str, i64);

impl Row for Count<'_> {
    const COLUMNS: usize = 2;

    fn bind<'q>(&'q self, query: Params<'q>) -> Params<'q> {
        query.bind(self.0).bind(self.1)
    }
}

/// Number of the newest event of `topic`, 0 when there is none.
pub async fn last_seq(on: impl AnyExecutor<'_>, topic: &str) -> Result<i64, Error> {
    Ok(range(on, topic).await?.0)
}

/// Numbers of the newest event and of the newest pruned one.
pub(super) async fn range(on: impl AnyExecutor<'_>, topic: &str) -> Result<(i64, i64), Error> {
    let row: Option<(i64, i64)> = sqlx::query_as("select seq, pruned_seq from topics where topic = $1")
        .bind(topic)
        .fetch_optional(on)
        .await?;
    Ok(row.unwrap_or((0, 0)))
}

/// At most `limit` events after number `after`, in order.
pub(super) async fn after(
    on: impl AnyExecutor<'_>,
    topic: &str,
    after: i64,
    limit: i64,
) -> Result<Vec<Arc<Event>>, Error> {
    let rows: Vec<(i64, String, String, i64)> = sqlx::query_as(
        "select seq, kind, payload, at_ms from events where topic = $1 and seq > $2 order by seq limit $3",
    )
    .bind(topic)
    .bind(after)
    .bind(limit)
    .fetch_all(on)
    .await?;
    let event = |(seq, kind, payload, at_ms)| {
        Arc::new(Event {
            topic: topic.to_owned(),
            seq,
            kind,
            payload,
            at_ms,
        })
    };
    Ok(rows.into_iter().map(event).collect())
}

/// Removes a bounded number of events older than `before_ms`; true when none are left.
pub(super) async fn prune(db: &Db, before_ms: i64) -> Result<bool, Error> {
    let mut tx = db.begin().await?;
    let old: Vec<(String, i64, i64)> = sqlx::query_as(
        "select e.topic, t.pruned_seq, max(e.seq) from events e join topics t on t.topic = e.topic \
         where e.at_ms < $1 group by e.topic, t.pruned_seq order by e.topic limit $2",
    )
    .bind(before_ms)
    .bind(PRUNE_TOPICS)
    .fetch_all(tx.conn())
    .await?;
    let mut is_done = i64::try_from(old.len()).unwrap_or(i64::MAX) < PRUNE_TOPICS;
    for (topic, pruned_seq, last) in old {
        let until = last.min(pruned_seq + PRUNE_EVENTS);
        is_done &= until == last;
        sqlx::query("delete from events where topic = $1 and seq <= $2")
            .bind(&topic)
            .bind(until)
            .execute(tx.conn())
            .await?;
        sqlx::query("update topics set pruned_seq = $2 where topic = $1")
            .bind(&topic)
            .bind(until)
            .execute(tx.conn())
            .await?;
    }
    tx.commit().await?;
    Ok(is_done)
}
