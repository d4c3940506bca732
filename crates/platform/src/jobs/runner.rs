//! The worker of this process.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::list::{Registered, registered};
use super::queue::{self, Claimed, Next};
use super::{JobError, Outcome};
use crate::{Error, Platform, id};

/// Jobs of one process at a time: they mostly wait for the database and for video calls.
pub(super) const AT_ONCE: usize = 16;
/// A job that takes longer is stuck.
pub(super) const TIMEOUT: Duration = Duration::from_secs(60);
/// How long a dead worker's job waits for another; renewed three times in that span.
const LEASE: Duration = Duration::from_secs(15);
/// How long running jobs may go on after the shutdown was asked for.
const DRAIN: Duration = Duration::from_secs(5);
/// A sleeping runner looks at the clock this often, in case somebody set it.
const SLEEP_MAX: Duration = Duration::from_secs(30);
/// Pause after the database failed, and before a job of an unknown kind is looked at again.
const PAUSE: Duration = Duration::from_secs(1);
const UNKNOWN_PAUSE_MS: i64 = 60_000;

struct Runner {
    platform: Platform,
    owner: String,
    jobs: Arc<HashMap<&'static str, Registered>>,
    running: JoinSet<()>,
    renewed_at: Instant,
}

/// Runs due jobs until `shutdown`, waking at the next deadline or when one is planned.
pub(crate) async fn run(platform: &Platform, shutdown: CancellationToken) {
    let mut runner = Runner::new(platform);
    while !shutdown.is_cancelled() {
        let pause = match runner.step().await {
            Ok(pause) => pause,
            Err(error) => {
                tracing::warn!(%error, "cannot look for jobs; trying again");
                PAUSE
            }
        };
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
        let environment = platform.environment();
        Self {
            platform: platform.clone(),
            owner: id::new(environment.now_ms(), environment.random_bytes()),
            jobs: Arc::new(registered().into_iter().map(|job| (job.name, job)).collect()),
            running: JoinSet::new(),
            renewed_at: Instant::now(),
        }
    }

    /// Starts what is due and renews what runs; returns how long nothing else is due.
    async fn step(&mut self) -> Result<Duration, Error> {
        self.renew().await?;
        if self.running.len() >= AT_ONCE {
            return Ok(SLEEP_MAX);
        }
        let pause = self.until_due().await?;
        if !pause.is_zero() {
            return Ok(pause);
        }
        self.claim().await?;
        if self.running.len() >= AT_ONCE {
            Ok(SLEEP_MAX)
        } else {
            self.until_due().await
        }
    }

    async fn until_due(&self) -> Result<Duration, Error> {
        let due = queue::next_due(self.platform.db().read(), &self.owner).await?;
        let now_ms = self.platform.environment().now_ms();
        // A negative difference is overdue.
        Ok(due.map_or(SLEEP_MAX, |due| {
            Duration::from_millis(u64::try_from(due - now_ms).unwrap_or(0)).min(SLEEP_MAX)
        }))
    }

    /// Claims as many due jobs as there is room for and starts them.
    async fn claim(&mut self) -> Result<usize, Error> {
        let now_ms = self.platform.environment().now_ms();
        let room = i64::try_from(AT_ONCE - self.running.len()).unwrap_or(0);
        let claimed = queue::claim(self.platform.db(), &self.owner, now_ms, now_ms + millis(LEASE), room).await?;
        let count = claimed.len();
        if self.running.is_empty() {
            self.renewed_at = Instant::now();
        }
        for job in claimed {
            self.running
                .spawn(work(self.platform.clone(), self.owner.clone(), self.jobs.clone(), job));
        }
        Ok(count)
    }

    /// Keeps the leases of running jobs. When that fails for too long another worker will take them, so they are
    /// stopped here first.
    async fn renew(&mut self) -> Result<(), Error> {
        let age = self.renewed_at.elapsed();
        if self.running.is_empty() || age < LEASE / 3 {
            return Ok(());
        }
        let until_ms = self.platform.environment().now_ms() + millis(LEASE);
        let renewed = tokio::time::timeout(LEASE / 3, queue::renew(self.platform.db(), &self.owner, until_ms)).await;
        match renewed {
            Ok(Ok(())) => self.renewed_at = Instant::now(),
            _ if age >= LEASE / 3 * 2 => {
                tracing::error!(
                    jobs.running = self.running.len(),
                    "cannot renew the leases of running jobs; stopping them"
                );
                self.running.abort_all();
            }
            Ok(Err(error)) => return Err(error),
            Err(_) => {
                return Err(Error::unavailable(
                    1,
                    "renewing the leases of running jobs took too long",
                ));
            }
        }
        Ok(())
    }

    async fn wait(&mut self, pause: Duration, shutdown: &CancellationToken) {
        let is_running = !self.running.is_empty();
        let pause = if is_running { pause.min(LEASE / 3) } else { pause };
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = self.platform.db().job_wake().notified() => {}
            _ = self.running.join_next(), if is_running => {}
            () = tokio::time::sleep(pause) => {}
        }
        while self.running.try_join_next().is_some() {}
    }

    async fn drain(mut self) {
        let all = async { while self.running.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(DRAIN, all).await;
        self.running.shutdown().await;
        if let Err(error) = queue::release_all(self.platform.db(), &self.owner).await {
            tracing::warn!(%error, "cannot release jobs at shutdown; others take them when the lease ends");
        }
    }
}

