//! Asking for a channel, taking it back, hearing no.

use platform::groups;
use platform::groups::channel_requests::{self, DAILY_MAX, LIMIT_MAX, NewRequest, Part, Status};
use platform::{Caller, ErrorKind, Page, Role, audit, mail, notifications};

use super::{approve, ask, asked, group, id, is, person, read, shown};
use crate::support::World;

on_every_database! {
    of_two_who_ask_at_once_one_is_told_that_a_request_is_pending
    admins_hear_of_a_request_and_its_owner_of_the_decision
    a_request_is_taken_back_and_made_again
    an_owner_asks_so_often_a_day
    lists_are_complete_whatever_their_parts
    who_may_ask_decide_and_see
}

async fn of_two_who_ask_at_once_one_is_told_that_a_request_is_pending(world: World) {
    let olga = person(&world, "olga", &[]).await;
    let (here, there) = (
        world.platform.context(olga.clone()),
        world.replica().await.context(olga.clone()),
    );
    for round in 0..20 {
        let shows = group(&world, &olga, &format!("Group {round}")).await;
        let (first, second) = tokio::join!(ask(&here, &shows), ask(&there, &shows));
        let refused: Vec<_> = [&first, &second]
            .into_iter()
            .filter_map(|it| it.as_ref().err())
            .collect();
        assert_eq!(refused.len(), 1, "{first:?} {second:?}");
        assert_eq!(
            (&refused[0].kind, &*refused[0].message),
            (&ErrorKind::Conflict, "A request for this group is already pending")
        );
        assert!(shown(&world, &shows).await.request.is_some_and(|it| it.is_pending()));
        world.clock.advance_ms(24 * 3600 * 1000);
    }
    let broken = "insert into channel_requests (id, group_id, group_name, owner_id, requested_by, proposed_name, status,
         requested_at_ms) select 'x', group_id, group_name, owner_id, requested_by, proposed_name, status, requested_at_ms
         from channel_requests limit 1";
    let mut tx = world.platform.db().begin().await.unwrap();
    assert!(
        sqlx::query(broken).execute(tx.conn()).await.is_err(),
        "the database itself refuses a second one"
    );
}

/// The unread notices of a person, newest first, as kind and address.
async fn told(world: &World, person: &Caller) -> Vec<(String, String)> {
    let list = notifications::list(&world.context(person.clone()), Page::default())
        .await
        .unwrap();
    let unread = list
        .notifications
        .into_iter()
        .filter(|notice| notice.read_at_ms.is_none());
    unread.map(|notice| (notice.kind, notice.href)).collect()
}

/// The mails so far, oldest first, as address and subject; and the text of the last.
async fn mails(world: &World) -> (Vec<(String, String)>, String) {
    let mut kept = mail::kept(&world.context(Caller::System)).await.unwrap().unwrap();
    kept.reverse();
    let last = kept.last().map(|mail| mail.text.clone()).unwrap_or_default();
    (kept.into_iter().map(|mail| (mail.to, mail.subject)).collect(), last)
}

async fn admins_hear_of_a_request_and_its_owner_of_the_decision(world: World) {
    let olga = person(&world, "olga", &[Role::Host]).await;
    let ada = person(&world, "ada", &[Role::Admin]).await;
    let shows = group(&world, &olga, "Morning shows").await;
    let new = NewRequest {
        proposed_name: Some("Morning".into()),
        note: Some("Every day at seven.".into()),
    };
    let ctx = world.context(olga.clone());
    let request = channel_requests::submit(&ctx, id(&olga), &shows.id, new).await.unwrap();
    assert_eq!(request, read(&world, &request).await);
    assert_eq!(
        told(&world, &ada).await,
        [("channel_requested".into(), "/ui/channels".into())]
    );
    assert_eq!(told(&world, &olga).await, []);
    let (sent, text) = mails(&world).await;
    assert_eq!(
        sent,
        [("ada@example.com".into(), "Channel requested: Morning shows".into())]
    );
    assert!(text.contains("Note: Every day at seven."), "{text}");

    world.clock.advance_ms(1_000);
    let reject = |reason: &'static str| {
        let ctx = world.context(ada.clone());
        let request_id = request.id.clone();
        async move { channel_requests::reject(&ctx, &request_id, reason).await }
    };
    let silent = reject("  ").await.unwrap_err();
    assert_eq!(silent.kind, ErrorKind::Invalid { field: "reason".into() });
    let rejected = reject("The pool is for news.").await.unwrap();
    assert_eq!(rejected, read(&world, &request).await);
    assert_eq!(
        (
            rejected.status,
            rejected.reason.as_deref(),
            rejected.decided_by.as_deref()
        ),
        (Status::Rejected, Some("The pool is for news."), Some(id(&ada)))
    );
    assert_eq!(told(&world, &ada).await, [], "there is nothing left to decide");
    let page = format!("/ui/groups/{}", shows.id);
    assert_eq!(told(&world, &olga).await, [("channel_request_rejected".into(), page)]);
    let (sent, text) = mails(&world).await;
    assert_eq!(
        sent[1],
        (
            "olga@example.com".into(),
            "Channel request rejected: Morning shows".into()
        )
    );
    assert!(text.contains("Reason: The pool is for news."), "{text}");
    let again = reject("No.").await.unwrap_err();
    assert_eq!(
        (again.kind, &*again.message),
        (ErrorKind::Conflict, "Channel request is already rejected")
    );
    let late = approve(&world.platform, &ada, &request).await.unwrap_err();
    assert_eq!(
        (late.kind, &*late.message),
        (ErrorKind::Conflict, "Channel request is already rejected")
    );

    let lines = audit::about(world.platform.db(), &format!("channel_request:{}", request.id))
        .await
        .unwrap();
    let lines: Vec<_> = lines
        .iter()
        .rev()
        .map(|line| (line.action.as_str(), line.actor.clone()))
        .collect();
    let (olga, ada) = (format!("account:{}", id(&olga)), format!("account:{}", id(&ada)));
    assert_eq!(
        lines,
        [("channel_requests.submit", olga), ("channel_requests.reject", ada)]
    );
    let events = world.events("channels").await;
    let statuses: Vec<_> = events
        .iter()
        .map(|(kind, payload)| (kind.as_str(), payload["status"].clone()))
        .collect();
    assert_eq!(
        statuses,
        [
            ("channel_request_update", "PENDING".into()),
            ("channel_request_update", "REJECTED".into())
        ]
    );
}

