//! The code flow, with the test as the browser.

use std::collections::HashMap;

use url::Url;

use super::*;

on_both_databases!(a_person_comes_back_signed_in, a_closed_account_is_told_so,);

fn redirect() -> Url {
    "http://localhost:8000/api/auth/oidc/callback".parse().unwrap()
}

impl Story {
    async fn start(&self, next: Option<&str>) -> Started {
        start(&self.anonymous(), next, &redirect(), &device(1)).await.unwrap()
    }

    /// The browser follows the link; what it then brings to the callback.
    async fn visit(&self, started: &Started) -> HashMap<String, String> {
        let back = self.issuer.visit(&started.location).await;
        assert!(back.as_str().starts_with(redirect().as_str()));
        back.query_pairs().into_owned().collect()
    }

    async fn finish(&self, mut query: HashMap<String, String>, cookie: &Secret) -> Result<Finished, Error> {
        let callback = Callback {
            code: query.remove("code").map(Secret::new),
            state: query.remove("state"),
            error: query.remove("error"),
            iss: query.remove("iss"),
        };
        finish(&self.anonymous(), callback, cookie, &redirect(), &device(1)).await
    }

    /// A sign-in from beginning to end.
    async fn sign_in(&self) -> Result<Finished, Error> {
        let started = self.start(Some("/ui/auctions")).await;
        let query = self.visit(&started).await;
        self.finish(query, &started.cookie).await
    }
}

async fn a_person_comes_back_signed_in(database: Database) {
    let story = Story::begin(database).await;
    let finished = story.sign_in().await.unwrap();
    assert_eq!(finished.next, "/ui/auctions");
    let account = &finished.session.account;
    assert_eq!(
        (account.email.as_str(), account.name.as_str()),
        ("ada@example.com", "Ada")
    );
    let ada = story.caller(finished.session.access_token.reveal()).await.unwrap();
    assert_eq!(ada.id, account.id, "a session of ours");
    accounts::refresh(&story.anonymous(), &finished.session.refresh_token, &device(1))
        .await
        .unwrap();
    story.clock.advance_ms(1000);
    let groups = json!({ "sub": "ada", "name": "Ada", "cognito:groups": ["Mentor"] });
    story.issuer.person(groups);
    let again = story.sign_in().await.unwrap().session.account;
    assert_eq!(
        (again.id.as_str(), again.roles.as_slice()),
        (ada.id.as_str(), [Role::Host, Role::Member].as_slice())
    );
    assert_eq!(
        story
            .caller(&story.issuer.access_token("ada", json!({})))
            .await
            .unwrap()
            .id,
        ada.id,
        "as with a bearer"
    );
    let lines = audit::about(story.platform.db(), &format!("account:{}", ada.id))
        .await
        .unwrap();
    assert_eq!(
        lines.iter().filter(|line| line.action == "accounts.oidc_login").count(),
        2
    );
}

async fn a_closed_account_is_told_so(database: Database) {
    let story = Story::begin(database).await;
    let account = story.sign_in().await.unwrap().session.account;
    story.close(&account.id).await;
    assert_eq!(story.sign_in().await.unwrap_err().kind, ErrorKind::Forbidden);
    assert_eq!(
        story.count("select count(*) from refresh_tokens").await,
        1,
        "no second session began"
    );
}

