//! The eleven steps by which its users accept persistent channels, one after the other over HTTP, with the real video tower.

use http::{Method, StatusCode};
use platform::Role;
use serde_json::{Value, json};

use crate::server::TestServer;

const CHANNEL_LIMIT: i64 = 20;

struct Run {
    server: TestServer,
    admin: String,
}

impl Run {
    async fn call(&self, step: &str, method: Method, path: &str, body: Value, expected: StatusCode) -> Value {
        let call = self.server.call(method, path).bearer(&self.admin);
        let answer = match body {
            Value::Null => call.send().await,
            body => call.json(&body).send().await,
        };
        assert_eq!(answer.status, expected, "{step}: {answer:?}");
        assert!(
            !String::from_utf8_lossy(&answer.body).contains("sk_"),
            "{step} carries a stream key"
        );
        answer.json()
    }

    async fn get(&self, step: &str, path: &str) -> Value {
        self.call(step, Method::GET, path, Value::Null, StatusCode::OK).await
    }
}

#[tokio::test]
async fn the_eleven_steps() {
    let server = TestServer::start_with_video().await;
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    server.sign_in("host", &[Role::Host]).await;
    let host = platform::accounts::find_by_email(&server.system(), "host@example.com")
        .await
        .unwrap();
    let host = host.account.id;
    let run = Run { server, admin };

    let step = "1. Get channel capacity";
    let capacity = run.get(step, "/admin/channels/capacity").await;
    let expected = json!({
        "currentChannelCount": 0, "maxChannelLimit": CHANNEL_LIMIT, "remainingCapacity": CHANNEL_LIMIT,
        "utilizationPercentage": "0.00",
    });
    assert_eq!(capacity, expected, "{step}");

    let step = "2. Create a new channel";
    let body = json!({ "name": "Test Channel", "recordingEnabled": false });
    let created = run
        .call(step, Method::POST, "/admin/channels", body, StatusCode::CREATED)
        .await;
    assert_eq!(created["message"], "Persistent channel created successfully");
    let channel = &created["channel"];
    assert_eq!(
        (&channel["channelName"], &channel["state"]),
        (&json!("Test Channel"), &json!("IDLE"))
    );
    let playback_url = channel["playbackUrl"].as_str().unwrap();
    assert!(playback_url.ends_with(".m3u8"), "{playback_url}");
    let id = channel["channelId"].as_str().unwrap();

    let step = "3. List all channels";
    let listed = run.get(step, "/admin/channels").await;
    assert_eq!(
        (&listed["count"], &listed["channels"][0]["channelId"]),
        (&json!(1), &json!(id)),
        "{step}"
    );

    let step = "4. Filter channels by state";
    for (state, count) in [("IDLE", 1), ("LIVE", 0), ("OFFLINE", 0)] {
        let listed = run.get(step, &format!("/admin/channels?state={state}")).await;
        assert_eq!(listed["count"], count, "{step} {state}");
    }

    let step = "5. Get channel statistics";
    let stats = run.get(step, &format!("/admin/channels/{id}/stats")).await;
    assert_eq!(
        (&stats["totalBroadcasts"], &stats["totalStreamingHours"]),
        (&json!(0), &json!("0.00")),
        "{step}"
    );
    assert_eq!(stats["currentState"], "IDLE");

    let step = "6. Assign channel to host";
    let assign = format!("/admin/channels/{id}/assign");
    let assigned = run
        .call(
            step,
            Method::POST,
            &assign,
            json!({ "hostUserId": host }),
            StatusCode::OK,
        )
        .await;
    assert_eq!(assigned["message"], "Channel assigned successfully");
    assert_eq!(
        (
            &assigned["assignment"]["channelId"],
            &assigned["assignment"]["hostUserId"]
        ),
        (&json!(id), &json!(host))
    );

    let step = "7. Get host's assigned channel";
    let own = format!("/hosts/{host}/channel");
    let held = run.get(step, &own).await;
    assert_eq!(
        (&held["channelId"], &held["playbackUrl"]),
        (&json!(id), &json!(playback_url)),
        "{step}"
    );
    assert_eq!(
        (&held["state"], &held["currentSessionId"]),
        (&json!("IDLE"), &Value::Null),
        "{step}"
    );

    let state = format!("/admin/channels/{id}/state");
    let step = "8. Update state to LIVE";
    let live = json!({ "newState": "LIVE", "sessionId": "test-session" });
    let updated = run.call(step, Method::PUT, &state, live, StatusCode::OK).await;
    assert_eq!(updated["message"], "Channel state updated successfully");
    assert_eq!(
        (&updated["previousState"], &updated["newState"]),
        (&json!("IDLE"), &json!("LIVE")),
        "{step}"
    );
    assert_eq!(run.get(step, &own).await["currentSessionId"], "test-session");

    let step = "9. Update state back to IDLE";
    let updated = run
        .call(step, Method::PUT, &state, json!({ "newState": "IDLE" }), StatusCode::OK)
        .await;
    assert_eq!(
        (&updated["previousState"], &updated["newState"]),
        (&json!("LIVE"), &json!("IDLE")),
        "{step}"
    );
    let held = run.get(step, &own).await;
    assert_eq!(
        (&held["state"], &held["currentSessionId"]),
        (&json!("IDLE"), &Value::Null),
        "{step}"
    );

    let step = "10. Unassign channel";
    let unassign = format!("{assign}/{host}");
    let unassigned = run
        .call(step, Method::DELETE, &unassign, Value::Null, StatusCode::OK)
        .await;
    assert_eq!(unassigned["message"], "Channel unassigned successfully");

    let step = "11. Verify unassignment (404 expected)";
    let gone = run
        .call(step, Method::GET, &own, Value::Null, StatusCode::NOT_FOUND)
        .await;
    assert_eq!(gone["message"], "No channel assigned to this host");
}
