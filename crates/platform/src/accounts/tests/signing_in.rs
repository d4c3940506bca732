//! Registering and signing in.

use super::*;

on_both_databases!(
    a_new_account_is_a_member_and_signed_in,
    an_email_has_one_account,
    a_failed_sign_in_does_not_say_why,
    guessing_is_slowed_down_per_email,
    guessing_is_slowed_down_per_address,
    registering_is_slowed_down_per_address,
);

async fn a_new_account_is_a_member_and_signed_in(database: Database) {
    let story = Story::begin(database).await;
    let signed_in = story.register(" Ada@Example.com ").await;
    let account = &signed_in.account;
    assert_eq!(
        (account.email.as_str(), account.roles.as_slice()),
        ("ada@example.com", [Role::Member].as_slice())
    );
    assert_eq!(
        (signed_in.expires_in_s, signed_in.refresh_expires_in_s),
        (900, 2_592_000)
    );
    let caller = story.caller(&signed_in.access_token).await.unwrap();
    assert_eq!(caller.id(), Some(account.id.as_str()));
    assert_eq!(me(&story.platform.context(caller)).await.unwrap(), *account);
    let again = story.login("ADA@example.com", "correct horse", HOME).await.unwrap();
    assert_eq!(again.account, *account);
    let target = format!("account:{}", account.id);
    let mut lines = story.audited(&target).await;
    lines.sort();
    assert_eq!(lines, ["accounts.login", "accounts.registered"]);
    story.clock.advance_ms(900_000);
    assert_eq!(story.caller(&again.access_token).await, Err(ErrorKind::Unauthenticated));
}

async fn an_email_has_one_account(database: Database) {
    let story = Story::begin(database).await;
    story.register("ada@example.com").await;
    let error = register(&story.anonymous(), person("ADA@example.com"), &device(HOME))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind, &*error.message),
        (ErrorKind::Conflict, "Email already registered")
    );
    for (change, field) in [
        (
            NewAccount {
                email: "ada".into(),
                ..person("")
            },
            "email",
        ),
        (
            NewAccount {
                password: Secret::new("short"),
                ..person("b@example.com")
            },
            "password",
        ),
        (
            NewAccount {
                name: " ".into(),
                ..person("b@example.com")
            },
            "name",
        ),
    ] {
        let error = register(&story.anonymous(), change, &device(HOME)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid { field: field.into() });
    }
}

async fn a_failed_sign_in_does_not_say_why(database: Database) {
    let story = Story::begin(database).await;
    let account = story.register("ada@example.com").await.account;
    let longest = "x".repeat(10_000);
    for (email, password) in [
        ("ada@example.com", "wrong horse"),
        ("ada@example.com", ""),
        ("ada@example.com", longest.as_str()),
        ("eve@example.com", "correct horse"),
        ("no address at all", "correct horse"),
        ("", ""),
    ] {
        let error = story.login(email, password, HOME).await.unwrap_err();
        assert_eq!(
            (error.kind, &*error.message),
            (ErrorKind::Unauthenticated, "Invalid email or password"),
            "{email}"
        );
    }
    let failures = story.audited(&format!("account:{}", account.id)).await;
    assert_eq!(
        failures
            .iter()
            .filter(|action| *action == "accounts.login_failed")
            .count(),
        3
    );
    let (unknown,): (i64,) = sqlx::query_as("select count(*) from audit where target like 'email:%'")
        .fetch_one(story.platform.db().read())
        .await
        .unwrap();
    assert_eq!(
        unknown, 3,
        "an unknown e-mail leaves the same trace, without the address"
    );
}

async fn guessing_is_slowed_down_per_email(database: Database) {
    let story = Story::begin(database).await;
    story.register("ada@example.com").await;
    for guess in 0..10 {
        let error = story
            .login("ada@example.com", "wrong horse", address(guess))
            .await
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unauthenticated);
    }
    let error = story
        .login("ADA@example.com", "correct horse", address(99))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::LimitReached { retry_after_s: 30 });
    story.clock.advance_ms(30_000);
    story
        .login("ada@example.com", "correct horse", address(99))
        .await
        .unwrap();
    // Success clears the slate.
    story
        .login("ada@example.com", "wrong horse", address(99))
        .await
        .unwrap_err();
    story
        .login("ada@example.com", "correct horse", address(99))
        .await
        .unwrap();
}

async fn guessing_is_slowed_down_per_address(database: Database) {
    let story = Story::begin(database).await;
    let mut refused = None;
    for guess in 0..=100 {
        // Too short to be anybody's password: nothing is hashed for nothing, and it counts all the same.
        let error = story
            .login(&format!("p{guess}@example.com"), "", HOME)
            .await
            .unwrap_err();
        refused = Some((guess, error.kind));
    }
    assert_eq!(refused, Some((100, ErrorKind::LimitReached { retry_after_s: 3 })));
    assert_eq!(
        story.login("p@example.com", "", address(1)).await.unwrap_err().kind,
        ErrorKind::Unauthenticated
    );
}

async fn registering_is_slowed_down_per_address(database: Database) {
    let story = Story::begin(database).await;
    story.register("ada@example.com").await;
    let again = async || {
        register(&story.anonymous(), person("ada@example.com"), &device(HOME))
            .await
            .unwrap_err()
            .kind
    };
    for _ in 1..50 {
        assert_eq!(again().await, ErrorKind::Conflict);
    }
    assert_eq!(again().await, ErrorKind::LimitReached { retry_after_s: 60 });
}
