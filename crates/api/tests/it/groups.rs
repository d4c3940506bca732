//! Groups and programmes over HTTP: what is answered, what is refused, and in which words.

use http::{Method, StatusCode};
use platform::Role;
use serde_json::{Value, json};

use crate::images::{MIB, PIXEL};
use crate::server::{Answer, TestServer};

/// A programme manager at work.
pub struct Manager {
    pub server: TestServer,
    pub token: String,
    pub id: String,
}

impl Manager {
    pub async fn start() -> Self {
        Self::of(TestServer::start().await).await
    }

    pub async fn of(server: TestServer) -> Self {
        let token = server.sign_in("olga", &[Role::Host]).await;
        let me = server.get("/api/auth/me").bearer(&token).send().await.json();
        let id = me["id"].as_str().unwrap().to_owned();
        Self { server, token, id }
    }

    /// Calls a route below the manager's own.
    pub async fn call(&self, method: Method, tail: &str, body: &Value) -> Answer {
        let path = format!("/users/{}{tail}", self.id);
        self.server
            .call(method, &path)
            .bearer(&self.token)
            .json(body)
            .send()
            .await
    }

    pub async fn get(&self, tail: &str) -> Answer {
        let path = format!("/users/{}{tail}", self.id);
        self.server.get(&path).bearer(&self.token).send().await
    }

    /// The id of a new group.
    pub async fn group(&self, name: &str) -> String {
        let answer = self.call(Method::POST, "/groups", &json!({ "name": name })).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        answer.json()["group"]["groupId"].as_str().unwrap().to_owned()
    }
}

/// The same with every id that differs from run to run taken out.
pub fn masked(mut value: Value) -> Value {
    fn mask(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members.iter_mut() {
                    let is_ours = name.ends_with("Id") || name.ends_with("Url") || name.ends_with("Arn");
                    match value {
                        Value::String(text) if is_ours || name == "decidedBy" => "…".clone_into(text),
                        value => mask(value),
                    }
                }
            }
            Value::Array(values) => values.iter_mut().for_each(mask),
            _ => {}
        }
    }
    mask(&mut value);
    value
}

#[tokio::test]
async fn a_group_is_made_shown_changed_and_deleted() {
    let manager = Manager::start().await;
    let new = json!({ "name": " Morning shows ", "category": "News", "visibility": "public", "tags": ["daily"],
        "description": "Every morning.", "somethingElse": 1 });
    let made = manager.call(Method::POST, "/groups", &new).await;
    assert_eq!(made.status, StatusCode::CREATED);
    insta::assert_json_snapshot!("created_group", masked(made.json()));
    let group_id = made.json()["group"]["groupId"].as_str().unwrap().to_owned();
    let path = format!("/groups/{group_id}");

    // What is absent stays; what is null goes.
    let changed = manager
        .call(
            Method::PATCH,
            &path,
            &json!({ "description": null, "name": "Mornings" }),
        )
        .await;
    assert_eq!(changed.status, StatusCode::OK, "{changed:?}");
    let shown = manager.get(&path).await.json();
    assert_eq!(shown["group"], changed.json()["group"]);
    assert_eq!(
        (
            &shown["group"]["name"],
            &shown["group"]["description"],
            &shown["group"]["category"]
        ),
        (&json!("Mornings"), &Value::Null, &json!("News"))
    );
    manager.group("Evenings").await;
    let list = manager.get("/groups").await.json();
    assert_eq!((&list["count"], &list["groups"][1]), (&json!(2), &shown["group"]));

    let gone = manager.call(Method::DELETE, &path, &json!({})).await;
    assert_eq!(
        gone.json(),
        json!({ "message": "Group deleted successfully", "groupId": group_id })
    );
    insta::assert_snapshot!("group_unknown", manager.get(&path).await.summary());
}

#[tokio::test]
async fn a_programme_is_made_moved_ordered_and_deleted() {
    let manager = Manager::start().await;
    let (mornings, evenings) = (manager.group("Mornings").await, manager.group("Evenings").await);
    let new = json!({ "title": "News", "groupId": mornings, "duration": 1800, "premium": true, "tags": ["daily"],
        "program_url": "https://media.example/news.m3u8", "program_image": "https://media.example/news.jpg",
        "sourceType": "recording", "s3Key": "shows/news.mp4", "description": "What happened." });
    let made = manager.call(Method::POST, "/programs", &new).await;
    assert_eq!(made.status, StatusCode::CREATED);
    insta::assert_json_snapshot!("created_program", masked(made.json()));
    let news = made.json()["program"]["programId"].as_str().unwrap().to_owned();
    manager.server.clock.advance_ms(1);
    let second = json!({ "title": "Weather", "groupId": mornings });
    let weather = manager.call(Method::POST, "/programs", &second).await.json();
    let weather = weather["program"]["programId"].as_str().unwrap();

    let in_mornings = format!("/groups/{mornings}/programs");
    let order = manager
        .call(
            Method::POST,
            &format!("{in_mornings}/order"),
            &json!({ "ids": [weather, news] }),
        )
        .await;
    assert_eq!(order.status, StatusCode::OK);
    assert_eq!(manager.get(&in_mornings).await.json(), order.json());
    assert_eq!(order.json()["programs"][1]["programId"], json!(news));
    let group = manager.get(&format!("/groups/{mornings}")).await.json();
    assert_eq!(group["group"]["programsCount"], json!(2));

    let path = format!("/programs/{news}");
    let moved = json!({ "groupId": evenings, "program_image": null, "premium": false });
    let moved = manager.call(Method::PATCH, &path, &moved).await.json();
    assert_eq!(manager.get(&path).await.json()["program"], moved["program"]);
    assert_eq!(
        (
            &moved["program"]["groupId"],
            &moved["program"]["program_image"],
            &moved["program"]["duration"]
        ),
        (&json!(evenings), &Value::Null, &json!(1800))
    );
    let list = manager.get("/programs?limit=1").await.json();
    assert_eq!(
        (&list["total"], &list["limit"], &list["programs"][0]["title"]),
        (&json!(2), &json!(1), &json!("Weather"))
    );
    let gone = manager.call(Method::DELETE, &path, &json!({})).await;
    assert_eq!(
        gone.json(),
        json!({ "message": "Program deleted successfully", "programId": news })
    );
    insta::assert_snapshot!("program_unknown", manager.get(&path).await.summary());
}

