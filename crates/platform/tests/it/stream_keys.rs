//! Real media on a shared channel: who loses his key is out, whatever dies or fails on the way.

use std::time::Duration;

use platform::channels::assignments::{self, AssignTo};
use platform::channels::{self, NewChannel, host, keys};
use platform::failpoint::KEY_STEPS;
use platform::{Caller, Context, ErrorKind, Page, Role, audit, notifications, testing};

use crate::support::{Encoder, Fault, World, die_at};

on_every_database! {
    a_host_who_is_unassigned_is_off_the_air_within_two_seconds
    a_rotated_key_is_dead_and_its_encoder_cut_off
    what_the_provider_refuses_is_done_later_and_no_key_is_shown_before
    killed_at_any_step_no_old_key_works_afterwards
    of_many_changes_at_once_one_key_is_left_and_it_works
    a_channel_that_is_gone_needs_no_key
    foreigners_see_no_key
}

/// How soon whoever publishes with a revoked key is off the air.
const CUT_WITHIN: Duration = Duration::from_secs(2);

/// A channel that Ada and Bob share.
struct Shared {
    channel_id: String,
    ada: Caller,
    bob: Caller,
}

impl Shared {
    async fn begin(world: &World) -> Self {
        let new = NewChannel {
            name: "Main Stage".into(),
            recording_enabled: false,
        };
        let channel = channels::create(&world.admin(), new).await.unwrap();
        let shared = Self {
            channel_id: channel.id,
            ada: testing::person(&world.platform, "ada", &[Role::Host]).await,
            bob: testing::person(&world.platform, "bob", &[Role::Host]).await,
        };
        shared.assign(world, &shared.ada).await;
        shared.assign(world, &shared.bob).await;
        shared
    }

    async fn assign(&self, world: &World, host: &Caller) {
        let to = AssignTo::UserId(id(host).to_owned());
        assignments::assign(&world.admin(), &self.channel_id, &to)
            .await
            .unwrap();
    }

    async fn unassign(&self, ctx: &Context, host: &Caller) {
        assignments::unassign(ctx, &self.channel_id, id(host)).await.unwrap();
    }

    /// The keys that the provider has for the channel, by value.
    async fn keys_at_provider(&self, world: &World) -> Vec<String> {
        let channel = host::channel(&world.admin(), id(&self.bob)).await.unwrap().channel;
        let client = world.tower.client();
        let listed = client.list_stream_keys().channel_arn(channel.arn).send().await.unwrap();
        let mut values = Vec::new();
        for key in listed.stream_keys {
            let key = client.get_stream_key().arn(key.arn.unwrap()).send().await.unwrap();
            values.push(key.stream_key.unwrap().value.unwrap());
        }
        values
    }

    /// One key, which is the one that its hosts are shown, and it lets an encoder in.
    async fn check_key(&self, world: &World) -> String {
        let shown = key_of(world, &self.bob).await;
        assert_eq!(self.keys_at_provider(world).await, [shown.as_str()]);
        publish(world, &shown).await.unwrap().stop().await;
        shown
    }
}

fn id(caller: &Caller) -> &str {
    caller.id().unwrap()
}

/// What the host is shown.
async fn key_of(world: &World, host: &Caller) -> String {
    let ingest = keys::reveal(&world.context(host.clone()), id(host)).await.unwrap();
    ingest.stream_key.reveal().to_owned()
}

async fn publish(world: &World, key: &str) -> Result<Encoder, String> {
    Encoder::start(world.tower.engine.rtmp_addr().unwrap(), key).await
}

/// Publishes until the provider says that it is live.
async fn go_live(world: &World, key: &str) -> Encoder {
    let encoder = publish(world, key)
        .await
        .unwrap_or_else(|refusal| unreachable!("{refusal}"));
    let live = async {
        while world
            .tower
            .client()
            .list_streams()
            .send()
            .await
            .unwrap()
            .streams
            .is_empty()
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), live).await.unwrap();
    encoder
}

