use std::time::Duration;

use serde_json::json;

use super::*;
use crate::testing::{Clock, Database, run_due_jobs};
use crate::{Caller, ErrorKind, Role, on_both_databases};

on_both_databases!(
    eight_writers_leave_no_gap,
    a_watcher_continues_where_its_snapshot_ends,
    a_returning_watcher_is_replayed_from_the_log,
    a_watcher_that_falls_far_behind_is_sent_away,
    pruned_events_ask_for_a_snapshot,
    a_batch_is_numbered_in_its_order,
    each_topic_has_its_listeners,
);

/// Longer than any machine needs; a test that waits this long has failed.
const DEADLINE: Duration = Duration::from_secs(20);

async fn publish(platform: &Platform, topic: &str, count: i64) {
    let mut tx = platform.db().begin().await.unwrap();
    tx.publish_all(
        topic,
        (0..count).map(|at| Draft::new("k", &json!({ "at": at })).unwrap()),
    );
    tx.commit().await.unwrap();
}

async fn watch(platform: &Platform, topic: &str, after: i64) -> Watch {
    subscribe(&platform.context(Caller::Anonymous), topic, after)
        .await
        .unwrap()
        .unwrap()
}

async fn next_seq(watch: &mut Watch) -> i64 {
    match tokio::time::timeout(DEADLINE, watch.next())
        .await
        .expect("an event in time")
        .unwrap()
    {
        Watched::Event(event) => event.seq,
        Watched::Lagged { resume_from } => panic!("lagged at {resume_from}"),
    }
}

async fn eight_writers_leave_no_gap(database: Database) {
    const WRITERS: i64 = 8;
    const EACH: i64 = 25;
    let platform = database.platform(&Clock::new()).await;
    let mut watch = watch(&platform, "auction:1", 0).await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let platform = platform.clone();
            tokio::spawn(async move {
                for at in 0..EACH {
                    let mut tx = platform.db().begin().await.unwrap();
                    // Two topics, published in either order: sorted at commit, they cannot deadlock.
                    let topics = if writer % 2 == 0 {
                        ["auction:1", "auctions"]
                    } else {
                        ["auctions", "auction:1"]
                    };
                    for topic in topics {
                        tx.publish(topic, "k", &json!({ "writer": writer, "at": at })).unwrap();
                    }
                    if at % 5 == 4 {
                        tx.rollback().await.unwrap()
                    } else {
                        tx.commit().await.unwrap()
                    }
                }
            })
        })
        .collect();
    let committed = WRITERS * EACH / 5 * 4;
    for expected in 1..=committed {
        assert_eq!(next_seq(&mut watch).await, expected);
    }
    for writer in writers {
        writer.await.unwrap();
    }
    for topic in ["auction:1", "auctions"] {
        let log = store::after(platform.db().read(), topic, 0, 1000).await.unwrap();
        assert!(log.iter().map(|event| event.seq).eq(1..=committed), "{topic}");
    }
}

async fn a_watcher_continues_where_its_snapshot_ends(database: Database) {
    let platform = database.platform(&Clock::new()).await;
    publish(&platform, "auction:1", 3).await;
    let mut snapshot = platform.db().snapshot().await.unwrap();
    let seq = last_seq(snapshot.conn(), "auction:1").await.unwrap();
    drop(snapshot);
    publish(&platform, "auction:1", 1).await;
    let mut watch = watch(&platform, "auction:1", seq).await;
    publish(&platform, "auction:2", 1).await;
    publish(&platform, "auction:1", 2).await;
    for expected in [4, 5, 6] {
        assert_eq!(next_seq(&mut watch).await, expected);
    }
    let quiet = tokio::time::timeout(Duration::from_millis(50), watch.next()).await;
    assert!(quiet.is_err(), "nothing more was published");
}

async fn a_returning_watcher_is_replayed_from_the_log(database: Database) {
    let platform = database.platform(&Clock::new()).await;
    publish(&platform, "auction:1", 1500).await;
    let (mut first, mut second) = (
        watch(&platform, "auction:1", 0).await,
        watch(&platform, "auction:1", 700).await,
    );
    for expected in 1..=1500 {
        assert_eq!(next_seq(&mut first).await, expected);
    }
    publish(&platform, "auction:1", 1).await;
    for expected in 701..=1501 {
        assert_eq!(next_seq(&mut second).await, expected);
    }
    assert_eq!(next_seq(&mut first).await, 1501);
    let anonymous = platform.context(Caller::Anonymous);
    for nowhere in [1502, -1] {
        assert!(
            subscribe(&anonymous, "auction:1", nowhere).await.unwrap().is_none(),
            "{nowhere}"
        );
    }
    publish(&platform, "auction:1", REPLAY_MAX).await;
    assert!(subscribe(&anonymous, "auction:1", 1500).await.unwrap().is_none());
    assert!(subscribe(&anonymous, "auction:1", 1501).await.unwrap().is_some());
}

