//! What admins see of a channel that was on air, and what everybody may.

use http::StatusCode;
use platform::channels::{self, NewChannel};
use platform::{Role, broadcasts};
use serde_json::{Value, json};

use crate::server::TestServer;

/// A channel that was on air for two minutes, with an interruption.
async fn channel_with_a_past(server: &TestServer) -> String {
    let input = NewChannel {
        name: "Main Stage".into(),
        recording_enabled: false,
    };
    let channel = channels::create(&server.system(), input).await.unwrap();
    let news = [
        (0, "Stream Start", "Stream State Change"),
        (30, "Starvation Start", "Stream Health Change"),
        (40, "Starvation End", "Stream Health Change"),
        (150, "Stream End", "Stream State Change"),
    ];
    let begun_ms = server.system().now_ms;
    for (at_s, name, kind) in news {
        server.clock.advance_ms(begun_ms + at_s * 1000 - server.system().now_ms);
        let at = rfc3339(begun_ms + at_s * 1000);
        let event = json!({
            "version": "0", "id": format!("event-{at_s}"), "detail-type": format!("IVS {kind}"), "source": "aws.ivs",
            "account": "1", "time": at, "region": "us-east-1", "resources": [channel.arn],
            "detail": { "event_name": name, "channel_name": "x", "stream_id": "st-1" },
        });
        broadcasts::record_event(&server.system(), event).await.unwrap();
    }
    channel.id
}

fn rfc3339(at_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(at_ms).unwrap().to_string()
}

#[tokio::test]
async fn admins_see_what_happened_on_a_channel() {
    let server = TestServer::start_with_video().await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    let id = channel_with_a_past(&server).await;
    let ask = async |rest: &str| {
        let answer = server
            .get(&format!("/admin/channels/{id}/{rest}"))
            .bearer(&admin)
            .send()
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{rest}: {answer:?}");
        answer.json()
    };
    let broadcasts = ask("broadcasts").await;
    assert_eq!(broadcasts["total"], 1);
    let broadcast = &broadcasts["broadcasts"][0];
    assert_eq!(
        (&broadcast["minutes"], &broadcast["endCause"]),
        (&json!(2), &json!("ended"))
    );
    let health = ask("health").await;
    assert_eq!(health["channelId"], id);
    assert_eq!(health["broadcast"]["stream_id"], "st-1");
    let timeline = ask("timeline").await;
    let kinds: Vec<&str> = kinds(&timeline);
    let expected = ["broadcast_ended", "restored", "interrupted", "broadcast_started"];
    assert_eq!(
        kinds
            .iter()
            .filter(|kind| **kind != "audit")
            .copied()
            .collect::<Vec<_>>(),
        expected
    );
    let audit = ask("audit").await;
    assert_eq!(
        (&audit["total"], &audit["entries"][0]["actor"]),
        (&json!(1), &json!("system"))
    );
    let cost = ask("cost").await;
    assert_eq!((&cost["channelId"], &cost["is_running"]), (&json!(id), &json!(false)));
    assert!(cost["total_cost"].as_f64().unwrap() > 0.0, "{cost}");
    let all = server.get("/api/costs?days=1").bearer(&admin).send().await.json();
    assert_eq!(all["items"][0]["name"], "Main Stage");
    assert_eq!(all["total_cost"], cost["total_cost"]);
    assert_eq!(all["days"].as_array().unwrap().len(), 1);
}

