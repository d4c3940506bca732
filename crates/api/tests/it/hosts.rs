//! A channel and its hosts: given, shared, booked, shown and taken away, with the real video tower behind it.

use http::{Method, StatusCode};
use platform::Role;
use platform::channels::{self, NewChannel};
use platform::testing::run_due_jobs;
use serde_json::{Value, json};

use crate::server::{Answer, TestServer};

/// A server with a channel, an administrator, and two people who may broadcast.
struct Story {
    server: TestServer,
    channel_id: String,
    admin: String,
    ada: Person,
    bob: Person,
}

struct Person {
    id: String,
    token: String,
}

impl Story {
    async fn begin() -> Self {
        let server = TestServer::start_with_video().await;
        let admin = server.sign_in("admin", &[Role::Admin]).await;
        let (ada, bob) = (person(&server, "ada").await, person(&server, "bob").await);
        let channel_id = create(&server, "Main Stage").await;
        Self {
            server,
            channel_id,
            admin,
            ada,
            bob,
        }
    }

    async fn admin(&self, method: Method, path: &str, body: Value) -> Answer {
        let path = path.replace("{id}", &self.channel_id);
        let call = self.server.call(method.clone(), &path).bearer(&self.admin);
        let call = if method == Method::POST { call.json(&body) } else { call };
        call.send().await
    }

    async fn assign(&self, body: Value) -> Answer {
        self.admin(Method::POST, "/admin/channels/{id}/assign", body).await
    }

    async fn unassign(&self, person: &Person) -> Answer {
        let path = format!("/admin/channels/{{id}}/assign/{}", person.id);
        self.admin(Method::DELETE, &path, Value::Null).await
    }

    async fn book(&self, person: &Person, starts_at: &str, ends_at: &str) -> Answer {
        let body = json!({ "hostUserId": person.id, "startsAt": starts_at, "endsAt": ends_at, "note": "Rehearsal" });
        self.admin(Method::POST, "/admin/channels/{id}/bookings", body).await
    }

    /// What `reader` gets about the channel of `host`.
    async fn host(&self, reader: &str, method: Method, host: &str, rest: &str) -> Answer {
        let path = format!("/hosts/{host}/channel{rest}");
        self.server.call(method, &path).bearer(reader).send().await
    }

    /// An answer with what differs from run to run replaced by its name.
    fn masked(&self, answer: &Answer) -> String {
        let mut text = answer.summary();
        for (id, name) in [
            (&self.channel_id, "[channel]"),
            (&self.ada.id, "[ada]"),
            (&self.bob.id, "[bob]"),
        ] {
            text = text.replace(id, name);
        }
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else {
            return text;
        };
        for name in [
            "channelArn",
            "playbackUrl",
            "streamKey",
            "bookingId",
            "conflictingBookingId",
            "assignedBy",
            "createdBy",
        ] {
            for value in [&body, &body["assignment"], &body["booking"], &body["bookings"][0]] {
                if let Some(value) = value[name].as_str() {
                    text = text.replace(value, &format!("[{name}]"));
                }
            }
        }
        text
    }
}

async fn person(server: &TestServer, name: &str) -> Person {
    let token = server.sign_in(name, &[Role::Host]).await;
    let me = server.get("/api/auth/me").bearer(&token).send().await.json();
    Person {
        id: me["id"].as_str().unwrap().to_owned(),
        token,
    }
}

async fn create(server: &TestServer, name: &str) -> String {
    let new = NewChannel {
        name: name.to_owned(),
        recording_enabled: false,
    };
    channels::create(&server.system(), new).await.unwrap().id
}

#[tokio::test]
async fn a_channel_is_given_to_a_host_and_taken_away() {
    let story = Story::begin().await;
    let given = story.assign(json!({ "hostUserId": story.ada.id })).await;
    insta::assert_snapshot!("channel_assigned", story.masked(&given));
    let again = story.assign(json!({ "hostUserId": story.ada.id })).await;
    assert_eq!(
        (again.status, again.json()),
        (StatusCode::OK, given.json()),
        "the same again changes nothing"
    );
    let by_mail = story.assign(json!({ "email": " Bob@Example.com " })).await;
    assert_eq!(by_mail.json()["assignment"]["hostUserId"], *story.bob.id, "{by_mail:?}");

    let other = create(&story.server, "Second Stage").await;
    let path = format!("/admin/channels/{other}/assign");
    let taken = story
        .admin(Method::POST, &path, json!({ "hostUserId": story.ada.id }))
        .await;
    insta::assert_snapshot!("host_has_another_channel", story.masked(&taken));

    let shown = story.host(&story.ada.token, Method::GET, &story.ada.id, "").await;
    insta::assert_snapshot!("channel_of_a_host", story.masked(&shown));
    insta::assert_snapshot!("channel_unassigned", story.masked(&story.unassign(&story.ada).await));
    let gone = story.host(&story.ada.token, Method::GET, &story.ada.id, "").await;
    insta::assert_snapshot!("host_without_a_channel", gone.summary());
    insta::assert_snapshot!("unassigned_again", story.unassign(&story.ada).await.summary());
    let still = story.host(&story.bob.token, Method::GET, &story.bob.id, "").await;
    assert_eq!(still.json()["channelId"], *story.channel_id, "the other host keeps it");
}

