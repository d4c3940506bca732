//! Signing in through an issuer, as browsers and programs do it over HTTP.

use http::{Method, StatusCode};
use platform::Secret;
use platform::testing::Clock;
use platform::testing::issuer::{Answer as IssuerAnswer, Issuer, SigningKey};
use serde_json::json;
use url::Url;

use crate::server::{Answer, TestServer};

struct World {
    issuer: Issuer,
    server: TestServer,
}

impl World {
    async fn new(public_url: &str) -> Self {
        let clock = Clock::new();
        let issuer = Issuer::start(&clock).await;
        let config = api::Config {
            public_url: Some(public_url.parse().unwrap()),
            events_secret: Some(Secret::new("events")),
            ..api::Config::default()
        };
        let server = TestServer::start_with_issuer(clock, config, issuer.config()).await;
        Self { issuer, server }
    }

    async fn start(&self) -> Answer {
        let path = "/api/auth/oidc/start?next=%2Fui%2Fauctions%3Fmine%3Dtrue";
        self.server.get(path).send().await
    }

    /// The browser at the issuer and back: the callback's path with its query.
    async fn visit(&self, started: &Answer) -> String {
        let back = self.issuer.visit(&Url::parse(location(started)).unwrap()).await;
        format!("{}?{}", back.path(), back.query().unwrap())
    }
}

fn location(answer: &Answer) -> &str {
    assert_eq!(answer.status, StatusCode::FOUND, "{answer:?}");
    answer.header("location").unwrap()
}

fn cookies(answer: &Answer) -> Vec<&str> {
    let lines = answer.headers.get_all("set-cookie");
    lines.iter().map(|line| line.to_str().unwrap()).collect()
}

#[tokio::test]
async fn a_browser_goes_to_the_issuer_and_comes_back_signed_in() {
    let world = World::new("http://localhost:8000").await;
    let methods = world.server.get("/api/auth/methods").send().await.json();
    assert_eq!(methods["oidc"], json!({ "name": "single sign-on" }));
    let started = world.start().await;
    assert!(location(&started).starts_with(&format!("{}/authorize?", world.issuer.url)));
    assert_eq!(started.header("cache-control"), Some("no-store"));
    let errand = cookies(&started)[0].to_owned();
    assert!(errand.starts_with("rostrum_oidc=v1."), "{errand}");
    assert!(
        errand.ends_with("; Path=/api/auth/oidc; Max-Age=600; HttpOnly; SameSite=Lax"),
        "{errand}"
    );
    let back = world.visit(&started).await;
    assert!(back.starts_with("/api/auth/oidc/callback?code="), "{back}");
    let errand = started.cookie().unwrap();
    let others = format!("a=b; {errand}; c=d");
    let finished = world.server.get(&back).header("cookie", &others).send().await;
    assert_eq!(location(&finished), "/ui/auctions?mine=true#signed-in");
    let set = cookies(&finished);
    assert_eq!(
        set[0],
        "rostrum_oidc=; Path=/api/auth/oidc; Max-Age=0; HttpOnly; SameSite=Lax"
    );
    assert!(
        set[1].starts_with("rostrum_refresh=") && set[1].contains("SameSite=Strict"),
        "{}",
        set[1]
    );
    // The page then asks who is here.
    let session = set[1].split(';').next().unwrap();
    let refreshed = world
        .server
        .post("/api/auth/refresh")
        .header("cookie", session)
        .send()
        .await;
    assert_eq!(refreshed.status, StatusCode::OK, "{refreshed:?}");
    assert_eq!(refreshed.json()["user"]["email"], "ada@example.com");
}

