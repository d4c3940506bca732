//! What admins and programs may do.

use super::*;

on_both_databases!(
    admins_manage_accounts,
    the_set_up_link_makes_one_admin,
    the_operator_ensures_an_admin,
    a_service_key_is_a_caller_until_it_is_deleted,
    service_keys_are_bounded,
    a_changed_account_counts_within_seconds,
);

async fn admins_manage_accounts(database: Database) {
    let story = Story::begin(database).await;
    let user = |email: &str, roles: &[Role]| NewUser {
        account: person(email),
        roles: roles.to_vec(),
    };
    let admin = create_account(&story.system(), user("root@example.com", &[Role::Admin]))
        .await
        .unwrap();
    let signed_in = story.login("root@example.com", "correct horse", HOME).await.unwrap();
    let as_admin = story
        .platform
        .context(story.caller(&signed_in.access_token).await.unwrap());
    story.clock.advance_ms(1);
    let as_admin = Context {
        now_ms: story.clock.now_ms(),
        ..as_admin
    };
    let host = create_account(&as_admin, user("host@example.com", &[Role::Host, Role::Host]))
        .await
        .unwrap();
    assert_eq!(host.roles, [Role::Host]);
    assert_eq!(
        list_accounts(&as_admin, Page::default()).await.unwrap(),
        [host.clone(), admin.clone()]
    );
    let second = Page::new(Some(1), Some(1)).unwrap();
    assert_eq!(list_accounts(&as_admin, second).await.unwrap(), [admin]);
    let none = create_account(&as_admin, user("x@example.com", &[])).await.unwrap_err();
    assert_eq!(none.kind, ErrorKind::Invalid { field: "roles".into() });
    let signed_in = story.login("host@example.com", "correct horse", HOME).await.unwrap();
    let as_host = story
        .platform
        .context(story.caller(&signed_in.access_token).await.unwrap());
    for (ctx, kind) in [
        (as_host, ErrorKind::Forbidden),
        (story.anonymous(), ErrorKind::Unauthenticated),
    ] {
        assert_eq!(list_accounts(&ctx, Page::default()).await.unwrap_err().kind, kind);
        assert_eq!(
            create_account(&ctx, user("y@example.com", &[Role::Admin]))
                .await
                .unwrap_err()
                .kind,
            kind
        );
        assert_eq!(
            create_service_key(&ctx, "key", vec![Role::Admin])
                .await
                .unwrap_err()
                .kind,
            kind
        );
        assert_eq!(list_service_keys(&ctx).await.unwrap_err().kind, kind);
        assert_eq!(delete_service_key(&ctx, &host.id).await.unwrap_err().kind, kind);
    }
}

