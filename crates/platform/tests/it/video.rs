//! The ledger and its janitor against a provider that fails in every way.

use std::time::Duration;

use platform::auctions;
use platform::video::{self, Owner};
use platform::{Error, ErrorKind};

use crate::support::{Fault, INSTALLATION, World, watch};

on_every_database! {
    a_creation_that_was_done_but_not_answered_is_found_and_deleted
    a_creation_that_was_done_and_answered_with_an_error_is_not_repeated
    a_throttled_creation_is_repeated_by_the_sdk
    a_creation_that_outlives_the_grace_period_loses_its_channel
    deleting_on_air_takes_the_key_and_stops_the_stream_first
    the_janitor_finds_channels_nobody_wrote_down_and_leaves_others_alone
    the_janitor_marks_lost_channels_and_recovers_them
    an_unreachable_provider_is_named_with_its_remedy
    leaks_are_for_admins
    a_full_rate_budget_turns_creations_away_and_abandoned_ones_leave_nothing
}

/// Channels of other applications in the account: more than a page.
const FOREIGN: usize = 101;

async fn create(world: &World) -> Result<auctions::Created, Error> {
    auctions::create(&world.host(), watch()).await
}

async fn a_creation_that_was_done_but_not_answered_is_found_and_deleted(mut world: World) {
    world
        .restart_with(Default::default(), |config| {
            config.video.call_timeout = Duration::from_millis(300)
        })
        .await;
    world.tower.faults.plan("CreateChannel", Fault::DoneAndSilent, 1);
    let error = create(&world).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Provider);
    assert!(error.detail.unwrap().contains("no answer in time"));
    assert_eq!(
        world.tower.channel_names().await.len(),
        1,
        "the provider made it all the same"
    );
    assert_eq!(world.number("select count(*) from auctions").await, 0);
    world.run_jobs().await;
    assert_eq!(
        (world.tower.channel_names().await.len(), world.open_resources().await),
        (0, 0)
    );
}

async fn a_creation_that_was_done_and_answered_with_an_error_is_not_repeated(world: World) {
    world.tower.faults.plan("CreateChannel", Fault::DoneAndFailed, 1);
    create(&world).await.unwrap_err();
    assert_eq!(
        world.tower.faults.calls("CreateChannel"),
        1,
        "a second attempt would have made a second channel"
    );
    world.run_jobs().await;
    assert_eq!(
        (world.tower.channel_names().await.len(), world.open_resources().await),
        (0, 0)
    );
    // An error that left nothing is settled too, once nothing can appear any more.
    world
        .tower
        .faults
        .plan("CreateChannel", Fault::Refused(500, "InternalServerException"), 1);
    create(&world).await.unwrap_err();
    world.run_jobs().await;
    assert_eq!(world.open_resources().await, 1, "it might still appear");
    world.pass_ms(50_000).await;
    assert_eq!(world.open_resources().await, 0);
}

async fn a_throttled_creation_is_repeated_by_the_sdk(world: World) {
    world
        .tower
        .faults
        .plan("CreateChannel", Fault::Refused(429, "ThrottlingException"), 1);
    create(&world).await.unwrap();
    assert_eq!(world.tower.faults.calls("CreateChannel"), 2);
    assert_eq!(world.tower.channel_names().await.len(), 1);
}

/// The process stalled between "channel created" and "row saved" for longer than the grace period.
async fn a_creation_that_outlives_the_grace_period_loses_its_channel(world: World) {
    let ctx = world.host();
    let owner = Owner::auction("018f0000-0000-7000-8000-000000000000");
    let channel = video::create_channel(&ctx, &owner, "auction video", "auction_slow")
        .await
        .unwrap();
    world.clock.advance_ms(60_000);
    world.run_jobs().await;
    assert_eq!(world.tower.channel_names().await.len(), 0);
    let mut tx = world.platform.db().begin().await.unwrap();
    let late = video::activate(&mut tx, &channel, world.clock.now_ms())
        .await
        .unwrap_err();
    assert_eq!(late.kind, ErrorKind::Conflict);
    tx.rollback().await.unwrap();
    video::give_up(&ctx, &channel, "too late").await.unwrap();
    world.run_jobs().await;
    assert_eq!(world.open_resources().await, 0);
}

async fn deleting_on_air_takes_the_key_and_stops_the_stream_first(world: World) {
    let auction = world.auction().await.view.auction;
    // As the provider answers while somebody publishes, and a moment longer.
    world
        .tower
        .faults
        .plan("DeleteChannel", Fault::Refused(409, "ConflictException"), 2);
    world.tower.faults.take_calls();
    auctions::close(&world.host(), &auction.id).await.unwrap();
    world.run_jobs().await;
    let calls = world.tower.faults.take_calls();
    let deletion: Vec<&str> = calls
        .iter()
        .map(String::as_str)
        .filter(|call| !["ListChannels", "ListStreams", "ListRooms", "DeleteRoom"].contains(call))
        .collect();
    assert_eq!(
        deletion,
        [
            "DeleteChannel",
            "ListStreamKeys",
            "DeleteStreamKey",
            "StopStream",
            "DeleteChannel",
            "DeleteChannel"
        ]
    );
    assert_eq!(
        (world.tower.channel_names().await.len(), world.open_resources().await),
        (0, 0)
    );
}