#[tokio::test]
async fn an_assignment_names_a_channel_and_a_person_who_exist() {
    let story = Story::begin().await;
    let mut refusals = Vec::new();
    for body in [
        json!({}),
        json!({ "hostUserId": "" }),
        json!({ "hostUserId": "nobody" }),
        json!({ "hostUserId": "01949c2e-0000-7000-8000-000000000000" }),
        json!({ "email": "nobody@example.com" }),
        json!({ "email": "no address" }),
    ] {
        refusals.push(story.assign(body).await.summary());
    }
    for channel in ["nowhere", "01949c2e-0000-7000-8000-000000000000"] {
        let path = format!("/admin/channels/{channel}/assign");
        refusals.push(
            story
                .admin(Method::POST, &path, json!({ "hostUserId": story.ada.id }))
                .await
                .summary(),
        );
        let path = format!("/admin/channels/{channel}/assign/{}", story.ada.id);
        refusals.push(story.admin(Method::DELETE, &path, Value::Null).await.summary());
    }
    insta::assert_snapshot!("refused_assignments", refusals.join("\n"));
}

#[tokio::test]
async fn a_shared_channel_has_a_calendar() {
    let story = Story::begin().await;
    for host in [&story.ada, &story.bob] {
        story.assign(json!({ "hostUserId": host.id })).await;
    }
    let booked = story
        .book(&story.ada, "2026-11-21T10:00:00+01:00", "2026-11-21T11:00:00Z")
        .await;
    insta::assert_snapshot!("booked", story.masked(&booked));
    let overlapping = story
        .book(&story.bob, "2026-11-21T10:59:59Z", "2026-11-21T12:00:00Z")
        .await;
    insta::assert_snapshot!("booking_overlaps", story.masked(&overlapping));
    let touching = story
        .book(&story.bob, "2026-11-21T11:00:00Z", "2026-11-21T12:00:00Z")
        .await;
    assert_eq!(touching.status, StatusCode::CREATED, "{touching:?}");

    let calendar = async |query: &str| {
        let path = format!("/admin/channels/{{id}}/bookings{query}");
        let answer = story.admin(Method::GET, &path, Value::Null).await.json();
        let bookings = answer["bookings"]
            .as_array()
            .unwrap_or_else(|| panic!("{answer}"))
            .clone();
        bookings
            .into_iter()
            .map(|booking| booking["hostName"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(calendar("").await, ["ada", "bob"]);
    assert_eq!(calendar("?from=2026-11-21T11:00:00Z").await, ["bob"]);
    assert_eq!(calendar("?to=2026-11-21T11:00:00Z").await, ["ada"]);
    let own = story
        .host(&story.bob.token, Method::GET, &story.bob.id, "")
        .await
        .json();
    assert_eq!(
        own["bookings"],
        json!([touching.json()["booking"]]),
        "a host sees his own"
    );

    let path = format!(
        "/admin/channels/{{id}}/bookings/{}",
        booked.json()["booking"]["bookingId"].as_str().unwrap()
    );
    let removed = story.admin(Method::DELETE, &path, Value::Null).await;
    assert_eq!(removed.json()["message"], "Booking deleted successfully");
    insta::assert_snapshot!(
        "booking_removed_again",
        story.admin(Method::DELETE, &path, Value::Null).await.summary()
    );
    assert_eq!(calendar("").await, ["bob"]);
}

#[tokio::test]
async fn a_booking_is_a_window_of_a_host() {
    let story = Story::begin().await;
    let (start, end) = ("2026-11-21T10:00:00Z", "2026-11-21T11:00:00Z");
    let mut refusals = vec![story.book(&story.ada, start, end).await.summary()];
    story.assign(json!({ "hostUserId": story.ada.id })).await;
    for (starts_at, ends_at) in [
        (end, start),
        ("2026-11-21T06:00:00Z", "2026-11-21T08:00:00Z"),
        (start, "2026-12-22T10:00:01Z"),
        ("tomorrow", end),
        (start, "2026-11-21"),
    ] {
        refusals.push(story.book(&story.ada, starts_at, ends_at).await.summary());
    }
    for change in [
        json!({ "note": "x".repeat(501) }),
        json!({ "note": "a\u{0}b" }),
        json!({ "hostUserId": null }),
    ] {
        let mut body = json!({ "hostUserId": story.ada.id, "startsAt": start, "endsAt": end });
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        refusals.push(
            story
                .admin(Method::POST, "/admin/channels/{id}/bookings", body)
                .await
                .summary(),
        );
    }
    refusals.push(
        story
            .admin(Method::GET, "/admin/channels/{id}/bookings?from=monday", Value::Null)
            .await
            .summary(),
    );
    insta::assert_snapshot!("refused_bookings", refusals.join("\n"));
}

#[tokio::test]
async fn the_key_is_for_its_host_and_administrators() {
    let story = Story::begin().await;
    for host in [&story.ada, &story.bob] {
        story.assign(json!({ "hostUserId": host.id })).await;
    }
    let (reveal, rotate) = ("/stream-key/reveal", "/stream-key/rotate");
    let revealed = story.host(&story.ada.token, Method::POST, &story.ada.id, reveal).await;
    insta::assert_snapshot!("revealed_stream_key", story.masked(&revealed));
    assert!(
        revealed.json()["streamKey"]
            .as_str()
            .unwrap()
            .starts_with("sk_us-east-1_")
    );
    let by_admin = story.host(&story.admin, Method::POST, &story.ada.id, reveal).await;
    assert_eq!(by_admin.json(), revealed.json());
    for rest in ["", "/health"] {
        let refused = story.host(&story.bob.token, Method::GET, &story.ada.id, rest).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{rest}");
    }
    for rest in [reveal, rotate] {
        let refused = story.host(&story.bob.token, Method::POST, &story.ada.id, rest).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{rest}");
    }
    let refused = story.host(&story.bob.token, Method::POST, &story.ada.id, reveal).await;
    insta::assert_snapshot!("channel_key_of_somebody_else", refused.summary());

    let rotated = story.host(&story.ada.token, Method::POST, &story.ada.id, rotate).await;
    assert_eq!(rotated.status, StatusCode::OK, "{rotated:?}");
    assert_ne!(rotated.json()["streamKey"], revealed.json()["streamKey"]);
    assert_eq!(
        story
            .host(&story.ada.token, Method::POST, &story.ada.id, reveal)
            .await
            .json(),
        rotated.json()
    );
}

#[tokio::test]
async fn nothing_but_reveal_and_rotate_carries_a_key() {
    let story = Story::begin().await;
    story.assign(json!({ "hostUserId": story.ada.id })).await;
    let mut keys = Vec::new();
    for rest in ["/stream-key/reveal", "/stream-key/rotate"] {
        let answer = story.host(&story.ada.token, Method::POST, &story.ada.id, rest).await;
        keys.push(answer.json()["streamKey"].as_str().unwrap().to_owned());
    }
    let mut answers = vec![
        story.host(&story.ada.token, Method::GET, &story.ada.id, "").await,
        story
            .host(&story.ada.token, Method::GET, &story.ada.id, "/health")
            .await,
        story
            .server
            .get("/api/notifications")
            .bearer(&story.ada.token)
            .send()
            .await,
        story.assign(json!({ "hostUserId": story.ada.id })).await,
    ];
    for path in ["/admin/channels/{id}/bookings", "/api/leaks", "/openapi.json"] {
        answers.push(story.admin(Method::GET, path, Value::Null).await);
    }
    answers.push(story.unassign(&story.ada).await);
    run_due_jobs(&story.server.platform).await.unwrap();
    for key in &keys {
        for answer in &answers {
            assert!(answer.status.is_success(), "{answer:?}");
            assert!(!answer.text().contains(key), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn the_health_of_a_hosts_channel_begins_empty() {
    let story = Story::begin().await;
    story.assign(json!({ "hostUserId": story.ada.id })).await;
    let health = story
        .host(&story.ada.token, Method::GET, &story.ada.id, "/health")
        .await;
    let expected = json!({ "channelId": story.channel_id, "broadcast": null, "samples": [], "advice": [] });
    assert_eq!((health.status, health.json()), (StatusCode::OK, expected));
}

#[tokio::test]
async fn people_are_found_by_their_address() {
    let story = Story::begin().await;
    let find = async |query: &str| {
        story
            .admin(Method::GET, &format!("/admin/users/lookup{query}"), Value::Null)
            .await
    };
    insta::assert_snapshot!("user_found", story.masked(&find("?email=ADA%40example.com").await));
    let mut refusals = Vec::new();
    for query in [
        "",
        "?email=",
        "?email=%20",
        "?email=nobody%40example.com",
        "?email=no+address",
    ] {
        refusals.push(find(query).await.summary());
    }
    let long = find(&format!("?email={}", "x".repeat(2_000))).await;
    assert!(
        long.status == StatusCode::NOT_FOUND && long.text().len() < 700,
        "{long:?}"
    );
    insta::assert_snapshot!("users_not_found", refusals.join("\n"));
}
