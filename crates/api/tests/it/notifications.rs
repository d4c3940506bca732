//! The bell and the developer's mail over HTTP.

use http::StatusCode;
use platform::notifications::{self, NewNotification};
use platform::{Platform, Role, mail};
use serde_json::{Value, json};

use crate::events::Reader;
use crate::server::TestServer;

async fn tell(platform: &Platform, account_id: &str, subject: &str, title: &str) {
    let mut tx = platform.db().begin().await.unwrap();
    let new = NewNotification {
        account_id: account_id.to_owned(),
        kind: "outbid",
        subject_key: subject.to_owned(),
        title: title.to_owned(),
        text: "Somebody bid more.".to_owned(),
        href: "/ui/auctions/018f".to_owned(),
    };
    notifications::notify(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
}

async fn id_of(server: &TestServer, token: &str) -> String {
    let me = server.get("/api/auth/me").bearer(token).send().await.json();
    me["user"]["id"].as_str().or(me["id"].as_str()).unwrap().to_owned()
}

async fn list(server: &TestServer, token: &str) -> Value {
    server.get("/api/notifications").bearer(token).send().await.json()
}

#[tokio::test]
async fn the_bell_lists_counts_and_is_read() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann", &[Role::Member]).await;
    let bob = server.sign_in("bob", &[Role::Member]).await;
    let id = id_of(&server, &ann).await;
    assert_eq!(
        list(&server, &ann).await,
        json!({ "notifications": [], "unread_count": 0, "limit": 20, "offset": 0 })
    );
    tell(&server.platform, &id, "1", "first").await;
    server.clock.advance_ms(1);
    tell(&server.platform, &id, "2", "second").await;
    let page = list(&server, &ann).await;
    assert_eq!(page["unread_count"], 2);
    let newest = page["notifications"][0].clone();
    let of_newest = newest["id"].as_str().unwrap();
    assert_eq!(
        newest,
        json!({ "id": of_newest, "kind": "outbid", "title": "second", "text": "Somebody bid more.",
                "href": "/ui/auctions/018f", "created_at": newest["created_at"],
                "created_at_ms": server.clock.now_ms(), "read_at": null })
    );
    let read = format!("/api/notifications/{of_newest}/read");
    assert_eq!(
        server.post(&read).bearer(&bob).send().await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        server.post(&read).bearer(&ann).send().await.status,
        StatusCode::NO_CONTENT
    );
    let page = list(&server, &ann).await;
    assert_eq!(
        (&page["unread_count"], page["notifications"][0]["read_at"].is_string()),
        (&json!(1), true)
    );
    let all = server.post("/api/notifications/read-all").bearer(&ann).send().await;
    assert_eq!(all.status, StatusCode::NO_CONTENT);
    assert_eq!(list(&server, &ann).await["unread_count"], 0);
    let wrong = server.get("/api/notifications?limit=101").bearer(&ann).send().await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_notification_arrives_as_it_is_told_and_only_to_its_owner() {
    let server = TestServer::start().await;
    let ann = server.sign_in("ann", &[Role::Member]).await;
    let admin = server.sign_in("root", &[Role::Admin]).await;
    let id = id_of(&server, &ann).await;
    let path = format!("/api/events?topic=account:{id}");
    for (token, status) in [(None, StatusCode::UNAUTHORIZED), (Some(&admin), StatusCode::FORBIDDEN)] {
        let call = server.get(&path);
        let call = match token {
            Some(token) => call.bearer(token),
            None => call,
        };
        assert_eq!(call.send().await.status, status);
    }
    tell(&server.platform, &id, "1", "before").await;
    let mut reader = Reader::open(server.get(&path).bearer(&ann)).await;
    let snapshot = reader.next().await.unwrap();
    assert_eq!(
        (snapshot.event.as_str(), &snapshot.data["unread_count"]),
        ("snapshot", &json!(1))
    );
    tell(&server.platform, &id, "2", "You were outbid").await;
    let told = reader.next().await.unwrap();
    assert_eq!(
        (
            told.event.as_str(),
            &told.data["title"],
            &told.data["notification_kind"]
        ),
        ("notification", &json!("You were outbid"), &json!("outbid"))
    );
    server.post("/api/notifications/read-all").bearer(&ann).send().await;
    let read = reader.next().await.unwrap();
    assert_eq!(
        (read.event.as_str(), &read.data["unread_count"]),
        ("notifications_read", &json!(0))
    );
}

#[tokio::test]
async fn the_developer_reads_mail_that_cannot_run() {
    let server = TestServer::start().await;
    let empty = server.get("/dev/mail").from("127.0.0.1").send().await;
    assert!(empty.text().contains("No mail was written yet"), "{empty:?}");
    let mut tx = server.platform.db().begin().await.unwrap();
    let letter = mail::Letter::new("<b>Hi</b>").button("Open", "https://live.example.com/ui/");
    let message = mail::Message {
        to: "ann@example.com".to_owned(),
        subject: "You won: <script>alert(1)</script>".to_owned(),
        text: letter.text(),
        html: letter.html(),
        key: "k".to_owned(),
    };
    mail::send(&mut tx, message).await.unwrap();
    tx.commit().await.unwrap();
    let list = server.get("/dev/mail").from("127.0.0.1").send().await;
    assert_eq!(list.status, StatusCode::OK);
    let id = list
        .text()
        .split("/dev/mail/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let show = server.get(&format!("/dev/mail/{id}")).from("127.0.0.1").send().await;
    let html = server
        .get(&format!("/dev/mail/{id}/html"))
        .from("127.0.0.1")
        .send()
        .await;
    for page in [&list, &show, &html] {
        assert!(
            !page.text().contains("<script>") && !page.text().contains("<b>Hi"),
            "{page:?}"
        );
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'"), "{policy}");
    }
    assert!(html.header("content-security-policy").unwrap().starts_with("sandbox "));
    assert!(
        show.text().contains("<a href=\"https://live.example.com/ui/\""),
        "{show:?}"
    );
    for path in ["/dev/mail/none", "/dev/mail/none/html"] {
        assert_eq!(
            server.get(path).from("127.0.0.1").send().await.status,
            StatusCode::NOT_FOUND
        );
    }
}

#[tokio::test]
async fn admins_see_what_became_of_mail() {
    let server = TestServer::start().await;
    let admin = server.sign_in("root", &[Role::Admin]).await;
    let mut tx = server.platform.db().begin().await.unwrap();
    let message = mail::Message {
        to: "ann@example.com".to_owned(),
        subject: "Code 123456".to_owned(),
        text: "123456".to_owned(),
        html: String::new(),
        key: "k".to_owned(),
    };
    mail::send(&mut tx, message).await.unwrap();
    tx.commit().await.unwrap();
    let kept = server.get("/api/mails?state=kept").bearer(&admin).send().await;
    assert_eq!(
        (&kept.json()["total"], &kept.json()["mails"][0]["to"]),
        (&json!(1), &json!("ann@example.com"))
    );
    assert!(!kept.text().contains("123456"), "{kept:?}");
    let failed = server.get("/api/mails").bearer(&admin).send().await.json();
    assert_eq!((&failed["total"], &failed["is_configured"]), (&json!(0), &json!(true)));
    let wrong = server.get("/api/mails?state=lost").bearer(&admin).send().await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}
