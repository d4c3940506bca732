//! The acceptance scenarios of auctions, as far as they concern video.

use platform::auctions::{self, EndReason, Filter, Status};
use platform::broadcasts::VideoState;
use platform::{ErrorKind, Page};

use crate::support::{Fault, World, watch};

on_every_database! {
    create_makes_exactly_one_channel_and_answers_the_four_facts
    nothing_but_create_and_reveal_ever_carries_the_key
    restart_across_the_end_settles_once_and_deletes_the_channel
    close_by_host_has_the_same_effects_as_the_timer
    a_deletion_that_fails_twice_is_retried_until_the_ledger_is_empty
    when_the_provider_cannot_create_there_is_no_auction_and_a_clear_error
    two_closers_make_one_outcome
    news_and_closing_of_many_auctions_do_not_block_each_other
}

/// (a) create → exactly one channel `auction_{id}`, response has four IVS facts.
async fn create_makes_exactly_one_channel_and_answers_the_four_facts(world: World) {
    let created = world.auction().await;
    let auction = &created.view.auction;
    assert_eq!(world.tower.channel_names().await, [format!("auction_{}", auction.id)]);
    assert_eq!(world.tower.faults.calls("CreateChannel"), 1);

    let channel = world
        .tower
        .client()
        .get_channel()
        .arn(&auction.channel.arn)
        .send()
        .await
        .unwrap()
        .channel
        .unwrap();
    assert_eq!(
        channel.playback_url.as_deref(),
        Some(auction.channel.playback_url.as_str())
    );
    assert_eq!(channel.r#type.unwrap().as_str(), "BASIC");
    assert_eq!(
        channel.recording_configuration_arn.unwrap_or_default(),
        "",
        "never recorded"
    );
    let tags = channel.tags.unwrap();
    assert_eq!(tags["rostrum:owner"], format!("auction:{}", auction.id));
    assert_eq!(tags["rostrum:resource"], auction.channel.resource_id);

    let ingest = &created.ingest;
    assert!(
        ingest.stream_key.reveal().starts_with("sk_"),
        "a key of the provider's shape"
    );
    assert_eq!(ingest.endpoint, "localhost");
    assert_eq!(
        ingest.rtmp_url().unwrap().reveal(),
        format!("rtmp://localhost:1935/app/{}", ingest.stream_key.reveal())
    );
    assert_eq!(
        ingest.rtmps_url().reveal(),
        format!("rtmps://localhost:443/app/{}", ingest.stream_key.reveal())
    );
    assert_eq!(
        (created.view.video.state, created.view.is_mine),
        (VideoState::Waiting, Some(true))
    );
    assert_eq!(auction.ends_at_ms() - auction.created_at_ms, 300_000);
    assert!(world.leaks().await.is_empty());
}

/// (b) GET/list/WS never contain the key.
async fn nothing_but_create_and_reveal_ever_carries_the_key(world: World) {
    let created = world.auction().await;
    let id = &created.view.auction.id;
    let key = created.ingest.stream_key.reveal();
    let host = world.host();
    let answers = [
        format!("{:?}", auctions::get(&host, id).await.unwrap()),
        format!(
            "{:?}",
            auctions::list(&host, Filter::default(), Page::default()).await.unwrap()
        ),
        format!("{:?}", auctions::state(&host, id).await.unwrap()),
        format!("{:?}", auctions::now(&host).await.unwrap()),
        format!("{:?}", auctions::health(&host, id).await.unwrap()),
        format!("{created:?}"),
    ];
    assert!(answers.iter().all(|answer| !answer.contains(key)), "{answers:?}");
    let stored = [
        "select payload from events",
        "select payload from jobs",
        "select ivs_stream_key from auctions",
        "select coalesce(detail, '') from audit",
        "select coalesce(last_error, '') from video_resources",
    ];
    for sql in stored {
        let rows: Vec<(String,)> = sqlx::query_as(sql).fetch_all(world.platform.db().read()).await.unwrap();
        assert!(
            !rows.is_empty() && rows.iter().all(|(text,)| !text.contains(key)),
            "{sql}"
        );
    }
    assert_eq!(
        auctions::reveal_stream_key(&host, id)
            .await
            .unwrap()
            .stream_key
            .reveal(),
        key
    );
}

/// (e) restart across the end → settled once, channel deleted.
async fn restart_across_the_end_settles_once_and_deletes_the_channel(mut world: World) {
    let created = world.auction().await;
    let auction = created.view.auction;
    world.clock.advance_ms(3_600_000);
    world.restart().await;
    let replica = world.replica().await;
    let (_, other) = tokio::join!(world.run_jobs(), platform::testing::run_due_jobs(&replica));
    other.unwrap();
    let settled = auctions::get(&world.anonymous(), &auction.id).await.unwrap();
    let ended = settled.auction.ended().unwrap();
    assert_eq!(
        (ended.at_ms, ended.reason),
        (auction.ends_at_ms(), EndReason::Time),
        "the clock is never restarted"
    );
    assert_eq!(settled.video.state, VideoState::Ended);
    assert_eq!(
        kinds(&world, &auction.id).await,
        [
            "auction_created",
            "chat_room",
            "timer_update",
            "video_update",
            "auction_ended"
        ]
    );
    assert_eq!(world.tower.channel_names().await, [""; 0]);
    assert_eq!(world.open_resources().await, 0);
}

/// (f) close by host = same effects as timer.
async fn close_by_host_has_the_same_effects_as_the_timer(world: World) {
    let by_host = world.auction().await.view.auction;
    let by_time = world.auction().await.view.auction;
    auctions::close(&world.host(), &by_host.id).await.unwrap();
    world.clock.advance_ms(301_000);
    world.run_jobs().await;
    world.run_jobs().await;
    let mut outcomes = Vec::new();
    for id in [&by_host.id, &by_time.id] {
        let events = world.events(&format!("auction:{id}")).await;
        let (kind, ended) = events.last().unwrap().clone();
        assert_eq!(
            (
                kind.as_str(),
                ended["winner_id"].is_null(),
                ended["auction_id"].as_str()
            ),
            ("auction_ended", true, Some(id.as_str()))
        );
        outcomes.push((
            kinds(&world, id).await,
            auctions::get(&world.host(), id).await.unwrap().auction.status,
        ));
    }
    assert_eq!(outcomes[0], outcomes[1]);
    assert_eq!(outcomes[0].1, Status::Closed);
    assert_eq!(world.tower.channel_names().await, [""; 0]);
    let reasons: Vec<String> = world
        .events("auctions")
        .await
        .iter()
        .filter_map(|(_, payload)| Some(payload.get("reason")?.as_str()?.to_owned()))
        .collect();
    assert_eq!(reasons, ["host", "time"]);
}

/// (g) channel deletion fails twice → retried, ledger empty in the end.
async fn a_deletion_that_fails_twice_is_retried_until_the_ledger_is_empty(world: World) {
    let auction = world.auction().await.view.auction;
    // Without the SDK's own attempts: each of these is a refusal that it does not repeat.
    world
        .tower
        .faults
        .plan("DeleteChannel", Fault::Refused(403, "AccessDeniedException"), 2);
    auctions::close(&world.host(), &auction.id).await.unwrap();
    world.run_jobs().await;
    let leaks = world.leaks().await;
    assert_eq!(
        (leaks.len(), leaks[0].attempts, leaks[0].arn.as_deref()),
        (1, 1, Some(auction.channel.arn.as_str()))
    );
    assert!(
        leaks[0].last_error.as_ref().unwrap().contains("AccessDeniedException"),
        "{leaks:?}"
    );
    world.pass_ms(60_000).await;
    assert_eq!(world.tower.faults.calls("DeleteChannel"), 3);
    assert_eq!((world.leaks().await, world.open_resources().await), (vec![], 0));
    assert_eq!(world.tower.channel_names().await, [""; 0]);
}

/// (h) provider create fails → no auction row, clear error.
async fn when_the_provider_cannot_create_there_is_no_auction_and_a_clear_error(world: World) {
    world
        .tower
        .faults
        .plan("CreateChannel", Fault::Refused(403, "AccessDeniedException"), 1);
    let error = auctions::create(&world.host(), watch()).await.unwrap_err();
    assert_eq!(
        (error.kind.clone(), error.message.as_ref()),
        (ErrorKind::Provider, "Failed to create IVS channel")
    );
    let cause = error.detail.unwrap();
    assert!(
        cause.contains("AccessDeniedException") && cause.contains("IAM"),
        "{cause}"
    );
    assert_eq!(world.number("select count(*) from auctions").await, 0);
    assert_eq!((world.open_resources().await, world.leaks().await), (0, vec![]));
    assert!(world.events("auctions").await.is_empty());
    // Nothing stays behind that would stop the next one.
    world.auction().await;
    assert_eq!(world.tower.channel_names().await.len(), 1);
}

async fn two_closers_make_one_outcome(world: World) {
    let auction = world.auction().await.view.auction;
    let host = world.host();
    // On a process of its own where the database can be shared.
    let admin = world.replica().await.context(world.admin().caller);
    world.clock.advance_ms(300_000);
    let (first, second, ()) = tokio::join!(
        auctions::close(&host, &auction.id),
        auctions::close(&admin, &auction.id),
        world.run_jobs()
    );
    let successes = [&first, &second].into_iter().filter(|outcome| outcome.is_ok()).count();
    for refused in [first, second].into_iter().filter_map(Result::err) {
        assert_eq!(refused.kind, ErrorKind::Conflict);
    }
    assert!(successes <= 1);
    assert_eq!(
        kinds(&world, &auction.id).await,
        [
            "auction_created",
            "chat_room",
            "timer_update",
            "video_update",
            "auction_ended"
        ]
    );
}

/// Whatever locks whatever first: nobody waits for ever, and nothing is lost.
async fn news_and_closing_of_many_auctions_do_not_block_each_other(world: World) {
    const AUCTIONS: i64 = 6;
    let mut work = tokio::task::JoinSet::new();
    for number in 0..AUCTIONS {
        let auction = world.auction().await.view.auction;
        let host = world.replica().await.context(world.host().caller);
        for (index, name) in ["Stream Start", "Starvation Start", "Starvation End", "Stream End"]
            .into_iter()
            .enumerate()
        {
            let event = crate::broadcasts::event(
                &format!("{number} {name}"),
                &auction.channel.arn,
                name,
                &format!("st-{number}"),
                index,
            );
            let ctx = world.context(platform::Caller::System);
            work.spawn(async move { platform::broadcasts::record_event(&ctx, event).await });
        }
        work.spawn(async move { auctions::close(&host, &auction.id).await.map(drop) });
    }
    let outcomes = work.join_all().await;
    assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
    assert_eq!(
        world
            .number("select count(*) from auctions where status = 'closed'")
            .await,
        AUCTIONS
    );
    assert_eq!(
        world
            .number("select count(*) from broadcasts where ended_at_ms is not null")
            .await,
        AUCTIONS
    );
    world.run_jobs().await;
    assert_eq!(
        (world.tower.channel_names().await.len(), world.open_resources().await),
        (0, 0)
    );
}

async fn kinds(world: &World, id: &str) -> Vec<String> {
    world
        .events(&format!("auction:{id}"))
        .await
        .into_iter()
        .map(|(kind, _)| kind)
        .collect()
}
