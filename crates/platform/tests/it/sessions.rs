//! Sessions on a channel of a real video tower: killed at every step, and with a real encoder.

use std::time::Duration;

use platform::channels::assignments::{self, AssignTo};
use platform::failpoint::SESSION_STEPS;
use platform::sessions::{self, EndCause, Filter, NewSession, Publisher, Status, View};
use platform::{Caller, Context, Error, Role, channels, shows, testing};

use crate::support::{Encoder, World, die_at};

on_every_database! {
    killed_at_any_step_the_channel_is_free_again
    ending_leaves_the_encoder_alone_unless_told_to_stop_it
}

const LEASE_MS: i64 = 5 * 60_000;

/// A channel at the provider, and its host.
async fn studio(world: &World) -> Caller {
    let new = channels::NewChannel {
        name: "Main Stage".into(),
        recording_enabled: false,
    };
    let channel = channels::create(&world.admin(), new).await.unwrap();
    let host = testing::person(&world.platform, "ann", &[Role::Host]).await;
    let to = AssignTo::UserId(host.id().unwrap().to_owned());
    assignments::assign(&world.admin(), &channel.id, &to).await.unwrap();
    host
}

async fn start(ctx: &Context) -> Result<View, Error> {
    let new = shows::NewShow {
        title: "Morning".into(),
        description: None,
    };
    let show = shows::create(ctx, new).await.unwrap();
    let new = NewSession {
        show_id: Some(show.id),
        episode_id: None,
    };
    sessions::create(ctx, new).await
}

async fn running(world: &World) -> usize {
    let filter = Filter {
        status: Some(Status::Active),
        ..Filter::default()
    };
    sessions::list(&world.admin(), filter).await.unwrap().sessions.len()
}

async fn killed_at_any_step_the_channel_is_free_again(mut world: World) {
    let host = studio(&world).await;
    for (step, is_running, ended) in [
        ("session.claimed", 0, 0),
        ("session.saved", 1, 0),
        ("session.prepared", 1, 0),
        ("session.end_begun", 1, 0),
        ("session.ended", 0, 1),
    ] {
        assert!(SESSION_STEPS.contains(&step));
        let before = world.number("select sessions_ended from channels").await;
        world.restart_with(die_at(step), |_| {}).await;
        let ctx = world.context(host.clone());
        let life = tokio::spawn(async move {
            let view = start(&ctx).await.unwrap();
            sessions::end(&ctx, &view.session.id, false).await.unwrap();
        });
        assert!(life.await.is_err(), "{step}");

        world.restart().await;
        assert_eq!(running(&world).await, is_running, "{step}");
        assert_eq!(
            world
                .number("select count(*) from channels where claim_id is not null")
                .await,
            i64::try_from(is_running).unwrap(),
            "{step}: a session and its claim are one"
        );
        assert_eq!(
            world.number("select sessions_ended from channels").await,
            before + ended,
            "{step}"
        );
        world.pass_ms(LEASE_MS + 1).await;
        assert_eq!(running(&world).await, 0, "{step}: its lease is over");
        assert_eq!(
            world
                .number("select count(*) from channels where claim_id is not null")
                .await,
            0,
            "{step}"
        );
        let over = world
            .number("select count(*) from sessions where ended_at_ms is not null")
            .await;
        assert_eq!(
            world.number("select sessions_ended from channels").await,
            over,
            "{step}: each is counted once"
        );
        let view = start(&world.context(host.clone())).await.unwrap();
        let again = world.context(host.clone());
        sessions::end(&again, &view.session.id, false).await.unwrap();
    }
    assert_eq!(world.open_resources().await, 1, "the channel itself");
}

async fn ending_leaves_the_encoder_alone_unless_told_to_stop_it(world: World) {
    let host = studio(&world).await;
    let ctx = world.context(host);
    let key = channels::keys::reveal(&ctx, ctx.caller.id().unwrap()).await.unwrap();
    let rtmp = world.tower.engine.rtmp_addr().unwrap();
    let encoder = Encoder::start(rtmp, key.stream_key.reveal()).await.unwrap();
    let first = start(&ctx).await.unwrap().session.id;
    eventually(async || is_live(&ctx, &first).await).await;
    let left = sessions::end(&ctx, &first, false).await.unwrap();
    assert_eq!(left.publisher, Publisher::Left);

    let second = start(&ctx).await.unwrap();
    assert!(second.streaming.is_live, "what is on air is adopted");
    let second = second.session.id;
    let stopped = sessions::end(&ctx, &second, true).await.unwrap();
    assert_eq!(stopped.publisher, Publisher::Stopped);
    assert_eq!(stopped.session.ended.as_ref().unwrap().cause, EndCause::Host);
    assert_eq!(sessions::end(&ctx, &second, false).await.unwrap(), stopped);
    eventually(async || {
        world
            .number("select count(*) from broadcasts where ended_at_ms is null")
            .await
            == 0
    })
    .await;
    encoder.thrown_out().await;
}

async fn is_live(ctx: &Context, id: &str) -> bool {
    sessions::get(ctx, id).await.unwrap().streaming.is_live
}

async fn eventually(mut condition: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap();
}
