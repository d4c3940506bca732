//! The worker of this process.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::list::{Registered, registered};
use super::queue::{self, Claimed, Next};
use super::{JobError, Outcome};
use crate::{Error, Platform, id};

/// Jobs of one process at a time: they mostly wait for the database and for video calls.
pub const AT_ONCE: usize = 16;
/// A job that takes longer is stuck.
pub const TIMEOUT: Duration = Duration::from_secs(60);
/// How long a dead worker's job waits for another.
const LEASE: Duration = Duration::from_secs(15);
/// How often leases are renewed, and how long a step of the runner may take. Three missed beats and one more step end
/// before the lease does, so a worker that lost its database stops its jobs before another takes them.
const BEAT: Duration = Duration::from_secs(3);
const BEATS_LOST: u32 = 3;
/// How long running jobs may go on after the shutdown was asked for.
const DRAIN: Duration = Duration::from_secs(5);
/// A sleeping runner looks at the clock this often, in case somebody set it.
const SLEEP_MAX: Duration = Duration::from_secs(30);
/// Pause after the database failed, and before a job of an unknown kind is looked at again.
const PAUSE: Duration = Duration::from_secs(1);
const UNKNOWN_PAUSE_MS: i64 = 60_000;

struct Runner {
    platform: Platform,
    jobs: Arc<HashMap<&'static str, Registered>>,
    /// Each task returns the owner under which its job was claimed.
    running: JoinSet<String>,
    /// Running jobs by owner. Every claim has an owner of its own: a claim whose answer was lost is then never renewed,
    /// and its jobs come back when the lease ends.
    owners: HashMap<String, usize>,
    /// By the wall clock, as the leases are, epoch ms.
    renewed_at_ms: i64,
}

/// Runs due jobs until `shutdown`, waking at the next deadline or when one is planned.
pub(crate) async fn run(platform: &Platform, shutdown: CancellationToken) {
    let mut runner = Runner::new(platform);
    while !shutdown.is_cancelled() {
        let step = tokio::time::timeout(BEAT, runner.step()).await;
        let pause = step
            .unwrap_or_else(|_| Err(Error::unavailable(1, "it took too long")))
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "cannot look for jobs; trying again");
                PAUSE
            });
        runner.stop_if_leases_are_lost();
        runner.wait(pause, &shutdown).await;
    }
    runner.drain().await;
}

/// Runs every job that is due now, and what those plan for now, to its end; returns how many runs that were.
#[cfg(any(test, feature = "testing"))]
pub(crate) async fn run_due(platform: &Platform) -> Result<usize, Error> {
    let mut runner = Runner::new(platform);
    let mut runs = 0;
    loop {
        let claimed = runner.claim().await?;
        if claimed == 0 {
            return Ok(runs);
        }
        runs += claimed;
        while runner.running.join_next().await.is_some() {}
    }
}

impl Runner {
    fn new(platform: &Platform) -> Self {
        Self {
            platform: platform.clone(),
            jobs: Arc::new(registered().into_iter().map(|job| (job.name, job)).collect()),
            running: JoinSet::new(),
            owners: HashMap::new(),
            renewed_at_ms: platform.environment().now_ms(),
        }
    }

    /// Renews what runs and starts what is due; returns how long nothing else is due.
    async fn step(&mut self) -> Result<Duration, Error> {
        self.renew().await?;
        while self.running.len() < AT_ONCE {
            let pause = self.until_due().await?;
            if !pause.is_zero() {
                return Ok(pause);
            }
            if self.claim().await? == 0 {
                // Another process was first; this one asks again after the pause.
                return Ok(PAUSE);
            }
        }
        Ok(SLEEP_MAX)
    }

    async fn until_due(&self) -> Result<Duration, Error> {
        let due = queue::next_due(self.platform.db().read()).await?;
        let now_ms = self.platform.environment().now_ms();
        // A negative difference is overdue.
        Ok(due.map_or(SLEEP_MAX, |due| {
            Duration::from_millis(u64::try_from(due - now_ms).unwrap_or(0)).min(SLEEP_MAX)
        }))
    }