#[tokio::test]
async fn the_link_asks_for_what_it_must() {
    let story = Story::with(Database::sqlite(), |config| {
        config.scopes = vec!["openid".into(), "email".into()]
    })
    .await;
    let (one, other) = (story.start(None).await, story.start(None).await);
    let query: HashMap<_, _> = one.location.query_pairs().into_owned().collect();
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", redirect().as_str()),
        ("scope", "openid email"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(query[name], value, "{name}");
    }
    let others: HashMap<_, _> = other.location.query_pairs().into_owned().collect();
    for fresh in ["state", "nonce", "code_challenge"] {
        assert!(query[fresh].len() >= 43, "{fresh}");
        assert_ne!(query[fresh], others[fresh], "{fresh}");
    }
    let cookie = one.cookie.reveal();
    assert!(cookie.len() < 2000 && cookie.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
    assert!(!cookie.contains(&query["state"]), "sealed");
    assert_eq!(format!("{:?}", one.cookie), "***");
}

#[tokio::test]
async fn an_answer_counts_once_and_only_in_the_browser_that_asked() {
    let story = Story::begin(Database::sqlite()).await;
    let state_error = ErrorKind::Invalid { field: "state".into() };
    let mine = story.start(None).await;
    let answer = story.visit(&mine).await;
    let theirs = story.start(None).await;
    let with = |name: &str, value: &str| {
        let mut changed = answer.clone();
        changed.insert(name.into(), value.into());
        changed
    };
    let without_state = answer.iter().filter(|(name, _)| *name != "state");
    let without_state = without_state
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let torn = Secret::new(&mine.cookie.reveal()[..100]);
    let long = Secret::new("v1.".to_owned() + &"A".repeat(5000));
    for (why, query, cookie) in [
        ("another browser's cookie", answer.clone(), &theirs.cookie),
        ("no cookie", answer.clone(), &Secret::new("")),
        ("a torn cookie", answer.clone(), &torn),
        ("a long cookie", answer.clone(), &long),
        ("another state", with("state", "guess"), &mine.cookie),
        ("no state", without_state, &mine.cookie),
    ] {
        assert_eq!(
            story.finish(query, cookie).await.unwrap_err().kind,
            state_error,
            "{why}"
        );
    }
    for (name, value) in [("error", "access_denied"), ("code", "")] {
        let kind = story.finish(with(name, value), &mine.cookie).await.unwrap_err().kind;
        assert_eq!(kind, ErrorKind::Invalid { field: "error".into() }, "{name}");
    }
    for (name, value) in [("iss", "https://evil.example"), ("code", "code-of-mine")] {
        let kind = story.finish(with(name, value), &mine.cookie).await.unwrap_err().kind;
        assert_eq!(kind, ErrorKind::Unauthenticated, "{name}");
    }
    assert_eq!(story.issuer.requests("/token"), 1, "only the last asked the issuer");
    story
        .finish(with("iss", &story.issuer.url), &mine.cookie)
        .await
        .unwrap();
    let again = story.finish(answer.clone(), &mine.cookie).await.unwrap_err();
    assert_eq!(again.kind, ErrorKind::Unauthenticated, "the code is used");
    let late = story.start(None).await;
    let answer = story.visit(&late).await;
    story.clock.advance_ms(600_000);
    assert_eq!(
        story.finish(answer, &late.cookie).await.unwrap_err().kind,
        state_error,
        "too late"
    );
}

#[tokio::test]
async fn the_id_token_must_be_of_this_sign_in() {
    let story = Story::begin(Database::sqlite()).await;
    for (why, change) in [
        ("another nonce", json!({ "nonce": "another" })),
        ("no nonce", json!({ "nonce": null })),
        ("another access token", json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" })),
        ("a hash that is no text", json!({ "at_hash": 1 })),
        ("another client", json!({ "aud": "client-of-theirs" })),
        ("another asked for it", json!({ "aud": [CLIENT, "b"], "azp": "b" })),
        ("an access token", json!({ "token_use": "access", "client_id": CLIENT })),
        ("another issuer", json!({ "iss": "https://evil.example" })),
        ("expired", json!({ "iat": 1, "exp": 2 })),
    ] {
        story.issuer.change_id_tokens(change);
        assert_eq!(
            story.sign_in().await.unwrap_err().kind,
            ErrorKind::Unauthenticated,
            "{why}"
        );
    }
    assert_eq!(story.count("select count(*) from accounts").await, 0);
    story
        .issuer
        .change_id_tokens(json!({ "at_hash": null, "token_use": null }));
    story.sign_in().await.expect("neither is required");
}

#[tokio::test]
async fn an_accepted_audience_is_for_bearers_and_not_for_signing_in() {
    let story = Story::with(Database::sqlite(), |config| {
        config.audiences = vec!["their-client".into()]
    })
    .await;
    story.issuer.change_id_tokens(json!({ "aud": "their-client" }));
    assert_eq!(story.sign_in().await.unwrap_err().kind, ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn a_confidential_client_shows_its_secret() {
    let story = Story::with(Database::sqlite(), |config| {
        config.client_secret = Some(Secret::new("s3cret"))
    })
    .await;
    story.issuer.require_secret("s3cret");
    story.sign_in().await.unwrap();
    story.issuer.require_secret("another");
    let refused = story.sign_in().await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unauthenticated);
    assert!(!format!("{refused:?}").contains("s3cret"));
}

#[tokio::test]
async fn a_token_endpoint_that_fails_is_no_refusal() {
    let story = Story::begin(Database::sqlite()).await;
    for answer in [
        Answer::json(200, &json!({ "access_token": "a" })),
        Answer::json(200, &json!("token")),
        Answer {
            status: 302,
            headers: "location: /pool/jwks\r\n".into(),
            body: String::new(),
        },
        Answer::json(500, &json!("oops")),
    ] {
        story.issuer.answer("/token", Some(answer.clone()));
        let kind = story.sign_in().await.unwrap_err().kind;
        assert_eq!(kind, ErrorKind::Unavailable { retry_after_s: 5 }, "{}", answer.body);
    }
    let no_id_token = json!({ "access_token": "a", "token_type": "Bearer" });
    story.issuer.answer("/token", Some(Answer::json(200, &no_id_token)));
    assert_eq!(story.sign_in().await.unwrap_err().kind, ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn beginnings_from_one_address_are_limited() {
    let story = Story::begin(Database::sqlite()).await;
    for _ in 0..100 {
        story.start(None).await;
    }
    let error = start(&story.anonymous(), None, &redirect(), &device(1))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::LimitReached { retry_after_s: 3 });
    start(&story.anonymous(), None, &redirect(), &device(2)).await.unwrap();
}
