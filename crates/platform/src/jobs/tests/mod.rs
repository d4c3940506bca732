//! Stories of planned jobs, on both databases.

mod workers;

use std::collections::HashMap;
use std::sync::Mutex;

use serde::Deserialize;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::on_both_databases;
use crate::testing::{Clock, Database, run_due_jobs, ticking_environment};

on_both_databases!(
    a_job_exists_exactly_if_its_transaction_committed,
    planning_twice_moves,
    a_job_planned_no_later_runs_no_later,
    a_job_that_is_moved_while_it_runs_runs_again,
    failures_are_retried_with_growing_pauses,
    a_job_may_be_given_up,
    a_job_from_a_later_version_is_left_alone,
);

/// A job that does as it is told and notes what it did.
#[derive(Serialize, Deserialize)]
pub(super) struct Probe {
    id: String,
    script: Script,
}

#[derive(Serialize, Deserialize)]
enum Script {
    Succeed,
    /// Fails, then panics, then succeeds.
    Stumble,
    GiveUp,
    /// Plans itself anew at this time while it runs the first time.
    Move(i64),
    /// Takes this many ms.
    Take(u64),
    Hang,
}

#[derive(Default, Clone)]
struct Notes {
    runs: Vec<i64>,
    running: usize,
    running_max: usize,
}

static NOTES: Mutex<Option<HashMap<String, Notes>>> = Mutex::new(None);

fn note<T>(id: &str, change: impl FnOnce(&mut Notes) -> T) -> T {
    change(
        NOTES
            .lock()
            .unwrap()
            .get_or_insert_default()
            .entry(id.to_owned())
            .or_default(),
    )
}

fn runs(id: &str) -> Vec<i64> {
    note(id, |notes| notes.runs.clone())
}

impl Job for Probe {
    const NAME: &'static str = "test.probe";

    fn key(&self) -> String {
        self.id.clone()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let now_ms = platform.environment().now_ms();
        let run = note(&self.id, |notes| {
            notes.runs.push(now_ms);
            notes.running += 1;
            notes.running_max = notes.running_max.max(notes.running);
            notes.runs.len()
        });
        let result = self.act(platform, run).await;
        note(&self.id, |notes| notes.running -= 1);
        result
    }
}

impl Probe {
    pub(super) fn hanging(platform: &Platform) -> Self {
        probe(platform, Script::Hang)
    }

    async fn act(&self, platform: &Platform, run: usize) -> Result<Outcome, JobError> {
        match self.script {
            Script::Stumble if run == 1 => Err(JobError::Retry(Error::internal("stumbled"))),
            Script::Stumble if run == 2 => panic!("fell"),
            Script::GiveUp => Err(JobError::GiveUp(Error::internal("hopeless"))),
            Script::Move(at_ms) if run == 1 => {
                plan(
                    platform,
                    &Probe {
                        id: self.id.clone(),
                        script: Script::Succeed,
                    },
                    at_ms,
                )
                .await;
                Ok(Outcome::Done)
            }
            Script::Take(ms) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                Ok(Outcome::Done)
            }
            Script::Hang if run == 1 => std::future::pending().await,
            Script::Succeed | Script::Stumble | Script::Move(_) | Script::Hang => Ok(Outcome::Done),
        }
    }
}

/// Plans `job` for now and nothing else.
pub(super) async fn plan_alone(platform: &Platform, job: &Probe) {
    let mut tx = platform.db().begin().await.unwrap();
    sqlx::query("delete from jobs").execute(tx.conn()).await.unwrap();
    tx.enqueue(job, platform.environment().now_ms()).await.unwrap();
    tx.commit().await.unwrap();
}

async fn open(database: &Database) -> (Clock, Platform) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    // The recurring jobs of the areas are not what these stories count.
    let mut tx = platform.db().begin().await.unwrap();
    sqlx::query("delete from jobs").execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    (clock, platform)
}