    /// Claims as many due jobs as there is room for and starts them.
    async fn claim(&mut self) -> Result<usize, Error> {
        let environment = self.platform.environment();
        let now_ms = environment.now_ms();
        let owner = id::new(now_ms, environment.random_bytes());
        let room = i64::try_from(AT_ONCE - self.running.len()).unwrap_or(0);
        let claimed = queue::claim(self.platform.db(), &owner, now_ms, now_ms + millis(LEASE), room).await?;
        let count = claimed.len();
        if self.running.is_empty() {
            self.renewed_at_ms = now_ms;
        }
        if count > 0 {
            self.owners.insert(owner.clone(), count);
        }
        for job in claimed {
            self.running
                .spawn(work(self.platform.clone(), owner.clone(), self.jobs.clone(), job));
        }
        Ok(count)
    }

    async fn renew(&mut self) -> Result<(), Error> {
        if !self.running.is_empty() && !self.was_renewed_within(BEAT) {
            let owners: Vec<_> = self.owners.keys().cloned().collect();
            let now_ms = self.platform.environment().now_ms();
            queue::renew(self.platform.db(), &owners, now_ms + millis(LEASE)).await?;
            self.renewed_at_ms = now_ms;
        }
        Ok(())
    }

    /// Another worker will soon take what we hold and could not renew.
    fn stop_if_leases_are_lost(&mut self) {
        if !self.running.is_empty() && !self.was_renewed_within(BEAT * BEATS_LOST) {
            tracing::error!(
                jobs.running = self.running.len(),
                "cannot renew the leases of running jobs; stopping them"
            );
            self.running.abort_all();
            self.owners.clear();
        }
    }

    /// A clock that was set back says no.
    fn was_renewed_within(&self, span: Duration) -> bool {
        let age_ms = self.platform.environment().now_ms() - self.renewed_at_ms;
        (0..millis(span)).contains(&age_ms)
    }

    async fn wait(&mut self, pause: Duration, shutdown: &CancellationToken) {
        let is_running = !self.running.is_empty();
        let pause = if is_running { pause.min(BEAT) } else { pause };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.platform.db().job_wake().notified() => {}
            Some(ended) = self.running.join_next(), if is_running => self.forget(ended.ok()),
            () = tokio::time::sleep(pause) => {}
        }
        while let Some(ended) = self.running.try_join_next() {
            self.forget(ended.ok());
        }
    }

    /// One job of this owner ended; a stopped job has none.
    fn forget(&mut self, owner: Option<String>) {
        let Some(owner) = owner else { return };
        if let Some(count) = self.owners.get_mut(&owner) {
            *count -= 1;
            if *count == 0 {
                self.owners.remove(&owner);
            }
        }
    }

    async fn drain(mut self) {
        let all = async { while self.running.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(DRAIN, all).await;
        self.running.shutdown().await;
        let owners: Vec<_> = self.owners.into_keys().collect();
        if let Err(error) = queue::release_all(self.platform.db(), &owners).await {
            tracing::warn!(%error, "cannot release jobs at shutdown; others take them when the lease ends");
        }
    }
}

/// Runs one claimed job and returns its owner.
async fn work(platform: Platform, owner: String, jobs: Arc<HashMap<&'static str, Registered>>, job: Claimed) -> String {
    match jobs.get(job.name.as_str()) {
        Some(registered) => run_one(&platform, &owner, registered, &job).await,
        None => {
            tracing::warn!(
                job.name,
                "this version of Rostrum does not know this job; leaving it for another"
            );
            let run_at_ms = platform.environment().now_ms() + UNKNOWN_PAUSE_MS;
            finish(
                &platform,
                &owner,
                &job,
                Next::RetryAt {
                    run_at_ms,
                    error: "unknown to this version",
                },
            )
            .await;
        }
    }
    owner
}

