//! Persistent channels against a provider that can fail.
#![expect(clippy::panic, reason = "a story stops at the first surprise")]

use platform::channels::{self, Channel, CreateError, NewChannel, State, capacity};
use platform::failpoint::CHANNEL_STEPS;
use platform::{Caller, ErrorKind, Platform, broadcasts};
use serde_json::Value;

use crate::broadcasts::event;
use crate::support::{Fault, World, die_at};

on_every_database! {
    a_channel_is_made_recorded_and_deleted_with_all_that_is_its
    exactly_as_many_as_there_are_places
    what_the_provider_refuses_leaves_nothing
    the_providers_quota_is_a_full_pool
    one_recording_configuration_is_made_however_many_ask
    killed_while_recording_is_set_up_it_is_set_up_again
    killed_at_any_step_a_place_and_the_provider_agree
    being_on_air_is_told_as_state
    no_list_event_or_audit_line_has_the_key
}

fn named(name: &str) -> NewChannel {
    NewChannel {
        name: name.into(),
        recording_enabled: false,
    }
}

async fn made(world: &World, name: &str) -> Channel {
    channels::create(&world.admin(), named(name)).await.unwrap()
}

async fn taken(world: &World) -> i64 {
    capacity::capacity(&world.admin()).await.unwrap().current
}

