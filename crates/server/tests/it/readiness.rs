//! Who is answered finds everything in place.

use std::path::Path;
use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{PATIENCE, Server, call, free_port};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_answer_comes_after_the_administrator_was_made() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_owned();
    let address = format!("127.0.0.1:{}", free_port());
    let starting = {
        let address = address.clone();
        tokio::task::spawn_blocking(move || {
            let settings = [
                ("ROSTRUM_HTTP_ADDR", address.as_str()),
                ("ROSTRUM_ADMIN_EMAIL", "admin@example.com"),
                ("ROSTRUM_ADMIN_PASSWORD", "correct horse battery"),
            ];
            Server::start("serve", Path::new(&data), &settings)
        })
    };
    let base = format!("http://{address}");
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while call(&base, Method::GET, "/readyz", None, Value::Null).await.is_none() {
        assert!(tokio::time::Instant::now() < deadline, "it never answered");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let login = json!({ "email": "admin@example.com", "password": "correct horse battery" });
    let (status, answer) = call(&base, Method::POST, "/api/auth/login", None, login).await.unwrap();
    assert_eq!(status, StatusCode::OK, "{answer}");
    starting.await.unwrap();
}
