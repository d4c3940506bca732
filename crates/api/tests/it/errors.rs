//! Every refusal in words: bodies are snapshots, so that a change of wording is a decision.

use http::{Method, StatusCode};
use platform::Role;
use serde_json::json;

use crate::server::{PASSWORD, TestServer};

macro_rules! check {
    ($name:literal, $call:expr) => {
        insta::assert_snapshot!($name, $call.send().await.summary())
    };
}

#[tokio::test]
async fn missing_and_wrong_credentials() {
    let server = TestServer::start().await;
    let me = || server.get("/api/auth/me");
    check!("no_authorization_header", me());
    check!(
        "authorization_without_bearer",
        me().header("authorization", "Basic YTpi")
    );
    check!("authorization_without_token", me().header("authorization", "Bearer "));
    check!("unknown_token", me().bearer("nonsense"));
    let token = server.sign_in("ann", &[Role::Member]).await;
    check!("admin_route_as_member", server.get("/api/users").bearer(&token));
    server.clock.advance_ms(24 * 3600 * 1000);
    check!("expired_token", me().bearer(&token));
    check!("refresh_without_cookie", server.post("/api/auth/refresh"));
}

#[tokio::test]
async fn wrong_passwords_and_unknown_people_read_the_same() {
    let server = TestServer::start().await;
    server.sign_in("ann", &[Role::Member]).await;
    let login = |email: &str, password: &str| {
        server
            .post("/api/auth/login")
            .json(&json!({ "email": email, "password": password }))
    };
    check!("wrong_password", login("ann@example.com", "wrong"));
    let unknown = login("bob@example.com", PASSWORD).send().await;
    assert_eq!(
        unknown.summary(),
        login("ann@example.com", "wrong again").send().await.summary()
    );
}

#[tokio::test]
async fn too_many_attempts_say_when_to_come_back() {
    let server = TestServer::start().await;
    let body = json!({ "email": "ann@example.com", "password": "wrong" });
    for _ in 0..1000 {
        let answer = server.post("/api/auth/login").json(&body).send().await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert!(answer.header("retry-after").unwrap().parse::<u64>().unwrap() > 0);
            insta::assert_snapshot!("too_many_attempts", answer.summary());
            return;
        }
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
    panic!("a thousand wrong passwords were tried");
}

#[tokio::test]
async fn bodies_that_cannot_be_read() {
    let server = TestServer::start().await;
    let post = |body: &str| {
        server
            .post("/api/auth/login")
            .header("content-type", "application/json")
            .body(body)
    };
    check!("json_syntax", post("{\"email\": \"a@b.c\",\n \"password\": }"));
    check!("json_cut_short", post("{\"email\": \"a@b.c\""));
    check!("json_with_more_behind", post("{\"email\":\"a\",\"password\":\"b\"} {}"));
    check!("json_missing_member", post("{\"email\": \"a@b.c\"}"));
    check!("json_wrong_type", post("{\"email\": 5, \"password\": \"x\"}"));
    check!("json_not_an_object", post("[]"));
    check!("json_empty", post(""));
    check!(
        "json_not_utf8",
        server
            .post("/api/auth/login")
            .header("content-type", "application/json")
            .body(vec![b'"', 0xff, b'"'])
    );
    check!("no_content_type", server.post("/api/auth/login").body("{}"));
    check!(
        "wrong_content_type",
        server
            .post("/api/auth/login")
            .header("content-type", "text/plain")
            .body("{}")
    );
    let charset = server
        .post("/api/auth/login")
        .header("content-type", "application/json; charset=utf-8")
        .body("{}");
    assert_eq!(
        charset.send().await.status,
        StatusCode::BAD_REQUEST,
        "parameters do not matter"
    );
    check!("body_too_large", post(&"x".repeat(1024 * 1024 + 1)));
}

#[tokio::test]
async fn unknown_members_are_ignored() {
    let server = TestServer::start().await;
    let body = json!({ "email": "ann@example.com", "password": PASSWORD, "name": "Ann", "roles": ["admin"], "x": {} });
    let answer = server.post("/api/auth/register").json(&body).send().await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(
        answer.json()["user"]["roles"],
        json!(["member"]),
        "nobody makes themselves an administrator"
    );
}

#[tokio::test]
async fn fields_that_break_their_rule() {
    let server = TestServer::start().await;
    let register = |email: &str, password: &str, name: &str| {
        let body = json!({ "email": email, "password": password, "name": name });
        server.post("/api/auth/register").json(&body)
    };
    check!("email_is_none", register("nonsense", PASSWORD, "Ann"));
    check!("password_too_short", register("ann@example.com", "short", "Ann"));
    check!("name_is_empty", register("ann@example.com", PASSWORD, " "));
    register("ann@example.com", PASSWORD, "Ann").send().await;
    check!("email_is_taken", register("ANN@example.com", PASSWORD, "Ann"));
}

#[tokio::test]
async fn queries_that_break_their_rule() {
    let server = TestServer::start().await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    check!("limit_is_no_number", server.get("/api/users?limit=many").bearer(&admin));
    check!("limit_too_large", server.get("/api/users?limit=101").bearer(&admin));
    check!("topic_missing", server.get("/api/events"));
    check!("topic_unknown", server.get("/api/events?topic=weather"));
}

#[tokio::test]
async fn routes_that_do_not_exist() {
    let server = TestServer::start().await;
    check!("unknown_route", server.get("/api/nothing"));
    check!("wrong_method", server.call(Method::PUT, "/api/auth/login"));
    let wrong = server.call(Method::PUT, "/api/auth/login").send().await;
    assert_eq!(wrong.header("allow"), Some("POST"));
    check!(
        "setup_with_a_wrong_token",
        server.post("/api/auth/setup").json(&json!({
            "token": "nonsense", "email": "ann@example.com", "password": PASSWORD, "name": "Ann"
        }))
    );
}