async fn a_channel_is_made_recorded_and_deleted_with_all_that_is_its(world: World) {
    let input = NewChannel {
        name: "  Main Stage ".into(),
        recording_enabled: true,
    };
    let channel = channels::create(&world.admin(), input).await.unwrap();
    let block = channel.id.split('-').next().unwrap();
    assert_eq!(channel.ivs_name, format!("persistent-main-stage-{block}"));
    let client = world.tower.client();
    let there = client
        .get_channel()
        .arn(&channel.arn)
        .send()
        .await
        .unwrap()
        .channel
        .unwrap();
    assert_eq!(there.r#type.unwrap().as_str(), "STANDARD");
    assert_eq!(there.latency_mode.unwrap().as_str(), "LOW");
    assert_eq!(there.playback_url.as_deref(), Some(channel.playback_url.as_str()));
    let recording = channel.recording_configuration_arn.unwrap();
    assert_eq!(there.recording_configuration_arn.as_deref(), Some(recording.as_str()));
    let kept = client
        .get_recording_configuration()
        .arn(&recording)
        .send()
        .await
        .unwrap();
    let kept = kept.recording_configuration.unwrap();
    assert_eq!(
        kept.destination_configuration.unwrap().s3.unwrap().bucket_name,
        "recordings"
    );
    assert!(world.leaks().await.is_empty());

    channels::delete(&world.admin(), &channel.id).await.unwrap();
    world.run_jobs().await;
    assert_eq!(world.tower.channel_names().await, [""; 0]);
    assert!(
        world.leaks().await.is_empty(),
        "the recording configuration stays, and is nobody's leak"
    );
    assert_eq!(world.open_resources().await, 1);
    let error = channels::get(&world.admin(), &channel.id).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}

async fn exactly_as_many_as_there_are_places(mut world: World) {
    const PLACES: i64 = 20;
    world
        .restart_with(Default::default(), |config| config.channels.capacity = PLACES)
        .await;
    let replica = world.replica_with(|config| config.channels.capacity = PLACES).await;
    let attempts = (0..PLACES + 3).map(|index| {
        let platform: &Platform = if index % 2 == 0 { &world.platform } else { &replica };
        let ctx = platform.context(Caller::System);
        tokio::spawn(async move { channels::create(&ctx, named(&format!("Stage {index}"))).await })
    });
    let (mut made, mut full) = (0, 0);
    for attempt in attempts.collect::<Vec<_>>() {
        match attempt.await.unwrap() {
            Ok(_) => made += 1,
            Err(CreateError::Full { current, max, .. }) => {
                assert_eq!((current, max), (PLACES, PLACES));
                full += 1;
            }
            Err(CreateError::Failed(error)) => panic!("{error}"),
        }
    }
    assert_eq!((made, full), (PLACES, 3));
    assert_eq!(taken(&world).await, PLACES);
    assert_eq!(i64::try_from(world.tower.channel_names().await.len()), Ok(PLACES));
    assert_eq!(world.number("select count(*) from channel_reservations").await, 0);
    // A deleted channel's place is free again.
    let listed = channels::list(&world.admin(), Default::default()).await.unwrap();
    channels::delete(&world.admin(), &listed.channels[0].channel.id)
        .await
        .unwrap();
    assert!(channels::create(&world.admin(), named("Again")).await.is_ok());
    assert!(channels::create(&world.admin(), named("Too many")).await.is_err());
}

async fn what_the_provider_refuses_leaves_nothing(world: World) {
    for fault in [
        Fault::Refused(403, "AccessDeniedException"),
        Fault::DoneAndFailed,
        Fault::DoneAndSilent,
    ] {
        world.tower.faults.plan("CreateChannel", fault, 1);
        let error = match channels::create(&world.admin(), named("Main")).await {
            Err(CreateError::Failed(error)) => error,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            (error.kind, &*error.message),
            (ErrorKind::Provider, "Failed to create IVS channel")
        );
        assert_eq!(taken(&world).await, 0);
        assert_eq!(world.number("select count(*) from channel_reservations").await, 0);
        world.pass_ms(60_000).await;
        assert_eq!(world.tower.channel_names().await, [""; 0], "{fault:?}");
        assert_eq!(world.open_resources().await, 0, "{fault:?}");
    }
}

async fn the_providers_quota_is_a_full_pool(world: World) {
    made(&world, "One").await;
    for (status, code) in [(402, "ServiceQuotaExceededException"), (402, "")] {
        world
            .tower
            .faults
            .plan("CreateChannel", Fault::Refused(status, code), 1);
        match channels::create(&world.admin(), named("Two")).await {
            Err(CreateError::Full { current, max, cause }) => {
                assert_eq!((current, max), (1, 20));
                assert!(cause.unwrap().contains("quota"));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(taken(&world).await, 1);
}

async fn one_recording_configuration_is_made_however_many_ask(mut world: World) {
    world.tower.faults.plan(
        "CreateRecordingConfiguration",
        Fault::Refused(403, "AccessDeniedException"),
        1,
    );
    let recorded = || NewChannel {
        name: "Main".into(),
        recording_enabled: true,
    };
    let error = match channels::create(&world.admin(), recorded()).await {
        Err(CreateError::Failed(error)) => error,
        other => panic!("{other:?}"),
    };
    assert!(error.message.contains("recordingEnabled false"), "{error}");
    assert_eq!(world.tower.channel_names().await, [""; 0]);
    assert_eq!(taken(&world).await, 0);

    let replica = world.replica().await;
    let attempts = (0..4).map(|index| {
        let platform: &Platform = if index % 2 == 0 { &world.platform } else { &replica };
        let ctx = platform.context(Caller::System);
        tokio::spawn(async move {
            channels::create(&ctx, recorded())
                .await
                .unwrap()
                .recording_configuration_arn
                .unwrap()
        })
    });
    let mut arns = Vec::new();
    for attempt in attempts.collect::<Vec<_>>() {
        arns.push(attempt.await.unwrap());
    }
    arns.dedup();
    assert_eq!(arns.len(), 1, "{arns:?}");
    drop(replica);

    world
        .restart_with(Default::default(), |config| config.channels.recording_bucket = None)
        .await;
    match channels::create(&world.admin(), recorded()).await {
        Err(CreateError::Failed(error)) => {
            assert_eq!(
                error.kind,
                ErrorKind::Invalid {
                    field: "recordingEnabled".into()
                }
            );
        }
        other => panic!("{other:?}"),
    }
    assert!(channels::create(&world.admin(), named("Unrecorded")).await.is_ok());
}

async fn killed_while_recording_is_set_up_it_is_set_up_again(mut world: World) {
    let recorded = || NewChannel {
        name: "Main".into(),
        recording_enabled: true,
    };
    world.restart_with(die_at("video.resource_written"), |_| {}).await;
    let admin = world.admin();
    let life = tokio::spawn(async move { channels::create(&admin, recorded()).await.map(drop) });
    assert!(life.await.is_err());
    world.restart().await;
    world.pass_ms(120_000).await;
    assert_eq!(world.open_resources().await, 0);
    let channel = channels::create(&world.admin(), recorded()).await.unwrap();
    let client = world.tower.client();
    let kept = client.list_recording_configurations().send().await.unwrap();
    let kept: Vec<_> = kept.recording_configurations.into_iter().map(|one| one.arn).collect();
    assert_eq!(kept, [channel.recording_configuration_arn.unwrap()]);
    assert!(world.leaks().await.is_empty());
}

async fn killed_at_any_step_a_place_and_the_provider_agree(mut world: World) {
    let steps = CHANNEL_STEPS.into_iter().chain(["video.resource_written"]);
    for step in steps {
        world
            .restart_with(die_at(step), |config| config.channels.capacity = 1)
            .await;
        let admin = world.admin();
        let life = tokio::spawn(async move { channels::create(&admin, named("Main")).await.map(drop) });
        assert!(life.await.is_err(), "{step}");
        world
            .restart_with(Default::default(), |config| config.channels.capacity = 1)
            .await;
        let is_saved = step == "channel.saved";
        assert_eq!(taken(&world).await, i64::from(is_saved), "{step}");
        world.pass_ms(120_000).await;
        assert!(world.leaks().await.is_empty(), "{step}");
        let names = world.tower.channel_names().await;
        assert_eq!(names.len(), usize::from(is_saved), "{step}: {names:?}");
        assert_eq!(world.open_resources().await, i64::from(is_saved), "{step}");
        // The only place is free for the next, or taken by what was saved.
        match channels::create(&world.admin(), named("Next")).await {
            Ok(next) => {
                assert!(!is_saved, "{step}");
                channels::delete(&world.admin(), &next.id).await.unwrap();
            }
            Err(error) => {
                assert!(
                    is_saved && matches!(error, CreateError::Full { .. }),
                    "{step}: {error:?}"
                );
                let listed = channels::list(&world.admin(), Default::default()).await.unwrap();
                channels::delete(&world.admin(), &listed.channels[0].channel.id)
                    .await
                    .unwrap();
            }
        }
        world.run_jobs().await;
    }
    assert_eq!(world.tower.channel_names().await, [""; 0]);
    assert_eq!(world.open_resources().await, 0);
}

async fn being_on_air_is_told_as_state(world: World) {
    let channel = made(&world, "Main").await;
    for (second, name) in [(2, "Stream Start"), (9, "Starvation Start"), (21, "Stream End")] {
        let event = event(name, &channel.arn, name, "st-1", second);
        broadcasts::record_event(&world.context(Caller::System), event)
            .await
            .unwrap();
        let view = channels::get(&world.admin(), &channel.id).await.unwrap();
        let expected = if name == "Stream End" { State::Idle } else { State::Live };
        assert_eq!(view.state(), expected, "{name}");
    }
    let told = |events: Vec<(String, Value)>| {
        let updates = events.into_iter().filter(|(kind, _)| kind == "channel_update");
        let updates = updates.map(|(_, payload)| format!("{} {}", payload["state"], payload["onAir"]));
        updates.collect::<Vec<_>>()
    };
    let expected = ["\"IDLE\" false", "\"LIVE\" true", "\"LIVE\" true", "\"IDLE\" false"];
    assert_eq!(told(world.events(&format!("channel:{}", channel.id)).await), expected);
    assert_eq!(told(world.events("channels").await), expected);
    let stats = channels::stats(&world.admin(), &channel.id).await.unwrap();
    assert_eq!((stats.totals.broadcasts, stats.totals.on_air_ms), (1, 19_000));
}

async fn no_list_event_or_audit_line_has_the_key(world: World) {
    let channel = made(&world, "Main").await;
    let keys = world
        .tower
        .client()
        .list_stream_keys()
        .channel_arn(&channel.arn)
        .send()
        .await
        .unwrap();
    let arn = keys.stream_keys[0].arn.clone().unwrap();
    let key = world.tower.client().get_stream_key().arn(arn).send().await.unwrap();
    let key = key.stream_key.unwrap().value.unwrap();
    channels::delete(&world.admin(), &channel.id).await.unwrap();
    let other = made(&world, "Other").await;
    world.run_jobs().await;
    let written: Vec<(String,)> = sqlx::query_as(
        "select payload from events union all select coalesce(detail, '') from audit union all select payload from jobs
         union all select coalesce(stream_key, '') from channels
         union all select name || coalesce(last_error, '') from video_resources",
    )
    .fetch_all(world.platform.db().read())
    .await
    .unwrap();
    assert!(written.len() > 8);
    for (text,) in written {
        assert!(!text.contains(&key), "{text}");
    }
    let told = format!(
        "{:?} {:?}",
        channels::get(&world.admin(), &other.id).await.unwrap(),
        channels::list(&world.admin(), Default::default()).await.unwrap()
    );
    assert!(!told.contains("sk_"), "{told}");
}
