//! The ends of a session: by people, by the clock, and once.

use super::*;
use crate::{ErrorKind, on_both_databases};

on_both_databases!(
    ending_twice_counts_once_and_answers_the_same,
    time_on_air_is_what_both_share,
    a_host_who_is_away_loses_the_channel_at_the_leases_end,
    heartbeats_and_being_on_air_keep_the_channel,
    another_hosts_window_ends_the_session,
    a_booking_that_is_made_meanwhile_is_seen,
    an_admin_takes_the_channel_back,
    a_host_who_is_unassigned_loses_his_session_and_only_he,
    a_session_that_lost_its_channel_is_ended_and_not_counted,
    only_its_host_and_admins_touch_a_session,
);

async fn ending_twice_counts_once_and_answers_the_same(database: Database) {
    let scene = Scene::open(&database).await;
    let id = scene.start(&scene.ann).await.unwrap().session.id;
    let first = end(&scene.ctx(&scene.ann), &id, false).await.unwrap();
    assert_eq!(first.publisher, Publisher::Silent);
    assert_eq!(first.session.ended.as_ref().unwrap().cause, EndCause::Host);
    scene.clock.advance_ms(MINUTE);
    for caller in [scene.ctx(&scene.ann), scene.admin()] {
        assert_eq!(end(&caller, &id, true).await.unwrap(), first);
    }
    let channel = scene.channel().await;
    assert_eq!((channel.claim, channel.sessions_ended), (None, 1));
    assert_eq!(scene.state().await, State::Idle);
    let (kind, payload) = scene.events().await.pop().unwrap();
    assert_eq!((kind.as_str(), payload["minutes"].as_i64()), ("session_ended", Some(0)));
    assert!(scene.notices(&scene.ann).await.is_empty(), "he did it himself");
    let jobs = scene
        .number("select count(*) from jobs where name = 'sessions.tend'")
        .await;
    assert_eq!(jobs, 0, "nobody looks at it any more");
}

async fn time_on_air_is_what_both_share(database: Database) {
    let scene = Scene::open(&database).await;
    let start = scene.now_ms();
    scene.broadcast("before", start - 9 * MINUTE, Some(start)).await;
    scene.broadcast("into", start - MINUTE, Some(start + MINUTE)).await;
    let id = scene.start(&scene.ann).await.unwrap().session.id;
    scene
        .broadcast("within", start + 2 * MINUTE, Some(start + 3 * MINUTE + 59_999))
        .await;
    scene.broadcast("out", start + 5 * MINUTE, None).await;
    scene.clock.advance_ms(6 * MINUTE);
    let view = get(&scene.ctx(&scene.ann), &id).await.unwrap();
    let shown = view.streaming;
    assert_eq!(
        (shown.is_live, shown.started_at_ms, shown.last_at_ms),
        (true, Some(start), None)
    );
    assert_eq!((shown.on_air_ms, shown.minutes()), (MINUTE + 119_999 + MINUTE, 3));
    let closing = end(&scene.ctx(&scene.ann), &id, false).await.unwrap();
    assert_eq!(closing.publisher, Publisher::Left);
    assert_eq!(scene.state().await, State::Live, "it is on air still");
    scene.clock.advance_ms(30 * MINUTE);
    let later = get(&scene.ctx(&scene.ann), &id).await.unwrap();
    assert_eq!((later.streaming.is_live, later.streaming.minutes()), (false, 3));
    assert_eq!(later.lease_until_ms, None);
}

async fn a_host_who_is_away_loses_the_channel_at_the_leases_end(database: Database) {
    let scene = Scene::open(&database).await;
    let id = scene.start(&scene.ann).await.unwrap().session.id;
    scene.pass(LEASE - 1).await;
    assert_eq!(scene.state().await, State::Live);
    scene.pass(1).await;
    let ended = get(&scene.admin(), &id).await.unwrap().session.ended.unwrap();
    assert_eq!(
        (ended.cause, ended.by, ended.at_ms),
        (EndCause::Lease, None, scene.now_ms())
    );
    let channel = scene.channel().await;
    assert_eq!((channel.claim, channel.sessions_ended), (None, 1));
    assert_eq!(scene.state().await, State::Idle);
    let (title, text) = scene.notices(&scene.ann).await.remove(0);
    assert_eq!(title, "Your session on Main Stage has ended");
    assert!(text.contains("away"), "{text}");
    let late = heartbeat(&scene.ctx(&scene.ann), &id).await.unwrap_err();
    assert_eq!((late.kind, &*late.message), (ErrorKind::Conflict, "Session has ended"));
}

async fn heartbeats_and_being_on_air_keep_the_channel(database: Database) {
    let scene = Scene::open(&database).await;
    let id = scene.start(&scene.ann).await.unwrap().session.id;
    scene.pass(LEASE - 1).await;
    let lease = heartbeat(&scene.ctx(&scene.ann), &id).await.unwrap();
    assert_eq!(lease.until_ms, scene.now_ms() + LEASE);
    scene.pass(LEASE - 1).await;
    assert_eq!(scene.state().await, State::Live, "heard of");

    let on_air_since = scene.now_ms();
    scene.broadcast("st-1", on_air_since, None).await;
    for _ in 0..5 {
        scene.pass(LEASE).await;
    }
    assert_eq!(get(&scene.admin(), &id).await.unwrap().session.status(), Status::Active);
    let cut = scene.now_ms();
    scene.broadcast("st-1", on_air_since, Some(cut)).await;
    scene.pass(LEASE - 1).await;
    assert_eq!(scene.state().await, State::Live, "time to come back");
    scene.pass(1).await;
    assert_eq!(scene.state().await, State::Idle);
    assert_eq!(get(&scene.admin(), &id).await.unwrap().streaming.minutes(), 25);
}

