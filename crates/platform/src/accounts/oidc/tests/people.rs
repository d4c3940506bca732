//! What an e-mail address is worth.

use super::*;

on_both_databases!(
    a_verified_address_leads_to_the_account_and_ends_what_others_know_of_it,
    an_address_is_worth_nothing_unless_it_is_verified,
    administrators_are_never_linked,
    an_account_has_one_identity,
);

fn profile(email: &str) -> Value {
    json!({ "name": "Ada", "email": email, "email_verified": true })
}

async fn a_verified_address_leads_to_the_account_and_ends_what_others_know_of_it(database: Database) {
    let story = Story::begin(database).await;
    let local = story.local("ada@example.com", &[Role::Host, Role::Member]).await;
    let before = story.login("ada@example.com").await.unwrap();
    let ada = story
        .caller(&story.issuer.id_token("ada", profile("ada@example.com")))
        .await
        .unwrap();
    assert_eq!(ada.id, local.id);
    assert_eq!(ada.roles, [Role::Member], "from now on the groups decide");
    // Whoever registered that address first may have been somebody else: nothing they know works any more.
    assert_eq!(
        story.login("ada@example.com").await.err(),
        Some(ErrorKind::Unauthenticated)
    );
    assert_eq!(
        story.caller(before.access_token.reveal()).await,
        Err(ErrorKind::Unauthenticated)
    );
    let refreshed = accounts::refresh(&story.anonymous(), &before.refresh_token, &device(1)).await;
    assert_eq!(refreshed.unwrap_err().kind, ErrorKind::Unauthenticated);
    let lines = audit::about(story.platform.db(), &format!("account:{}", local.id))
        .await
        .unwrap();
    let linked: Vec<_> = lines
        .iter()
        .filter(|line| line.action == "accounts.oidc_linked")
        .collect();
    assert_eq!(linked.len(), 1);
}

async fn an_address_is_worth_nothing_unless_it_is_verified(database: Database) {
    let story = Story::begin(database).await;
    let local = story.local("ada@example.com", &[Role::Member]).await;
    for (subject, verified) in [
        ("a", json!(false)),
        ("b", Value::Null),
        ("c", json!("true")),
        ("d", json!(1)),
    ] {
        let claims = json!({ "email": "ada@example.com", "email_verified": verified });
        let stranger = story.caller(&story.issuer.id_token(subject, claims)).await.unwrap();
        assert_ne!(stranger.id, local.id, "{verified}");
        assert!(stranger.email.ends_with("@oidc.invalid"), "{verified}");
    }
    // Nor is anything sent to an address that we made up.
    let made_up = story.issuer.access_token("a", json!({}));
    let made_up = story.caller(&made_up).await.unwrap().email;
    for (to, mails) in [(made_up.as_str(), 0), ("ada@example.com", 1)] {
        let mut tx = story.platform.db().begin().await.unwrap();
        let letter = mail::Message {
            to: to.into(),
            subject: "Hello".into(),
            text: "Hello".into(),
            html: "Hello".into(),
            key: to.into(),
        };
        mail::send(&mut tx, letter).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(story.count("select count(*) from mails").await, mails, "{to}");
    }
    // Nor does it take an address away from whoever owns it and comes later.
    let claims = json!({ "email": "bob@example.com", "email_verified": false });
    story.caller(&story.issuer.id_token("eve", claims)).await.unwrap();
    story.local("bob@example.com", &[Role::Member]).await;
    story.login("ada@example.com").await.unwrap();
}

async fn administrators_are_never_linked(database: Database) {
    let story = Story::begin(database).await;
    let admin = story.local("boss@example.com", &[Role::Admin]).await;
    let newcomer = story
        .caller(&story.issuer.id_token("boss", profile("boss@example.com")))
        .await
        .unwrap();
    assert_ne!(newcomer.id, admin.id);
    assert_eq!(newcomer.roles, [Role::Member]);
    assert!(newcomer.email.ends_with("@oidc.invalid"));
    let session = story.login("boss@example.com").await.unwrap();
    assert_eq!(session.account.roles, [Role::Admin], "untouched");
}

async fn an_account_has_one_identity(database: Database) {
    let story = Story::begin(database).await;
    let first = story
        .caller(&story.issuer.id_token("first", profile("ada@example.com")))
        .await
        .unwrap();
    let second = story
        .caller(&story.issuer.id_token("second", profile("ada@example.com")))
        .await
        .unwrap();
    assert_ne!(first.id, second.id);
    assert!(second.email.ends_with("@oidc.invalid"));
    assert_eq!(story.count("select count(*) from oidc_identities").await, 2);
}
