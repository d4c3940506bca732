//! Killed at every step of an approval: afterwards request, pool, provider and ledger agree.

use platform::channels::host;
use platform::failpoint::{CHANNEL_STEPS, REQUEST_STEPS};
use platform::groups::channel_requests::{self, Status};
use platform::{Caller, ErrorKind, Page, Role, audit, notifications};

use super::{agree, approve, asked, id, is, person, read, under_way};
use crate::support::{Fault, World, die_at};

on_every_database! {
    killed_at_any_step_the_approval_is_finished_once
    killed_and_rejected_nothing_is_left
    killed_and_then_refused_the_request_is_pending_and_the_admin_is_told
}

/// Every step, in its order.
fn steps() -> Vec<&'static str> {
    let mut steps = vec![REQUEST_STEPS[0]];
    steps.extend(CHANNEL_STEPS);
    steps.push("video.resource_written");
    steps.extend(&REQUEST_STEPS[1..]);
    steps
}

/// Longer than an approval may take.
const LATER_MS: i64 = 400_000;

async fn dies(world: &mut World, step: &'static str, admin: &Caller, request: &channel_requests::Request) {
    world.restart_with(die_at(step), |_| {}).await;
    let (platform, admin, request) = (world.platform.clone(), admin.clone(), request.clone());
    let life = tokio::spawn(async move { approve(&platform, &admin, &request).await.map(drop) });
    assert!(life.await.unwrap_err().is_panic(), "{step}");
    world.restart().await;
}

async fn killed_at_any_step_the_approval_is_finished_once(mut world: World) {
    let ada = person(&world, "ada", &[Role::Admin]).await;
    for (number, step) in (1..).zip(steps()) {
        let owner = person(&world, &format!("owner{number}"), &[]).await;
        let (_, request) = asked(&world, &owner, &format!("Group {number}")).await;
        dies(&mut world, step, &ada, &request).await;
        if step != "request.approved" {
            let again = approve(&world.platform, &ada, &request).await.unwrap_err();
            assert_eq!(again.message, "Channel request is being approved", "{step}");
        }
        world.pass_ms(LATER_MS).await;
        let done = read(&world, &request).await;
        assert!(is(&done, Status::Approved), "{step}: {done:?}");
        assert_eq!(
            done.decided_by.as_deref(),
            Some(id(&ada)),
            "{step}: in the name of who decided"
        );
        let own = host::channel(&world.context(owner.clone()), id(&owner)).await.unwrap();
        assert_eq!(Some(own.channel.id), done.channel_id, "{step}");
        assert_eq!(under_way(&world).await, (0, 0), "{step}");
        agree(&world, number, step).await;
        let lines = audit::about(world.platform.db(), &format!("channel_request:{}", request.id))
            .await
            .unwrap();
        let approvals = lines
            .iter()
            .filter(|line| line.action == "channel_requests.approve")
            .count();
        assert_eq!(approvals, 1, "{step}");
        let told = notifications::list(&world.context(owner.clone()), Page::default())
            .await
            .unwrap();
        assert_eq!(told.notifications.len(), 2, "{step}: approved and assigned, once each");
    }
}

async fn killed_and_rejected_nothing_is_left(mut world: World) {
    let ada = person(&world, "ada", &[Role::Admin]).await;
    let olga = person(&world, "olga", &[]).await;
    let (shows, request) = asked(&world, &olga, "Morning shows").await;
    dies(&mut world, "request.channel_made", &ada, &request).await;
    agree(&world, 1, "made, and nobody's").await;
    world.clock.advance_ms(LATER_MS);
    channel_requests::reject(&world.context(ada.clone()), &request.id, "Changed my mind.")
        .await
        .unwrap();
    world.run_jobs().await;
    world.run_jobs().await;
    assert!(is(&read(&world, &request).await, Status::Rejected));
    assert_eq!(under_way(&world).await, (0, 0));
    agree(&world, 0, "it goes").await;
    let again = super::ask(&world.context(olga.clone()), &shows).await.unwrap();
    approve(&world.platform, &ada, &again).await.unwrap();
    agree(&world, 1, "approved the second time").await;
}

async fn killed_and_then_refused_the_request_is_pending_and_the_admin_is_told(mut world: World) {
    let ada = person(&world, "ada", &[Role::Admin]).await;
    let olga = person(&world, "olga", &[]).await;
    let (_, request) = asked(&world, &olga, "Morning shows").await;
    dies(&mut world, "request.begun", &ada, &request).await;
    world
        .tower
        .faults
        .plan("CreateChannel", Fault::Refused(403, "AccessDeniedException"), 1);
    world.pass_ms(LATER_MS).await;
    assert!(read(&world, &request).await.is_pending());
    assert_eq!(under_way(&world).await, (0, 0));
    agree(&world, 0, "nothing was made").await;
    let told = notifications::list(&world.context(ada.clone()), Page::default())
        .await
        .unwrap();
    let notice = told
        .notifications
        .iter()
        .find(|it| it.kind == "channel_request_not_approved")
        .unwrap();
    assert!(notice.text.contains("Failed to create IVS channel"), "{}", notice.text);
    approve(&world.platform, &ada, &request).await.unwrap();
    let late = approve(&world.platform, &ada, &request).await.unwrap_err();
    assert_eq!(late.kind, ErrorKind::Conflict);
}