async fn a_host_who_is_unassigned_is_off_the_air_within_two_seconds(world: World) {
    let shared = Shared::begin(&world).await;
    let old = key_of(&world, &shared.ada).await;
    let encoder = go_live(&world, &old).await;

    // Notices are in the order of their moments.
    world.clock.advance_ms(1_000);
    let since = tokio::time::Instant::now();
    shared.unassign(&world.admin(), &shared.ada).await;
    encoder.thrown_out().await;
    assert!(since.elapsed() < CUT_WITHIN, "cut after {:?}", since.elapsed());

    assert!(publish(&world, &old).await.is_err(), "the old key is refused");
    let error = keys::reveal(&world.context(shared.ada.clone()), id(&shared.ada))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, &*error.message),
        (ErrorKind::NotFound, "No channel assigned to this host")
    );
    assert_ne!(shared.check_key(&world).await, old);

    let told = async |host: &Caller| {
        let list = notifications::list(&world.context(host.clone()), Page::default())
            .await
            .unwrap();
        list.notifications
            .into_iter()
            .map(|notice| notice.kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&shared.ada).await, ["channel_unassigned", "channel_assigned"]);
    assert_eq!(told(&shared.bob).await, ["stream_key_changed", "channel_assigned"]);
    // The other host is still his, as those read who watch all channels.
    let events = world.events("channels").await;
    let (_, last) = events.iter().rfind(|(_, payload)| !payload["hosts"].is_null()).unwrap();
    assert_eq!(last["hosts"].as_array().unwrap().len(), 1, "{last}");
    assert_eq!(last["hosts"][0]["hostUserId"], id(&shared.bob));
}

async fn a_rotated_key_is_dead_and_its_encoder_cut_off(world: World) {
    let shared = Shared::begin(&world).await;
    let old = key_of(&world, &shared.ada).await;
    let encoder = go_live(&world, &old).await;
    let since = tokio::time::Instant::now();
    let rotated = keys::rotate(&world.context(shared.ada.clone()), id(&shared.ada))
        .await
        .unwrap();
    encoder.thrown_out().await;
    assert!(since.elapsed() < CUT_WITHIN, "cut after {:?}", since.elapsed());
    assert!(publish(&world, &old).await.is_err(), "the old key is refused");
    assert_eq!(shared.check_key(&world).await, rotated.stream_key.reveal());

    // Each time somebody saw a key is on record, and no record has it.
    let target = format!("channel:{}", shared.channel_id);
    let lines = audit::about(world.platform.db(), &target).await.unwrap();
    let count = |action| lines.iter().filter(|line| line.action == action).count();
    assert_eq!(
        (count("channels.reveal_stream_key"), count("channels.rotate_stream_key")),
        (2, 1)
    );
    let sealed = "select count(*) from channels where stream_key like 'v1.%'";
    assert_eq!(world.number(sealed).await, 1);
    for text in [
        "select count(*) from events where payload like '%sk_%'",
        "select count(*) from audit where detail like '%sk_%'",
    ] {
        assert_eq!(world.number(text).await, 0, "{text}");
    }
}

async fn what_the_provider_refuses_is_done_later_and_no_key_is_shown_before(world: World) {
    let shared = Shared::begin(&world).await;
    let ada = world.context(shared.ada.clone());
    for (operation, fault) in [
        ("DeleteStreamKey", Fault::Refused(400, "ValidationException")),
        ("StopStream", Fault::Refused(400, "ValidationException")),
        ("CreateStreamKey", Fault::Refused(400, "ValidationException")),
        // A key was made that nobody was told of.
        ("CreateStreamKey", Fault::DoneAndFailed),
    ] {
        let old = key_of(&world, &shared.ada).await;
        world.tower.faults.plan(operation, fault, 1);
        let error = keys::rotate(&ada, id(&shared.ada)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Provider, "{operation}: {error}");
        let error = keys::reveal(&ada, id(&shared.ada)).await.unwrap_err();
        assert_eq!(
            error.kind,
            ErrorKind::Conflict,
            "{operation}: a key that may be dead is not shown"
        );
        world.run_jobs().await;
        assert!(publish(&world, &old).await.is_err(), "{operation}");
        assert_ne!(shared.check_key(&world).await, old, "{operation}");
    }
}