async fn a_request_is_taken_back_and_made_again(world: World) {
    let olga = person(&world, "olga", &[]).await;
    let ada = person(&world, "ada", &[Role::Admin]).await;
    let ctx = world.context(olga.clone());
    let (shows, request) = asked(&world, &olga, "Morning shows").await;
    let refused = groups::remove(&ctx, id(&olga), &shows.id).await.unwrap_err();
    assert_eq!(
        (refused.kind, &*refused.message),
        (
            ErrorKind::Conflict,
            "A request for this group is pending: withdraw it first"
        )
    );
    channel_requests::withdraw(&ctx, id(&olga), &request.id).await.unwrap();
    assert_eq!(told(&world, &ada).await, []);
    assert_eq!(shown(&world, &shows).await.request, None);
    let gone = channel_requests::withdraw(&ctx, id(&olga), &request.id)
        .await
        .unwrap_err();
    assert_eq!(
        (gone.kind, &*gone.message),
        (ErrorKind::NotFound, "Channel request not found")
    );
    let gone = approve(&world.platform, &ada, &request).await.unwrap_err();
    assert_eq!(gone.kind, ErrorKind::NotFound);
    let mine = channel_requests::of_owner(&ctx, id(&olga), Part::default())
        .await
        .unwrap();
    assert!(mine.requests.is_empty(), "what was withdrawn is shown to nobody");

    let second = ask(&ctx, &shows).await.unwrap();
    let admin = world.context(ada.clone());
    channel_requests::reject(&admin, &second.id, "Not yet.").await.unwrap();
    let late = channel_requests::withdraw(&ctx, id(&olga), &second.id)
        .await
        .unwrap_err();
    assert_eq!(late.kind, ErrorKind::Conflict);
    world.clock.advance_ms(1);
    let third = ask(&world.context(olga.clone()), &shows).await.unwrap();
    assert_eq!(shown(&world, &shows).await.request, Some(third.clone()));
    channel_requests::reject(&admin, &third.id, "Not yet.").await.unwrap();
    groups::remove(&ctx, id(&olga), &shows.id).await.unwrap();
    assert_eq!(
        read(&world, &third).await.group_name,
        "Morning shows",
        "a request outlives its group"
    );
}

async fn an_owner_asks_so_often_a_day(world: World) {
    let olga = person(&world, "olga", &[]).await;
    let shows = group(&world, &olga, "Morning shows").await;
    for _ in 0..DAILY_MAX {
        let ctx = world.context(olga.clone());
        let request = ask(&ctx, &shows).await.unwrap();
        channel_requests::withdraw(&ctx, id(&olga), &request.id).await.unwrap();
        world.clock.advance_ms(60_000);
    }
    let refused = ask(&world.context(olga.clone()), &shows).await.unwrap_err();
    let wait_s = (24 * 60 - u64::try_from(DAILY_MAX).unwrap()) * 60;
    assert_eq!(refused.kind, ErrorKind::LimitReached { retry_after_s: wait_s });
    world.clock.advance_ms(i64::try_from(wait_s).unwrap() * 1_000 - 1);
    assert!(ask(&world.context(olga.clone()), &shows).await.is_err());
    world.clock.advance_ms(1);
    ask(&world.context(olga.clone()), &shows).await.unwrap();
}

