//! Asking for a channel and deciding, over HTTP.

use http::{Method, StatusCode};
use platform::Role;
use serde_json::{Value, json};

use crate::groups::{Manager, masked};
use crate::images::PIXEL;
use crate::server::{Answer, TestServer};

/// A programme manager, and an administrator who decides.
struct Desk {
    manager: Manager,
    admin: String,
}

impl Desk {
    /// With a pool of so many places.
    async fn with_capacity(capacity: i64) -> Self {
        let manager =
            Manager::of(TestServer::start_with_video_and(|settings| settings.channels.capacity = capacity).await).await;
        let admin = manager.server.sign_in("ada", &[Role::Admin]).await;
        Self { manager, admin }
    }

    /// Asks for a channel for a new group; the request.
    async fn ask(&self, name: &str) -> Value {
        let group = self.manager.group(name).await;
        let answer = self.ask_for(&group).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["request"].clone()
    }

    async fn ask_for(&self, group_id: &str) -> Answer {
        let body = json!({ "note": "Every day at seven." });
        let tail = format!("/groups/{group_id}/channel-requests");
        self.manager.call(Method::POST, &tail, &body).await
    }

    async fn decide(&self, token: &str, request: &Value, decision: &str, body: &Value) -> Answer {
        let id = request["requestId"].as_str().unwrap();
        let call = self
            .manager
            .server
            .post(&format!("/admin/channel-requests/{id}/{decision}"));
        call.bearer(token).json(body).send().await
    }

    async fn approve(&self, request: &Value) -> Answer {
        let body = json!({ "recordingEnabled": false });
        self.decide(&self.admin, request, "approve", &body).await
    }

    async fn reject(&self, request: &Value, reason: &str) -> Answer {
        self.decide(&self.admin, request, "reject", &json!({ "reason": reason }))
            .await
    }

    async fn as_admin(&self, path: &str) -> Answer {
        self.manager.server.get(path).bearer(&self.admin).send().await
    }

    /// The ids of the requests of a status.
    async fn listed(&self, status: &str) -> Vec<Value> {
        let list = self
            .as_admin(&format!("/admin/channel-requests?status={status}"))
            .await
            .json();
        let requests = list["requests"].as_array().unwrap();
        assert_eq!(list["count"], json!(requests.len()));
        requests.iter().map(|request| request["requestId"].clone()).collect()
    }
}

/// Scenario (i): request → approve → channel assigned; reject with reason; capacity full keeps pending.
#[tokio::test]
async fn request_approve_channel_assigned_reject_with_reason_capacity_full_keeps_pending() {
    let desk = Desk::with_capacity(1).await;
    let host_channel = format!("/hosts/{}/channel", desk.manager.id);
    let missing = desk.as_admin(&host_channel).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);

    // Request.
    let morning = desk.ask("Morning shows").await;
    assert_eq!(
        (&morning["status"], &morning["channelId"]),
        (&json!("PENDING"), &Value::Null)
    );
    insta::assert_json_snapshot!("channel_request", masked(morning.clone()));
    let again = desk.ask_for(morning["groupId"].as_str().unwrap()).await;
    insta::assert_snapshot!("channel_request_pending_already", again.summary());
    assert_eq!(desk.listed("PENDING").await, [morning["requestId"].clone()]);

    // Reject with reason.
    insta::assert_snapshot!("rejected_without_a_reason", desk.reject(&morning, " ").await.summary());
    let rejected = desk.reject(&morning, "The pool is for news.").await;
    assert_eq!(rejected.status, StatusCode::OK);
    insta::assert_json_snapshot!("channel_request_rejected", masked(rejected.json()));
    insta::assert_snapshot!("rejected_again", desk.reject(&morning, "No.").await.summary());
    let mine = desk.manager.get("/channel-requests").await.json();
    assert_eq!(mine["requests"], json!([rejected.json()["request"]]));
    let group = desk
        .manager
        .get(&format!("/groups/{}", morning["groupId"].as_str().unwrap()))
        .await
        .json();
    assert_eq!(
        group["group"]["channelRequest"]["reason"],
        json!("The pool is for news.")
    );

    // Approve, channel assigned.
    let news = desk.ask("News").await;
    let approved = desk.approve(&news).await;
    assert_eq!(approved.status, StatusCode::OK, "{approved:?}");
    insta::assert_json_snapshot!("channel_request_approved", masked(approved.json()));
    let assigned = desk
        .manager
        .server
        .get(&host_channel)
        .bearer(&desk.manager.token)
        .send()
        .await
        .json();
    let approved = approved.json();
    assert_eq!(assigned["channelId"], approved["channel"]["channelId"]);
    assert_eq!(assigned["playbackUrl"], approved["channel"]["playbackUrl"]);
    assert_eq!(approved["request"]["channelId"], approved["channel"]["channelId"]);
    assert_eq!(desk.listed("APPROVED").await, [news["requestId"].clone()]);
    insta::assert_snapshot!("approved_again", desk.approve(&news).await.summary());

    // Capacity full keeps pending.
    let other = desk.manager.server.sign_in("other", &[Role::Member]).await;
    let me = desk
        .manager
        .server
        .get("/api/auth/me")
        .bearer(&other)
        .send()
        .await
        .json();
    let users = format!("/users/{}", me["id"].as_str().unwrap());
    let post = async |tail: &str, body: Value| {
        let call = desk.manager.server.post(&format!("{users}{tail}")).bearer(&other);
        call.json(&body).send().await.json()
    };
    let sport = post("/groups", json!({ "name": "Sport" })).await;
    let tail = format!(
        "/groups/{}/channel-requests",
        sport["group"]["groupId"].as_str().unwrap()
    );
    let sport = post(&tail, json!({})).await["request"].clone();
    insta::assert_snapshot!("approved_when_full", desk.approve(&sport).await.summary());
    assert_eq!(desk.listed("PENDING").await, [sport["requestId"].clone()]);

    // A place is free: it is approved later.
    let channel = approved["channel"]["channelId"].as_str().unwrap();
    let unassign = format!("/admin/channels/{channel}/assign/{}", desk.manager.id);
    for path in [unassign, format!("/admin/channels/{channel}")] {
        let call = desk.manager.server.call(Method::DELETE, &path).bearer(&desk.admin);
        let answer = call.send().await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {answer:?}");
    }
    assert_eq!(desk.approve(&sport).await.status, StatusCode::OK);
}