/// Runs a job and writes down what follows. When that cannot be written the lease ends and the job runs again.
async fn run_one(platform: &Platform, owner: &str, registered: &Registered, job: &Claimed) {
    let run = AssertUnwindSafe((registered.run)(platform.clone(), job.payload.clone())).catch_unwind();
    let result = match tokio::time::timeout(TIMEOUT, run).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(JobError::Retry(Error::internal("the job panicked"))),
        Err(_) => Err(JobError::Retry(Error::unavailable(1, "the job took too long"))),
    };
    let now_ms = platform.environment().now_ms();
    let outcome = match result {
        Ok(Outcome::Done) => {
            finish(platform, owner, job, Next::Remove).await;
            "done"
        }
        Ok(Outcome::Again { run_at_ms }) => {
            finish(platform, owner, job, Next::RunAt(run_at_ms)).await;
            "again"
        }
        Err(JobError::Retry(error)) if !registered.retry.is_exhausted(job.attempts) => {
            tracing::warn!(job.name, job.key, job.attempts, %error, "job failed; it is tried again");
            let (run_at_ms, error) = (now_ms + millis(registered.retry.pause(job.attempts)), error.to_string());
            finish(
                platform,
                owner,
                job,
                Next::RetryAt {
                    run_at_ms,
                    error: &error,
                },
            )
            .await;
            "retry"
        }
        Err(JobError::Retry(error) | JobError::GiveUp(error)) => {
            tracing::error!(job.name, job.key, job.attempts, %error, "job failed for good");
            finish(
                platform,
                owner,
                job,
                Next::GiveUp {
                    now_ms,
                    error: &error.to_string(),
                },
            )
            .await;
            "given_up"
        }
    };
    metrics::counter!("rostrum_jobs_total", "job" => registered.name, "outcome" => outcome).increment(1);
}

async fn finish(platform: &Platform, owner: &str, job: &Claimed, next: Next<'_>) {
    if let Err(error) = queue::finish(platform.db(), owner, job, next).await {
        tracing::warn!(job.name, job.key, %error, "cannot write down how the job ended; it runs again");
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::tests::{Probe, plan_alone};
    use crate::testing::{Clock, Database};

    #[tokio::test]
    async fn a_running_job_keeps_its_lease_and_a_cut_off_worker_stops() {
        let (database, clock) = (Database::sqlite(), Clock::new());
        let platform = database.platform(&clock).await;
        let job = Probe::hanging(&platform);
        plan_alone(&platform, &job).await;
        let mut runner = Runner::new(&platform);
        assert_eq!(runner.claim().await.unwrap(), 1);
        let by_another = async || {
            let now_ms = clock.now_ms();
            queue::claim(platform.db(), "another", now_ms, now_ms + 1, 10)
                .await
                .unwrap()
                .len()
        };
        for _ in 0..3 {
            clock.advance_ms(millis(LEASE) - 1);
            runner.renew().await.unwrap();
            assert_eq!(by_another().await, 0, "renewed");
        }
        runner.stop_if_leases_are_lost();
        clock.advance_ms(millis(BEAT * BEATS_LOST));
        assert_eq!(by_another().await, 0, "the lease still stands when the worker stops");
        runner.stop_if_leases_are_lost();
        assert!(runner.running.join_next().await.unwrap().unwrap_err().is_cancelled());
        clock.advance_ms(millis(LEASE));
        assert_eq!(by_another().await, 1);
    }

    #[tokio::test]
    async fn jobs_beyond_the_bound_wait_for_room() {
        let (database, clock) = (Database::sqlite(), Clock::new());
        let platform = database.platform(&clock).await;
        plan_alone(&platform, &Probe::hanging(&platform)).await;
        for _ in 0..AT_ONCE {
            let mut tx = platform.db().begin().await.unwrap();
            tx.enqueue(&Probe::hanging(&platform), clock.now_ms()).await.unwrap();
            tx.commit().await.unwrap();
        }
        let mut runner = Runner::new(&platform);
        assert_eq!(runner.step().await.unwrap(), SLEEP_MAX);
        assert_eq!((runner.running.len(), runner.claim().await.unwrap()), (AT_ONCE, 0));
    }
}