fn probe(platform: &Platform, script: Script) -> Probe {
    Probe {
        id: platform.new_id(0),
        script,
    }
}

async fn plan(platform: &Platform, job: &Probe, run_at_ms: i64) {
    let mut tx = platform.db().begin().await.unwrap();
    tx.enqueue(job, run_at_ms).await.unwrap();
    tx.commit().await.unwrap();
}

/// Planned probes with their attempts, last error, and whether they were given up.
async fn planned(platform: &Platform) -> Vec<(i64, Option<String>, bool)> {
    let text = "select attempts, last_error, failed_at_ms from jobs where name = 'test.probe' order by key";
    let rows: Vec<(i64, Option<String>, Option<i64>)> =
        sqlx::query_as(text).fetch_all(platform.db().read()).await.unwrap();
    rows.into_iter()
        .map(|(attempts, error, failed)| (attempts, error, failed.is_some()))
        .collect()
}

async fn until(what: &str, is_met: impl Fn() -> bool) {
    let waiting = async {
        while !is_met() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting)
        .await
        .unwrap_or_else(|_| panic!("{what}"));
}

fn start(platform: &Platform) -> (CancellationToken, tokio::task::JoinHandle<()>) {
    let shutdown = CancellationToken::new();
    let (platform, token) = (platform.clone(), shutdown.clone());
    (shutdown, tokio::spawn(async move { platform.run(token).await }))
}

async fn a_job_exists_exactly_if_its_transaction_committed(database: Database) {
    let (clock, platform) = open(&database).await;
    let (kept, undone) = (probe(&platform, Script::Succeed), probe(&platform, Script::Succeed));
    plan(&platform, &kept, clock.now_ms()).await;
    let mut tx = platform.db().begin().await.unwrap();
    tx.enqueue(&undone, clock.now_ms()).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 1);
    assert_eq!((runs(&kept.id).len(), runs(&undone.id).len()), (1, 0));
    assert!(planned(&platform).await.is_empty());
}

async fn planning_twice_moves(database: Database) {
    let (clock, platform) = open(&database).await;
    let (start_ms, job) = (clock.now_ms(), probe(&platform, Script::Succeed));
    plan(&platform, &job, start_ms + 1_000).await;
    plan(&platform, &job, start_ms + 5_000).await;
    let mut tx = platform.db().begin().await.unwrap();
    tx.enqueue_no_later(&job, start_ms + 6_000).await.unwrap();
    tx.commit().await.unwrap();
    clock.advance_ms(4_999);
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 0);
    clock.advance_ms(1);
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 1);
    plan(&platform, &job, clock.now_ms()).await;
    let mut tx = platform.db().begin().await.unwrap();
    tx.cancel_job::<Probe>(&job.id).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 0);
    assert_eq!(runs(&job.id), [start_ms + 5_000]);
}

async fn a_job_planned_no_later_runs_no_later(database: Database) {
    let (clock, platform) = open(&database).await;
    let (start_ms, job) = (clock.now_ms(), probe(&platform, Script::Succeed));
    let plan = async |run_at_ms| {
        let mut tx = platform.db().begin().await.unwrap();
        tx.enqueue_no_later(&job, run_at_ms).await.unwrap();
        tx.commit().await.unwrap();
    };
    for at_ms in [9_000, 5_000, 7_000] {
        plan(start_ms + at_ms).await;
    }
    clock.advance_ms(4_999);
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 0);
    clock.advance_ms(1);
    // It runs when it is planned again: what it read may be old, so it runs once more.
    let now_ms = clock.now_ms();
    let claimed = queue::claim(platform.db(), "here", now_ms, now_ms + 15_000, 10)
        .await
        .unwrap();
    plan(start_ms + 6_000).await;
    queue::finish(platform.db(), "here", &claimed[0], queue::Next::Remove)
        .await
        .unwrap();
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 0);
    clock.advance_ms(1_000);
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 1);
    assert!(planned(&platform).await.is_empty());
}

