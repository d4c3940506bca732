//! Who did what to which thing when. Lines are never changed, and removed after 400 days only.

use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;

use crate::jobs::{Job, JobError, Outcome};
use crate::{Caller, Environment, Error, Page, Platform, id};

/// One line of the audit.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// Who did it.
    pub actor: &'a Caller,
    /// What was done, as `area.verb` (`accounts.login_failed`).
    pub action: &'static str,
    /// What it was done to, as `kind:id`.
    pub target: &'a str,
    /// More words for the reader; never a secret.
    pub detail: Option<&'a str>,
}

/// A line as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, epoch ms.
    pub at_ms: i64,
    /// `account:{id}`, `service:{id}`, `system` or `anonymous`.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// What it was done to.
    pub target: String,
    /// More words for the reader.
    pub detail: Option<String>,
}

/// Lines in one answer at most.
const LINES_MAX: i64 = 100;
/// How long a line is kept: a year and a month, so that a yearly review sees all of its year.
const KEPT_MS: i64 = 400 * 24 * 3600 * 1000;
/// Pause between two prunings.
const PRUNE_EVERY_MS: i64 = 24 * 3600 * 1000;
/// Lines that one step of pruning removes: it shares the writer with everybody.
const PRUNE_LINES: u64 = 5_000;

/// Removes lines that are older than [`KEPT_MS`].
#[derive(Serialize, Deserialize)]
pub(crate) struct PruneAudit {}

impl Job for PruneAudit {
    const NAME: &'static str = "audit.prune";

    fn key(&self) -> String {
        String::new()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let now_ms = platform.environment().now_ms();
        let mut tx = platform.db().begin().await?;
        let removed = remove_before(tx.conn(), now_ms - KEPT_MS).await?;
        tx.commit().await?;
        let is_done = removed < PRUNE_LINES;
        Ok(Outcome::Again {
            run_at_ms: if is_done { now_ms + PRUNE_EVERY_MS } else { now_ms },
        })
    }
}

/// Removes the oldest lines from before `before_ms`, at most [`PRUNE_LINES`]; returns how many. Ids sort by time.
async fn remove_before(connection: &mut AnyConnection, before_ms: i64) -> Result<u64, Error> {
    let done = sqlx::query("delete from audit where id in (select id from audit where id < $1 order by id limit $2)")
        .bind(id::new(before_ms, [0; 10]))
        .bind(i64::try_from(PRUNE_LINES).unwrap_or(i64::MAX))
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Adds a line; operations use [`crate::db::Tx::audit`], so that the line is committed with what it tells of.
pub(crate) async fn append(
    connection: &mut AnyConnection,
    environment: &Environment,
    entry: Entry<'_>,
) -> Result<(), Error> {
    let now_ms = environment.now_ms();
    sqlx::query("insert into audit (id, at_ms, actor, action, target, detail) values ($1, $2, $3, $4, $5, $6)")
        .bind(id::new(now_ms, environment.random_bytes()))
        .bind(now_ms)
        .bind(actor(entry.actor))
        .bind(entry.action)
        .bind(entry.target)
        .bind(entry.detail)
        .execute(connection)
        .await?;
    Ok(())
}

/// The newest lines about `target`, newest first, at most a hundred.
pub async fn about(db: &crate::db::Db, target: &str) -> Result<Vec<Line>, Error> {
    let mut snapshot = db.snapshot().await?;
    before(snapshot.conn(), target, i64::MAX, LINES_MAX).await
}

/// Lines about `target` from before a moment, newest first.
pub(crate) async fn before(
    connection: &mut AnyConnection,
    target: &str,
    before_ms: i64,
    limit: i64,
) -> Result<Vec<Line>, Error> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select at_ms, actor, action, target, detail from audit where target = $1 and at_ms < $2 \
         order by at_ms desc, id desc limit $3",
    )
    .bind(target)
    .bind(before_ms)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Line::from).collect())
}

/// Lines about `target`, newest first.
pub(crate) async fn page(connection: &mut AnyConnection, target: &str, page: Page) -> Result<Vec<Line>, Error> {
    let rows: Vec<Columns> = sqlx::query_as(
        "select at_ms, actor, action, target, detail from audit where target = $1 \
         order by at_ms desc, id desc limit $2 offset $3",
    )
    .bind(target)
    .bind(page.limit)
    .bind(page.offset)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Line::from).collect())
}

/// How many lines there are about `target`.
pub(crate) async fn count(connection: &mut AnyConnection, target: &str) -> Result<i64, Error> {
    let count = sqlx::query_scalar("select count(*) from audit where target = $1").bind(target);
    Ok(count.fetch_one(connection).await?)
}

type Columns = (i64, String, String, String, Option<String>);

impl From<Columns> for Line {
    fn from((at_ms, actor, action, target, detail): Columns) -> Self {
        Self {
            at_ms,
            actor,
            action,
            target,
            detail,
        }
    }
}

fn actor(caller: &Caller) -> String {
    match caller {
        Caller::Anonymous => "anonymous".to_owned(),
        Caller::Account { id, .. } => format!("account:{id}"),
        Caller::Service { id, .. } => format!("service:{id}"),
        Caller::System => "system".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::on_both_databases;
    use crate::testing::{Clock, Database};

    on_both_databases!(lines_are_kept_for_400_days);

    async fn lines_are_kept_for_400_days(database: Database) {
        let clock = Clock::new();
        let platform = database.platform(&clock).await;
        for action in ["test.first", "test.second"] {
            let mut tx = platform.db().begin().await.unwrap();
            let entry = Entry {
                actor: &Caller::System,
                action,
                target: "thing:1",
                detail: None,
            };
            tx.audit(entry).await.unwrap();
            tx.commit().await.unwrap();
            clock.advance_ms(1);
        }
        let left = async || {
            PruneAudit {}.run(&platform).await.unwrap();
            about(platform.db(), "thing:1").await.unwrap().len()
        };
        clock.advance_ms(KEPT_MS - 2);
        assert_eq!(left().await, 2);
        clock.advance_ms(1);
        assert_eq!(left().await, 1);
        clock.advance_ms(1);
        assert_eq!(left().await, 0);
    }
}