/// Runs one claimed job and writes down what follows. When that cannot be written the lease ends and the job runs again.
async fn work(platform: Platform, owner: String, jobs: Arc<HashMap<&'static str, Registered>>, job: Claimed) {
    let Some(registered) = jobs.get(job.name.as_str()) else {
        let run_at_ms = platform.environment().now_ms() + UNKNOWN_PAUSE_MS;
        tracing::warn!(
            job.name,
            "this version of Rostrum does not know this job; leaving it for another"
        );
        let next = Next::RetryAt {
            run_at_ms,
            error: "unknown to this version",
        };
        return finish(&platform, &owner, &job, next).await;
    };
    let run = AssertUnwindSafe((registered.run)(platform.clone(), job.payload.clone())).catch_unwind();
    let result = match tokio::time::timeout(TIMEOUT, run).await {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => Err(JobError::Retry(Error::internal("the job panicked"))),
        Err(_) => Err(JobError::Retry(Error::unavailable(1, "the job took too long"))),
    };
    let now_ms = platform.environment().now_ms();
    let outcome = match result {
        Ok(Outcome::Done) => {
            finish(&platform, &owner, &job, Next::Remove).await;
            "done"
        }
        Ok(Outcome::Again { run_at_ms }) => {
            finish(&platform, &owner, &job, Next::RunAt(run_at_ms)).await;
            "again"
        }
        Err(JobError::Retry(error)) if !registered.retry.is_exhausted(job.attempts) => {
            let pause = registered.retry.pause(job.attempts);
            tracing::warn!(job.name, job.key, job.attempts, %error, "job failed; it is tried again");
            let error = error.to_string();
            finish(
                &platform,
                &owner,
                &job,
                Next::RetryAt {
                    run_at_ms: now_ms + millis(pause),
                    error: &error,
                },
            )
            .await;
            "retry"
        }
        Err(JobError::Retry(error) | JobError::GiveUp(error)) => {
            tracing::error!(job.name, job.key, job.attempts, %error, "job failed for good");
            let error = error.to_string();
            finish(&platform, &owner, &job, Next::GiveUp { now_ms, error: &error }).await;
            "given_up"
        }
    };
    metrics::counter!("rostrum_jobs_total", "job" => registered.name, "outcome" => outcome).increment(1);
}

async fn finish(platform: &Platform, owner: &str, job: &Claimed, next: Next<'_>) {
    if let Err(error) = queue::finish(platform.db(), owner, job, next).await {
        tracing::warn!(job.name, job.key, %error, "cannot write down how the job ended; it runs again");
    }
    // A plan that this job made for itself, or a retry, may be due before the runner's sleep ends.
    platform.db().job_wake().notify();
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
