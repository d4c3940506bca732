//! The persistent channels' routes: exact words, both error members, every origin.

use http::{Method, StatusCode};
use platform::{Caller, Role, broadcasts, channels};
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

/// The answer with what differs from run to run taken out.
fn steady(answer: &Answer) -> String {
    let mut text = answer.summary();
    let body = answer.json();
    let channel = body.get("channel").unwrap_or(&body);
    for name in [
        "channelId",
        "channelArn",
        "playbackUrl",
        "ingestEndpoint",
        "recordingConfigurationArn",
        "nextToken",
    ] {
        for value in [channel.get(name), body.get(name), body["channels"][0].get(name)] {
            if let Some(value) = value.and_then(Value::as_str) {
                text = text.replace(value, &format!("[{name}]"));
            }
        }
    }
    text
}

macro_rules! check {
    ($name:literal, $answer:expr) => {
        insta::assert_snapshot!($name, steady(&$answer))
    };
}

struct Admin {
    server: TestServer,
    token: String,
}

impl Admin {
    async fn new(server: TestServer) -> Self {
        let token = server.sign_in("ada", &[Role::Admin]).await;
        Self { server, token }
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Answer {
        let call = self.server.call(method, path).bearer(&self.token);
        match body {
            Value::Null => call.send().await,
            body => call.json(&body).send().await,
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, Value::Null).await
    }

    async fn create(&self, name: &str) -> String {
        let body = json!({ "name": name, "recordingEnabled": false });
        let answer = self.call(Method::POST, "/admin/channels", body).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["channel"]["channelId"].as_str().unwrap().to_owned()
    }

    async fn state(&self, id: &str, body: Value) -> Answer {
        self.call(Method::PUT, &format!("/admin/channels/{id}/state"), body)
            .await
    }
}

#[tokio::test]
async fn a_channels_life_in_its_exact_words() {
    let admin = Admin::new(TestServer::start_with_video().await).await;
    check!("capacity_of_an_empty_pool", admin.get("/admin/channels/capacity").await);
    let made = admin
        .call(Method::POST, "/admin/channels", json!({ "name": "Main Stage" }))
        .await;
    check!("channel_made", made);
    let id = made.json()["channel"]["channelId"].as_str().unwrap().to_owned();
    let path = format!("/admin/channels/{id}");
    check!("channel", admin.get(&path).await);
    check!("channels_by_state", admin.get("/admin/channels?state=IDLE").await);
    check!(
        "no_channels_in_this_state",
        admin.get("/admin/channels?state=LIVE").await
    );
    check!("channel_stats", admin.get(&format!("{path}/stats")).await);
    check!(
        "state_set_live",
        admin
            .state(&id, json!({ "newState": "LIVE", "sessionId": "s-1" }))
            .await
    );
    check!(
        "offline_while_live",
        admin.state(&id, json!({ "newState": "OFFLINE" })).await
    );
    check!(
        "delete_while_live",
        admin.call(Method::DELETE, &path, Value::Null).await
    );
    check!("state_set_idle", admin.state(&id, json!({ "newState": "IDLE" })).await);
    check!(
        "state_set_offline",
        admin.state(&id, json!({ "newState": "OFFLINE" })).await
    );
    check!("channel_deleted", admin.call(Method::DELETE, &path, Value::Null).await);
    check!("channel_is_gone", admin.get(&path).await);
}

#[tokio::test]
async fn every_refusal_has_both_members_and_its_facts() {
    let admin = Admin::new(TestServer::start_with_video().await).await;
    let post = async |body| admin.call(Method::POST, "/admin/channels", body).await;
    check!("create_without_name", post(json!({})).await);
    check!(
        "create_with_a_long_name",
        post(json!({ "name": "x".repeat(101) })).await
    );
    check!("create_with_a_wrong_member", post(json!({ "name": 7 })).await);
    let nobodys = "01949c2e-0000-7000-8000-000000000000";
    check!(
        "state_of_an_unknown_channel",
        admin.state(nobodys, json!({ "newState": "LIVE" })).await
    );
    check!(
        "stats_of_an_unknown_channel",
        admin.get("/admin/channels/nonsense/stats").await
    );
    check!("state_without_state", admin.state(nobodys, json!({})).await);
    check!(
        "state_of_another_name",
        admin.state(nobodys, json!({ "newState": "PAUSED" })).await
    );
    check!("list_of_another_state", admin.get("/admin/channels?state=live").await);
    check!(
        "list_with_a_bad_token",
        admin.get("/admin/channels?nextToken=abc").await
    );
    check!("list_with_a_bad_limit", admin.get("/admin/channels?limit=0").await);
    check!("unknown_route_of_channels", admin.get("/admin/nothing").await);
    check!(
        "channels_unauthenticated",
        admin.server.get("/admin/channels").send().await
    );
    let member = admin.server.sign_in("mia", &[Role::Member]).await;
    check!(
        "channels_forbidden",
        admin.server.get("/admin/channels").bearer(&member).send().await
    );
}

#[tokio::test]
async fn a_full_pool_is_429_with_its_figures_and_a_failing_provider_is_500() {
    let admin = Admin::new(TestServer::start_with_video_and(|settings| settings.channels.capacity = 1).await).await;
    admin.create("Main").await;
    let body = json!({ "name": "Second" });
    check!("pool_is_full", admin.call(Method::POST, "/admin/channels", body).await);

    let admin = Admin::new(TestServer::start().await).await;
    let body = json!({ "name": "Main", "recordingEnabled": false });
    let answer = admin.call(Method::POST, "/admin/channels", body).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{answer:?}");
    let body = answer.json();
    assert_eq!(
        (body["message"].as_str(), &body["error"]),
        (Some("Failed to create IVS channel"), &body["message"])
    );
    assert!(
        body["details"][0]["cause"].as_str().unwrap().contains("CreateChannel"),
        "{body}"
    );
}

#[tokio::test]
async fn pages_of_any_origin_may_ask_and_options_is_200() {
    let server = TestServer::start().await;
    for path in ["/admin/channels", "/hosts/1/channel", "/sessions/1", "/users/1/groups"] {
        let answer = server.call(Method::OPTIONS, path).send().await;
        assert_eq!((answer.status, answer.text()), (StatusCode::OK, ""), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        let methods = answer.header("access-control-allow-methods").unwrap();
        assert!(methods.contains("PUT") && methods.contains("PATCH"), "{methods}");
    }
    let refused = server.get("/admin/channels").send().await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    assert_eq!(refused.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn what_is_on_air_is_live_and_its_time_counts() {
    let admin = Admin::new(TestServer::start_with_video().await).await;
    let id = admin.create("Main").await;
    let arn = channels::get(&admin.server.system(), &id).await.unwrap().channel.arn;
    let event = |name: &str, time: &str| {
        json!({
            "id": name, "detail-type": "IVS Stream State Change", "source": "aws.ivs", "time": time, "resources": [arn],
            "detail": { "event_name": name, "channel_name": "c", "stream_id": "st-1" }
        })
    };
    let record = async |event: Value| {
        let ctx = admin.server.platform.context(Caller::System);
        broadcasts::record_event(&ctx, event).await.unwrap();
    };
    let path = format!("/admin/channels/{id}");
    record(event("Stream Start", "2026-11-21T08:00:00Z")).await;
    admin.server.clock.advance_ms(90_000);
    let channel = admin.get(&path).await.json()["channel"].clone();
    let found =
        ["state", "onAir", "health", "totalStreamingMinutes", "totalBroadcasts"].map(|name| channel[name].clone());
    assert_eq!(
        found,
        [json!("LIVE"), json!(true), json!("healthy"), json!(1), json!(0)]
    );
    assert_eq!(channel["thumbnailUrl"], format!("/api/channels/{id}/thumbnail.jpg"));
    assert_eq!(admin.get("/admin/channels?state=LIVE").await.json()["count"], 1);
    record(event("Stream End", "2026-11-21T10:29:59.5Z")).await;
    let stats = admin.get(&format!("{path}/stats")).await.json();
    let found = [
        "totalBroadcasts",
        "totalStreamingMinutes",
        "totalStreamingHours",
        "lastBroadcastAt",
        "currentState",
    ];
    assert_eq!(
        found.map(|name| stats[name].clone()),
        [
            json!(1),
            json!(149),
            json!("2.48"),
            json!("2026-11-21T10:29:59.5Z"),
            json!("IDLE")
        ]
    );
}

#[tokio::test]
async fn the_key_is_in_no_answer_but_those_that_reveal_it() {
    let admin = Admin::new(TestServer::start_with_video().await).await;
    let id = admin.create("Main").await;
    let email = "host@example.com";
    admin.server.sign_in("host", &[Role::Host]).await;
    let assigned = admin
        .call(
            Method::POST,
            &format!("/admin/channels/{id}/assign"),
            json!({ "email": email }),
        )
        .await;
    assert_eq!(assigned.status, StatusCode::OK, "{assigned:?}");
    let host = assigned.json()["assignment"]["hostUserId"].as_str().unwrap().to_owned();
    let reveal = format!("/hosts/{host}/channel/stream-key/reveal");
    let revealed = admin.call(Method::POST, &reveal, Value::Null).await.json();
    let key = revealed["streamKey"].as_str().unwrap();
    let made = admin
        .call(
            Method::POST,
            "/admin/channels",
            json!({ "name": "Second", "recordingEnabled": false }),
        )
        .await;
    let state = admin.state(&id, json!({ "newState": "LIVE" })).await;
    let mut answers = vec![assigned, made, state];
    for path in [
        "/admin/channels".to_owned(),
        format!("/admin/channels/{id}"),
        format!("/admin/channels/{id}/stats"),
        format!("/hosts/{host}/channel"),
        "/openapi.json".to_owned(),
        "/api/leaks".to_owned(),
    ] {
        answers.push(admin.get(&path).await);
    }
    for answer in &answers {
        assert!(answer.status.is_success(), "{answer:?}");
        // The OpenAPI document names the member; no answer has one, or a value that looks like a key.
        assert!(
            !answer.text().contains(key) && !answer.text().contains("sk_us-east-1"),
            "{answer:?}"
        );
    }
}
