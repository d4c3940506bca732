//! Workers that wait, stop, die and share a database.

use super::*;

on_both_databases!(
    an_idle_runner_sleeps_as_long_as_it_may,
    a_job_of_a_dead_worker_runs_again,
    a_job_runs_when_its_time_comes,
    shutdown_hands_running_jobs_over,
);

async fn an_idle_runner_sleeps_as_long_as_it_may(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    run_due_jobs(&platform).await.unwrap();
    let next_ms = queue::next_due(platform.db().read()).await.unwrap().unwrap();
    assert!(next_ms >= clock.now_ms() + 10 * 60_000, "nothing to look after");
}

async fn a_job_of_a_dead_worker_runs_again(database: Database) {
    let (clock, platform) = open(&database).await;
    let job = probe(&platform, Script::Succeed);
    plan(&platform, &job, clock.now_ms()).await;
    let lease_until_ms = clock.now_ms() + 15_000;
    let claimed = queue::claim(platform.db(), "dead", clock.now_ms(), lease_until_ms, 10)
        .await
        .unwrap();
    assert_eq!(claimed.len(), 1);
    clock.advance_ms(14_999);
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 0);
    assert_eq!(
        queue::next_due(platform.db().read()).await.unwrap(),
        Some(lease_until_ms)
    );
    clock.advance_ms(1);
    assert_eq!(run_due_jobs(&platform).await.unwrap(), 1);
    // The dead worker was only slow: what it writes down late changes nothing.
    queue::finish(platform.db(), "dead", &claimed[0], queue::Next::RunAt(0))
        .await
        .unwrap();
    assert!(planned(&platform).await.is_empty());
}

async fn a_job_runs_when_its_time_comes(database: Database) {
    let platform = Platform::open(database.config(), ticking_environment()).await.unwrap();
    let (shutdown, running) = start(&platform);
    let now_ms = platform.environment().now_ms();
    let (later, sooner) = (probe(&platform, Script::Succeed), probe(&platform, Script::Succeed));
    plan(&platform, &later, now_ms + 400).await;
    // Planned while the runner sleeps until the other's time.
    plan(&platform, &sooner, now_ms + 200).await;
    until("both jobs run", || {
        !runs(&later.id).is_empty() && !runs(&sooner.id).is_empty()
    })
    .await;
    let delays = [
        runs(&sooner.id)[0] - (now_ms + 200),
        runs(&later.id)[0] - (now_ms + 400),
    ];
    // Never early; and on time but for a busy machine, far below the runner's own look at the clock.
    assert!(delays.iter().all(|delay| (0..5_000).contains(delay)), "{delays:?}");
    shutdown.cancel();
    running.await.unwrap();
}

async fn shutdown_hands_running_jobs_over(database: Database) {
    let (clock, platform) = open(&database).await;
    let (shutdown, running) = start(&platform);
    let (quick, stuck) = (probe(&platform, Script::Take(100)), probe(&platform, Script::Hang));
    plan(&platform, &quick, clock.now_ms()).await;
    plan(&platform, &stuck, clock.now_ms()).await;
    until("both jobs start", || {
        !runs(&quick.id).is_empty() && !runs(&stuck.id).is_empty()
    })
    .await;
    shutdown.cancel();
    running.await.unwrap();
    assert_eq!(planned(&platform).await.len(), 1, "the quick one finished");
    assert_eq!(
        run_due_jobs(&platform).await.unwrap(),
        1,
        "the stuck one can be taken at once"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_never_run_one_job_at_the_same_time() {
    let database = Database::postgres().await;
    let platforms = [
        Platform::open(database.config(), ticking_environment()).await.unwrap(),
        Platform::open(database.config(), ticking_environment()).await.unwrap(),
    ];
    let running = platforms.each_ref().map(start);
    let now_ms = platforms[0].environment().now_ms();
    let jobs: Vec<_> = (0..60).map(|_| probe(&platforms[0], Script::Take(5))).collect();
    for job in &jobs {
        plan(&platforms[0], job, now_ms + 50).await;
    }
    until("all jobs run", || jobs.iter().all(|job| !runs(&job.id).is_empty())).await;
    for (shutdown, running) in running {
        shutdown.cancel();
        running.await.unwrap();
    }
    for job in &jobs {
        let notes = note(&job.id, |notes| notes.clone());
        assert_eq!((notes.runs.len(), notes.running_max), (1, 1), "{}", job.id);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_planned_in_one_process_wakes_another() {
    let database = Database::postgres().await;
    let clock = Clock::new();
    let (here, there) = (database.platform(&clock).await, database.platform(&clock).await);
    let (shutdown, running) = start(&there);
    for _ in 0..5 {
        let job = probe(&here, Script::Succeed);
        plan(&here, &job, clock.now_ms()).await;
        until("the job runs", || !runs(&job.id).is_empty()).await;
    }
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn what_a_dead_process_held_is_free_after_a_restart() {
    let (database, clock) = (Database::sqlite(), Clock::new());
    let platform = database.platform(&clock).await;
    let job = probe(&platform, Script::Succeed);
    plan(&platform, &job, clock.now_ms()).await;
    queue::claim(platform.db(), "dead", clock.now_ms(), clock.now_ms() + 15_000, 10)
        .await
        .unwrap();
    platform.db().close().await;
    drop(platform);
    run_due_jobs(&database.platform(&clock).await).await.unwrap();
    assert_eq!(runs(&job.id), [clock.now_ms()]);
}
