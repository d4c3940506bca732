//! Chat over HTTP: getting in, reading back, keeping order. What happens in the room is tested with the platform.

use http::StatusCode;
use platform::{Role, testing};
use serde_json::{Value, json};

use crate::auctions::{create, id};
use crate::server::{Answer, TestServer};

async fn post(server: &TestServer, token: &str, path: &str, body: Value) -> Answer {
    server.post(path).bearer(token).json(&body).send().await
}

#[tokio::test]
async fn people_get_in_as_what_they_are_and_no_further_than_they_may() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let ann = server.sign_in("ann", &[Role::Member]).await;
    let auction = create(&server, &host, "Lamp", "lamps").await;
    let chat = format!("/api/auctions/{}/chat", id(&auction));
    let token = format!("{chat}/token");
    let (mut anns, hosts) = tokio::join!(
        post(&server, &ann, &token, json!({})),
        post(&server, &host, &token, json!({}))
    );
    assert_eq!(hosts.json()["username"], "Host");
    assert_eq!(
        hosts.json()["capabilities"],
        json!(["SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER"])
    );
    let user_id = anns.json()["user_id"].as_str().unwrap().to_owned();
    let mut ticket = anns.json();
    assert_eq!(ticket["url"], server.tower().chat_url());
    for name in ["token", "url", "user_id", "username", "session_expires_at"] {
        assert!(ticket[name].is_string(), "{name}");
        ticket[name] = json!("…");
    }
    insta::assert_json_snapshot!("chat_token", ticket);

    let order = json!({"user_id": user_id, "minutes": 5, "reason": "Shouting."});
    let mut muted = post(&server, &host, &format!("{chat}/mute"), order).await.json();
    muted["restrictions"][0]["user_id"] = json!("…");
    muted["restrictions"][0]["username"] = json!("…");
    insta::assert_json_snapshot!("chat_restrictions", muted);
    anns = post(&server, &ann, &token, json!({})).await;
    let (is_muted, capabilities) = (&anns.json()["is_muted"], &anns.json()["capabilities"]);
    assert_eq!((is_muted, capabilities), (&json!(true), &json!([])));

    let banned = post(&server, &host, &format!("{chat}/ban"), json!({"user_id": user_id})).await;
    assert_eq!(
        banned.json()["restrictions"][0]["banned_until"],
        Value::Null,
        "for good"
    );
    assert_eq!(banned.json()["restrictions"][0]["is_banned"], true);
    let refused = post(&server, &ann, &token, json!({})).await;
    assert_eq!(
        (refused.status, refused.json()["error"].as_str()),
        (StatusCode::FORBIDDEN, Some("You are banned from this chat"))
    );
    for measure in ["unmute", "unban"] {
        let lifted = post(
            &server,
            &host,
            &format!("{chat}/{measure}"),
            json!({"user_id": user_id}),
        )
        .await;
        assert_eq!(lifted.status, StatusCode::OK, "{lifted:?}");
    }
    let listed = server.get(&format!("{chat}/restrictions")).bearer(&host).send().await;
    assert_eq!(listed.json(), json!({"restrictions": []}));
}

#[tokio::test]
async fn a_history_is_read_and_a_message_taken_back() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let auction = create(&server, &host, "Lamp", "lamps").await;
    testing::hear(&server.platform, id(&auction), "AbCdEfGhIjKl", "Does it run?")
        .await
        .unwrap();
    let history = format!("/api/auctions/{}/chat/messages", id(&auction));
    let mut read = server.get(&history).send().await.json();
    read["messages"][0]["auction_id"] = json!("…");
    insta::assert_json_snapshot!("chat_messages", read);
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("before=nothing", "before"),
    ] {
        let refused = server.get(&format!("{history}?{query}")).send().await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
        assert!(refused.text().contains(field), "{refused:?}");
    }
    let delete = format!("{history}/AbCdEfGhIjKl/delete");
    let deleted = server.post(&delete).bearer(&host).send().await;
    assert_eq!(
        deleted.json(),
        json!({"message_id": "AbCdEfGhIjKl", "is_deleted": true})
    );
    let state = server
        .get(&format!("/api/auctions/{}/state", id(&auction)))
        .send()
        .await
        .json();
    let line = &state["chat_messages"][0];
    assert_eq!((&line["message"], &line["is_deleted"]), (&json!(""), &json!(true)));
}
