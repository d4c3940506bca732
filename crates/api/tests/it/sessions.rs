//! Sessions over HTTP: a host takes his channel for a show, and gives it back.

use http::{Method, StatusCode};
use platform::failpoint::Failpoint;
use platform::testing::{self, run_due_jobs};
use platform::{Caller, Role};
use serde_json::{Value, json};

use crate::server::{Answer, EVENTS_SECRET, TestServer};

/// A channel that Ann and Bea share, and who may do what with it.
struct Studio {
    server: TestServer,
    channel_id: String,
    admin: String,
    ann: String,
    bea: String,
}

impl Studio {
    async fn open() -> Self {
        Self::on(TestServer::start_with_video().await).await
    }

    async fn on(server: TestServer) -> Self {
        let mut studio = Self {
            admin: server.sign_in("admin", &[Role::Admin]).await,
            ann: server.sign_in("ann", &[Role::Host]).await,
            bea: server.sign_in("bea", &[Role::Host]).await,
            server,
            channel_id: String::new(),
        };
        let new = json!({ "name": "Main Stage", "recordingEnabled": false });
        let created = studio.done(Method::POST, "/admin/channels", new).await;
        studio.channel_id = created["channel"]["channelId"].as_str().unwrap().to_owned();
        for host in ["ann", "bea"] {
            let path = format!("/admin/channels/{}/assign", studio.channel_id);
            let email = format!("{host}@example.com");
            studio.done(Method::POST, &path, json!({ "email": email })).await;
        }
        studio
    }

    async fn call(&self, method: Method, path: &str, token: &str, body: Value) -> Answer {
        let call = self.server.call(method, path).bearer(token);
        match body {
            Value::Null => call.send().await,
            body => call.json(&body).send().await,
        }
    }

    /// What an admin does without being refused.
    async fn done(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = self.call(method, path, &self.admin, body).await;
        assert!(answer.status.is_success(), "{answer:?}");
        answer.json()
    }

    async fn get(&self, path: &str, token: &str) -> Value {
        let answer = self.call(Method::GET, path, token, Value::Null).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        answer.json()
    }