async fn lists_are_complete_whatever_their_parts(world: World) {
    let (olga, oleg) = (person(&world, "olga", &[]).await, person(&world, "oleg", &[]).await);
    let mut asked_for = Vec::new();
    for number in 0..7 {
        let owner = if number % 3 == 0 { &oleg } else { &olga };
        let (_, request) = asked(&world, owner, &format!("Group {number}")).await;
        if number % 2 == 1 {
            channel_requests::reject(&world.admin(), &request.id, "No.")
                .await
                .unwrap();
        }
        asked_for.push(request.id);
        world.clock.advance_ms(1);
    }
    let walk = async |status: Option<Status>, limit: i64| {
        let (mut ids, mut next_token) = (Vec::new(), None);
        loop {
            let part = Part {
                limit: Some(limit),
                next_token,
            };
            let list = channel_requests::list(&world.admin(), status, part).await.unwrap();
            let is_last = list.next_token.is_none();
            assert!(
                is_last || list.requests.len() as i64 == limit,
                "no short part but the last"
            );
            assert!(
                list.requests
                    .iter()
                    .all(|it| status.is_none_or(|status| is(it, status)))
            );
            ids.extend(list.requests.into_iter().map(|it| it.id));
            if is_last {
                return ids;
            }
            next_token = list.next_token;
        }
    };
    let pending: Vec<_> = asked_for.iter().step_by(2).cloned().collect();
    let newest: Vec<_> = asked_for.iter().rev().cloned().collect();
    for limit in [1, 2, 4, 7, LIMIT_MAX] {
        assert_eq!(
            walk(Some(Status::Pending), limit).await,
            pending,
            "who waits longest is first"
        );
        assert_eq!(walk(None, limit).await, newest);
    }
    assert_eq!(walk(Some(Status::Approved), 1).await, [""; 0]);
    let mine = channel_requests::of_owner(&world.context(oleg.clone()), id(&oleg), Part::default())
        .await
        .unwrap();
    let mine: Vec<_> = mine.requests.into_iter().map(|it| it.id).collect();
    assert_eq!(mine, [6, 3, 0].map(|number| asked_for[number].clone()));

    let part = |next_token: &str| Part {
        limit: None,
        next_token: Some(next_token.to_owned()),
    };
    let one = Part {
        limit: Some(1),
        next_token: None,
    };
    let first = channel_requests::list(&world.admin(), Some(Status::Pending), one)
        .await
        .unwrap();
    let foreign = channel_requests::list(&world.admin(), None, part(&first.next_token.unwrap())).await;
    let broken = channel_requests::list(&world.admin(), None, part("nonsense")).await;
    for refused in [foreign, broken] {
        let error = refused.unwrap_err();
        assert_eq!(
            error.kind,
            ErrorKind::Invalid {
                field: "nextToken".into()
            }
        );
        assert_eq!(error.message, "Invalid nextToken");
    }
    for limit in [0, LIMIT_MAX + 1] {
        let wrong = Part {
            limit: Some(limit),
            next_token: None,
        };
        let error = channel_requests::list(&world.admin(), None, wrong).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid { field: "limit".into() });
    }
}

async fn who_may_ask_decide_and_see(world: World) {
    let olga = person(&world, "olga", &[Role::Host]).await;
    let (shows, request) = asked(&world, &olga, "Morning shows").await;
    let other = person(&world, "other", &[Role::Host]).await;
    for (ctx, expected) in [
        (world.anonymous(), ErrorKind::Unauthenticated),
        (world.context(other.clone()), ErrorKind::Forbidden),
    ] {
        let refusals = [
            ask(&ctx, &shows).await.err(),
            channel_requests::withdraw(&ctx, id(&olga), &request.id).await.err(),
            channel_requests::of_owner(&ctx, id(&olga), Part::default()).await.err(),
            channel_requests::list(&ctx, None, Part::default()).await.err(),
            channel_requests::reject(&ctx, &request.id, "No.").await.err(),
            approve(&world.platform, &ctx.caller, &request).await.err(),
        ];
        for refusal in refusals {
            assert_eq!(
                refusal.map(|error| error.kind),
                Some(expected.clone()),
                "{:?}",
                ctx.caller
            );
        }
    }
    let foreign = channel_requests::withdraw(&world.context(other.clone()), id(&other), &request.id).await;
    assert_eq!(
        foreign.unwrap_err().kind,
        ErrorKind::NotFound,
        "under one's own name it is not found"
    );
    let unknown = channel_requests::reject(&world.admin(), &shows.id, "No.")
        .await
        .unwrap_err();
    assert_eq!(
        (unknown.kind, &*unknown.message),
        (ErrorKind::NotFound, "Channel request not found")
    );
    assert!(read(&world, &request).await.is_pending());
}