#[tokio::test]
async fn refusals_name_the_member_and_the_rule() {
    let manager = Manager::start().await;
    let group = format!("/groups/{}", manager.group("Mornings").await);
    let mut found = String::new();
    for (method, tail, body) in [
        (Method::POST, "/groups", json!({})),
        (Method::POST, "/groups", json!({ "name": " " })),
        (Method::POST, "/groups", json!({ "name": "x", "visibility": "secret" })),
        (Method::POST, "/groups", json!({ "name": "x", "tags": "news" })),
        (Method::PATCH, &group, json!({ "name": "x".repeat(201) })),
        (Method::PATCH, &group, json!({ "tags": vec!["x"; 21] })),
        (Method::POST, "/programs", json!({ "description": "no title" })),
        (Method::POST, "/programs", json!({ "title": "x", "duration": -1 })),
        (
            Method::POST,
            "/programs",
            json!({ "title": "x", "program_url": "javascript:alert(1)" }),
        ),
        (Method::POST, "/programs", json!({ "title": "x", "groupId": "none" })),
        (
            Method::POST,
            &format!("{group}/programs/order"),
            json!({ "ids": ["none"] }),
        ),
        (
            Method::POST,
            &format!("{group}/channel-requests"),
            json!({ "proposedName": "x".repeat(101) }),
        ),
        (
            Method::POST,
            &format!("{group}/channel-requests"),
            json!({ "note": "x".repeat(1_001) }),
        ),
    ] {
        let answer = manager.call(method.clone(), tail, &body).await;
        let route = tail.replace(&group, "/groups/…");
        found += &format!("{method} {route}: {}\n", answer.summary().replace('\n', " "));
    }
    insta::assert_snapshot!("refused_groups", found);
}

#[tokio::test]
async fn a_group_has_a_picture_that_is_made_harmless() {
    let manager = Manager::start().await;
    let group = manager.group("Mornings").await;
    let path = format!("/users/{}/groups/{group}/image", manager.id);
    let upload = async |content: &[u8]| {
        let call = manager.server.post(&path).bearer(&manager.token);
        call.header("content-type", "text/html").body(content).send().await
    };
    let answer = upload(PIXEL).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let group = answer.json()["group"].clone();
    for member in ["imageUrl", "thumbnailUrl"] {
        let file = manager.server.get(group[member].as_str().unwrap()).send().await;
        assert_eq!(
            (file.status, file.header("content-type")),
            (StatusCode::OK, Some("image/jpeg")),
            "{member}"
        );
    }
    let broken = upload(b"<script>").await;
    insta::assert_snapshot!("group_image_broken", broken.summary());
    assert_eq!(
        upload(&vec![0; 12 * MIB + 1]).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let removed = manager
        .server
        .call(Method::DELETE, &path)
        .bearer(&manager.token)
        .send()
        .await
        .json();
    assert_eq!(
        (&removed["message"], &removed["group"]["imageUrl"]),
        (&json!("Group image deleted successfully"), &Value::Null)
    );
}

#[tokio::test]
async fn these_routes_are_open_to_every_origin_and_to_the_owner_and_administrators_only() {
    let manager = Manager::start().await;
    manager.group("Mornings").await;
    let path = format!("/users/{}/groups", manager.id);
    let options = manager.server.call(Method::OPTIONS, &path).send().await;
    assert_eq!((options.status, options.text()), (StatusCode::OK, ""));
    assert_eq!(options.header("access-control-allow-origin"), Some("*"));
    let nobody = manager.server.get(&path).send().await;
    insta::assert_snapshot!("groups_of_nobody", nobody.summary());
    let other = manager.server.sign_in("other", &[Role::Host]).await;
    let foreign = manager.server.get(&path).bearer(&other).send().await;
    assert_eq!(foreign.header("access-control-allow-origin"), Some("*"));
    insta::assert_snapshot!("groups_of_somebody_else", foreign.summary());
    let admin = manager.server.sign_in("admin", &[Role::Admin]).await;
    let seen = manager.server.get(&path).bearer(&admin).send().await;
    assert_eq!((seen.status, &seen.json()["count"]), (StatusCode::OK, &json!(1)));
}
