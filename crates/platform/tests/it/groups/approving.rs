//! Approving: one channel for the owner, or nothing.
#![expect(clippy::panic, reason = "a story that cannot go on fails, and says where")]

use std::sync::Arc;
use std::time::Duration;

use platform::channels::assignments::{self, AssignTo};
use platform::channels::{self, NewChannel, host};
use platform::failpoint::Failpoint;
use platform::groups::channel_requests::{self, Request, Status};
use platform::{Caller, ErrorKind, Page, Role, audit, mail, notifications};
use serde_json::json;

use super::{agree, approve, asked, id, is, person, read, under_way};
use crate::support::{Fault, World};

on_every_database! {
    an_approved_request_gives_its_owner_a_channel
    a_full_pool_keeps_the_request_pending_until_there_is_a_place
    a_provider_that_fails_keeps_the_request_pending_and_leaves_nothing
    an_owner_with_a_channel_gets_no_second_one
    an_owner_who_gets_another_channel_meanwhile_keeps_that_one
    two_admins_who_approve_at_once_make_one_channel
    while_it_is_being_approved_nobody_else_decides
    nobody_approves_an_own_request_but_the_only_admin
}

/// The channel that a person has, as the person sees it.
async fn channel_of(world: &World, person: &Caller) -> Option<channels::Channel> {
    match host::channel(&world.context(person.clone()), id(person)).await {
        Ok(own) => Some(own.channel),
        Err(error) => {
            assert_eq!(error.message, "No channel assigned to this host", "{error}");
            None
        }
    }
}

async fn an_approved_request_gives_its_owner_a_channel(world: World) {
    let olga = person(&world, "olga", &[Role::Host]).await;
    let ada = person(&world, "ada", &[Role::Admin]).await;
    let (shows, request) = asked(&world, &olga, "Morning shows").await;
    world.clock.advance_ms(1_000);
    let approved = approve(&world.platform, &ada, &request).await.unwrap();
    assert_eq!(approved.channel.name, "Morning shows");
    assert_eq!(approved.request, read(&world, &request).await);
    assert_eq!(
        (
            approved.request.status,
            approved.request.channel_id.as_deref(),
            approved.request.decided_by.as_deref()
        ),
        (Status::Approved, Some(&*approved.channel.id), Some(id(&ada)))
    );
    assert_eq!(channel_of(&world, &olga).await, Some(approved.channel.clone()));
    agree(&world, 1, "approved").await;
    assert_eq!(under_way(&world).await, (0, 0));
    assert_eq!(super::shown(&world, &shows).await.request, Some(approved.request));

    let notices = notifications::list(&world.context(olga.clone()), Page::default())
        .await
        .unwrap();
    let mut kinds: Vec<_> = notices
        .notifications
        .iter()
        .map(|notice| notice.kind.as_str())
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["channel_assigned", "channel_request_approved"]);
    assert_eq!(
        notifications::list(&world.context(ada.clone()), Page::default())
            .await
            .unwrap()
            .unread,
        0
    );
    let mails = mail::kept(&world.context(Caller::System)).await.unwrap().unwrap();
    assert_eq!(
        (&*mails[0].to, &*mails[0].subject),
        ("olga@example.com", "Your channel is ready: Morning shows")
    );
    assert!(mails[0].text.contains(&approved.channel.playback_url));
    let events = world.events(&format!("account:{}", id(&olga))).await;
    let update = events
        .iter()
        .rfind(|(kind, _)| kind == "channel_request_update")
        .unwrap();
    assert_eq!(
        (&update.1["status"], &update.1["channelId"]),
        (&json!("APPROVED"), &json!(approved.channel.id))
    );

    let again = approve(&world.platform, &ada, &request).await.unwrap_err();
    assert_eq!(
        (again.kind, &*again.message),
        (ErrorKind::Conflict, "Channel request is already approved")
    );
    let late = channel_requests::reject(&world.context(ada), &request.id, "No.")
        .await
        .unwrap_err();
    assert_eq!(late.kind, ErrorKind::Conflict);
    agree(&world, 1, "approved again").await;
}

async fn a_full_pool_keeps_the_request_pending_until_there_is_a_place(mut world: World) {
    world
        .restart_with(Failpoint::default(), |config| config.channels.capacity = 1)
        .await;
    let olga = person(&world, "olga", &[]).await;
    let ada = person(&world, "ada", &[Role::Admin]).await;
    let new = NewChannel {
        name: "In the way".into(),
        recording_enabled: false,
    };
    let full = channels::create(&world.context(ada.clone()), new).await.unwrap();
    let (_, request) = asked(&world, &olga, "Morning shows").await;
    for _ in 0..2 {
        let refused = approve(&world.platform, &ada, &request).await.unwrap_err();
        assert!(matches!(refused.kind, ErrorKind::LimitReached { .. }), "{refused:?}");
        assert_eq!(refused.message, "Maximum channel limit reached");
        assert_eq!(refused.facts, [("currentCount", json!(1)), ("maxLimit", json!(1))]);
        assert!(read(&world, &request).await.is_pending());
        assert_eq!(under_way(&world).await, (0, 0));
    }
    channels::delete(&world.context(ada.clone()), &full.id).await.unwrap();
    approve(&world.platform, &ada, &request).await.unwrap();
    assert!(channel_of(&world, &olga).await.is_some());
    world.run_jobs().await;
    agree(&world, 1, "approved when there was a place").await;
}

