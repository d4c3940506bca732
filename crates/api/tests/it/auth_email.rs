//! Codes, passwords and sessions as clients see them.

use http::{Method, StatusCode};
use platform::testing::run_due_jobs;
use platform::{Role, mail};
use serde_json::{Value, json};

use crate::server::{Answer, PASSWORD, TestServer};

const ADA: &str = "ada@example.com";

macro_rules! check {
    ($name:literal, $call:expr) => {
        insta::assert_snapshot!($name, $call.send().await.summary())
    };
}

/// The last mail to an address.
async fn mail_to(server: &TestServer, email: &str) -> mail::Kept {
    let kept = mail::kept(&server.system()).await.unwrap().unwrap();
    kept.into_iter().find(|mail| mail.to == email).unwrap()
}

async fn code_to(server: &TestServer, email: &str) -> String {
    let text = mail_to(server, email).await.text;
    text.lines()
        .find_map(|line| line.strip_prefix("    "))
        .unwrap()
        .to_owned()
}

async fn initiate(server: &TestServer, email: &str, is_signup: bool) -> Answer {
    let body = json!({ "email": email, "isSignup": is_signup, "name": "Ada" });
    server.post("/api/auth/initiate").json(&body).send().await
}

/// Signs up by a code; the tokens and the cookie.
async fn sign_up(server: &TestServer, email: &str) -> (Value, String) {
    let initiated = initiate(server, email, true).await.json();
    let body = json!({
        "email": email, "otp": code_to(server, email).await, "session": initiated["session"],
        "challengeName": initiated["challengeName"], "isSignup": true
    });
    let answer = server.post("/api/auth/verify-otp").json(&body).send().await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    (answer.json(), answer.cookie().unwrap())
}