async fn the_set_up_link_makes_one_admin(database: Database) {
    let story = Story::begin(database).await;
    story.register("ada@example.com").await;
    assert!(setup_needed(&story.platform).await.unwrap(), "a member is no admin");
    let earlier = setup_link(&story.platform).await.unwrap().unwrap();
    let token = setup_link(&story.platform).await.unwrap().unwrap();
    let attempt = async |token: &Secret, email: &str| {
        set_up(&story.anonymous(), token, person(email), &device(HOME))
            .await
            .map_err(|error| error.kind)
    };
    for wrong in [&earlier, &Secret::new(""), &Secret::new("x".repeat(1_000))] {
        assert_eq!(
            attempt(wrong, "root@example.com").await.unwrap_err(),
            ErrorKind::Unauthenticated
        );
    }
    assert_eq!(
        attempt(&token, "ada@example.com").await.unwrap_err(),
        ErrorKind::Conflict
    );
    let signed_in = attempt(&token, "root@example.com").await.unwrap();
    assert_eq!(signed_in.account.roles, [Role::Admin]);
    assert!(story.caller(&signed_in.access_token).await.unwrap().is_admin());
    assert!(!setup_needed(&story.platform).await.unwrap());
    assert!(setup_link(&story.platform).await.unwrap().is_none());
    assert_eq!(
        attempt(&token, "eve@example.com").await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
}

async fn the_operator_ensures_an_admin(database: Database) {
    let story = Story::begin(database).await;
    let ensure = async |password: &str| ensure_admin(&story.platform, "Root@Example.com", &Secret::new(password)).await;
    ensure("first password").await.unwrap();
    ensure("first password").await.unwrap();
    let before = story.login("root@example.com", "first password", HOME).await.unwrap();
    assert_eq!(before.account.roles, [Role::Admin]);
    ensure("second password").await.unwrap();
    assert_eq!(
        story.caller(&before.access_token).await,
        Err(ErrorKind::Unauthenticated),
        "its tokens end"
    );
    assert_eq!(
        story.refresh(&before.refresh_token).await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    story.login("root@example.com", "second password", HOME).await.unwrap();
    let member = story.register("ada@example.com").await.account;
    ensure_admin(&story.platform, &member.email, &Secret::new("correct horse"))
        .await
        .unwrap();
    let promoted = story.login(&member.email, "correct horse", HOME).await.unwrap().account;
    assert_eq!(
        (promoted.id, promoted.roles),
        (member.id, vec![Role::Admin, Role::Member])
    );
    assert_eq!(
        ensure("short").await.unwrap_err().kind,
        ErrorKind::Invalid {
            field: "password".into()
        }
    );
}

async fn a_service_key_is_a_caller_until_it_is_deleted(database: Database) {
    let story = Story::begin(database).await;
    let created = create_service_key(&story.system(), "sync", vec![Role::Host])
        .await
        .unwrap();
    assert!(created.key.reveal().starts_with("rsk_") && created.key.reveal().len() == 47);
    let caller = story.caller(&created.key).await.unwrap();
    let expected = Caller::Service {
        id: created.service_key.id.clone(),
        name: "sync".into(),
        roles: vec![Role::Host],
    };
    assert_eq!(caller, expected);
    assert_eq!(
        me(&story.platform.context(caller)).await.unwrap_err().kind,
        ErrorKind::Forbidden
    );
    assert_eq!(
        list_service_keys(&story.system()).await.unwrap(),
        std::slice::from_ref(&created.service_key)
    );
    for wrong in [
        "rsk_",
        "rsk_wrong",
        "",
        "Bearer",
        &created.key.reveal()[..46],
        &"x".repeat(10_000),
    ] {
        assert_eq!(
            story.caller(&Secret::new(wrong)).await,
            Err(ErrorKind::Unauthenticated),
            "{wrong}"
        );
    }
    let stored: Vec<(String,)> = sqlx::query_as("select hash from service_keys")
        .fetch_all(story.platform.db().read())
        .await
        .unwrap();
    assert!(
        !stored[0].0.contains(&created.key.reveal()[4..]),
        "only its hash is stored"
    );
    delete_service_key(&story.system(), &created.service_key.id)
        .await
        .unwrap();
    assert_eq!(story.caller(&created.key).await, Err(ErrorKind::Unauthenticated));
    for gone in [created.service_key.id.as_str(), "nonsense"] {
        let error = delete_service_key(&story.system(), gone).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::NotFound);
    }
    let target = format!("service-key:{}", created.service_key.id);
    let mut lines = story.audited(&target).await;
    lines.sort();
    assert_eq!(lines, ["accounts.service_key_created", "accounts.service_key_deleted"]);
}

async fn service_keys_are_bounded(database: Database) {
    let story = Story::begin(database).await;
    for at in 0..100 {
        create_service_key(&story.system(), &format!("key {at}"), vec![Role::Host])
            .await
            .unwrap();
    }
    let error = create_service_key(&story.system(), "one more", vec![Role::Host])
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
}

async fn a_changed_account_counts_within_seconds(database: Database) {
    let story = Story::begin(database).await;
    let signed_in = story.register("ada@example.com").await;
    let change = async |text: &'static str| {
        let mut tx = story.platform.db().begin().await.unwrap();
        sqlx::query(text)
            .bind(&signed_in.account.id)
            .execute(tx.conn())
            .await
            .unwrap();
        tx.commit().await.unwrap();
    };
    let is_host = async || {
        story
            .caller(&signed_in.access_token)
            .await
            .map(|caller| caller.has_role(Role::Host))
    };
    assert_eq!(is_host().await, Ok(false));
    // As another process would: nothing tells this one.
    change("update accounts set roles = '[\"host\"]' where id = $1").await;
    story.clock.advance_ms(FRESH_MS - 1);
    assert_eq!(is_host().await, Ok(false));
    story.clock.advance_ms(1);
    assert_eq!(is_host().await, Ok(true));
    change("update accounts set closed_at_ms = 1 where id = $1").await;
    story.clock.advance_ms(FRESH_MS);
    assert_eq!(is_host().await, Err(ErrorKind::Unauthenticated));
    assert_eq!(
        story.refresh(&signed_in.refresh_token).await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    let error = story.login("ada@example.com", "correct horse", HOME).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert!(
        list_accounts(&story.system(), Page::default())
            .await
            .unwrap()
            .is_empty()
    );
}
