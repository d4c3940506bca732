//! Signing in and out as a browser does it.

use http::StatusCode;
use platform::Role;
use serde_json::json;

use crate::server::{Answer, PASSWORD, TestServer};

async fn register(server: &TestServer, email: &str) -> Answer {
    let body = json!({ "email": email, "password": PASSWORD, "name": "Ann" });
    server.post("/api/auth/register").json(&body).send().await
}

#[tokio::test]
async fn registering_signs_in_and_keeps_the_refresh_token_from_scripts() {
    let server = TestServer::start().await;
    let answer = register(&server, "Ann@Example.com").await;
    assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["user"]["email"], "ann@example.com");
    assert_eq!(body["user"]["roles"], json!(["member"]));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let cookie = answer.header("set-cookie").unwrap();
    for part in ["Path=/api/auth;", "HttpOnly;", "SameSite=Strict"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain http on loopback must work: {cookie}");
    let me = server
        .get("/api/auth/me")
        .bearer(body["access_token"].as_str().unwrap())
        .send()
        .await;
    let mut expected = body["user"].clone();
    expected["has_password"] = json!(true);
    assert_eq!(me.json(), expected);
}

#[tokio::test]
async fn cookies_are_secure_when_people_come_by_https() {
    let public_url = Some("https://live.example".parse().unwrap());
    let server = TestServer::start_with(api::Config {
        public_url,
        ..api::Config::default()
    })
    .await;
    let answer = register(&server, "ann@example.com").await;
    assert!(answer.header("set-cookie").unwrap().ends_with("; Secure"));
}

#[tokio::test]
async fn a_refresh_cookie_works_once_and_its_reuse_revokes_the_family() {
    let server = TestServer::start().await;
    let first = register(&server, "ann@example.com").await.cookie().unwrap();
    let refresh = async |cookie: &str| server.post("/api/auth/refresh").header("cookie", cookie).send().await;
    let answer = refresh(&first).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let second = answer.cookie().unwrap();
    assert_ne!(first, second);
    // Long enough that the first cannot be the echo of a request that was already on its way.
    server.clock.advance_ms(60_000);
    assert_eq!(refresh(&first).await.status, StatusCode::UNAUTHORIZED, "used before");
    assert_eq!(
        refresh(&second).await.status,
        StatusCode::UNAUTHORIZED,
        "its family is revoked"
    );
}

#[tokio::test]
async fn signing_out_removes_the_cookie_here_and_its_worth_there() {
    let server = TestServer::start().await;
    let cookie = register(&server, "ann@example.com").await.cookie().unwrap();
    let answer = server.post("/api/auth/logout").header("cookie", &cookie).send().await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(
        answer
            .header("set-cookie")
            .unwrap()
            .starts_with("rostrum_refresh=; Path=/api/auth; Max-Age=0;")
    );
    let refreshed = server.post("/api/auth/refresh").header("cookie", &cookie).send().await;
    assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        server.post("/api/auth/logout").send().await.status,
        StatusCode::NO_CONTENT,
        "nobody was signed in"
    );
}

#[tokio::test]
async fn a_page_of_another_site_cannot_use_the_cookie() {
    let server = TestServer::start().await;
    let cookie = register(&server, "ann@example.com").await.cookie().unwrap();
    for path in ["/api/auth/refresh", "/api/auth/logout"] {
        let call = server
            .post(path)
            .header("cookie", &cookie)
            .header("origin", "https://evil.example");
        assert_eq!(call.send().await.status, StatusCode::FORBIDDEN);
    }
    let refreshed = server.post("/api/auth/refresh").header("cookie", &cookie).send().await;
    assert_eq!(refreshed.status, StatusCode::OK, "the attempts changed nothing");
}

#[tokio::test]
async fn programs_sign_in_with_a_key_that_is_shown_once() {
    let server = TestServer::start().await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    let body = json!({ "name": "till", "roles": ["host"] });
    let created = server.post("/api/service-keys").bearer(&admin).json(&body).send().await;
    assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
    let key = created.json()["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("rsk_"));
    let list = server.get("/api/service-keys").bearer(&admin).send().await;
    assert_eq!(list.json()["service_keys"][0]["name"], "till");
    assert!(!list.text().contains(&key));
    let denied = server.get("/api/users").bearer(&key).send().await;
    assert_eq!(denied.status, StatusCode::FORBIDDEN, "known, but not an administrator");
    let path = format!("/api/service-keys/{}", created.json()["id"].as_str().unwrap());
    let deleted = server.call(http::Method::DELETE, &path).bearer(&admin).send().await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
    assert_eq!(
        server.get("/api/users").bearer(&key).send().await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn administrators_add_and_list_people() {
    let server = TestServer::start().await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    server.clock.advance_ms(1_000);
    let body = json!({ "email": "host@example.com", "password": PASSWORD, "name": "Host", "roles": ["host"] });
    let created = server.post("/api/users").bearer(&admin).json(&body).send().await;
    assert_eq!(created.status, StatusCode::CREATED, "{created:?}");
    let list = server
        .get("/api/users?limit=1&offset=0")
        .bearer(&admin)
        .send()
        .await
        .json();
    assert_eq!(
        (list["users"].as_array().unwrap().len(), &list["limit"]),
        (1, &json!(1))
    );
    assert_eq!(list["users"][0]["email"], "host@example.com", "newest first");
    assert!(!list.to_string().contains("argon2"));
}

#[tokio::test]
async fn administrators_find_people_and_change_their_roles() {
    let server = TestServer::start().await;
    let member = server.sign_in("member", &[Role::Member]).await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    let found = server.get("/api/users?q=MEMBER@").bearer(&admin).send().await.json();
    assert_eq!(found["users"].as_array().unwrap().len(), 1);
    let path = |user: &serde_json::Value| format!("/api/users/{}/roles", user["id"].as_str().unwrap());
    let change = async |path: &str, body: serde_json::Value| server.post(path).bearer(&admin).json(&body).send().await;
    let members = path(&found["users"][0]);
    assert_eq!(
        server.get("/api/mails").bearer(&member).send().await.status,
        StatusCode::FORBIDDEN
    );
    let changed = change(&members, json!({ "roles": ["admin", "member"] })).await;
    assert_eq!(
        (changed.status, &changed.json()["roles"]),
        (StatusCode::OK, &json!(["admin", "member"]))
    );
    assert_eq!(
        server.get("/api/mails").bearer(&member).send().await.status,
        StatusCode::OK
    );
    assert_eq!(
        change(&members, json!({ "roles": ["owner"] })).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        change(&members, json!({ "roles": [] })).await.status,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        change(&members, json!({ "roles": ["member"] })).await.status,
        StatusCode::OK
    );
    let own = server.get("/api/users?q=admin@").bearer(&admin).send().await.json();
    let last = change(&path(&own["users"][0]), json!({ "roles": ["host"] })).await;
    assert_eq!(last.status, StatusCode::CONFLICT);
    assert_eq!(last.json()["error"], "The last administrator cannot lose that role");
    let unknown = change(
        "/api/users/01949c2e-0000-7000-8000-000000000000/roles",
        json!({ "roles": ["host"] }),
    )
    .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