async fn a_provider_that_fails_keeps_the_request_pending_and_leaves_nothing(world: World) {
    let olga = person(&world, "olga", &[]).await;
    let ada = person(&world, "ada", &[Role::Admin]).await;
    let (_, request) = asked(&world, &olga, "Morning shows").await;
    for fault in [
        Fault::Refused(402, "ServiceQuotaExceededException"),
        Fault::Refused(403, "AccessDeniedException"),
        Fault::DoneAndFailed,
    ] {
        world.tower.faults.plan("CreateChannel", fault, 1);
        let refused = approve(&world.platform, &ada, &request).await.unwrap_err();
        let expected = match fault {
            Fault::Refused(402, _) => matches!(refused.kind, ErrorKind::LimitReached { .. }),
            _ => refused.kind == ErrorKind::Provider,
        };
        assert!(expected, "{fault:?}: {refused:?}");
        assert!(read(&world, &request).await.is_pending());
        assert_eq!(
            (under_way(&world).await, channel_of(&world, &olga).await),
            ((0, 0), None)
        );
        world.pass_ms(400_000).await;
        agree(&world, 0, "what the provider made nevertheless is deleted").await;
    }
    approve(&world.platform, &ada, &request).await.unwrap();
    agree(&world, 1, "approved when the provider was back").await;
}

async fn an_owner_with_a_channel_gets_no_second_one(world: World) {
    let olga = person(&world, "olga", &[]).await;
    let ada = person(&world, "ada", &[Role::Admin]).await;
    let (_, first) = asked(&world, &olga, "Morning shows").await;
    let (_, second) = asked(&world, &olga, "Evening shows").await;
    let made = approve(&world.platform, &ada, &first).await.unwrap();
    let refused = approve(&world.platform, &ada, &second).await.unwrap_err();
    assert_eq!(
        (refused.kind, &*refused.message),
        (ErrorKind::Conflict, "Host already has a channel assigned")
    );
    assert_eq!(refused.facts, [("channelId", json!(made.channel.id))]);
    assert!(read(&world, &second).await.is_pending());
    agree(&world, 1, "refused before anything was made").await;

    let admin = world.context(ada.clone());
    assignments::unassign(&admin, &made.channel.id, id(&olga))
        .await
        .unwrap();
    let late = approve(&world.platform, &ada, &second).await.unwrap();
    assert_eq!(channel_of(&world, &olga).await, Some(late.channel));
}

/// Stops at `step` until the answer is told to go on; tells when it is there.
fn pause_at(step: &'static str) -> (Failpoint, Arc<tokio::sync::Notify>, std::sync::mpsc::Sender<()>) {
    let reached = Arc::new(tokio::sync::Notify::new());
    let (go_on, wait) = std::sync::mpsc::channel();
    let (told, wait) = (reached.clone(), std::sync::Mutex::new(wait));
    let failpoint = Failpoint::new(Arc::new(move |at| {
        if at == step {
            told.notify_one();
            // What this thread had still to run, another one runs.
            tokio::task::block_in_place(|| wait.lock().unwrap().recv().unwrap());
        }
    }));
    (failpoint, reached, go_on)
}

async fn an_owner_who_gets_another_channel_meanwhile_keeps_that_one(mut world: World) {
    let (failpoint, made, go_on) = pause_at("request.channel_made");
    world.restart_with(failpoint, |_| {}).await;
    let olga = person(&world, "olga", &[]).await;
    let ada = person(&world, "ada", &[Role::Admin]).await;
    let (_, request) = asked(&world, &olga, "Morning shows").await;
    let new = NewChannel {
        name: "Another".into(),
        recording_enabled: false,
    };
    let admin = world.context(ada.clone());
    let another = channels::create(&admin, new).await.unwrap();
    let approving = {
        let (platform, ada, request) = (world.platform.clone(), ada.clone(), request.clone());
        tokio::spawn(async move { approve(&platform, &ada, &request).await })
    };
    made.notified().await;
    let host = AssignTo::UserId(id(&olga).to_owned());
    assignments::assign(&admin, &another.id, &host).await.unwrap();
    go_on.send(()).unwrap();
    let refused = approving.await.unwrap().unwrap_err();
    assert_eq!(refused.facts, [("channelId", json!(another.id))]);
    assert!(read(&world, &request).await.is_pending());
    assert_eq!(
        channel_of(&world, &olga).await.map(|it| it.id),
        Some(another.id.clone())
    );
    assert_eq!(under_way(&world).await, (0, 0));
    world.run_jobs().await;
    agree(&world, 1, "the channel that was made goes").await;

    assignments::unassign(&admin, &another.id, id(&olga)).await.unwrap();
    go_on.send(()).unwrap();
    approve(&world.platform, &ada, &request).await.unwrap();
    agree(&world, 2, "approved with a new channel").await;
}

