//! Persistent channels of a server under test.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::Server;

/// Settings of a server that has an administrator.
pub const ADMIN: [(&str, &str); 2] = [
    ("ROSTRUM_ADMIN_EMAIL", "admin@example.com"),
    ("ROSTRUM_ADMIN_PASSWORD", "correct horse battery"),
];

/// A persistent channel with a host.
pub struct Channel<'a> {
    pub server: &'a Server,
    /// Access token of an administrator.
    pub admin: &'a str,
    pub id: String,
    pub arn: String,
    /// Its stream key.
    pub key: String,
}

impl<'a> Channel<'a> {
    /// Makes one, registers its host and asks for the key as he would.
    pub async fn new(server: &'a Server, admin: &'a str, number: u64) -> Self {
        let host = server.seller(&format!("host{number}@example.com")).await;
        let me = call(server, Method::GET, "/api/auth/me", &host, Value::Null).await;
        let host_id = me["id"].as_str().unwrap();
        let new = json!({ "name": format!("Stage {number}"), "recordingEnabled": false });
        let made = call(server, Method::POST, "/admin/channels", admin, new).await;
        let (id, arn) = (&made["channel"]["channelId"], &made["channel"]["channelArn"]);
        let id = id.as_str().unwrap().to_owned();
        let to = json!({ "hostUserId": host_id });
        call(server, Method::POST, &format!("/admin/channels/{id}/assign"), admin, to).await;
        let reveal = format!("/hosts/{host_id}/channel/stream-key/reveal");
        let key = call(server, Method::POST, &reveal, &host, json!({})).await;
        Self {
            server,
            admin,
            id,
            arn: arn.as_str().unwrap().to_owned(),
            key: key["streamKey"].as_str().unwrap().to_owned(),
        }
    }
}

/// Signs the administrator of [`ADMIN`] in.
pub async fn sign_in(server: &Server) -> String {
    let [(_, email), (_, password)] = ADMIN;
    let body = json!({ "email": email, "password": password });
    let (status, answer) = server.call(Method::POST, "/api/auth/login", None, body).await.unwrap();
    assert_eq!(status, StatusCode::OK, "{answer}");
    answer["access_token"].as_str().unwrap().to_owned()
}

/// Calls the API, which must not refuse.
pub async fn call(server: &Server, method: Method, path: &str, token: &str, body: Value) -> Value {
    let (status, answer) = server.call(method, path, Some(token), body).await.unwrap();
    assert!(status.is_success(), "{path}: {status} {answer}");
    answer
}