async fn a_watcher_that_falls_far_behind_is_sent_away(database: Database) {
    let platform = database.platform(&Clock::new()).await;
    let mut slow = watch(&platform, "auction:1", 0).await;
    publish(&platform, "auction:1", 1).await;
    assert_eq!(next_seq(&mut slow).await, 1);
    assert!(
        tokio::time::timeout(Duration::from_millis(20), slow.next())
            .await
            .is_err()
    );
    publish(&platform, "auction:1", LAG_MAX).await;
    assert_eq!(next_seq(&mut slow).await, 2);
    publish(&platform, "auction:1", 2).await;
    assert_eq!(slow.next().await.unwrap(), Watched::Lagged { resume_from: 2 });
    assert_eq!(next_seq(&mut watch(&platform, "auction:1", 2).await).await, 3);
}

async fn pruned_events_ask_for_a_snapshot(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    publish(&platform, "auction:1", 5_100).await;
    clock.advance_ms(KEPT_MS);
    publish(&platform, "auction:1", 2).await;
    clock.advance_ms(1);
    run_due_jobs(&platform).await.unwrap();
    let (left,): (i64,) = sqlx::query_as("select count(*) from events")
        .fetch_one(platform.db().read())
        .await
        .unwrap();
    assert_eq!(left, 2);
    let anonymous = platform.context(Caller::Anonymous);
    assert!(subscribe(&anonymous, "auction:1", 5_099).await.unwrap().is_none());
    assert_eq!(next_seq(&mut watch(&platform, "auction:1", 5_100).await).await, 5_101);
}

async fn a_batch_is_numbered_in_its_order(database: Database) {
    let platform = database.platform(&Clock::new()).await;
    publish(&platform, "auction:1", 700).await;
    let log = store::after(platform.db().read(), "auction:1", 0, 1000).await.unwrap();
    assert!(
        log.iter()
            .map(|event| event.payload.clone())
            .eq((0..700).map(|at| json!({ "at": at }).to_string()))
    );
}

async fn each_topic_has_its_listeners(database: Database) {
    let platform = database.platform(&Clock::new()).await;
    let account = |roles: &[Role]| Caller::Account {
        id: "a".into(),
        email: "a@example.com".into(),
        name: "A".into(),
        roles: roles.to_vec(),
    };
    for (caller, topic, expected) in [
        (Caller::Anonymous, "auctions", None),
        (Caller::Anonymous, "accounts", Some(ErrorKind::Unauthenticated)),
        (account(&[Role::Host]), "accounts", Some(ErrorKind::Forbidden)),
        (account(&[Role::Admin]), "accounts", None),
        (account(&[Role::Admin]), "nothing", Some(ErrorKind::NotFound)),
    ] {
        let result = subscribe(&platform.context(caller.clone()), topic, 0).await;
        assert_eq!(result.err().map(|error| error.kind), expected, "{caller:?} {topic}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_hears_of_a_commit() {
    let (database, clock) = (Database::postgres().await, Clock::new());
    let (here, there) = (database.platform(&clock).await, database.platform(&clock).await);
    let shutdown = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn({
        let (there, shutdown) = (there.clone(), shutdown.clone());
        async move { there.run(shutdown).await }
    });
    let mut watch = watch(&there, "auction:1", 0).await;
    for expected in 1..=20 {
        publish(&here, "auction:1", 1).await;
        assert_eq!(next_seq(&mut watch).await, expected);
    }
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_server_connection_loses_no_event() {
    let (database, clock) = (Database::postgres().await, Clock::new());
    let (here, there) = (database.platform(&clock).await, database.platform(&clock).await);
    let shutdown = tokio_util::sync::CancellationToken::new();
    let running = tokio::spawn({
        let (there, shutdown) = (there.clone(), shutdown.clone());
        async move { there.run(shutdown).await }
    });
    let mut watch = watch(&there, "auction:1", 0).await;
    publish(&here, "auction:1", 1).await;
    assert_eq!(next_seq(&mut watch).await, 1);
    // As a restart of the server would: every connection ends, the one that listens too. Ours may be among them.
    let text = "select count(pg_terminate_backend(pid)) from pg_stat_activity \
        where datname = current_database() and pid <> pg_backend_pid()";
    let _ = sqlx::query(text).execute(here.db().read()).await;
    let publishing = async {
        let mut done = 0;
        while done < 3 {
            let Ok(mut tx) = here.db().begin().await else { continue };
            tx.publish("auction:1", "k", &json!({})).unwrap();
            // A commit that fails on a dead connection did nothing.
            done += usize::from(tx.commit().await.is_ok());
        }
    };
    tokio::time::timeout(DEADLINE, publishing)
        .await
        .expect("the pool to recover");
    for expected in [2, 3, 4] {
        let seq = loop {
            match tokio::time::timeout(DEADLINE, watch.next())
                .await
                .expect("an event in time")
            {
                Ok(Watched::Event(event)) => break event.seq,
                Ok(lagged) => panic!("{lagged:?}"),
                // A dead connection of the reading pool; it is replaced.
                Err(error) => assert!(error.is_transient(), "{error}"),
            }
        };
        assert_eq!(seq, expected);
    }
    shutdown.cancel();
    running.await.unwrap();
}

#[test]
fn an_event_is_a_json_object_of_bounded_size() {
    assert!(Draft::new("k", &json!({})).is_ok());
    assert!(Draft::new("k", &json!([1])).is_err());
    assert!(Draft::new("k", &json!({ "text": "a".repeat(PAYLOAD_BYTES_MAX) })).is_err());
}