async fn the_janitor_finds_channels_nobody_wrote_down_and_leaves_others_alone(world: World) {
    let ours = world.auction().await.view.auction;
    let tag = |installation: &'static str, resource: &'static str| {
        [
            ("rostrum:installation", installation),
            ("rostrum:owner", "auction:1"),
            ("rostrum:purpose", "auction video"),
            ("rostrum:resource", resource),
        ]
    };
    let client = world.tower.client();
    // More than one page of them.
    for _ in 0..FOREIGN {
        client.create_channel().name("foreign").send().await.unwrap();
    }
    for (name, tags) in [
        ("neighbour", tag("another", "r1")),
        ("orphan", tag(INSTALLATION, "r2")),
        ("twin", tag(INSTALLATION, "r3")),
    ] {
        let request = tags
            .into_iter()
            .fold(client.create_channel().name(name), |request, (key, value)| {
                request.tags(key, value)
            });
        request.send().await.unwrap();
    }
    let leaks = world.leaks().await;
    assert_eq!(leaks.len(), 2, "{leaks:?}");
    assert!(
        leaks
            .iter()
            .all(|leak| leak.what.contains("nobody wrote down") && leak.owner == "auction:1"),
        "{leaks:?}"
    );
    assert_eq!(
        world.tower.channel_names().await.len(),
        FOREIGN + 4,
        "a report changes nothing"
    );
    world.pass_ms(1_300_000).await;
    let kept = world.tower.channel_names().await;
    assert_eq!(
        kept.len(),
        FOREIGN + 1,
        "the auction ended meanwhile, the orphans are gone"
    );
    assert!(
        kept.iter().all(|name| name == "foreign" || name == "neighbour"),
        "{kept:?}"
    );
    assert!(
        auctions::get(&world.host(), &ours.id)
            .await
            .unwrap()
            .auction
            .ended()
            .is_some()
    );
    assert_eq!((world.leaks().await, world.open_resources().await), (vec![], 0));
}

async fn the_janitor_marks_lost_channels_and_recovers_them(world: World) {
    let auction = auctions::create(
        &world.host(),
        auctions::NewAuction {
            duration_s: 86_400,
            ..watch()
        },
    )
    .await
    .unwrap()
    .view
    .auction;
    world
        .tower
        .client()
        .delete_channel()
        .arn(&auction.channel.arn)
        .send()
        .await
        .unwrap();
    world.clock.advance_ms(700_000);
    world.run_jobs().await;
    let leaks = world.leaks().await;
    assert_eq!(leaks.len(), 1);
    assert!(leaks[0].what.contains("gone at the provider"), "{leaks:?}");
    // The auction itself goes on, and ends without anything to delete.
    auctions::close(&world.host(), &auction.id).await.unwrap();
    world.run_jobs().await;
    assert_eq!((world.leaks().await, world.open_resources().await), (vec![], 0));
}

async fn an_unreachable_provider_is_named_with_its_remedy(mut world: World) {
    world
        .restart_with(Default::default(), |config| {
            // The discard port: nothing listens there.
            config.video.endpoint_url = Some("http://127.0.0.1:9".into());
        })
        .await;
    let error = create(&world).await.unwrap_err();
    let cause = error.detail.unwrap();
    assert!(
        cause.contains("http://127.0.0.1:9 in us-east-1") && cause.contains("check the endpoint"),
        "{cause}"
    );
    world
        .restart_with(Default::default(), |config| {
            config.video.credentials.as_mut().unwrap().secret_key = "wrong".into()
        })
        .await;
    let error = create(&world).await.unwrap_err();
    assert!(
        error.detail.as_ref().unwrap().contains("AWS_SECRET_ACCESS_KEY"),
        "{error:?}"
    );
    world.restart().await;
    world.pass_ms(60_000).await;
    assert_eq!(world.open_resources().await, 0);
}

async fn leaks_are_for_admins(world: World) {
    assert_eq!(
        video::leaks(&world.host()).await.unwrap_err().kind,
        ErrorKind::Forbidden
    );
    assert_eq!(
        video::leaks(&world.anonymous()).await.unwrap_err().kind,
        ErrorKind::Unauthenticated
    );
}

async fn a_full_rate_budget_turns_creations_away_and_abandoned_ones_leave_nothing(mut world: World) {
    world
        .restart_with(Default::default(), |config| config.video.calls_per_second = Some(1))
        .await;
    let mut creations = tokio::task::JoinSet::new();
    for _ in 0..14 {
        let ctx = world.host();
        creations.spawn(async move { auctions::create(&ctx, watch()).await });
    }
    let refused = loop {
        match creations.join_next().await.unwrap().unwrap() {
            Ok(_) => {}
            Err(error) => break error,
        }
    };
    assert!(
        matches!(refused.kind, ErrorKind::Unavailable { retry_after_s: 1.. }),
        "{refused:?}"
    );
    // The clients of the waiting ones go away.
    creations.shutdown().await;
    world.restart().await;
    world.pass_ms(400_000).await;
    assert_eq!(
        (world.tower.channel_names().await.len(), world.open_resources().await),
        (0, 0)
    );
}
