//! The table of jobs. The claim is the one statement with two texts.

use sqlx::{AnyConnection, AnyExecutor};

use super::Job;
use crate::Error;
use crate::db::{Backend, Db, Params, Row, insert_rows};

/// A job as it is written.
pub(crate) struct Planned {
    name: &'static str,
    key: String,
    payload: String,
}

/// A job that this worker holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claimed {
    pub(super) name: String,
    pub(super) key: String,
    pub(super) payload: String,
    /// Attempts including this one.
    pub(super) attempts: i64,
    generation: i64,
}

/// What becomes of a claimed job.
pub(super) enum Next<'a> {
    Remove,
    RunAt(i64),
    RetryAt { run_at_ms: i64, error: &'a str },
    GiveUp { now_ms: i64, error: &'a str },
}

/// Characters of a job's key at most: two ids and a word.
const KEY_CHARS_MAX: usize = 200;
/// Characters kept of an error's text.
const ERROR_CHARS_MAX: usize = 1000;

impl Planned {
    pub(crate) fn of<J: Job>(job: &J) -> Result<Self, Error> {
        let key = job.key();
        if key.len() > KEY_CHARS_MAX {
            return Err(Error::internal(format_args!("key of job {} is too long", J::NAME)));
        }
        let payload = serde_json::to_string(job).map_err(|e| Error::internal(format_args!("job {}: {e}", J::NAME)))?;
        Ok(Self {
            name: J::NAME,
            key,
            payload,
        })
    }
}

/// Plans or moves a job. A move starts the attempts anew and outlives the end of a run that is under way.
pub(crate) async fn put(
    connection: &mut AnyConnection,
    planned: &Planned,
    run_at_ms: i64,
    now_ms: i64,
) -> Result<(), Error> {
    let text = "insert into jobs (name, key, payload, run_at_ms, created_at_ms) values ($1, $2, $3, $4, $5) \
        on conflict (name, key) do update set payload = excluded.payload, run_at_ms = excluded.run_at_ms, \
        attempts = 0, generation = jobs.generation + 1, last_error = null, failed_at_ms = null";
    insert(connection, text, planned, run_at_ms, now_ms).await
}

/// Plans a job for `run_at_ms` at the latest: one that waits for an earlier time stays as it is. One that runs may have
/// begun before what this transaction changes, so it runs again; one that was given up is planned anew.
pub(crate) async fn put_no_later(
    connection: &mut AnyConnection,
    planned: &Planned,
    run_at_ms: i64,
    now_ms: i64,
) -> Result<(), Error> {
    put_all_no_later(connection, std::slice::from_ref(planned), run_at_ms, now_ms).await
}

/// Plans many jobs as [`put_no_later`] does, in few statements.
pub(crate) async fn put_all_no_later(
    connection: &mut AnyConnection,
    planned: &[Planned],
    run_at_ms: i64,
    now_ms: i64,
) -> Result<(), Error> {
    let rows: Vec<_> = planned
        .iter()
        .map(|planned| PlannedAt(planned, run_at_ms, now_ms))
        .collect();
    insert_rows(
        connection,
        "insert into jobs (name, key, payload, run_at_ms, created_at_ms) values",
        &rows,
        "on conflict (name, key) do update set payload = excluded.payload, run_at_ms = excluded.run_at_ms, \
         attempts = 0, generation = jobs.generation + 1, last_error = null, failed_at_ms = null \
         where jobs.run_at_ms > excluded.run_at_ms or jobs.lease_owner is not null or jobs.failed_at_ms is not null",
    )
    .await?;
    Ok(())
}

/// A job, when it runs, and when it was planned.
struct PlannedAt<'a>(&'a Planned, i64, i64);

impl Row for PlannedAt<'_> {
    const COLUMNS: usize = 5;

    fn bind<'q>(&'q self, query: Params<'q>) -> Params<'q> {
        let Planned { name, key, payload } = self.0;
        query
            .bind(*name)
            .bind(&**key)
            .bind(&**payload)
            .bind(self.1)
            .bind(self.2)
    }
}

