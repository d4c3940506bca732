//! Pages, security headers and other origins.

use http::{Method, StatusCode};

use crate::server::TestServer;

#[tokio::test]
async fn the_root_leads_to_the_pages() {
    let server = TestServer::start().await;
    for path in ["/", "/ui"] {
        let answer = server.get(path).send().await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (StatusCode::FOUND, Some("/ui/"))
        );
    }
}

#[tokio::test]
async fn every_page_is_the_application_or_says_how_to_build_it() {
    let server = TestServer::start().await;
    for path in ["/ui/", "/ui/auctions/018f", "/ui/anything/at/all"] {
        let answer = server.get(path).send().await;
        assert!(answer.header("content-type").unwrap().starts_with("text/html"));
        let is_built = answer.status == StatusCode::OK && answer.text().contains("<script");
        let is_missing = answer.status == StatusCode::SERVICE_UNAVAILABLE && answer.text().contains("make ui");
        assert!(is_built || is_missing, "{answer:?}");
    }
}

#[tokio::test]
async fn a_missing_asset_is_not_answered_with_a_page() {
    let server = TestServer::start().await;
    for path in ["/ui/assets/gone.js", "/ui/assets/../../Cargo.toml"] {
        let answer = server.get(path).send().await;
        assert_eq!(
            (answer.status, answer.text()),
            (StatusCode::NOT_FOUND, r#"{"error":"Resource not found"}"#)
        );
    }
}

#[tokio::test]
async fn every_answer_carries_security_headers_and_a_request_id() {
    let config = api::Config {
        public_url: Some("https://live.example/".parse().unwrap()),
        media_origins: vec!["https://*.live-video.net".to_owned()],
        ..api::Config::default()
    };
    let server = TestServer::start_with(config).await;
    let mut ids = Vec::new();
    for path in ["/ui/", "/healthz", "/api/nothing", "/api/auth/me"] {
        let answer = server.get(path).send().await;
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.contains("media-src 'self' blob: https://live.example https://*.live-video.net;"),
            "{policy}"
        );
        assert!(
            policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'self'"),
            "{policy}"
        );
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
        ids.push(answer.header("x-request-id").unwrap().to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 4);
}

#[tokio::test]
async fn other_origins_may_call_the_api_but_not_use_the_cookie() {
    let server = TestServer::start().await;
    let ask = |path| {
        let call = server
            .call(Method::OPTIONS, path)
            .header("origin", "https://shop.example");
        call.header("access-control-request-method", "POST").send()
    };
    let answer = ask("/api/auctions").await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert!(
        answer
            .header("access-control-allow-headers")
            .unwrap()
            .contains("authorization")
    );
    for path in ["/api/auth/refresh", "/api/auth/logout"] {
        assert_eq!(ask(path).await.header("access-control-allow-origin"), None, "{path}");
    }
    let read = server
        .get("/api/auth/setup")
        .header("origin", "https://shop.example")
        .send()
        .await;
    assert_eq!(read.header("access-control-allow-origin"), Some("*"));
}
