//! Health, metrics and who may read them.

use http::StatusCode;
use platform::Role;
use serde_json::json;

use crate::server::TestServer;

#[tokio::test]
async fn health_names_each_part() {
    let server = TestServer::start_with_video().await;
    let ready = async || {
        let answer = server.get("/readyz").send().await;
        (answer.status, answer.json())
    };
    assert_eq!(
        ready().await,
        (
            StatusCode::OK,
            json!({ "status": "ok", "database": "ok", "video": "ok" })
        )
    );
    server.platform.db().close().await;
    let down = json!({ "status": "degraded", "database": "degraded", "video": "ok" });
    assert_eq!(ready().await, (StatusCode::SERVICE_UNAVAILABLE, down));
    assert_eq!(
        server.get("/healthz").send().await.json()["status"],
        "ok",
        "the process itself runs"
    );
}

#[tokio::test]
async fn a_server_without_its_provider_serves_what_it_can() {
    let server = TestServer::start().await;
    let answer = server.get("/readyz").send().await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(
        answer.json(),
        json!({ "status": "degraded", "database": "ok", "video": "degraded" })
    );
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_administrators() {
    let config = api::Config {
        trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()],
        ..api::Config::default()
    };
    let server = TestServer::start_with(config).await;
    let metrics = || server.get("/metrics");
    assert_eq!(metrics().from("127.0.0.1").send().await.status, StatusCode::OK);
    assert_eq!(metrics().from("::1").send().await.status, StatusCode::OK);
    assert_eq!(metrics().send().await.status, StatusCode::UNAUTHORIZED);
    let forwarded = metrics()
        .from("127.0.0.1")
        .header("x-forwarded-for", "192.0.2.9")
        .send()
        .await;
    assert_eq!(
        forwarded.status,
        StatusCode::UNAUTHORIZED,
        "a proxy on this machine speaks for a stranger"
    );
    let claimed = metrics().header("x-forwarded-for", "127.0.0.1").send().await;
    assert_eq!(
        claimed.status,
        StatusCode::UNAUTHORIZED,
        "only a trusted proxy is believed"
    );
    let member = server.sign_in("member", &[Role::Member]).await;
    assert_eq!(metrics().bearer(&member).send().await.status, StatusCode::FORBIDDEN);
    let admin = server.sign_in("admin", &[Role::Admin]).await;
    assert_eq!(
        metrics().bearer(&admin).from("10.1.1.1").send().await.status,
        StatusCode::OK
    );
}
