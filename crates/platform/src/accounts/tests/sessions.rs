//! Sessions as their owner sees and ends them.

use super::*;
use crate::accounts::sessions::start;

on_both_databases!(
    sessions_are_listed_with_the_one_used_last_first,
    an_ended_session_is_over_at_once,
    ending_the_others_keeps_the_one_in_hand,
    nobody_ends_a_session_of_somebody_else,
    the_session_unused_for_longest_makes_room,
    nobody_begins_a_session_with_what_was_true_before,
    a_session_of_an_earlier_version_is_known_once_it_is_used,
    expired_sessions_are_removed,
);

async fn sessions_are_listed_with_the_one_used_last_first(database: Database) {
    let story = Story::begin(database).await;
    let first = story.register("ada@example.com").await;
    story.clock.advance_ms(1_000);
    let second = story
        .login("ada@example.com", "correct horse", address(9))
        .await
        .unwrap();
    let ids = [&first, &second].map(|signed_in| story.session_of(&signed_in.access_token).unwrap());
    let list = story.sessions(&second).await;
    assert_eq!(
        list.iter().map(|session| &session.id).collect::<Vec<_>>(),
        [&ids[1], &ids[0]]
    );
    assert_eq!(list[0].address.as_deref(), Some("198.51.100.9"));
    assert_eq!(list[0].user_agent, device(HOME).user_agent);
    story.clock.advance_ms(1_000);
    let renewed = story.refresh(&first.refresh_token).await.unwrap();
    assert_eq!(
        story.session_of(&renewed.access_token).as_ref(),
        Some(&ids[0]),
        "the same session"
    );
    let list = story.sessions(&second).await;
    assert_eq!(
        (&list[0].id, list[0].last_used_at_ms - list[0].created_at_ms),
        (&ids[0], 2_000)
    );
    assert_eq!(list.len(), 2);
}

