//! The issuer's tokens as bearer tokens.

use super::*;

on_both_databases!(
    an_access_token_is_enough_to_be_somebody,
    an_id_token_brings_name_and_address,
    groups_decide_the_roles_and_the_newest_token_wins,
    a_crowd_of_first_requests_makes_one_account,
    a_closed_account_stays_closed,
);

async fn an_access_token_is_enough_to_be_somebody(database: Database) {
    let story = Story::begin(database).await;
    let token = story.issuer.access_token("ada-sub", json!({ "username": "ada" }));
    let ada = story.caller(&token).await.unwrap();
    assert_eq!(
        (ada.name.as_str(), ada.roles.as_slice()),
        ("ada", [Role::Member].as_slice())
    );
    assert!(ada.email.ends_with("@oidc.invalid"), "{}", ada.email);
    assert_eq!(story.caller(&token).await.unwrap(), ada, "the second time");
    let p256 = story
        .issuer
        .sign("p256-1", &story.issuer.access_claims("ada-sub", json!({})));
    assert_eq!(story.caller(&p256).await.unwrap().id, ada.id, "the other algorithm");
    let ctx = story
        .platform
        .context(authenticate(&story.platform, &token).await.unwrap());
    assert_eq!(accounts::me(&ctx).await.unwrap().id, ada.id);
    let eve = story
        .caller(&story.issuer.access_token("eve-sub", json!({})))
        .await
        .unwrap();
    assert_ne!(eve.id, ada.id);
    assert_eq!(eve.name, "Member", "a username that repeats the subject is no name");
    let target = format!("account:{}", ada.id);
    let lines = audit::about(story.platform.db(), &target).await.unwrap();
    assert_eq!(
        lines.iter().map(|line| line.action.as_str()).collect::<Vec<_>>(),
        ["accounts.oidc_created"]
    );
    // Leeway: a minute after its end and not a second longer.
    story.clock.advance_ms((3600 + 59) * 1000);
    story.caller(&token).await.unwrap();
    story.clock.advance_ms(1000);
    assert_eq!(story.caller(&token).await, Err(ErrorKind::Unauthenticated));
}

async fn an_id_token_brings_name_and_address(database: Database) {
    let story = Story::begin(database).await;
    let access = story.issuer.access_token("ada", json!({}));
    let nameless = story.caller(&access).await.unwrap();
    let profile = json!({ "name": "Ada L.", "email": "Ada@Example.com", "email_verified": true });
    // Made in the same second, as Cognito does.
    let ada = story.caller(&story.issuer.id_token("ada", profile)).await.unwrap();
    assert_eq!((ada.id.as_str(), ada.name.as_str()), (nameless.id.as_str(), "Ada L."));
    assert_eq!(ada.email, "ada@example.com");
    assert_eq!(
        story.caller(&access).await.unwrap(),
        ada,
        "an access token takes nothing away"
    );
    story.clock.advance_ms(1000);
    let moved = json!({ "email": "ada@lovelace.example", "email_verified": true });
    let ada = story.caller(&story.issuer.id_token("ada", moved)).await.unwrap();
    assert_eq!(
        (ada.name.as_str(), ada.email.as_str()),
        ("Ada L.", "ada@lovelace.example")
    );
    // An address that somebody else has stays theirs.
    story.local("taken@example.com", &[Role::Member]).await;
    story.clock.advance_ms(1000);
    let taken = json!({ "name": "Ada", "email": "taken@example.com", "email_verified": true });
    let ada = story.caller(&story.issuer.id_token("ada", taken)).await.unwrap();
    assert_eq!((ada.name.as_str(), ada.email.as_str()), ("Ada", "ada@lovelace.example"));
}

async fn groups_decide_the_roles_and_the_newest_token_wins(database: Database) {
    let story = Story::begin(database).await;
    let with = |groups: Value| story.issuer.access_token("ada", json!({ "cognito:groups": groups }));
    let admin = with(json!(["Admin", "Mentor", "Other"]));
    let ada = story.caller(&admin).await.unwrap();
    assert_eq!(ada.roles, [Role::Admin, Role::Host, Role::Member]);
    story.clock.advance_ms(1000);
    let demoted = story.issuer.access_token("ada", json!({}));
    assert_eq!(story.caller(&demoted).await.unwrap().roles, [Role::Member]);
    assert_eq!(
        story.caller(&admin).await.unwrap().roles,
        [Role::Member],
        "the older token says nothing any more"
    );
    story.clock.advance_ms(1000);
    for (groups, roles) in [
        (json!("Mentor"), vec![Role::Host, Role::Member]),
        (json!(["mentor", "ADMIN"]), vec![Role::Member]),
        (json!({ "Admin": true }), vec![Role::Member]),
        (json!([["Admin"], 1, null]), vec![Role::Member]),
        (json!(["Admin"]), vec![Role::Admin, Role::Member]),
    ] {
        story.clock.advance_ms(1000);
        assert_eq!(
            story.caller(&with(groups.clone())).await.unwrap().roles,
            roles,
            "{groups}"
        );
    }
    let lines = audit::about(story.platform.db(), &format!("account:{}", ada.id))
        .await
        .unwrap();
    let changes = lines.iter().filter(|line| line.action == "accounts.oidc_roles").count();
    assert_eq!(changes, 4, "each change of roles leaves a line");
}

