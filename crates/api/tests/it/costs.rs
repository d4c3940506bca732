//! The cost of an auction's video over HTTP.

use http::StatusCode;
use platform::Role;
use serde_json::json;

use crate::auctions::{create, goes_on_air, id};
use crate::server::TestServer;

#[tokio::test]
async fn a_seller_sees_what_the_video_would_cost() {
    let server = TestServer::start_with_video().await;
    let host = server.sign_in("host", &[Role::Host]).await;
    let auction = create(&server, &host, "Lamp", "lamps").await;
    let path = format!("/api/auctions/{}/cost", id(&auction));
    let before = server.get(&path).bearer(&host).send().await;
    assert_eq!(before.status, StatusCode::OK, "{before:?}");
    let before = before.json();
    assert_eq!(
        (&before["total_cost"], &before["is_running"]),
        (&json!(0.0), &json!(false))
    );
    goes_on_air(&server, &auction).await;
    // On air since one second after the start, with three viewers since the start's end.
    server.clock.advance_ms(3_601_000);
    let host = server.sign_in("host2", &[Role::Admin]).await;
    let mut cost = server.get(&path).bearer(&host).send().await.json();
    cost["auction_id"] = json!("…");
    insta::assert_json_snapshot!("auction_cost", cost);
}