    /// A new show of the caller.
    async fn show(&self, token: &str) -> String {
        let answer = self
            .call(Method::POST, "/api/shows", token, json!({ "title": "Morning" }))
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Tries to start a session with a new show.
    async fn start(&self, token: &str) -> Answer {
        let show_id = self.show(token).await;
        self.call(Method::POST, "/sessions", token, json!({ "showId": show_id }))
            .await
    }

    /// Starts a session; its id and the answer.
    async fn started(&self, token: &str) -> (String, Value) {
        let answer = self.start(token).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        let answer = answer.json();
        (answer["session"]["sessionId"].as_str().unwrap().to_owned(), answer)
    }

    async fn end(&self, id: &str, token: &str) -> Answer {
        self.call(Method::DELETE, &format!("/sessions/{id}"), token, Value::Null)
            .await
    }

    async fn channel(&self) -> Value {
        let path = format!("/admin/channels/{}", self.channel_id);
        self.get(&path, &self.admin).await["channel"].clone()
    }

    /// What the video provider tells at a moment of 2026-11-21.
    async fn report(&self, name: &str, time: &str) {
        let arn = self.channel().await["channelArn"].clone();
        let event = json!({
            "version": "0", "id": name, "detail-type": "IVS Stream State Change", "source": "aws.ivs",
            "account": "000000000000", "time": format!("2026-11-21T{time}Z"), "region": "us-east-1", "resources": [arn],
            "detail": { "event_name": name, "channel_name": "c", "stream_id": "st-1" }
        });
        let call = self
            .server
            .post("/events/ivs")
            .header("x-rostrum-events-secret", EVENTS_SECRET);
        let answer = call.json(&event).send().await;
        assert!(answer.status.is_success(), "{answer:?}");
    }

    async fn pass_ms(&self, ms: i64) {
        self.server.clock.advance_ms(ms);
        run_due_jobs(&self.server.platform).await.unwrap();
    }
}

/// Status, sentence and one more value of a refusal, which is told under both names.
fn refusal(answer: &Answer, fact: &str) -> (u16, String, Value) {
    let body = answer.json();
    assert_eq!(body["message"], body["error"], "{answer:?}");
    let message = body["message"].as_str().unwrap().to_owned();
    (answer.status.as_u16(), message, body[fact].clone())
}

// (c) two hosts, one shared channel, simultaneous sessions → one 201, one 409
#[tokio::test]
async fn two_hosts_one_shared_channel_simultaneous_sessions_one_201_one_409() {
    let studio = Studio::open().await;
    let (ann, bea) = tokio::join!(studio.start(&studio.ann), studio.start(&studio.bea));
    let (winner, loser) = match ann.status {
        StatusCode::CREATED => (ann, bea),
        _ => (bea, ann),
    };
    assert_eq!(winner.status, StatusCode::CREATED, "{winner:?}");
    let session_id = winner.json()["session"]["sessionId"].clone();
    let busy = "Channel is currently in use. Please try again later.".to_owned();
    assert_eq!(refusal(&loser, "currentSessionId"), (409, busy, session_id.clone()));
    assert_eq!(loser.json()["channelId"], studio.channel_id);
    let channel = studio.channel().await;
    assert_eq!(
        (&channel["state"], &channel["currentSessionId"]),
        (&json!("LIVE"), &session_id)
    );
}

// (d) stage creation fails → channel back to IDLE
#[tokio::test]
async fn a_step_after_the_claim_fails_channel_back_to_idle() {
    let server = TestServer::start_with_video_and(|settings| {
        settings.failpoint = Failpoint::failing("session.prepared");
    });
    let studio = Studio::on(server.await).await;
    let failed = studio.start(&studio.ann).await;
    let (status, message, _) = refusal(&failed, "");
    assert_eq!((status, message.as_str()), (500, "Failed to create session"));
    let channel = studio.channel().await;
    assert_eq!(
        (&channel["state"], &channel["currentSessionId"]),
        (&json!("IDLE"), &Value::Null)
    );
    assert_eq!(channel["totalBroadcasts"], 0);
    let list = studio.get("/sessions?status=ACTIVE", &studio.admin).await;
    assert_eq!(list, json!({ "sessions": [], "count": 0 }));
}

// (e) end twice → one broadcast counted; minutes = floor
#[tokio::test]
async fn end_twice_one_broadcast_counted_minutes_floor() {
    let studio = Studio::open().await;
    let (id, _) = studio.started(&studio.ann).await;
    studio.server.clock.advance_ms(10_000);
    studio.report("Stream Start", "08:00:10").await;
    let session = studio.get(&format!("/sessions/{id}"), &studio.ann).await["session"].clone();
    let streaming = json!({ "isLive": true, "startedAt": "2026-11-21T08:00:10Z", "minutes": 0 });
    assert_eq!(session["streaming"], streaming);
    studio.server.clock.advance_ms(119_000);
    studio.report("Stream End", "08:02:09").await;
    let first = studio.end(&id, &studio.ann).await;
    assert_eq!(first.status, StatusCode::OK, "{first:?}");
    studio.server.clock.advance_ms(60_000);
    assert_eq!(studio.end(&id, &studio.ann).await.json(), first.json());
    assert_eq!(studio.end(&id, &studio.admin).await.json(), first.json());
    let stats = studio
        .get(&format!("/admin/channels/{}/stats", studio.channel_id), &studio.admin)
        .await;
    assert_eq!(
        (&stats["totalBroadcasts"], &stats["totalStreamingMinutes"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(stats["currentState"], "IDLE");
    let nothing = json!({ "attempted": false, "success": null, "error": null });
    let body = first.json();
    assert_eq!((&body["sessionId"], &body["warning"]), (&json!(id), &Value::Null));
    let cleanup = &body["cleanupResults"];
    assert_eq!(
        cleanup["persistentChannel"],
        json!({ "attempted": true, "success": true, "error": null })
    );
    for name in [
        "ecsTask",
        "composition",
        "relayChannel",
        "rawStage",
        "programStage",
        "mediaLiveChannel",
        "publisher",
    ] {
        assert_eq!(cleanup[name], nothing, "{name}");
    }
    assert_eq!(cleanup["mediaLiveInputs"]["deletedCount"], 0);
}

// (f) same playback URL over two sessions
#[tokio::test]
async fn same_playback_url_over_two_sessions() {
    let studio = Studio::open().await;
    let mut urls = Vec::new();
    for host in [&studio.ann, &studio.bea] {
        let (id, created) = studio.started(host).await;
        let ended = studio.end(&id, host).await;
        assert_eq!(ended.status, StatusCode::OK, "{ended:?}");
        let found = studio.get(&format!("/sessions/{id}"), host).await;
        urls.push(created["persistentChannel"]["playbackUrl"].clone());
        urls.push(created["session"]["ivs"]["persistentChannelPlaybackUrl"].clone());
        urls.push(found["session"]["ivs"]["persistentChannelPlaybackUrl"].clone());
    }
    assert_eq!(urls, vec![studio.channel().await["playbackUrl"].clone(); 6]);
}

// (g) unassigned 403, OFFLINE 503, missing record 500
#[tokio::test]
async fn unassigned_403_offline_503_missing_record_500() {
    let studio = Studio::open().await;
    let eve = studio.server.sign_in("eve", &[Role::Host]).await;
    let eve_id = studio.get("/api/auth/me", &eve).await["id"].clone();
    let unassigned = "No channel assigned to your account. Please contact support.".to_owned();
    assert_eq!(
        refusal(&studio.start(&eve).await, "hostUserId"),
        (403, unassigned, eve_id)
    );

    let path = format!("/admin/channels/{}/state", studio.channel_id);
    let set = studio
        .call(Method::PUT, &path, &studio.admin, json!({ "newState": "OFFLINE" }))
        .await;
    assert_eq!(set.status, StatusCode::OK, "{set:?}");
    let offline = "Channel is temporarily unavailable. Please contact support.".to_owned();
    assert_eq!(
        refusal(&studio.start(&studio.ann).await, ""),
        (503, offline, Value::Null)
    );

    let system = studio.server.platform.context(Caller::System);
    let mut tx = system.db().begin().await.unwrap();
    testing::lose_channel(&mut tx, &studio.channel_id).await;
    tx.commit().await.unwrap();
    let broken = "Channel configuration error. Please contact support.".to_owned();
    assert_eq!(
        refusal(&studio.start(&studio.ann).await, ""),
        (500, broken, Value::Null)
    );
}

// (h) worker killed → session recovered or ended, never stuck
#[tokio::test]
async fn a_host_who_vanishes_leaves_no_channel_stuck() {
    let studio = Studio::open().await;
    let (id, created) = studio.started(&studio.ann).await;
    assert_eq!(created["session"]["leaseUntil"], "2026-11-21T08:05:00Z");
    studio.pass_ms(60_000).await;
    let heartbeat = format!("/sessions/{id}/heartbeat");
    let heard = studio.call(Method::POST, &heartbeat, &studio.ann, Value::Null).await;
    assert_eq!(
        heard.json(),
        json!({ "sessionId": id, "leaseUntil": "2026-11-21T08:06:00Z" })
    );
    studio.pass_ms(5 * 60_000).await;
    let session = studio.get(&format!("/sessions/{id}"), &studio.ann).await["session"].clone();
    assert_eq!(
        (&session["status"], &session["endCause"]),
        (&json!("ENDED"), &json!("lease"))
    );
    assert_eq!(studio.channel().await["state"], "IDLE");
    let late = studio.call(Method::POST, &heartbeat, &studio.ann, Value::Null).await;
    assert_eq!(refusal(&late, ""), (409, "Session has ended".to_owned(), Value::Null));
    let told = studio.get("/api/notifications", &studio.ann).await;
    assert_eq!(
        told["notifications"][0]["title"],
        "Your session on Main Stage has ended"
    );
    studio.started(&studio.bea).await;
}

#[tokio::test]
async fn a_session_has_the_members_that_clients_know() {
    let studio = Studio::open().await;
    let (id, created) = studio.started(&studio.ann).await;
    let channel = studio.channel().await;
    let me = studio.get("/api/auth/me", &studio.ann).await["id"].clone();
    let session = json!({
        "sessionId": id, "hostUserId": me, "showId": created["session"]["showId"], "episodeId": null,
        "status": "ACTIVE",
        "ivs": {
            "persistentChannelId": studio.channel_id, "persistentChannelArn": channel["channelArn"],
            "persistentChannelPlaybackUrl": channel["playbackUrl"],
            "persistentChannelIngestEndpoint": channel["ingestEndpoint"],
        },
        "participants": { "callers": [] },
        "programState": { "activeVideoSource": "host", "audioLevels": { "host": 1.0 }, "overlayImageS3Key": null },
        "tracklist": { "playlistId": null, "currentIndex": 0 },
        "streaming": { "isLive": false, "startedAt": null, "minutes": 0 },
        "recording": { "isRecording": false, "s3Prefix": null },
        "playlistState": null, "leaseUntil": "2026-11-21T08:05:00Z", "endedAt": null, "endCause": null,
        "createdAt": "2026-11-21T08:00:00Z", "updatedAt": "2026-11-21T08:00:00Z",
    });
    let persistent = json!({
        "channelId": studio.channel_id, "channelArn": channel["channelArn"], "playbackUrl": channel["playbackUrl"],
        "ingestEndpoint": channel["ingestEndpoint"],
    });
    let message = "Session created successfully";
    assert_eq!(
        created,
        json!({ "message": message, "session": session, "persistentChannel": persistent })
    );
    let list = studio.get("/sessions?status=ACTIVE&limit=1", &studio.ann).await;
    assert_eq!(list, json!({ "sessions": [session], "count": 1 }));
    for (query, message) in [
        ("status=LIVE", "Invalid status. Must be one of: ACTIVE, ENDED"),
        ("nextToken=forged", "Invalid nextToken"),
        ("limit=0", "limit must be between 1 and 100"),
    ] {
        let refused = studio
            .call(Method::GET, &format!("/sessions?{query}"), &studio.ann, Value::Null)
            .await;
        assert_eq!(refusal(&refused, ""), (400, message.to_owned(), Value::Null));
    }
    let nothing = studio.call(Method::POST, "/sessions", &studio.ann, json!({})).await;
    assert_eq!(refusal(&nothing, "").1, "Missing required field: showId");
    let unknown = json!({ "showId": "019aa000-0000-7000-8000-000000000000" });
    let unknown = studio.call(Method::POST, "/sessions", &studio.ann, unknown).await;
    assert_eq!(refusal(&unknown, ""), (404, "Show not found".to_owned(), Value::Null));
    let missing = studio.end("019aa000-0000-7000-8000-000000000000", &studio.ann).await;
    assert_eq!(
        refusal(&missing, ""),
        (404, "Session not found".to_owned(), Value::Null)
    );
    assert_eq!(studio.end(&id, &studio.bea).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_admin_who_sets_a_channel_idle_or_offline_ends_its_session() {
    let studio = Studio::open().await;
    let path = format!("/admin/channels/{}/state", studio.channel_id);
    for body in [
        json!({ "newState": "IDLE" }),
        json!({ "newState": "OFFLINE", "force": true }),
    ] {
        let (id, _) = studio.started(&studio.ann).await;
        let set = studio.call(Method::PUT, &path, &studio.admin, body.clone()).await;
        assert_eq!(set.status, StatusCode::OK, "{set:?}");
        assert_eq!(set.json()["previousState"], "LIVE");
        let session = studio.get(&format!("/sessions/{id}"), &studio.ann).await["session"].clone();
        assert_eq!(
            (&session["status"], &session["endCause"]),
            (&json!("ENDED"), &json!("operator"))
        );
        let channel = studio.channel().await;
        assert_eq!(
            (&channel["state"], &channel["currentSessionId"]),
            (&body["newState"], &Value::Null)
        );
    }
}