#[tokio::test]
async fn a_client_of_the_first_version_signs_up_and_in_by_code() {
    let server = TestServer::start().await;
    let initiated = initiate(&server, ADA, true).await;
    assert_eq!(initiated.status, StatusCode::OK);
    assert_eq!(initiated.json()["challengeName"], "SIGN_UP");
    assert_eq!(initiated.json()["message"], "Verification code sent to your email");
    let (tokens, cookie) = sign_up(&server, "eve@example.com").await;
    assert_eq!(tokens["expiresIn"], 900);
    assert_eq!(tokens["user"]["roles"], json!(["member"]));
    assert!(cookie.ends_with(tokens["refreshToken"].as_str().unwrap()));
    let me = server
        .get("/api/auth/me")
        .bearer(tokens["accessToken"].as_str().unwrap())
        .send()
        .await;
    assert_eq!(
        (&me.json()["email"], &me.json()["has_password"]),
        (&json!("eve@example.com"), &json!(false))
    );
    let as_credential = server
        .get("/api/auth/me")
        .bearer(tokens["idToken"].as_str().unwrap())
        .send()
        .await;
    assert_eq!(
        as_credential.status,
        StatusCode::UNAUTHORIZED,
        "an id token lets nobody in"
    );

    let again = initiate(&server, "eve@example.com", false).await.json();
    assert_eq!(again["challengeName"], "CUSTOM_AUTH");
    server.clock.advance_ms(30_000);
    let resent = server
        .post("/api/auth/resend-code")
        .json(&json!({ "email": "eve@example.com" }))
        .send()
        .await;
    assert_eq!(
        resent.json(),
        json!({ "message": "Verification code resent successfully" })
    );
    let body = json!({
        "email": "eve@example.com", "otp": code_to(&server, "eve@example.com").await,
        "session": again["session"], "challengeName": "CUSTOM_AUTH", "isSignup": false
    });
    let signed_in = server.post("/api/auth/verify-otp").json(&body).send().await;
    assert_eq!(signed_in.json()["user"], tokens["user"]);
    let replayed = server.post("/api/auth/verify-otp").json(&body).send().await;
    assert_eq!(replayed.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn answers_do_not_tell_who_has_an_account() {
    let server = TestServer::start().await;
    server.sign_in("ada", &[Role::Member]).await;
    let shape = |answer: &Answer| {
        let mut body = answer.json();
        let session = body["session"].take();
        let length = session.as_str().map(str::len);
        let headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        (answer.status, body, length, headers)
    };
    for is_signup in [false, true] {
        let (known, unknown) = (
            initiate(&server, ADA, is_signup).await,
            initiate(&server, "no@example.com", is_signup).await,
        );
        assert_eq!(shape(&known), shape(&unknown));
    }
    let forgot = async |email: &str| {
        let answer = server
            .post("/api/auth/password/forgot")
            .json(&json!({ "email": email }))
            .send()
            .await;
        (answer.summary(), answer.headers.len())
    };
    let known = forgot(ADA).await;
    assert_eq!(known, forgot("no@example.com").await);
    assert!(known.0.starts_with("202"), "{known:?}");
    server.clock.advance_ms(30_000);
    let resend = async |email: &str| {
        let answer = server
            .post("/api/auth/resend-code")
            .json(&json!({ "email": email }))
            .send()
            .await;
        answer.summary()
    };
    let known = resend(ADA).await;
    assert_eq!(known, resend("no@example.com").await);
    assert_eq!(known, resend("never-seen@example.com").await);
}

#[tokio::test]
async fn refusals_around_codes_in_words() {
    let server = TestServer::start().await;
    let initiate = |body: Value| server.post("/api/auth/initiate").json(&body);
    check!("initiate_without_email", initiate(json!({ "isSignup": true })));
    check!("initiate_with_no_address", initiate(json!({ "email": "nonsense" })));
    let resend = |body: Value| server.post("/api/auth/resend-code").json(&body);
    check!("resend_without_email", resend(json!({ "email": " " })));
    let verify = |body: Value| server.post("/api/auth/verify-otp").json(&body);
    check!(
        "verify_without_otp",
        verify(json!({ "email": ADA, "session": "s", "isSignup": true }))
    );
    check!(
        "verify_sign_up_without_session",
        verify(json!({ "email": ADA, "otp": "123456", "isSignup": true }))
    );
    check!(
        "verify_without_challenge",
        verify(json!({ "email": ADA, "otp": "123456", "session": "s" }))
    );
    let unknown = json!({ "email": ADA, "otp": "123456", "session": "s", "challengeName": "PASSWORD" });
    check!("verify_unknown_challenge", verify(unknown));
    let wrong = json!({ "email": ADA, "otp": "123456", "session": "s", "challengeName": "CUSTOM_AUTH" });
    check!("verify_wrong_code", verify(wrong));
    initiate(json!({ "email": ADA })).send().await;
    check!("resend_too_soon", resend(json!({ "email": ADA })));
}

#[tokio::test]
async fn without_mail_codes_and_links_are_not_offered() {
    let server = TestServer::start_without_mail().await;
    let methods = server.get("/api/auth/methods").send().await;
    assert_eq!(
        methods.json(),
        json!({ "password": true, "email_code": false, "oidc": null })
    );
    check!(
        "initiate_without_mail",
        server.post("/api/auth/initiate").json(&json!({ "email": ADA }))
    );
    let forgot = server.post("/api/auth/password/forgot").json(&json!({ "email": ADA }));
    assert_eq!(forgot.send().await.status, StatusCode::SERVICE_UNAVAILABLE);
    let server = TestServer::start().await;
    let methods = server.get("/api/auth/methods").send().await;
    assert_eq!(methods.json()["email_code"], true);
}

#[tokio::test]
async fn a_client_without_cookies_refreshes_by_the_body() {
    let server = TestServer::start().await;
    let (tokens, cookie) = sign_up(&server, ADA).await;
    let refresh = async |token: &Value| {
        let body = json!({ "refreshToken": token });
        // No cookie is read, so that it does not matter where a client says it comes from.
        let call = server
            .post("/api/auth/refresh")
            .header("origin", "https://app.example")
            .json(&body);
        call.send().await
    };
    let answer = refresh(&tokens["refreshToken"]).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    assert_eq!(answer.cookie(), None);
    assert_ne!(answer.json()["refreshToken"], tokens["refreshToken"]);
    assert_eq!(answer.json()["user"], tokens["user"]);
    let next = answer.json()["refreshToken"].clone();
    let body = json!({ "refreshToken": next });
    let left = server.post("/api/auth/logout").json(&body).send().await;
    assert_eq!((left.status, left.cookie()), (StatusCode::NO_CONTENT, None));
    assert_eq!(refresh(&next).await.status, StatusCode::UNAUTHORIZED);
    let by_cookie = server
        .post("/api/auth/refresh")
        .header("cookie", &cookie)
        .json(&json!({}))
        .send()
        .await;
    assert_eq!(
        by_cookie.status,
        StatusCode::UNAUTHORIZED,
        "the same session, which ended"
    );
    for nonsense in [json!(""), json!("x".repeat(5_000))] {
        assert_eq!(refresh(&nonsense).await.status, StatusCode::UNAUTHORIZED);
    }
    let typed = server
        .post("/api/auth/refresh")
        .json(&json!({ "refreshToken": 5 }))
        .send()
        .await;
    assert_eq!(typed.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_forgotten_password_is_set_by_the_link() {
    let server = TestServer::start().await;
    let before = server.sign_in("ada", &[Role::Member]).await;
    server
        .post("/api/auth/password/forgot")
        .json(&json!({ "email": ADA }))
        .send()
        .await;
    run_due_jobs(&server.platform).await.unwrap();
    let text = mail_to(&server, ADA).await.text;
    let token = text.split("#token=").nth(1).unwrap().split_whitespace().next().unwrap();
    let reset = |password: &str| {
        let body = json!({ "token": token, "password": password });
        server.post("/api/auth/password/reset").json(&body)
    };
    check!("reset_with_a_short_password", reset("short"));
    assert_eq!(
        reset("another horse entirely").send().await.status,
        StatusCode::NO_CONTENT
    );
    check!("reset_again", reset("another horse entirely"));
    assert_eq!(
        server.get("/api/auth/me").bearer(&before).send().await.status,
        StatusCode::UNAUTHORIZED
    );
    let login = async |password: &str| {
        let body = json!({ "email": ADA, "password": password });
        server.post("/api/auth/login").json(&body).send().await.status
    };
    assert_eq!(login(PASSWORD).await, StatusCode::UNAUTHORIZED);
    assert_eq!(login("another horse entirely").await, StatusCode::OK);
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it() {
    let server = TestServer::start().await;
    let token = server.sign_in("ada", &[Role::Member]).await;
    let change = |token: &str, current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        server.post("/api/auth/password/change").bearer(token).json(&body)
    };
    check!(
        "change_with_a_wrong_password",
        change(&token, "wrong", "another horse entirely")
    );
    check!("change_to_a_short_password", change(&token, PASSWORD, "short"));
    let changed = change(&token, PASSWORD, "another horse entirely").send().await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    assert!(changed.cookie().is_some());
    assert_eq!(
        server.get("/api/auth/me").bearer(&token).send().await.status,
        StatusCode::UNAUTHORIZED
    );
    let next = changed.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(
        server.get("/api/auth/me").bearer(&next).send().await.status,
        StatusCode::OK
    );
    let (by_code, _) = sign_up(&server, "eve@example.com").await;
    let none = by_code["accessToken"].as_str().unwrap();
    check!("change_without_a_password", change(none, "", "another horse entirely"));
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let server = TestServer::start().await;
    let ada = server.sign_in("ada", &[Role::Member]).await;
    server.clock.advance_ms(1_000);
    let body = json!({ "email": ADA, "password": PASSWORD });
    let phone = server
        .post("/api/auth/login")
        .from("198.51.100.7")
        .header("user-agent", "Phone/1")
        .json(&body);
    let phone = phone.send().await;
    let phone_token = phone.json()["access_token"].as_str().unwrap().to_owned();
    let list = async |token: &str| server.get("/api/auth/sessions").bearer(token).send().await.json();
    let mut sessions = list(&ada).await["sessions"].clone();
    let [newest, own] = sessions.as_array_mut().unwrap().as_mut_slice() else {
        panic!("{sessions}")
    };
    let id = newest["id"].take();
    assert_eq!(
        *newest,
        json!({
            "id": null, "address": "198.51.100.7", "user_agent": "Phone/1", "is_current": false,
            "created_at": "2026-11-21T08:00:01Z", "last_used_at": "2026-11-21T08:00:01Z"
        })
    );
    assert_eq!(
        (&own["is_current"], &own["address"]),
        (&json!(true), &json!("192.0.2.7"))
    );
    let path = format!("/api/auth/sessions/{}", id.as_str().unwrap());
    let eve = server.sign_in("eve", &[Role::Admin]).await;
    let by_eve = server.call(Method::DELETE, &path).bearer(&eve).send().await;
    insta::assert_snapshot!("session_of_somebody_else", by_eve.summary());
    let ended = server.call(Method::DELETE, &path).bearer(&ada).send().await;
    assert_eq!(ended.status, StatusCode::NO_CONTENT);
    let me = server.get("/api/auth/me").bearer(&phone_token).send().await;
    assert_eq!(me.status, StatusCode::UNAUTHORIZED, "at once");
    let refreshed = server
        .post("/api/auth/refresh")
        .header("cookie", &phone.cookie().unwrap())
        .send()
        .await;
    assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
    server.post("/api/auth/login").json(&body).send().await;
    let others = server
        .post("/api/auth/sessions/revoke-others")
        .bearer(&ada)
        .send()
        .await;
    assert_eq!(others.status, StatusCode::NO_CONTENT);
    assert_eq!(list(&ada).await["sessions"].as_array().unwrap().len(), 1);
    assert_eq!(list(&eve).await["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_name_is_changed() {
    let server = TestServer::start().await;
    let ada = server.sign_in("ada", &[Role::Member]).await;
    let rename = |name: &str| server.post("/api/auth/me").bearer(&ada).json(&json!({ "name": name }));
    assert_eq!(rename(" Countess ").send().await.json()["name"], "Countess");
    assert_eq!(
        server.get("/api/auth/me").bearer(&ada).send().await.json()["name"],
        "Countess"
    );
    assert_eq!(rename("").send().await.status, StatusCode::BAD_REQUEST);
}
