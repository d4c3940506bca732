//! Health, metrics and who may read them.

use http::StatusCode;
use platform::Role;

use crate::server::TestServer;

#[tokio::test]
async fn health_names_each_part() {
    let server = TestServer::start().await;
    assert_eq!(server.get("/healthz").send().await.json()["status"], "ok");
    let ready = server.get("/readyz").send().await;
    assert_eq!(ready.json()["database"], "ok");
    server.platform.db().close().await;
    let ready = server.get("/readyz").send().await;
    assert_eq!(
        (ready.status, ready.json()["database"].as_str()),
        (StatusCode::SERVICE_UNAVAILABLE, Some("degraded"))
    );
    assert_eq!(server.get("/healthz").send().await.status, StatusCode::OK);
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