async fn two_admins_who_approve_at_once_make_one_channel(world: World) {
    let ada = person(&world, "ada", &[Role::Admin]).await;
    let anna = person(&world, "anna", &[Role::Admin]).await;
    let there = world.replica().await;
    const ROUNDS: usize = 10;
    for round in 0..ROUNDS {
        let owner = person(&world, &format!("owner{round}"), &[]).await;
        let (_, request) = asked(&world, &owner, &format!("Group {round}")).await;
        let (first, second) = tokio::join!(
            approve(&world.platform, &ada, &request),
            approve(&there, &anna, &request)
        );
        let (won, lost) = match (first, second) {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            other => panic!("one of two: {other:?}"),
        };
        assert_eq!(lost.kind, ErrorKind::Conflict, "{lost:?}");
        assert_eq!(channel_of(&world, &owner).await, Some(won.channel));
        assert!(is(&read(&world, &request).await, Status::Approved));
    }
    world.run_jobs().await;
    agree(&world, ROUNDS, "one channel for each request").await;
}

async fn while_it_is_being_approved_nobody_else_decides(mut world: World) {
    let (failpoint, made, go_on) = pause_at("request.channel_made");
    world.restart_with(failpoint, |_| {}).await;
    let olga = person(&world, "olga", &[]).await;
    let ada = person(&world, "ada", &[Role::Admin]).await;
    let (_, request) = asked(&world, &olga, "Morning shows").await;
    let approving = {
        let (platform, ada, request) = (world.platform.clone(), ada.clone(), request.clone());
        tokio::spawn(async move { approve(&platform, &ada, &request).await })
    };
    made.notified().await;
    let (admin, owner) = (world.context(ada.clone()), world.context(olga.clone()));
    for refused in [
        channel_requests::reject(&admin, &request.id, "No.").await.unwrap_err(),
        channel_requests::withdraw(&owner, id(&olga), &request.id)
            .await
            .unwrap_err(),
        approve(&world.platform, &ada, &request).await.unwrap_err(),
    ] {
        assert_eq!(
            (refused.kind, &*refused.message),
            (ErrorKind::Conflict, "Channel request is being approved")
        );
    }
    // The clock runs past the time that an approval may take: somebody else decides, and the approval comes to nothing.
    world
        .clock
        .advance_ms(i64::try_from(Duration::from_secs(600).as_millis()).unwrap());
    channel_requests::reject(&world.context(ada.clone()), &request.id, "Too slow.")
        .await
        .unwrap();
    go_on.send(()).unwrap();
    assert_eq!(approving.await.unwrap().unwrap_err().kind, ErrorKind::Conflict);
    world.run_jobs().await;
    assert!(is(&read(&world, &request).await, Status::Rejected));
    assert_eq!(
        (under_way(&world).await, channel_of(&world, &olga).await),
        ((0, 0), None)
    );
    agree(&world, 0, "the channel that was made goes").await;
}

async fn nobody_approves_an_own_request_but_the_only_admin(world: World) {
    let ada = person(&world, "ada", &[Role::Admin]).await;
    let olga = person(&world, "olga", &[]).await;
    let (_, own) = asked(&world, &ada, "Ada's own").await;
    let approved = approve(&world.platform, &ada, &own).await.unwrap();
    let line = approval_of(&world, &own).await;
    assert_eq!(
        line.detail.as_deref(),
        Some("an own request, approved by the only admin")
    );
    let admin = world.context(ada.clone());
    assignments::unassign(&admin, &approved.channel.id, id(&ada))
        .await
        .unwrap();

    let anna = person(&world, "anna", &[Role::Admin]).await;
    let (_, own) = asked(&world, &ada, "Ada's second").await;
    // Asking for somebody else is asking, too.
    let group = super::group(&world, &olga, "Olga's").await;
    let for_olga = super::ask(&world.context(ada.clone()), &group).await.unwrap();
    for request in [&own, &for_olga] {
        let refused = approve(&world.platform, &ada, request).await.unwrap_err();
        assert_eq!(
            (refused.kind, &*refused.message),
            (ErrorKind::Forbidden, "You cannot approve your own request")
        );
        assert!(read(&world, request).await.is_pending());
        approve(&world.platform, &anna, request).await.unwrap();
    }
    let line = approval_of(&world, &own).await;
    assert_eq!((line.detail, line.actor), (None, format!("account:{}", id(&anna))));
}

/// The audit line about the approval of a request.
async fn approval_of(world: &World, request: &Request) -> audit::Line {
    let target = format!("channel_request:{}", request.id);
    let lines = audit::about(world.platform.db(), &target).await.unwrap();
    let mut approvals = lines
        .into_iter()
        .filter(|line| line.action == "channel_requests.approve");
    approvals.next().unwrap()
}
