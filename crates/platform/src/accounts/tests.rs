use std::net::{IpAddr, Ipv4Addr};

use super::*;
use crate::testing::{Clock, Database, run_due_jobs};
use crate::{Caller, Context, ErrorKind, Page, Platform, Role, Secret, audit, on_both_databases};

on_both_databases!(
    a_new_account_is_a_member_and_signed_in,
    an_email_has_one_account,
    a_failed_sign_in_does_not_say_why,
    guessing_is_slowed_down_per_email,
    guessing_is_slowed_down_per_address,
    registering_is_slowed_down_per_address,
    a_refresh_token_is_good_once,
    the_token_before_is_good_for_a_moment,
    two_refreshes_at_once_keep_both_tabs_signed_in,
    signing_out_ends_a_token_that_grows_meanwhile,
    a_refresh_token_ends,
    signing_out_ends_the_family,
    admins_manage_accounts,
    the_set_up_link_makes_one_admin,
    the_operator_ensures_an_admin,
    a_service_key_is_a_caller_until_it_is_deleted,
    service_keys_are_bounded,
    a_changed_account_counts_within_seconds,
);

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

struct Story {
    clock: Clock,
    platform: Platform,
    _database: Database,
}

impl Story {
    async fn begin(database: Database) -> Self {
        let clock = Clock::new();
        let platform = database.platform(&clock).await;
        Self {
            clock,
            platform,
            _database: database,
        }
    }

    fn anonymous(&self) -> Context {
        self.platform.context(Caller::Anonymous)
    }

    fn system(&self) -> Context {
        self.platform.context(Caller::System)
    }

    async fn register(&self, email: &str) -> SignedIn {
        register(&self.anonymous(), person(email), HOME).await.unwrap()
    }

    async fn login(&self, email: &str, password: &str, remote: IpAddr) -> Result<SignedIn, Error> {
        let input = Login {
            email: email.into(),
            password: Secret::new(password),
            remote,
        };
        login(&self.anonymous(), input).await
    }

    async fn caller(&self, token: &Secret) -> Result<Caller, ErrorKind> {
        authenticate(&self.platform, token.reveal())
            .await
            .map_err(|error| error.kind)
    }

    async fn refresh(&self, token: &Secret) -> Result<SignedIn, ErrorKind> {
        refresh(&self.anonymous(), token).await.map_err(|error| error.kind)
    }

    async fn audited(&self, target: &str) -> Vec<String> {
        audit::about(self.platform.db(), target)
            .await
            .unwrap()
            .into_iter()
            .map(|line| line.action)
            .collect()
    }
}

fn person(email: &str) -> NewAccount {
    NewAccount {
        email: email.into(),
        password: Secret::new("correct horse"),
        name: "Ada".into(),
    }
}

fn address(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(198, 51, 100, last))
}

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
    let error = register(&story.anonymous(), person("ADA@example.com"), HOME)
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
        let error = register(&story.anonymous(), change, HOME).await.unwrap_err();
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
        register(&story.anonymous(), person("ada@example.com"), HOME)
            .await
            .unwrap_err()
            .kind
    };
    for _ in 1..50 {
        assert_eq!(again().await, ErrorKind::Conflict);
    }
    assert_eq!(again().await, ErrorKind::LimitReached { retry_after_s: 60 });
}