async fn insert(
    connection: &mut AnyConnection,
    text: &'static str,
    planned: &Planned,
    run_at_ms: i64,
    now_ms: i64,
) -> Result<(), Error> {
    sqlx::query(text)
        .bind(planned.name)
        .bind(&planned.key)
        .bind(&planned.payload)
        .bind(run_at_ms)
        .bind(now_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes a planned job.
pub(crate) async fn remove(connection: &mut AnyConnection, name: &str, key: &str) -> Result<(), Error> {
    sqlx::query("delete from jobs where name = $1 and key = $2")
        .bind(name)
        .bind(key)
        .execute(connection)
        .await?;
    Ok(())
}

/// Removes jobs that were given up before `before_ms`.
pub(super) async fn remove_given_up(connection: &mut AnyConnection, before_ms: i64) -> Result<(), Error> {
    sqlx::query("delete from jobs where failed_at_ms < $1")
        .bind(before_ms)
        .execute(connection)
        .await?;
    Ok(())
}

/// On SQLite, where we are the only process, every lease found at start belongs to a dead one.
pub(crate) async fn release_orphans(backend: Backend, connection: &mut AnyConnection) -> Result<(), Error> {
    if backend == Backend::Sqlite {
        sqlx::query("update jobs set lease_owner = null, lease_until_ms = null where lease_owner is not null")
            .execute(connection)
            .await?;
    }
    Ok(())
}

/// When the next job is due, epoch ms: planned, or left by a worker whose lease ends.
pub(super) async fn next_due(on: impl AnyExecutor<'_>) -> Result<Option<i64>, Error> {
    let (planned, leased): (Option<i64>, Option<i64>) = sqlx::query_as(
        "select (select min(run_at_ms) from jobs where failed_at_ms is null and lease_owner is null), \
         (select min(lease_until_ms) from jobs where lease_owner is not null)",
    )
    .fetch_one(on)
    .await?;
    Ok([planned, leased].into_iter().flatten().min())
}

/// Takes up to `limit` due jobs for `owner` until `lease_until_ms`, the most overdue first.
pub(super) async fn claim(
    db: &Db,
    owner: &str,
    now_ms: i64,
    lease_until_ms: i64,
    limit: i64,
) -> Result<Vec<Claimed>, Error> {
    let text = match db.backend() {
        Backend::Sqlite => {
            "with due as (select name, key from jobs \
             where run_at_ms <= $3 and failed_at_ms is null and lease_owner is null order by run_at_ms limit $4) \
             update jobs set lease_owner = $1, lease_until_ms = $2, attempts = jobs.attempts + 1 \
             from due where jobs.name = due.name and jobs.key = due.key \
             returning jobs.name, jobs.key, payload, attempts, generation"
        }
        Backend::Postgres => {
            "with due as materialized (select name, key from jobs \
             where run_at_ms <= $3 and failed_at_ms is null and lease_owner is null order by run_at_ms limit $4 \
             for update skip locked) \
             update jobs set lease_owner = $1, lease_until_ms = $2, attempts = jobs.attempts + 1 \
             from due where jobs.name = due.name and jobs.key = due.key \
             returning jobs.name, jobs.key, payload, attempts, generation"
        }
    };
    let mut tx = db.begin().await?;
    sqlx::query("update jobs set lease_owner = null, lease_until_ms = null where lease_until_ms <= $1 and lease_owner is not null")
        .bind(now_ms)
        .execute(tx.conn())
        .await?;
    let rows: Vec<(String, String, String, i64, i64)> = sqlx::query_as(text)
        .bind(owner)
        .bind(lease_until_ms)
        .bind(now_ms)
        .bind(limit)
        .fetch_all(tx.conn())
        .await?;
    tx.commit().await?;
    let claimed = |(name, key, payload, attempts, generation)| Claimed {
        name,
        key,
        payload,
        attempts,
        generation,
    };
    Ok(rows.into_iter().map(claimed).collect())
}

/// Lengthens every lease of `owners`.
pub(super) async fn renew(db: &Db, owners: &[String], lease_until_ms: i64) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    for owner in owners {
        sqlx::query("update jobs set lease_until_ms = $2 where lease_owner = $1")
            .bind(owner)
            .bind(lease_until_ms)
            .execute(tx.conn())
            .await?;
    }
    tx.commit().await
}

/// Ends `owner`'s hold on a job. One that was moved meanwhile keeps its new plan; one whose lease was lost is left alone.
pub(super) async fn finish(db: &Db, owner: &str, job: &Claimed, next: Next<'_>) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    let touched = match next {
        Next::Remove => remove_held(tx.conn(), owner, job).await?,
        Next::RunAt(run_at_ms) => {
            let plan = Plan {
                run_at_ms,
                ..Plan::default()
            };
            replan(tx.conn(), owner, job, plan).await?
        }
        Next::RetryAt { run_at_ms, error } => {
            let plan = Plan {
                run_at_ms,
                attempts: job.attempts,
                error: Some(error),
                failed_at_ms: None,
            };
            replan(tx.conn(), owner, job, plan).await?
        }
        Next::GiveUp { now_ms, error } => {
            let plan = Plan {
                run_at_ms: now_ms,
                attempts: job.attempts,
                error: Some(error),
                failed_at_ms: Some(now_ms),
            };
            replan(tx.conn(), owner, job, plan).await?
        }
    };
    if touched == 0 {
        release(tx.conn(), owner, job).await?;
    }
    tx.commit().await
}

