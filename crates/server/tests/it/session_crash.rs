//! kill -9 at each step of a session: afterwards its channel is free, and every session that was held is counted once.

use std::path::Path;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Server, eventually};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";

/// The steps in the order in which a session reaches them, and whether the session was over when the process died there,
/// `None` when it had not begun.
const STEPS: [(&str, Option<bool>); 5] = [
    ("session.claimed", None),
    ("session.saved", Some(false)),
    ("session.prepared", Some(false)),
    ("session.end_begun", Some(false)),
    ("session.ended", Some(true)),
];

/// A server that dies at a step, and its administrator, who is a host as well.
struct Studio {
    server: Server,
    token: String,
}

impl Studio {
    async fn start(folder: &Path, step: &str) -> Self {
        let environment = [
            ("ROSTRUM_ADMIN_EMAIL", EMAIL),
            ("ROSTRUM_ADMIN_PASSWORD", PASSWORD),
            ("ROSTRUM_CHANNELS_SESSION_LEASE_SECONDS", "1"),
            ("ROSTRUM_FAILPOINT", step),
        ];
        let server = Server::start("serve", folder, &environment);
        let body = json!({ "email": EMAIL, "password": PASSWORD });
        let token = eventually("the administrator signs in", async || {
            let answer = server.call(Method::POST, "/api/auth/login", None, body.clone()).await?;
            answer.1["access_token"].as_str().map(str::to_owned)
        })
        .await;
        Self { server, token }
    }

    /// `None` when the process died before it could answer.
    async fn call(&self, method: Method, path: &str, body: Value) -> Option<(StatusCode, Value)> {
        self.server.call(method, path, Some(&self.token), body).await
    }

    async fn done(&self, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(method, path, body).await.unwrap();
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }

    /// A channel that is assigned to the administrator.
    async fn channel(&self) -> String {
        let new = json!({ "name": "Main Stage", "recordingEnabled": false });
        let channel = self.done(Method::POST, "/admin/channels", new).await;
        let id = channel["channel"]["channelId"].as_str().unwrap().to_owned();
        let path = format!("/admin/channels/{id}/assign");
        self.done(Method::POST, &path, json!({ "email": EMAIL })).await;
        id
    }

    /// Starts a session and ends it; dies on the way.
    async fn live(self) {
        let show = self
            .done(Method::POST, "/api/shows", json!({ "title": "Morning" }))
            .await;
        let new = json!({ "showId": show["id"] });
        if let Some((status, created)) = self.call(Method::POST, "/sessions", new).await {
            assert_eq!(status, StatusCode::CREATED, "{created}");
            let path = format!("/sessions/{}", created["session"]["sessionId"].as_str().unwrap());
            assert_eq!(self.call(Method::DELETE, &path, Value::Null).await, None);
        }
        self.server.died().await;
    }
}

#[tokio::test]
async fn killed_at_any_step_of_a_session_the_channel_is_free_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut studio = Studio::start(folder.path(), STEPS[0].0).await;
    let id = studio.channel().await;
    let mut sessions = 0;
    for (index, (step, end)) in STEPS.into_iter().enumerate() {
        studio.live().await;
        let next = STEPS.get(index + 1).map_or("", |next| next.0);
        studio = Studio::start(folder.path(), next).await;
        let channel = eventually("the channel is free", async || {
            let path = format!("/admin/channels/{id}");
            let channel = studio.done(Method::GET, &path, Value::Null).await["channel"].take();
            (channel["state"] == "IDLE").then_some(channel)
        })
        .await;
        sessions += usize::from(end.is_some());
        assert_eq!(channel["totalBroadcasts"], sessions, "{step}");
        let list = studio.done(Method::GET, "/sessions", Value::Null).await;
        assert_eq!(list["count"], sessions, "{step}");
        let cause = match end {
            Some(true) => "host",
            _ => "lease",
        };
        if end.is_some() {
            assert_eq!(list["sessions"][0]["endCause"], cause, "{step}");
        }
        assert_eq!(studio.server.channels().await.len(), 1, "{step}: the channel is kept");
    }
}
