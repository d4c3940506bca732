use std::time::Duration;

use super::*;
use crate::testing::{Clock, Database};
use crate::{Caller, Platform};

async fn platform(database: &Database) -> Platform {
    Platform::open(database.config(), Clock::new().environment())
        .await
        .unwrap()
}

fn signed_in(platform: &Platform) -> Context {
    platform.context(Caller::Account {
        id: "a".into(),
        email: "a@b.c".into(),
        name: "A".into(),
        roles: Vec::new(),
    })
}

#[tokio::test]
async fn people_are_counted_and_not_their_tabs() {
    let database = Database::sqlite();
    let platform = platform(&database).await;
    let anonymous = platform.context(Caller::Anonymous);
    let signed_in = signed_in(&platform);
    let tabs = [
        enter(&anonymous, "t", Some("x")).unwrap(),
        enter(&anonymous, "t", Some("x")).unwrap(),
        enter(&signed_in, "t", Some("x")).unwrap(),
        enter(&signed_in, "t", None).unwrap(),
        enter(&anonymous, "other", Some("y")).unwrap(),
    ];
    assert_eq!((present(&anonymous, "t"), present(&anonymous, "other")), (2, 1));
    let nameless = [
        enter(&anonymous, "t", None).unwrap(),
        enter(&anonymous, "t", None).unwrap(),
    ];
    assert_eq!(present(&anonymous, "t"), 4);
    drop(nameless);
    drop(tabs);
    assert!(platform.presence().lock().here.is_empty());
    assert!(enter(&anonymous, "t", Some(&"x".repeat(65))).is_err());
}

#[tokio::test]
async fn watchers_are_told_of_changes_only() {
    let database = Database::sqlite();
    let platform = platform(&database).await;
    let anonymous = platform.context(Caller::Anonymous);
    let mut first = enter(&anonymous, "t", None).unwrap();
    assert!(!first.count().has_changed().unwrap(), "nothing was told yet");
    tell(&platform);
    assert_eq!(*first.count().borrow_and_update(), 1);
    tell(&platform);
    assert!(!first.count().has_changed().unwrap());
    let others: Vec<_> = (0..10).map(|_| enter(&anonymous, "t", None).unwrap()).collect();
    assert!(!first.count().has_changed().unwrap(), "a crowd is told once");
    tell(&platform);
    assert_eq!(*first.count().borrow_and_update(), 11);
    drop(others);
    tell(&platform);
    assert_eq!(*first.count().borrow_and_update(), 1);
}

#[tokio::test]
async fn what_others_tell_counts_once_and_not_for_ever() {
    let database = Database::sqlite();
    let platform = platform(&database).await;
    let ctx = signed_in(&platform);
    let _here = enter(&ctx, "t", None).unwrap();
    let me = hash(&platform, "t", "caller:a");
    let presence = platform.presence();
    presence.heard(&format!("other t 2 {me:016x},00000000000000ff,"), ctx.now_ms);
    presence.heard("third t 0 00000000000000ff,", ctx.now_ms);
    presence.heard(&format!("{} t 50 ", presence.replica), ctx.now_ms);
    assert_eq!(present(&ctx, "t"), 1 + 1 + 2);
    presence.heard("other t 0 ", ctx.now_ms);
    assert_eq!(present(&ctx, "t"), 2);
    presence.tell(ctx.now_ms + KEPT_MS);
    assert_eq!(present(&ctx, "t"), 1);
    assert!(presence.lock().elsewhere.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_at_two_processes_is_one() {
    let (database, clock) = (Database::postgres().await, Clock::new());
    let (here, there) = (database.platform(&clock).await, database.platform(&clock).await);
    let shutdown = CancellationToken::new();
    let running = [here.clone(), there.clone()].map(|platform| {
        let shutdown = shutdown.clone();
        tokio::spawn(async move { platform.run(shutdown).await })
    });
    let anonymous = there.context(Caller::Anonymous);
    let tabs = (
        enter(&signed_in(&here), "auction:1", None).unwrap(),
        enter(&signed_in(&there), "auction:1", None).unwrap(),
    );
    let guest = enter(&anonymous, "auction:1", Some("x")).unwrap();
    let counts = async |expected: i64| {
        let agreed = async {
            while present(&signed_in(&here), "auction:1") != expected || present(&anonymous, "auction:1") != expected {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), agreed)
            .await
            .expect("both to know how many they are");
    };
    counts(2).await;
    drop(guest);
    counts(1).await;
    drop(tabs);
    counts(0).await;
    shutdown.cancel();
    for running in running {
        running.await.unwrap();
    }
}
