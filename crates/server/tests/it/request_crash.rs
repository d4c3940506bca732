//! kill -9 while a channel request is approved: the approval is finished by itself, and there is one channel.

use std::path::Path;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Server, eventually};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct horse battery";

/// A server that dies at a step, and its one administrator, who also asks.
struct Desk {
    server: Server,
    token: String,
    id: String,
}

impl Desk {
    async fn start(folder: &Path, step: &str) -> Self {
        let environment = [
            ("ROSTRUM_ADMIN_EMAIL", EMAIL),
            ("ROSTRUM_ADMIN_PASSWORD", PASSWORD),
            ("ROSTRUM_FAILPOINT", step),
        ];
        let server = Server::start("serve", folder, &environment);
        let body = json!({ "email": EMAIL, "password": PASSWORD });
        let (token, id) = eventually("the administrator signs in", async || {
            let (_, answer) = server.call(Method::POST, "/api/auth/login", None, body.clone()).await?;
            let token = answer["access_token"].as_str()?.to_owned();
            Some((token, answer["user"]["id"].as_str()?.to_owned()))
        })
        .await;
        Self { server, token, id }
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

    /// The id of a pending request for a channel.
    async fn asked(&self) -> String {
        let path = format!("/users/{}/groups", self.id);
        let group = self.done(Method::POST, &path, json!({ "name": "Morning shows" })).await;
        let group = group["group"]["groupId"].as_str().unwrap();
        let path = format!("{path}/{group}/channel-requests");
        let asked = self.done(Method::POST, &path, json!({})).await;
        asked["request"]["requestId"].as_str().unwrap().to_owned()
    }

    /// The channel that the approval gave the administrator, once it is through.
    async fn approved(&self) -> Option<String> {
        let (_, list) = self
            .call(Method::GET, "/admin/channel-requests?status=APPROVED", Value::Null)
            .await?;
        list["requests"][0]["channelId"].as_str().map(str::to_owned)
    }
}

#[tokio::test]
async fn killed_while_approving_the_approval_is_finished_and_there_is_one_channel() {
    // Before the provider is asked, after it made the channel, after the channel is ours: the three kinds of half done.
    tokio::join!(
        killed_at("request.begun"),
        killed_at("channel.created"),
        killed_at("request.channel_made")
    );
}

async fn killed_at(step: &str) {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::start(folder.path(), step).await;
    let request = desk.asked().await;
    let path = format!("/admin/channel-requests/{request}/approve");
    let body = json!({ "recordingEnabled": false });
    assert_eq!(
        desk.call(Method::POST, &path, body).await,
        None,
        "{step}: the process died"
    );
    desk.server.died().await;

    let desk = Desk::start(folder.path(), "").await;
    let channel = eventually("the approval is finished", async || desk.approved().await).await;
    let mine = desk
        .done(Method::GET, &format!("/hosts/{}/channel", desk.id), Value::Null)
        .await;
    assert_eq!(mine["channelId"], json!(channel), "{step}");
    let pool = desk.done(Method::GET, "/admin/channels/capacity", Value::Null).await;
    assert_eq!(pool["currentChannelCount"], json!(1), "{step}");
    eventually("provider and ledger agree", async || {
        let leaks = desk.done(Method::GET, "/api/leaks", Value::Null).await;
        (desk.server.channels().await.len() == 1 && leaks["leaks"] == json!([])).then_some(())
    })
    .await;
}