async fn an_ended_session_is_over_at_once(database: Database) {
    let is_shared = database.is_shared();
    let story = Story::begin(database).await;
    let here = story.register("ada@example.com").await;
    let there = story
        .login("ada@example.com", "correct horse", address(9))
        .await
        .unwrap();
    story.caller(&there.access_token).await.unwrap();
    let other_process = match is_shared {
        true => Some(story.database.platform(&story.clock).await),
        false => None,
    };
    let elsewhere = async |token: &Secret| match &other_process {
        Some(platform) => authenticate(platform, token.reveal()).await.is_ok(),
        None => false,
    };
    assert_eq!(elsewhere(&there.access_token).await, is_shared);
    let id = story.session_of(&there.access_token).unwrap();
    end_session(&story.as_owner(&here).await, &id).await.unwrap();
    assert_eq!(story.caller(&there.access_token).await, Err(ErrorKind::Unauthenticated));
    assert_eq!(
        story.refresh(&there.refresh_token).await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    story.caller(&here.access_token).await.unwrap();
    story.clock.advance_ms(FRESH_MS);
    assert!(
        !elsewhere(&there.access_token).await,
        "other processes hear of it within seconds"
    );
    let target = format!("account:{}", here.account.id);
    assert!(
        story
            .audited(&target)
            .await
            .contains(&"accounts.session_ended".to_owned())
    );
    logout(&story.anonymous(), &here.refresh_token).await.unwrap();
    assert_eq!(
        story.caller(&here.access_token).await,
        Err(ErrorKind::Unauthenticated),
        "as does signing out"
    );
}

async fn ending_the_others_keeps_the_one_in_hand(database: Database) {
    let story = Story::begin(database).await;
    let stranger = story.register("eve@example.com").await;
    let here = story.register("ada@example.com").await;
    let mut others = Vec::new();
    for last in 1..4 {
        others.push(
            story
                .login("ada@example.com", "correct horse", address(last))
                .await
                .unwrap(),
        );
    }
    let current = story.session_of(&here.access_token);
    let ended = end_other_sessions(&story.as_owner(&here).await, current.as_deref())
        .await
        .unwrap();
    assert_eq!(ended, 3);
    for other in others {
        assert_eq!(story.caller(&other.access_token).await, Err(ErrorKind::Unauthenticated));
        assert_eq!(
            story.refresh(&other.refresh_token).await.unwrap_err(),
            ErrorKind::Unauthenticated
        );
    }
    story.refresh(&here.refresh_token).await.unwrap();
    story.refresh(&stranger.refresh_token).await.unwrap();
    assert_eq!(story.sessions(&here).await.len(), 1);
}

async fn nobody_ends_a_session_of_somebody_else(database: Database) {
    let story = Story::begin(database).await;
    let (ada, eve) = (
        story.register("ada@example.com").await,
        story.register("eve@example.com").await,
    );
    let id = story.session_of(&ada.access_token).unwrap();
    let as_eve = story.as_owner(&eve).await;
    for unknown in [id.as_str(), "nonsense", "", &as_eve.new_id()] {
        let error = end_session(&as_eve, unknown).await.unwrap_err();
        assert_eq!(
            (error.kind, &*error.message),
            (ErrorKind::NotFound, "Session not found"),
            "{unknown}"
        );
    }
    story.caller(&ada.access_token).await.unwrap();
    let service = Caller::Service {
        id: "s".into(),
        name: "s".into(),
        roles: vec![Role::Admin],
    };
    for (caller, kind) in [
        (service, ErrorKind::Forbidden),
        (Caller::Anonymous, ErrorKind::Unauthenticated),
    ] {
        let ctx = story.platform.context(caller);
        assert_eq!(list_sessions(&ctx).await.unwrap_err().kind, kind);
        assert_eq!(end_session(&ctx, &id).await.unwrap_err().kind, kind);
        assert_eq!(end_other_sessions(&ctx, None).await.unwrap_err().kind, kind);
    }
    let key = create_service_key(&story.system(), "till", vec![Role::Host])
        .await
        .unwrap();
    for token in [&key.key, &ada.refresh_token, &ada.id_token, &Secret::new("")] {
        assert_eq!(story.session_of(token), None);
    }
}

async fn the_session_unused_for_longest_makes_room(database: Database) {
    let story = Story::begin(database).await;
    let first = story.register("ada@example.com").await;
    let mut tx = story.platform.db().begin().await.unwrap();
    let mut second = None;
    for _ in 0..SESSIONS_MAX {
        story.clock.advance_ms(1);
        let ctx = story.anonymous();
        let signed_in = start(&ctx, &mut tx, first.account.clone(), 0, &device(HOME))
            .await
            .unwrap();
        second.get_or_insert(signed_in);
    }
    tx.commit().await.unwrap();
    assert_eq!(
        story.refresh(&first.refresh_token).await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    let second = second.unwrap();
    let list = story.sessions(&second).await;
    assert_eq!(i64::try_from(list.len()).unwrap(), SESSIONS_MAX);
    assert_eq!(
        list.last().map(|last| last.id.clone()),
        story.session_of(&second.access_token)
    );
}

async fn nobody_begins_a_session_with_what_was_true_before(database: Database) {
    let story = Story::begin(database).await;
    let account = story.register("ada@example.com").await.account;
    let begin = async |version: i64| {
        let mut tx = story.platform.db().begin().await.unwrap();
        let begun = start(&story.anonymous(), &mut tx, account.clone(), version, &device(HOME)).await;
        begun.map(|_| ()).map_err(|error| error.kind)
    };
    assert_eq!(begin(1).await, Err(ErrorKind::Conflict), "not as the account is");
    assert_eq!(begin(0).await, Ok(()));
    story.close(&account).await;
    assert_eq!(begin(0).await, Err(ErrorKind::Conflict), "closed");
}

async fn a_session_of_an_earlier_version_is_known_once_it_is_used(database: Database) {
    let story = Story::begin(database).await;
    let before = story.register("ada@example.com").await;
    let mut tx = story.platform.db().begin().await.unwrap();
    sqlx::query("delete from account_sessions")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let after = story.refresh(&before.refresh_token).await.unwrap();
    assert_eq!(
        story.session_of(&after.access_token),
        story.session_of(&before.access_token)
    );
    assert_eq!(story.sessions(&after).await.len(), 1);
}

async fn expired_sessions_are_removed(database: Database) {
    let story = Story::begin(database).await;
    story.register("ada@example.com").await;
    story.clock.advance_ms(2_592_000_000 - 1);
    let late = story.login("ada@example.com", "correct horse", HOME).await.unwrap();
    assert_eq!(story.sessions(&late).await.len(), 2);
    story.clock.advance_ms(1);
    let late = story.refresh(&late.refresh_token).await.unwrap();
    assert_eq!(story.sessions(&late).await.len(), 1, "over on the millisecond");
    run_due_jobs(&story.platform).await.unwrap();
    let (left,): (i64,) = sqlx::query_as("select count(*) from account_sessions")
        .fetch_one(story.platform.db().read())
        .await
        .unwrap();
    assert_eq!(left, 1);
}