async fn a_job_that_is_moved_while_it_runs_runs_again(database: Database) {
    let (clock, platform) = open(&database).await;
    let start_ms = clock.now_ms();
    let job = probe(&platform, Script::Move(start_ms + 60_000));
    plan(&platform, &job, start_ms).await;
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 1);
    clock.advance_ms(60_000);
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 1);
    assert_eq!(runs(&job.id), [start_ms, start_ms + 60_000]);
    assert!(planned(&platform).await.is_empty());
}

async fn failures_are_retried_with_growing_pauses(database: Database) {
    let (clock, platform) = open(&database).await;
    let (start_ms, job) = (clock.now_ms(), probe(&platform, Script::Stumble));
    plan(&platform, &job, start_ms).await;
    run_due_jobs(&platform).await.unwrap();
    assert_eq!(
        planned(&platform).await,
        [(1, Some("Internal server error: stumbled".into()), false)]
    );
    for _ in 0..3 {
        clock.advance_ms(1_000);
        run_due_jobs(&platform).await.unwrap();
    }
    assert_eq!(runs(&job.id), [start_ms, start_ms + 1_000, start_ms + 3_000]);
    assert!(planned(&platform).await.is_empty());
}

async fn a_job_may_be_given_up(database: Database) {
    let (clock, platform) = open(&database).await;
    let job = probe(&platform, Script::GiveUp);
    plan(&platform, &job, clock.now_ms()).await;
    run_due_jobs(&platform).await.unwrap();
    clock.advance_ms(3_600_000 - 1);
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 0);
    assert_eq!(
        planned(&platform).await,
        [(1, Some("Internal server error: hopeless".into()), true)]
    );
    let mut tx = platform.db().begin().await.unwrap();
    tx.enqueue_no_later(&job, clock.now_ms()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 1, "planned anew");
    let prune = given_up::PruneGivenUp {};
    let month_ms = 30 * 24 * 3_600_000;
    clock.advance_ms(month_ms);
    prune.run(&platform).await.unwrap();
    assert_eq!(planned(&platform).await.len(), 1);
    clock.advance_ms(1);
    prune.run(&platform).await.unwrap();
    assert!(planned(&platform).await.is_empty());
}

async fn a_job_from_a_later_version_is_left_alone(database: Database) {
    let (clock, platform) = open(&database).await;
    let mut tx = platform.db().begin().await.unwrap();
    let text = "insert into jobs (name, key, payload, run_at_ms, created_at_ms) values ('later.thing', '', '{}', 0, 0)";
    sqlx::query(text).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 1);
    let (run_at_ms,): (i64,) = sqlx::query_as("select run_at_ms from jobs where name = 'later.thing'")
        .fetch_one(platform.db().read())
        .await
        .unwrap();
    assert_eq!(run_at_ms, clock.now_ms() + 60_000);
}

#[test]
fn pauses_double_up_to_the_longest() {
    let pauses = [1, 2, 3, 9, 10, 1000].map(|attempts| Retry::FOR_EVER.pause(attempts).as_secs());
    assert_eq!(pauses, [1, 2, 4, 256, 300, 300]);
    let thrice = Retry {
        attempts_max: Some(3),
        ..Retry::FOR_EVER
    };
    assert_eq!(
        [1, 2, 3].map(|attempts| thrice.is_exhausted(attempts)),
        [false, false, true]
    );
}

#[test]
fn errors_say_whether_trying_again_helps() {
    for (error, is_retried) in [
        (Error::unavailable(1, "busy"), true),
        (Error::provider("refused", "throttled"), true),
        (Error::internal("bug"), true),
        (Error::conflict("changed"), true),
        (Error::not_found("gone"), false),
        (Error::invalid("f", "wrong"), false),
    ] {
        assert_eq!(
            matches!(JobError::from(error.clone()), JobError::Retry(_)),
            is_retried,
            "{error}"
        );
    }
}