fn kinds(timeline: &Value) -> Vec<&str> {
    let entries = timeline["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_timeline_is_read_in_parts() {
    let server = TestServer::start_with_video().await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    let id = channel_with_a_past(&server).await;
    let part = async |query: &str| {
        let path = format!("/admin/channels/{id}/timeline?{query}");
        server.get(&path).bearer(&admin).send().await.json()
    };
    let whole = part("limit=200").await;
    let first = part("limit=2").await;
    let last_ms = &first["entries"].as_array().unwrap().last().unwrap()["at_ms"];
    let rest = part(&format!("limit=200&before={last_ms}")).await;
    assert_eq!([kinds(&first), kinds(&rest)].concat(), kinds(&whole));
    for limit in ["0", "201"] {
        let path = format!("/admin/channels/{id}/timeline?limit={limit}");
        let answer = server.get(&path).bearer(&admin).send().await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn viewers_see_a_channel_without_anything_of_its_hosts() {
    let server = TestServer::start_with_video().await;
    let id = channel_with_a_past(&server).await;
    let answer = server.get(&format!("/api/channels/{id}")).send().await;
    assert_eq!(answer.status, StatusCode::OK);
    let channel = answer.json();
    let members: Vec<&str> = channel.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        members,
        [
            "channelId",
            "imageUrl",
            "name",
            "nextWindow",
            "onAir",
            "playbackUrl",
            "server_time_ms",
            "state",
            "video"
        ]
    );
    assert_eq!(
        (&channel["name"], &channel["state"]),
        (&json!("Main Stage"), &json!("IDLE"))
    );
    assert!(!String::from_utf8_lossy(&answer.body).contains("sk_"));
    for unknown in ["nothing", "0193f0a0-1111-7abc-8def-0123456789ab"] {
        let answer = server.get(&format!("/api/channels/{unknown}")).send().await;
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (StatusCode::NOT_FOUND, &json!("Channel not found"))
        );
    }
}

#[tokio::test]
async fn the_doctor_names_a_fix_for_whatever_is_not_well() {
    let server = TestServer::start_with_video().await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    let examination = server.get("/api/doctor").bearer(&admin).send().await.json();
    let checks = examination["checks"].as_array().unwrap();
    let find = |name: &str| checks.iter().find(|check| check["name"] == name).unwrap();
    assert_eq!(find("Database")["status"], "ok");
    assert_eq!(find("Video provider")["status"], "ok", "{examination}");
    assert_eq!(find("Ledger")["status"], "ok", "{examination}");
    assert!(
        checks
            .iter()
            .all(|check| check["status"] == "ok" || check["fix"].is_string()),
        "{examination}"
    );
}

#[tokio::test]
async fn a_channel_is_live_now_while_a_session_is_on_air() {
    let server = TestServer::start_with_video().await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    let ada = server.sign_in("ada", &[Role::Host]).await;
    let input = NewChannel {
        name: "Main Stage".into(),
        recording_enabled: false,
    };
    let channel = channels::create(&server.system(), input).await.unwrap();
    let now = async || server.get("/api/now").send().await.json()["channels"].clone();
    let start = json!({
        "version": "0", "id": "event-1", "detail-type": "IVS Stream State Change", "source": "aws.ivs", "account": "1",
        "time": rfc3339(server.system().now_ms), "region": "us-east-1", "resources": [channel.arn],
        "detail": { "event_name": "Stream Start", "channel_name": "x", "stream_id": "st-1" },
    });
    broadcasts::record_event(&server.system(), start).await.unwrap();
    assert_eq!(now().await, json!([]), "a rehearsal");
    let assign = format!("/admin/channels/{}/assign", channel.id);
    let assigned = server
        .post(&assign)
        .bearer(&admin)
        .json(&json!({ "email": "ada@example.com" }))
        .send()
        .await;
    assert_eq!(assigned.status, StatusCode::OK, "{assigned:?}");
    let show = server
        .post("/api/shows")
        .bearer(&ada)
        .json(&json!({ "title": "Morning" }))
        .send()
        .await
        .json();
    let session = server
        .post("/sessions")
        .bearer(&ada)
        .json(&json!({ "showId": show["id"] }))
        .send()
        .await;
    assert_eq!(session.status, StatusCode::CREATED, "{session:?}");
    let live = now().await;
    assert_eq!(
        (&live[0]["id"], &live[0]["name"]),
        (&json!(channel.id), &json!("Main Stage")),
        "{live}"
    );
    assert_eq!(live[0]["video"]["state"], "live");
}
