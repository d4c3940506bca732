//! A channel is taken from a host: with a real ffmpeg on air, and with a real kill -9 on the way.

use std::path::Path;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::first_broadcast::Encoder;
use crate::support::{Server, eventually};

const ADMIN: [(&str, &str); 2] = [
    ("ROSTRUM_ADMIN_EMAIL", "admin@example.com"),
    ("ROSTRUM_ADMIN_PASSWORD", "correct horse battery"),
];
/// How soon whoever publishes with a revoked key is off the air.
const CUT_WITHIN: Duration = Duration::from_secs(2);

/// A server whose channel Ada and Bob share.
struct Stage {
    server: Server,
    admin: String,
    channel_id: String,
    ada: Host,
    bob: Host,
}

struct Host {
    id: String,
    token: String,
}

fn start(folder: &Path, failpoint: &str) -> Server {
    let [email, password] = ADMIN;
    Server::start("serve", folder, &[email, password, ("ROSTRUM_FAILPOINT", failpoint)])
}

async fn post(server: &Server, path: &str, token: Option<&str>, body: Value) -> Value {
    let (status, answer) = server.call(Method::POST, path, token, body).await.unwrap();
    assert!(status.is_success(), "{path}: {status} {answer}");
    answer
}

async fn host(server: &Server, email: &str) -> Host {
    let token = server.seller(email).await;
    let (_, me) = server
        .call(Method::GET, "/api/auth/me", Some(&token), Value::Null)
        .await
        .unwrap();
    Host {
        id: me["id"].as_str().unwrap().to_owned(),
        token,
    }
}

impl Stage {
    async fn set(folder: &Path, failpoint: &str) -> Self {
        let server = start(folder, failpoint);
        let credentials = json!({ "email": ADMIN[0].1, "password": ADMIN[1].1 });
        let signed_in = post(&server, "/api/auth/login", None, credentials).await;
        let admin = signed_in["access_token"].as_str().unwrap().to_owned();
        let (ada, bob) = (
            host(&server, "ada@example.com").await,
            host(&server, "bob@example.com").await,
        );
        let new = json!({ "name": "Main Stage", "recordingEnabled": false });
        let made = post(&server, "/admin/channels", Some(&admin), new).await;
        let channel_id = made["channel"]["channelId"].as_str().unwrap().to_owned();
        let stage = Self {
            server,
            admin,
            channel_id,
            ada,
            bob,
        };
        for host in [&stage.ada, &stage.bob] {
            let path = format!("/admin/channels/{}/assign", stage.channel_id);
            let body = json!({ "hostUserId": host.id });
            post(&stage.server, &path, Some(&stage.admin), body).await;
        }
        stage
    }

    /// Started anew after the server has died.
    async fn restarted(self, folder: &Path) -> Self {
        self.server.died().await;
        Self {
            server: start(folder, ""),
            ..self
        }
    }

    /// What the host is shown; while the key is being changed, nothing.
    async fn key(&self, host: &Host) -> String {
        let path = format!("/hosts/{}/channel/stream-key/reveal", host.id);
        let shown = eventually("a key is shown", async || {
            let answer = self
                .server
                .call(Method::POST, &path, Some(&host.token), Value::Null)
                .await;
            answer.filter(|(status, _)| *status == StatusCode::OK)
        })
        .await;
        shown.1["streamKey"].as_str().unwrap().to_owned()
    }

    async fn unassign(&self, host: &Host) -> Option<(StatusCode, Value)> {
        let path = format!("/admin/channels/{}/assign/{}", self.channel_id, host.id);
        self.server
            .call(Method::DELETE, &path, Some(&self.admin), Value::Null)
            .await
    }

    async fn streams(&self) -> usize {
        self.server.aws().list_streams().send().await.unwrap().streams().len()
    }

    /// Publishes until the provider says that it is live.
    async fn go_live(&self, key: &str) -> Encoder {
        let encoder = self.publish(key);
        eventually("the channel is live", async || {
            (self.streams().await == 1).then_some(())
        })
        .await;
        encoder
    }

    fn publish(&self, key: &str) -> Encoder {
        Encoder::start(&format!("{}{key}", self.server.rtmp))
    }

    /// The old key is refused; the other host has one that works.
    async fn check(&self, old: &str) {
        let new = self.key(&self.bob).await;
        assert_ne!(new, old);
        assert!(!self.publish(old).ended().await, "the old key is refused");
        drop(self.go_live(&new).await);
    }
}

#[tokio::test]
async fn a_host_who_is_unassigned_on_air_is_cut_off_within_two_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let stage = Stage::set(folder.path(), "").await;
    let old = stage.key(&stage.ada).await;
    let encoder = stage.go_live(&old).await;
    let since = tokio::time::Instant::now();
    let (status, answer) = stage.unassign(&stage.ada).await.unwrap();
    assert_eq!((status, stage.streams().await), (StatusCode::OK, 0), "{answer}");
    assert!(since.elapsed() < CUT_WITHIN, "cut after {:?}", since.elapsed());
    assert!(!encoder.ended().await, "ffmpeg was thrown out");
    stage.check(&old).await;
}

#[tokio::test]
async fn killed_while_a_key_is_changed_the_old_key_stays_dead() {
    for step in ["key.change_planned", "key.deleted", "key.created"] {
        let folder = tempfile::tempdir().unwrap();
        let stage = Stage::set(folder.path(), step).await;
        let old = stage.key(&stage.ada).await;
        let encoder = stage.go_live(&old).await;
        assert_eq!(
            stage.unassign(&stage.ada).await,
            None,
            "{step}: it died before it could answer"
        );
        drop(encoder);
        let stage = stage.restarted(folder.path()).await;
        stage.check(&old).await;
    }
}