async fn killed_at_any_step_no_old_key_works_afterwards(mut world: World) {
    let shared = Shared::begin(&world).await;
    for step in KEY_STEPS {
        let old = key_of(&world, &shared.ada).await;
        world.restart_with(die_at(step), |_| {}).await;
        let (ctx, channel_id, ada) = (world.admin(), shared.channel_id.clone(), id(&shared.ada).to_owned());
        let killed = tokio::spawn(async move { assignments::unassign(&ctx, &channel_id, &ada).await });
        assert!(killed.await.is_err(), "{step}");

        world.restart().await;
        world.pass_ms(60_000).await;
        assert!(publish(&world, &old).await.is_err(), "{step}: the old key works");
        assert_ne!(shared.check_key(&world).await, old, "{step}");
        let changes = world.number("select count(*) from channel_key_changes").await;
        assert_eq!(changes, 0, "{step}: nothing is left to do");
        shared.assign(&world, &shared.ada).await;
    }
}

async fn of_many_changes_at_once_one_key_is_left_and_it_works(world: World) {
    let shared = Shared::begin(&world).await;
    let old = key_of(&world, &shared.bob).await;
    let running = world.run();
    let replica = world.replica().await;
    let mut changes = tokio::task::JoinSet::new();
    for index in 0..6 {
        let platform = if index % 2 == 0 {
            world.platform.clone()
        } else {
            replica.clone()
        };
        let bob = shared.bob.clone();
        changes.spawn(async move { keys::rotate(&platform.context(bob.clone()), id(&bob)).await });
    }
    shared.unassign(&world.admin(), &shared.ada).await;
    while let Some(answer) = changes.join_next().await {
        let refused = answer.unwrap().err().map(|error| error.kind);
        assert!(matches!(refused, None | Some(ErrorKind::Conflict)), "{refused:?}");
    }
    let settled = async {
        while world.number("select count(*) from channel_key_changes").await > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), settled).await.unwrap();
    running.stop().await;
    assert!(publish(&world, &old).await.is_err());
    shared.check_key(&world).await;
}

async fn a_channel_that_is_gone_needs_no_key(world: World) {
    let shared = Shared::begin(&world).await;
    world
        .tower
        .faults
        .plan("DeleteStreamKey", Fault::Refused(400, "ValidationException"), 1);
    shared.unassign(&world.admin(), &shared.ada).await;
    shared.unassign(&world.admin(), &shared.bob).await;
    let mut tx = world.platform.db().begin().await.unwrap();
    sqlx::query("update channels set deleted_at_ms = 1")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    world.pass_ms(60_000).await;
    assert_eq!(world.number("select count(*) from channel_key_changes").await, 0);
    assert_eq!(
        world
            .number("select count(*) from jobs where name = 'channels.rotate_key'")
            .await,
        0
    );
}

async fn foreigners_see_no_key(world: World) {
    let shared = Shared::begin(&world).await;
    let ada = id(&shared.ada);
    let calls = world.tower.faults.calls("DeleteStreamKey");
    for (caller, kind) in [
        (Caller::Anonymous, ErrorKind::Unauthenticated),
        (shared.bob.clone(), ErrorKind::Forbidden),
        (testing::account("eve"), ErrorKind::Forbidden),
    ] {
        let ctx = world.context(caller);
        assert_eq!(keys::reveal(&ctx, ada).await.unwrap_err().kind, kind);
        assert_eq!(keys::rotate(&ctx, ada).await.unwrap_err().kind, kind);
        assert_eq!(host::channel(&ctx, ada).await.unwrap_err().kind, kind);
        assert_eq!(host::health(&ctx, ada).await.unwrap_err().kind, kind);
    }
    assert_eq!(
        world.tower.faults.calls("DeleteStreamKey"),
        calls,
        "nothing was touched"
    );
    assert!(keys::reveal(&world.admin(), ada).await.is_ok(), "admins may");
    let nobody = host::channel(&world.admin(), "nobody").await.unwrap_err();
    assert_eq!(
        (nobody.kind, &*nobody.message),
        (ErrorKind::NotFound, "No channel assigned to this host")
    );
}