#[tokio::test]
async fn viewers_see_the_picture_of_the_group_that_the_channel_was_made_for() {
    let desk = Desk::with_capacity(1).await;
    let request = desk.ask("News").await;
    let (manager, group) = (&desk.manager, request["groupId"].as_str().unwrap());
    let upload = manager
        .server
        .post(&format!("/users/{}/groups/{group}/image", manager.id));
    let uploaded = upload.bearer(&manager.token).body(PIXEL).send().await.json();
    let approved = desk.approve(&request).await.json();
    let channel = approved["channel"]["channelId"].as_str().unwrap();
    let public = manager
        .server
        .get(&format!("/api/channels/{channel}"))
        .send()
        .await
        .json();
    assert!(public["imageUrl"].is_string(), "{public}");
    assert_eq!(public["imageUrl"], uploaded["group"]["imageUrl"]);
}

#[tokio::test]
async fn an_own_request_is_approved_by_somebody_else() {
    let desk = Desk::with_capacity(20).await;
    let me = desk.as_admin("/api/auth/me").await.json();
    let users = format!("/users/{}", me["id"].as_str().unwrap());
    let post = async |tail: &str, body: Value| {
        let call = desk.manager.server.post(&format!("{users}{tail}")).bearer(&desk.admin);
        call.json(&body).send().await.json()
    };
    let group = post("/groups", json!({ "name": "Ada's" })).await;
    let tail = format!(
        "/groups/{}/channel-requests",
        group["group"]["groupId"].as_str().unwrap()
    );
    let own = post(&tail, json!({ "proposedName": "Ada Live" })).await["request"].clone();
    assert_eq!(own["proposedName"], json!("Ada Live"));
    let second = desk.manager.server.sign_in("anna", &[Role::Admin]).await;
    insta::assert_snapshot!("own_request", desk.approve(&own).await.summary());
    let body = json!({ "recordingEnabled": false });
    assert_eq!(
        desk.decide(&second, &own, "approve", &body).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn a_request_is_withdrawn_and_lists_are_walked_through() {
    let desk = Desk::with_capacity(20).await;
    let mut asked = Vec::new();
    for name in ["One", "Two", "Three"] {
        // Ids sort by the moment.
        desk.manager.server.clock.advance_ms(1);
        asked.push(desk.ask(name).await);
    }
    let withdraw = format!("/channel-requests/{}", asked[1]["requestId"].as_str().unwrap());
    let gone = desk.manager.call(Method::DELETE, &withdraw, &json!({})).await;
    assert_eq!(
        gone.json(),
        json!({ "message": "Channel request withdrawn", "requestId": asked[1]["requestId"] })
    );
    let again = desk.manager.call(Method::DELETE, &withdraw, &json!({})).await;
    insta::assert_snapshot!("withdrawn_again", again.summary());

    let first = desk
        .as_admin("/admin/channel-requests?status=PENDING&limit=1")
        .await
        .json();
    assert_eq!(first["requests"][0], asked[0]);
    let token = first["nextToken"].as_str().unwrap();
    let path = format!("/admin/channel-requests?status=PENDING&limit=1&nextToken={token}");
    let second = desk.as_admin(&path).await.json();
    assert_eq!(
        (&second["requests"][0], &second["nextToken"]),
        (&asked[2], &Value::Null)
    );
    assert!(
        second.as_object().unwrap().get("nextToken").is_none(),
        "absent behind the last"
    );
    let mut refused = String::new();
    for query in [
        "nextToken=nonsense",
        "limit=0",
        "limit=101",
        "limit=x",
        "status=WITHDRAWN",
    ] {
        let answer = desk.as_admin(&format!("/admin/channel-requests?{query}")).await;
        refused += &format!("{query}: {}\n", answer.summary().replace('\n', " "));
    }
    insta::assert_snapshot!("refused_request_lists", refused);
}
