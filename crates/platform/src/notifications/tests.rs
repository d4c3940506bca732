use super::jobs::PruneNotifications;
use super::*;
use crate::events::Watched;
use crate::jobs::Job as _;
use crate::testing::{Clock, Database};
use crate::{Caller, ErrorKind, Platform, on_both_databases};

on_both_databases!(
    a_subject_is_told_once,
    a_repeated_subject_stays_one_unread_notice,
    only_the_owner_reads_and_listens,
    notices_are_kept_for_ninety_days,
);

fn caller(id: &str) -> Caller {
    Caller::Account {
        id: id.into(),
        email: format!("{id}@example.com"),
        name: id.into(),
        roles: Vec::new(),
    }
}

fn new(account: &str, subject: &str, text: &str) -> NewNotification {
    NewNotification {
        account_id: account.into(),
        kind: "outbid",
        subject_key: subject.into(),
        title: "You were outbid".into(),
        text: text.into(),
        href: "/ui/auctions/1".into(),
    }
}

async fn tell(platform: &Platform, new: NewNotification, is_again: bool) -> bool {
    let mut tx = platform.db().begin().await.unwrap();
    let told = if is_again {
        notify_again(&mut tx, new).await.unwrap()
    } else {
        notify(&mut tx, new).await.unwrap()
    };
    tx.commit().await.unwrap();
    told
}

async fn texts(ctx: &Context) -> (Vec<String>, i64) {
    let list = list(ctx, Page::default()).await.unwrap();
    (
        list.notifications.into_iter().map(|notice| notice.text).collect(),
        list.unread,
    )
}

async fn a_subject_is_told_once(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    assert!(tell(&platform, new("ann", "outcome:1", "first"), false).await);
    assert!(!tell(&platform, new("ann", "outcome:1", "second"), false).await);
    assert!(tell(&platform, new("bob", "outcome:1", "his"), false).await);
    clock.advance_ms(1);
    assert!(tell(&platform, new("ann", "outcome:2", "later"), false).await);
    let ann = platform.context(caller("ann"));
    assert_eq!(
        texts(&ann).await,
        (vec!["later".into(), "first".into()], 2),
        "newest first"
    );
    assert_eq!(unread(&ann).await.unwrap(), Unread { count: 2, seq: 2 });
    let long = NewNotification {
        title: "t".repeat(1000),
        ..new("ann", "long", &"x".repeat(1000))
    };
    clock.advance_ms(1);
    tell(&platform, long, false).await;
    let first = list(&ann, Page::default()).await.unwrap().notifications.remove(0);
    assert_eq!((first.title.len(), first.text.len()), (TITLE_CHARS_MAX, TEXT_CHARS_MAX));
}

async fn a_repeated_subject_stays_one_unread_notice(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    let ann = platform.context(caller("ann"));
    assert!(tell(&platform, new("ann", "outbid:1", "at 10"), true).await);
    let id = list(&ann, Page::default()).await.unwrap().notifications[0].id.clone();
    assert!(
        !tell(&platform, new("ann", "outbid:1", "at 20"), true).await,
        "unread already"
    );
    assert_eq!(texts(&ann).await, (vec!["at 20".into()], 1), "the words are of today");
    read(&ann, &id).await.unwrap();
    read(&ann, &id).await.unwrap();
    assert_eq!(texts(&ann).await, (vec!["at 20".into()], 0));
    assert!(
        tell(&platform, new("ann", "outbid:1", "at 30"), true).await,
        "told anew"
    );
    assert_eq!(texts(&ann).await, (vec!["at 30".into()], 1));
    let mut tx = platform.db().begin().await.unwrap();
    retract(&mut tx, "ann", "outbid:1").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(texts(&ann).await, (vec!["at 30".into()], 0), "no longer true");
    let kinds = kinds(&ann, 4).await;
    assert_eq!(
        kinds,
        [
            "notification",
            "notifications_read",
            "notification",
            "notifications_read"
        ]
    );
}

/// Kinds of the first `count` events of the caller's topic.
async fn kinds(ctx: &Context, count: usize) -> Vec<String> {
    let own = topic(ctx.caller.id().unwrap());
    let mut watch = events::subscribe(ctx, &own, 0).await.unwrap().unwrap();
    let mut kinds = Vec::new();
    for _ in 0..count {
        let Watched::Event(event) = watch.next().await.unwrap() else {
            panic!("the watch lagged");
        };
        kinds.push(event.kind.clone());
    }
    kinds
}

async fn only_the_owner_reads_and_listens(database: Database) {
    let platform = database.platform(&Clock::new()).await;
    let (ann, bob) = (platform.context(caller("ann")), platform.context(caller("bob")));
    let anonymous = platform.context(Caller::Anonymous);
    let admin = Caller::Account {
        id: "root".into(),
        email: "root@example.com".into(),
        name: "Root".into(),
        roles: vec![crate::Role::Admin],
    };
    tell(&platform, new("ann", "1", "hers"), false).await;
    tell(&platform, new("ann", "2", "hers too"), false).await;
    let id = list(&ann, Page::default()).await.unwrap().notifications[0].id.clone();
    assert_eq!(texts(&bob).await, (Vec::new(), 0));
    assert_eq!(read(&bob, &id).await.unwrap_err().kind, ErrorKind::NotFound);
    read_all(&bob).await.unwrap();
    assert_eq!(texts(&ann).await.1, 2);
    assert_eq!(
        list(&anonymous, Page::default()).await.unwrap_err().kind,
        ErrorKind::Unauthenticated
    );
    assert_eq!(read(&ann, "nonsense").await.unwrap_err().kind, ErrorKind::NotFound);
    for (ctx, kind) in [
        (&bob, ErrorKind::Forbidden),
        (&platform.context(admin), ErrorKind::Forbidden),
        (&anonymous, ErrorKind::Unauthenticated),
    ] {
        let refused = events::subscribe(ctx, "account:ann", 0).await.err().unwrap();
        assert_eq!(refused.kind, kind);
    }
    read_all(&ann).await.unwrap();
    assert_eq!(texts(&ann).await.1, 0);
    assert_eq!(kinds(&ann, 3).await[2], "notifications_read");
}

async fn notices_are_kept_for_ninety_days(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    tell(&platform, new("ann", "1", "old"), false).await;
    clock.advance_ms(1);
    tell(&platform, new("ann", "2", "newer"), false).await;
    clock.advance_ms(KEPT_MS);
    PruneNotifications {}.run(&platform).await.unwrap();
    assert_eq!(texts(&platform.context(caller("ann"))).await.0, ["newer"]);
}