async fn a_crowd_of_first_requests_makes_one_account(database: Database) {
    let story = Story::begin(database).await;
    let profile = json!({ "email": "ada@example.com", "email_verified": true });
    let token = story.issuer.id_token("ada", profile);
    let crowd = (0..16).map(|_| authenticate(&story.platform, &token));
    let callers = futures_util::future::join_all(crowd).await;
    let ids: Vec<_> = callers
        .into_iter()
        .map(|caller| caller.unwrap().id().unwrap().to_owned())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(story.count("select count(*) from accounts").await, 1);
    assert_eq!(story.issuer.requests("/jwks"), 1, "the crowd asked the issuer once");
}

async fn a_closed_account_stays_closed(database: Database) {
    let story = Story::begin(database).await;
    let profile = json!({ "email": "ada@example.com", "email_verified": true });
    let token = story.issuer.id_token("ada", profile.clone());
    let ada = story.caller(&token).await.unwrap();
    story.close(&ada.id).await;
    assert_eq!(story.caller(&token).await, Err(ErrorKind::Unauthenticated));
    story.clock.advance_ms(1000);
    let newer = story.issuer.id_token("ada", json!({ "cognito:groups": ["Admin"] }));
    assert_eq!(
        story.caller(&newer).await,
        Err(ErrorKind::Unauthenticated),
        "whatever a newer token says"
    );
    let other_door = story.issuer.id_token("ada-again", profile);
    assert_eq!(
        story.caller(&other_door).await,
        Err(ErrorKind::Unauthenticated),
        "nor by another subject"
    );
    assert_eq!(story.count("select count(*) from accounts").await, 1);
}

#[tokio::test]
async fn a_busy_client_costs_no_query_per_request_but_a_verification() {
    let story = Story::begin(Database::sqlite()).await;
    let token = story.issuer.access_token("ada", json!({}));
    let ada = story.caller(&token).await.unwrap();
    story.close(&ada.id).await;
    authenticate(&story.platform, &token)
        .await
        .expect("looked up a moment ago");
    let signature = token.rfind('.').unwrap();
    let tampered = format!("{}.{}", &token[..signature], encoded([1; 256]));
    authenticate(&story.platform, &tampered)
        .await
        .expect_err("known caller, wrong signature");
    story.clock.advance_ms(accounts::FRESH_MS);
    authenticate(&story.platform, &token)
        .await
        .expect_err("closed, a few seconds later");
}

#[tokio::test]
async fn generic_issuers_name_us_in_the_audience_and_roles_at_a_path() {
    let story = Story::with(Database::sqlite(), |config| {
        config.role_claim = "realm_access.roles".into();
        config.admin_groups = vec!["boss".into()];
        config.host_groups = vec!["seller".into(), "teacher".into()];
        config.audiences = vec!["https://api.example".into()];
    })
    .await;
    let generic = |changes: Value| {
        let base = story
            .issuer
            .id_claims("ada", json!({ "token_use": null, "cognito:username": null }));
        let mut claims = base.as_object().unwrap().clone();
        claims.extend(changes.as_object().unwrap().clone());
        story.issuer.sign("rsa-1", &Value::Object(claims))
    };
    for (changes, is_good) in [
        (json!({}), true),
        (json!({ "aud": [CLIENT, "other"] }), true),
        (json!({ "aud": CLIENT, "azp": CLIENT }), true),
        (json!({ "aud": "https://api.example", "azp": "their-page" }), true),
        (
            json!({ "aud": ["https://api.example", "https://userinfo.example"] }),
            true,
        ),
        (json!({ "aud": "https://api.example/" }), false),
        (json!({ "aud": CLIENT, "azp": "their-page" }), false),
    ] {
        assert_eq!(
            story.caller(&generic(changes.clone())).await.is_ok(),
            is_good,
            "{changes}"
        );
    }
    story.clock.advance_ms(1000);
    let teacher = generic(json!({ "realm_access": { "roles": ["teacher"] }, "given_name": "Ada", "family_name": "L" }));
    let teacher = story.caller(&teacher).await.unwrap();
    assert_eq!(
        (teacher.name.as_str(), teacher.roles.as_slice()),
        ("Ada L", [Role::Host, Role::Member].as_slice())
    );
}
