//! An issuer that rotates keys, is down, or says strange things.

use super::*;

const DISCOVERY: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn a_new_key_is_learned_and_an_old_one_forgotten() {
    let story = Story::begin(Database::sqlite()).await;
    let old = story.issuer.access_token("ada", json!({}));
    story.caller(&old).await.unwrap();
    let new = SigningKey::p256("p256-2");
    story.issuer.publish(vec![new.clone()]);
    story.clock.advance_ms(30_000);
    let token = new.sign(&story.issuer.access_claims("ada", json!({})));
    story.caller(&token).await.unwrap();
    assert_eq!(
        story.caller(&old).await,
        Err(ErrorKind::Unauthenticated),
        "its key was withdrawn"
    );
}

#[tokio::test]
async fn a_withdrawn_key_is_good_for_an_hour_at_most() {
    let story = Story::begin(Database::sqlite()).await;
    story
        .caller(&story.issuer.access_token("ada", json!({})))
        .await
        .unwrap();
    let stolen = story.issuer.key("rsa-1");
    story.issuer.publish(vec![SigningKey::p256("p256-2")]);
    story.clock.advance_ms(3_599_000);
    let token = stolen.sign(&story.issuer.access_claims("ada", json!({})));
    story.caller(&token).await.expect("nobody asked the issuer meanwhile");
    story.clock.advance_ms(1_000);
    assert_eq!(story.caller(&token).await, Err(ErrorKind::Unauthenticated));
}

#[tokio::test]
async fn invented_key_names_do_not_make_us_flood_the_issuer() {
    let story = Story::begin(Database::sqlite()).await;
    story
        .caller(&story.issuer.access_token("ada", json!({})))
        .await
        .unwrap();
    let invent = async |count: usize| {
        for number in 0..count {
            let forger = SigningKey::other_rsa(&format!("invented-{number}"));
            let token = forger.sign(&story.issuer.access_claims("ada", json!({})));
            assert_eq!(story.caller(&token).await, Err(ErrorKind::Unauthenticated));
        }
    };
    story.clock.advance_ms(29_000);
    invent(20).await;
    assert_eq!(story.issuer.requests("/jwks"), 1);
    story.clock.advance_ms(1_000);
    invent(20).await;
    story.clock.advance_ms(29_999);
    invent(20).await;
    assert_eq!(story.issuer.requests("/jwks"), 2, "once in thirty seconds");
}

#[tokio::test]
async fn an_issuer_that_is_down_at_the_start_is_asked_again_soon() {
    let story = Story::begin(Database::sqlite()).await;
    let down = Answer::json(503, &json!({}));
    story.issuer.answer(DISCOVERY, Some(down));
    let token = story.issuer.access_token("ada", json!({}));
    let local = story.local("bob@example.com", &[Role::Member]).await;
    for _ in 0..3 {
        let kind = story.caller(&token).await.unwrap_err();
        assert_eq!(
            kind,
            ErrorKind::Unavailable { retry_after_s: 5 },
            "nobody can tell: that is no 401"
        );
    }
    assert_eq!(story.issuer.requests(DISCOVERY), 1);
    let ours = story.login("bob@example.com").await.unwrap();
    assert_eq!(
        story.caller(ours.access_token.reveal()).await.unwrap().id,
        local.id,
        "ours need no issuer"
    );
    assert_eq!(story.caller("no token").await, Err(ErrorKind::Unauthenticated));
    story.issuer.answer(DISCOVERY, None);
    story.clock.advance_ms(5_000);
    story.caller(&token).await.unwrap();
}

#[tokio::test]
async fn known_keys_last_a_day_without_the_issuer() {
    let story = Story::begin(Database::sqlite()).await;
    story
        .caller(&story.issuer.access_token("ada", json!({})))
        .await
        .unwrap();
    story.issuer.answer("/jwks", Some(Answer::json(500, &json!({}))));
    story.clock.advance_ms(24 * 3_600_000 - 1);
    story
        .caller(&story.issuer.access_token("ada", json!({})))
        .await
        .unwrap();
    story.clock.advance_ms(30_000);
    let kind = story
        .caller(&story.issuer.access_token("ada", json!({})))
        .await
        .unwrap_err();
    assert_eq!(kind, ErrorKind::Unavailable { retry_after_s: 5 });
    story.issuer.answer("/jwks", None);
    story.clock.advance_ms(5_000);
    story
        .caller(&story.issuer.access_token("ada", json!({})))
        .await
        .unwrap();
}

#[tokio::test]
async fn strange_answers_of_the_issuer_are_not_believed() {
    let story = Story::begin(Database::sqlite()).await;
    let url = story.issuer.url.clone();
    let other = Issuer::start(&story.clock).await;
    let discovery = |changes: Value| {
        let mut document = json!({ "issuer": url, "authorization_endpoint": format!("{url}/authorize"),
            "token_endpoint": format!("{url}/token"), "jwks_uri": format!("{url}/jwks") });
        for (name, value) in changes.as_object().unwrap() {
            document[name] = value.clone();
        }
        Answer::json(200, &document)
    };
    let moved = Answer {
        status: 302,
        headers: format!("location: {}/jwks\r\n", other.url),
        body: String::new(),
    };
    let large = Answer::json(200, &json!({ "keys": [], "padding": "p".repeat(300 * 1024) }));
    let token = story.issuer.access_token("ada", json!({}));
    for (why, path, answer) in [
        ("another issuer", DISCOVERY, discovery(json!({ "issuer": other.url }))),
        (
            "the issuer with a slash",
            DISCOVERY,
            discovery(json!({ "issuer": format!("{url}/") })),
        ),
        (
            "keys over plain http elsewhere",
            DISCOVERY,
            discovery(json!({ "jwks_uri": "http://192.0.2.1/jwks" })),
        ),
        (
            "keys in a file",
            DISCOVERY,
            discovery(json!({ "jwks_uri": "file:///etc/passwd" })),
        ),
        (
            "a token endpoint that is none",
            DISCOVERY,
            discovery(json!({ "token_endpoint": "javascript:1" })),
        ),
        ("no discovery document", DISCOVERY, Answer::json(200, &json!([]))),
        ("a redirect", "/jwks", moved),
        ("no key set", "/jwks", Answer::json(200, &json!({ "keys": "none" }))),
        ("too much", "/jwks", large),
    ] {
        story.clock.advance_ms(5_000);
        story.issuer.answer(path, Some(answer));
        let judged = story.caller(&token).await;
        assert_eq!(judged, Err(ErrorKind::Unavailable { retry_after_s: 5 }), "{why}");
        story.issuer.answer(path, None);
    }
    assert_eq!(other.requests("/jwks"), 0, "redirects are not followed");
    story.clock.advance_ms(5_000);
    story.caller(&token).await.unwrap();
}

#[tokio::test]
async fn without_an_issuer_nothing_of_this_exists() {
    let (clock, database) = (Clock::new(), Database::sqlite());
    let issuer = Issuer::start(&clock).await;
    let platform = database.platform(&clock).await;
    assert_eq!(method(&platform), None);
    let error = authenticate(&platform, &issuer.access_token("ada", json!({})))
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
    assert_eq!(issuer.requests(DISCOVERY), 0);
    let redirect = "http://localhost:8000/back".parse().unwrap();
    let context = platform.context(Caller::Anonymous);
    let error = start(&context, None, &redirect, &device(1)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
}