async fn a_refresh_token_is_good_once(database: Database) {
    let story = Story::begin(database).await;
    let (other, first) = (
        story.register("eve@example.com").await,
        story.register("ada@example.com").await,
    );
    let second = story.refresh(&first.refresh_token).await.unwrap();
    assert_eq!(second.account, first.account);
    story.clock.advance_ms(1);
    let third = story.refresh(&second.refresh_token).await.unwrap();
    // The first comes back: somebody has a copy, so the newest of the family ends, too.
    assert_eq!(
        story.refresh(&first.refresh_token).await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    assert_eq!(
        story.refresh(&third.refresh_token).await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    let target = format!("account:{}", first.account.id);
    assert!(
        story
            .audited(&target)
            .await
            .contains(&"accounts.refresh_reused".to_owned())
    );
    story.refresh(&other.refresh_token).await.unwrap();
}

async fn the_token_before_is_good_for_a_moment(database: Database) {
    let story = Story::begin(database).await;
    let first = story.register("ada@example.com").await.refresh_token;
    let second = story.refresh(&first).await.unwrap().refresh_token;
    story.clock.advance_ms(9_999);
    let again = story.refresh(&first).await.unwrap().refresh_token;
    assert_ne!(again, second);
    let third = story.refresh(&second).await.unwrap().refresh_token;
    assert_eq!(story.refresh(&first).await.unwrap_err(), ErrorKind::Unauthenticated);
    for token in [again, third] {
        assert_eq!(
            story.refresh(&token).await.unwrap_err(),
            ErrorKind::Unauthenticated,
            "the family ended"
        );
    }
    let first = story.login("ada@example.com", "correct horse", HOME).await.unwrap();
    let second = story.refresh(&first.refresh_token).await.unwrap();
    story.clock.advance_ms(10_000);
    for token in [first.refresh_token, second.refresh_token] {
        assert_eq!(
            story.refresh(&token).await.unwrap_err(),
            ErrorKind::Unauthenticated,
            "the leeway is over"
        );
    }
}

async fn two_refreshes_at_once_keep_both_tabs_signed_in(database: Database) {
    let story = Story::begin(database).await;
    let token = story.register("ada@example.com").await.refresh_token;
    let (one, two) = tokio::join!(story.refresh(&token), story.refresh(&token));
    let tokens = [one.unwrap().refresh_token, two.unwrap().refresh_token];
    assert_ne!(tokens[0], tokens[1]);
    story.clock.advance_ms(60_000);
    for token in &tokens {
        story.refresh(token).await.unwrap();
    }
}

async fn signing_out_ends_a_token_that_grows_meanwhile(database: Database) {
    let story = Story::begin(database).await;
    let token = story.register("ada@example.com").await.refresh_token;
    let anonymous = story.anonymous();
    let (refreshed, left) = tokio::join!(story.refresh(&token), logout(&anonymous, &token));
    left.unwrap();
    if let Ok(signed_in) = refreshed {
        let after = story.refresh(&signed_in.refresh_token).await;
        assert_eq!(after.unwrap_err(), ErrorKind::Unauthenticated);
    }
}

async fn a_refresh_token_ends(database: Database) {
    let story = Story::begin(database).await;
    let token = story.register("ada@example.com").await.refresh_token;
    for wrong in ["", "nothing we made", &"x".repeat(5_000)] {
        assert_eq!(
            story.refresh(&Secret::new(wrong)).await.unwrap_err(),
            ErrorKind::Unauthenticated
        );
    }
    story.clock.advance_ms(2_592_000_000);
    assert_eq!(story.refresh(&token).await.unwrap_err(), ErrorKind::Unauthenticated);
    story.register("eve@example.com").await;
    run_due_jobs(&story.platform).await.unwrap();
    let (left,): (i64,) = sqlx::query_as("select count(*) from refresh_tokens")
        .fetch_one(story.platform.db().read())
        .await
        .unwrap();
    assert_eq!(left, 1, "expired tokens are removed");
}

async fn signing_out_ends_the_family(database: Database) {
    let story = Story::begin(database).await;
    let first = story.register("ada@example.com").await;
    let elsewhere = story.login("ada@example.com", "correct horse", HOME).await.unwrap();
    let second = story.refresh(&first.refresh_token).await.unwrap();
    for token in [
        &second.refresh_token,
        &second.refresh_token,
        &Secret::new("unknown"),
        &Secret::new(""),
    ] {
        logout(&story.anonymous(), token).await.unwrap();
    }
    assert_eq!(
        story.refresh(&second.refresh_token).await.unwrap_err(),
        ErrorKind::Unauthenticated
    );
    story.refresh(&elsewhere.refresh_token).await.unwrap();
}

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
        set_up(&story.anonymous(), token, person(email))
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