/// Lets go of everything `owners` hold, so that others take it at once.
pub(super) async fn release_all(db: &Db, owners: &[String]) -> Result<(), Error> {
    let mut tx = db.begin().await?;
    for owner in owners {
        sqlx::query("update jobs set lease_owner = null, lease_until_ms = null where lease_owner = $1")
            .bind(owner)
            .execute(tx.conn())
            .await?;
    }
    tx.commit().await
}

#[derive(Default)]
struct Plan<'a> {
    run_at_ms: i64,
    attempts: i64,
    error: Option<&'a str>,
    failed_at_ms: Option<i64>,
}

async fn remove_held(connection: &mut AnyConnection, owner: &str, job: &Claimed) -> Result<u64, Error> {
    let text = "delete from jobs where name = $1 and key = $2 and lease_owner = $3 and generation = $4";
    let query = sqlx::query(text)
        .bind(&job.name)
        .bind(&job.key)
        .bind(owner)
        .bind(job.generation);
    Ok(query.execute(connection).await?.rows_affected())
}

async fn replan(connection: &mut AnyConnection, owner: &str, job: &Claimed, plan: Plan<'_>) -> Result<u64, Error> {
    let text = "update jobs set lease_owner = null, lease_until_ms = null, \
        run_at_ms = $5, attempts = $6, last_error = $7, failed_at_ms = $8 \
        where name = $1 and key = $2 and lease_owner = $3 and generation = $4";
    let error: Option<String> = plan.error.map(|error| error.chars().take(ERROR_CHARS_MAX).collect());
    let query = sqlx::query(text)
        .bind(&job.name)
        .bind(&job.key)
        .bind(owner)
        .bind(job.generation)
        .bind(plan.run_at_ms)
        .bind(plan.attempts)
        .bind(error)
        .bind(plan.failed_at_ms);
    Ok(query.execute(connection).await?.rows_affected())
}

async fn release(connection: &mut AnyConnection, owner: &str, job: &Claimed) -> Result<(), Error> {
    sqlx::query(
        "update jobs set lease_owner = null, lease_until_ms = null where name = $1 and key = $2 and lease_owner = $3",
    )
    .bind(&job.name)
    .bind(&job.key)
    .bind(owner)
    .execute(connection)
    .await?;
    Ok(())
}