#[tokio::test]
async fn both_cookies_are_secure_behind_https() {
    let world = World::new("https://live.example").await;
    let started = world.start().await;
    assert!(location(&started).contains("redirect_uri=https%3A%2F%2Flive.example%2Fapi%2Fauth%2Foidc%2Fcallback"));
    let back = world.visit(&started).await;
    let finished = world
        .server
        .get(&back)
        .header("cookie", &started.cookie().unwrap())
        .send()
        .await;
    for line in cookies(&started).into_iter().chain(cookies(&finished)) {
        assert!(line.ends_with("; Secure"), "{line}");
    }
}

#[tokio::test]
async fn whatever_goes_wrong_ends_on_the_sign_in_page() {
    let world = World::new("http://localhost:8000").await;
    let started = world.start().await;
    let (errand, back) = (started.cookie().unwrap(), world.visit(&started).await);
    let cancelled = format!("{back}&error=access_denied");
    let another = back.replace("code=", "code=x");
    let oddly = format!(
        "/api/auth/oidc/callback?code=a&state={}&error=%0d%0aset-cookie:a=b",
        "s".repeat(5000)
    );
    let next = "&next=%2Fauctions%3Fmine%3Dtrue";
    for (path, cookie, word, next) in [
        (back.as_str(), "", "expired", ""),
        (back.as_str(), "rostrum_oidc=v1.AAAA", "expired", ""),
        ("/api/auth/oidc/callback", errand.as_str(), "expired", next),
        (oddly.as_str(), errand.as_str(), "expired", next),
        (cancelled.as_str(), errand.as_str(), "cancelled", next),
        (another.as_str(), errand.as_str(), "refused", next),
    ] {
        let answer = world.server.get(path).header("cookie", cookie).send().await;
        assert_eq!(location(&answer), format!("/ui/sign-in?error={word}{next}"), "{path}");
        assert_eq!(cookies(&answer).len(), 1, "no session: {answer:?}");
        assert!(cookies(&answer)[0].starts_with("rostrum_oidc=; "), "the errand is over");
    }
    let down = IssuerAnswer::json(503, &json!({}));
    world.issuer.answer("/.well-known/openid-configuration", Some(down));
    world.server.clock.advance_ms(25 * 3600 * 1000);
    let answer = world.start().await;
    assert_eq!(location(&answer), format!("/ui/sign-in?error=unavailable{next}"));
}

#[tokio::test]
async fn the_issuers_tokens_open_what_their_groups_open() {
    let world = World::new("http://localhost:8000").await;
    let status = async |token: &str, path: &str| world.server.get(path).bearer(token).send().await.status;
    let member = world.issuer.access_token("ada", json!({}));
    let admin = world
        .issuer
        .access_token("boss", json!({ "cognito:groups": ["Admin"] }));
    let forged = SigningKey::other_rsa("rsa-1").sign(&world.issuer.access_claims("boss", json!({})));
    assert_eq!(status(&member, "/api/auth/me").await, StatusCode::OK);
    assert_eq!(status(&member, "/api/users").await, StatusCode::FORBIDDEN);
    assert_eq!(status(&admin, "/api/users").await, StatusCode::OK);
    assert_eq!(status(&forged, "/api/auth/me").await, StatusCode::UNAUTHORIZED);
    let refused = world.server.get("/api/auth/me").bearer(&forged).send().await;
    assert_eq!(refused.json(), json!({ "error": "Invalid or expired token" }));
    let huge = "a".repeat(9000);
    assert_eq!(status(&huge, "/api/auth/me").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_bearer_of_an_issuer_that_is_down_may_try_again() {
    let world = World::new("http://localhost:8000").await;
    world.issuer.answer("/jwks", Some(IssuerAnswer::json(500, &json!({}))));
    let token = world.issuer.access_token("ada", json!({}));
    let answer = world.server.get("/api/auth/me").bearer(&token).send().await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    assert_eq!(answer.header("retry-after"), Some("5"));
    assert!(!answer.text().contains(&world.issuer.url), "{answer:?}");
    let anonymous = world.server.call(Method::GET, "/api/auctions").send().await;
    assert_eq!(anonymous.status, StatusCode::OK, "nobody else is concerned");
}