async fn another_hosts_window_ends_the_session(database: Database) {
    let scene = Scene::open(&database).await;
    let start = scene.now_ms();
    scene.book(&scene.ann, start, start + 2 * MINUTE).await;
    scene.book(&scene.bea, start + 3 * MINUTE, start + 4 * MINUTE).await;
    let ann = scene.start(&scene.ann).await.unwrap().session.id;
    scene.broadcast("st-1", start, None).await;
    scene.pass(3 * MINUTE - 1).await;
    assert_eq!(scene.state().await, State::Live, "she may overrun");
    // The job has not come to it yet: whoever is booked does not wait for it.
    scene.clock.advance_ms(1);
    let bea = scene.start(&scene.bea).await.unwrap().session.id;
    let ended = get(&scene.admin(), &ann).await.unwrap().session.ended.unwrap();
    assert_eq!((ended.cause, ended.at_ms), (EndCause::Booking, start + 3 * MINUTE));
    assert!(scene.notices(&scene.ann).await[0].1.contains("booked time"));
    scene.pass(0).await;
    assert_eq!(scene.channel().await.current_session_id(), Some(&*bea));
}

async fn a_booking_that_is_made_meanwhile_is_seen(database: Database) {
    let scene = Scene::open(&database).await;
    let id = scene.start(&scene.ann).await.unwrap().session.id;
    let start = scene.now_ms();
    scene.book(&scene.bea, start + MINUTE, start + 2 * MINUTE).await;
    scene.pass(MINUTE - 1).await;
    assert_eq!(get(&scene.admin(), &id).await.unwrap().session.ended, None);
    scene.pass(1).await;
    let ended = get(&scene.admin(), &id).await.unwrap().session.ended.unwrap();
    assert_eq!(ended.cause, EndCause::Booking);
}

async fn an_admin_takes_the_channel_back(database: Database) {
    let scene = Scene::open(&database).await;
    let id = scene.start(&scene.ann).await.unwrap().session.id;
    let admin = scene.admin();
    for expected in [true, false] {
        let mut tx = admin.db().begin().await.unwrap();
        let channel = channels::lock(&mut tx, &scene.channel_id).await.unwrap().unwrap();
        assert_eq!(end_by_operator(&mut tx, &admin, &channel).await.unwrap(), expected);
        tx.commit().await.unwrap();
    }
    let ended = get(&admin, &id).await.unwrap().session.ended.unwrap();
    assert_eq!((ended.cause, ended.by.as_deref()), (EndCause::Operator, Some("admin")));
    assert_eq!(
        (scene.state().await, scene.channel().await.sessions_ended),
        (State::Idle, 1)
    );
    assert!(scene.notices(&scene.ann).await[0].1.contains("took the channel back"));
}

async fn a_host_who_is_unassigned_loses_his_session_and_only_he(database: Database) {
    let scene = Scene::open(&database).await;
    let id = scene.start(&scene.ann).await.unwrap().session.id;
    let unassign = async |host: &Caller| {
        assignments::unassign(&scene.admin(), &scene.channel_id, host.id().unwrap())
            .await
            .unwrap();
    };
    unassign(&scene.bea).await;
    assert_eq!(get(&scene.admin(), &id).await.unwrap().session.ended, None);
    unassign(&scene.ann).await;
    let ended = get(&scene.admin(), &id).await.unwrap().session.ended.unwrap();
    assert_eq!(ended.cause, EndCause::Operator);
    assert_eq!((scene.state().await, scene.channel().await.claim), (State::Idle, None));
}

async fn a_session_that_lost_its_channel_is_ended_and_not_counted(database: Database) {
    let scene = Scene::open(&database).await;
    let id = scene.start(&scene.ann).await.unwrap().session.id;
    let mut tx = scene.platform.db().begin().await.unwrap();
    channels::claims::release(&mut tx, &scene.channel_id, &id, scene.now_ms(), false)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let next = scene.start(&scene.bea).await.unwrap().session.id;
    let lost = get(&scene.admin(), &id).await.unwrap().session.ended.unwrap();
    assert_eq!(lost.cause, EndCause::Operator);
    assert_eq!(scene.channel().await.sessions_ended, 0);
    assert_eq!(scene.channel().await.current_session_id(), Some(&*next));
}

async fn only_its_host_and_admins_touch_a_session(database: Database) {
    let scene = Scene::open(&database).await;
    let id = scene.start(&scene.ann).await.unwrap().session.id;
    let bea = scene.ctx(&scene.bea);
    assert_eq!(end(&bea, &id, false).await.unwrap_err().kind, ErrorKind::Forbidden);
    assert_eq!(heartbeat(&bea, &id).await.unwrap_err().kind, ErrorKind::Forbidden);
    for unknown in ["nothing", "019aa000-0000-7000-8000-000000000000"] {
        for error in [
            get(&bea, unknown).await.unwrap_err(),
            end(&bea, unknown, false).await.unwrap_err(),
            heartbeat(&bea, unknown).await.unwrap_err(),
        ] {
            assert_eq!(
                (error.kind, &*error.message),
                (ErrorKind::NotFound, "Session not found")
            );
        }
    }
    heartbeat(&scene.admin(), &id).await.unwrap();
    let closing = end(&scene.admin(), &id, false).await.unwrap();
    assert_eq!(closing.session.ended.unwrap().cause, EndCause::Admin);
    assert!(scene.notices(&scene.ann).await[0].1.contains("administrator"));
}
