//! Starting a session, and what is answered about it.

use super::*;
use crate::{ErrorKind, on_both_databases};

on_both_databases!(
    a_session_holds_its_channel,
    each_refusal_has_its_words,
    a_calendar_in_force_keeps_others_out,
    a_broadcast_that_runs_is_adopted,
    an_operators_claim_keeps_hosts_out,
    a_step_that_fails_gives_the_channel_back,
    lists_are_complete_page_by_page,
);

async fn a_session_holds_its_channel(database: Database) {
    let scene = Scene::open(&database).await;
    let view = scene.start(&scene.ann).await.unwrap();
    let session = &view.session;
    assert_eq!(
        (session.status(), session.channel_id.as_str()),
        (Status::Active, &*scene.channel_id)
    );
    assert_eq!(view.lease_until_ms, Some(scene.now_ms() + LEASE));
    assert_eq!(view.streaming, Streaming::default());
    let claim = scene.channel().await.claim.unwrap();
    assert_eq!((&claim.id, Some(claim.by.as_str())), (&session.id, scene.ann.id()));
    assert_eq!(scene.state().await, State::Live);
    assert_eq!(get(&scene.ctx(&scene.ann), &session.id).await.unwrap(), view);
    assert_eq!(get(&scene.admin(), &session.id).await.unwrap(), view);
    let foreign = get(&scene.ctx(&scene.bea), &session.id).await.unwrap_err();
    assert_eq!(foreign.kind, ErrorKind::Forbidden);
    let (kind, payload) = scene.events().await.remove(0);
    assert_eq!(
        (kind.as_str(), &payload["sessionId"]),
        ("session_started", &Value::from(&*session.id))
    );
    assert_eq!(payload["showTitle"], "Morning");
    let text = payload.to_string();
    assert!(!text.contains(scene.ann.id().unwrap()), "everybody may read it: {text}");
}

async fn each_refusal_has_its_words(database: Database) {
    let scene = Scene::open(&database).await;
    let eve = testing::person(&scene.platform, "eve", &[Role::Host]).await;
    let anonymous = create(&scene.platform.context(Caller::Anonymous), NewSession::default()).await;
    assert_eq!(anonymous.unwrap_err().kind, ErrorKind::Unauthenticated);
    let missing = create(&scene.ctx(&scene.ann), NewSession::default()).await.unwrap_err();
    assert_eq!(missing.message, "Missing required field: showId");
    for unknown in ["nothing", "019aa000-0000-7000-8000-000000000000"] {
        let refused = create(&scene.ctx(&scene.ann), of_show(unknown)).await.unwrap_err();
        assert_eq!(
            (refused.kind, &*refused.message),
            (ErrorKind::NotFound, "Show not found")
        );
    }

    let unassigned = scene.start(&eve).await.unwrap_err();
    assert_eq!(
        (&unassigned.kind, &*unassigned.message),
        (
            &ErrorKind::Forbidden,
            "No channel assigned to your account. Please contact support."
        )
    );
    assert_eq!(fact(&unassigned, "hostUserId"), Some(&Value::from(eve.id())));

    let running = scene.start(&scene.ann).await.unwrap();
    let of_ann = create(&scene.ctx(&eve), of_show(&running.session.show_id))
        .await
        .unwrap_err();
    assert_eq!(&*of_ann.message, "You are not the host of this show");
    for host in [&scene.ann, &scene.bea] {
        let busy = scene.start(host).await.unwrap_err();
        assert_eq!(
            (&busy.kind, &*busy.message),
            (
                &ErrorKind::Conflict,
                "Channel is currently in use. Please try again later."
            )
        );
        assert_eq!(fact(&busy, "channelId"), Some(&Value::from(&*scene.channel_id)));
        assert_eq!(
            fact(&busy, "currentSessionId"),
            Some(&Value::from(&*running.session.id))
        );
    }
    end(&scene.ctx(&scene.ann), &running.session.id, false).await.unwrap();

    set(&scene, "update channels set disabled_at_ms = 1 where id = $1").await;
    let offline = scene.start(&scene.ann).await.unwrap_err();
    assert!(matches!(offline.kind, ErrorKind::Unavailable { .. }), "{offline:?}");
    assert_eq!(
        offline.message,
        "Channel is temporarily unavailable. Please contact support."
    );

    set(&scene, "update channels set deleted_at_ms = 1 where id = $1").await;
    let broken = scene.start(&scene.ann).await.unwrap_err();
    assert_eq!(
        (&broken.kind, &*broken.message),
        (
            &ErrorKind::Internal,
            "Channel configuration error. Please contact support."
        )
    );
    assert_eq!(scene.number("select count(*) from sessions").await, 1);
}

async fn set(scene: &Scene, sql: &'static str) {
    let mut tx = scene.platform.db().begin().await.unwrap();
    sqlx::query(sql)
        .bind(&scene.channel_id)
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

async fn a_calendar_in_force_keeps_others_out(database: Database) {
    let scene = Scene::open(&database).await;
    let noon = scene.now_ms() + 60 * MINUTE;
    scene.book(&scene.bea, noon, noon + 60 * MINUTE).await;
    let outside = scene.start(&scene.bea).await.unwrap_err();
    assert_eq!(
        (&outside.kind, &*outside.message),
        (&ErrorKind::Conflict, "Outside your booked time on this channel")
    );
    let next = fact(&outside, "nextWindow").unwrap();
    assert_eq!(next["startsAt"], "2026-11-21T09:00:00Z");
    let ann = scene.start(&scene.ann).await.unwrap_err();
    assert_eq!(fact(&ann, "nextWindow"), Some(&Value::Null));
    assert_eq!((scene.state().await, scene.channel().await.claim), (State::Idle, None));
    scene.pass(60 * MINUTE).await;
    scene.start(&scene.bea).await.unwrap();
}

async fn a_broadcast_that_runs_is_adopted(database: Database) {
    let scene = Scene::open(&database).await;
    let since = scene.now_ms();
    scene.broadcast("st-1", since - 10 * MINUTE, None).await;
    assert_eq!(scene.state().await, State::Live);
    let view = scene.start(&scene.ann).await.unwrap();
    assert_eq!(
        (view.streaming.is_live, view.streaming.started_at_ms),
        (true, Some(since))
    );
    scene.clock.advance_ms(3 * MINUTE - 1);
    let view = get(&scene.ctx(&scene.ann), &view.session.id).await.unwrap();
    assert_eq!(view.streaming.minutes(), 2);
}

async fn an_operators_claim_keeps_hosts_out(database: Database) {
    let scene = Scene::open(&database).await;
    let mut tx = scene.platform.db().begin().await.unwrap();
    let claim = channels::Claim::operator("op", "admin", None, scene.now_ms());
    channels::claims::claim(&mut tx, &scene.channel_id, &claim, scene.now_ms())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let busy = scene.start(&scene.ann).await.unwrap_err();
    assert_eq!(busy.kind, ErrorKind::Conflict);
    assert_eq!(fact(&busy, "currentSessionId"), Some(&Value::Null));
    scene.pass(10 * LEASE).await;
    assert_eq!(scene.channel().await.claim, Some(claim), "no lease ends it");
}

async fn a_step_that_fails_gives_the_channel_back(database: Database) {
    let scene = Scene::open_with(&database, Failpoint::failing("session.prepared")).await;
    let failed = scene.start(&scene.ann).await.unwrap_err();
    assert_eq!(
        (&failed.kind, &*failed.message),
        (&ErrorKind::Provider, "Failed to create session")
    );
    let channel = scene.channel().await;
    assert_eq!((channel.claim, channel.sessions_ended), (None, 0));
    assert_eq!(scene.state().await, State::Idle);
    assert_eq!(
        scene
            .number("select count(*) from sessions where ended_at_ms is null")
            .await,
        0
    );
    let kinds: Vec<_> = scene.events().await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["session_started", "session_ended"]);
    assert!(scene.notices(&scene.ann).await.is_empty(), "the answer told him");
}

async fn lists_are_complete_page_by_page(database: Database) {
    let scene = Scene::open(&database).await;
    let mut ids = Vec::new();
    for round in 0..7 {
        let host = if round % 2 == 0 { &scene.ann } else { &scene.bea };
        let view = scene.start(host).await.unwrap();
        scene.clock.advance_ms(1);
        if round < 6 {
            end(&scene.admin(), &view.session.id, false).await.unwrap();
        }
        ids.insert(0, view.session.id);
    }
    let mut walked = Vec::new();
    let mut next_token = None;
    loop {
        let filter = Filter {
            limit: Some(2),
            next_token: next_token.take(),
            ..Filter::default()
        };
        let page = list(&scene.admin(), filter).await.unwrap();
        walked.extend(page.sessions.into_iter().map(|view| view.session.id));
        match page.next_token {
            Some(token) => next_token = Some(token),
            None => break,
        }
    }
    assert_eq!(walked, ids);
    let of = async |ctx: &Context, status: Option<Status>, channel_id: Option<&str>| {
        let filter = Filter {
            status,
            channel_id: channel_id.map(str::to_owned),
            ..Filter::default()
        };
        let found = list(ctx, filter).await.unwrap();
        found
            .sessions
            .into_iter()
            .map(|view| view.session.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        of(&scene.ctx(&scene.bea), None, None).await,
        [&*ids[1], &ids[3], &ids[5]]
    );
    assert_eq!(of(&scene.admin(), Some(Status::Active), None).await, [&*ids[0]]);
    assert_eq!(
        of(&scene.admin(), Some(Status::Ended), Some(&scene.channel_id)).await,
        ids[1..]
    );
    let other = "019aa000-0000-7000-8000-000000000000";
    assert!(of(&scene.admin(), None, Some(other)).await.is_empty());
    for (limit, token, field) in [
        (Some(0), None, "limit"),
        (Some(101), None, "limit"),
        (None, Some("forged".to_owned()), "nextToken"),
        (None, Some("x".repeat(10_000)), "nextToken"),
    ] {
        let filter = Filter {
            limit,
            next_token: token,
            ..Filter::default()
        };
        let refused = list(&scene.admin(), filter).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Invalid { field: field.into() });
    }
}
