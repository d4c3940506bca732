//! Who may call what: every route by every kind of caller, against a table that people have read.

use std::fmt::Write;

use api::{Policy, Route};
use http::Method;
use platform::groups::channel_requests::{self, NewRequest, Part, Status};
use platform::groups::{self, programs};
use platform::{Caller, Page, Role, accounts, channels, mail, notifications};
use serde_json::json;

use crate::server::{PASSWORD, TestServer};

/// The reviewed table. When a route changes, the test prints the new table; read it before you commit it.
const REVIEWED: &str = include_str!("access.txt");

/// No picture has this id: those who may remove one learn that.
const NO_PICTURE: &str = "01949c2e-0000-7000-8000-000000000000";

const CALLERS: [&str; 6] = ["none", "expired", "member", "host", "other host", "admin"];

/// Tokens in the order of [`CALLERS`].
struct Tokens([Option<String>; 6]);

impl Tokens {
    async fn new(server: &TestServer) -> Self {
        let expired = server.sign_in("expired", &[Role::Admin]).await;
        server.clock.advance_ms(24 * 3600 * 1000);
        let member = server.sign_in("member", &[Role::Member]).await;
        let host = server.sign_in("host", &[Role::Host]).await;
        let other = server.sign_in("other", &[Role::Host]).await;
        let admin = server.sign_in("admin", &[Role::Admin]).await;
        Self([None, Some(expired), Some(member), Some(host), Some(other), Some(admin)])
    }

    fn host(&self) -> &str {
        self.0[3].as_deref().unwrap()
    }
}

#[tokio::test]
async fn every_route_admits_exactly_whom_the_reviewed_table_says() {
    // Each call may have a channel of its own.
    let server = TestServer::start_with_video_and(|settings| settings.channels.capacity = 10_000).await;
    let tokens = Tokens::new(&server).await;
    let mut table =
        String::from("# Status of each route by caller; things with an id belong to the caller \"host\".\n");
    writeln!(
        table,
        "# {:47}{}",
        "route",
        CALLERS.map(|caller| format!("{caller:>11}")).concat()
    )
    .unwrap();
    for route in api::routes() {
        let mut statuses = Vec::new();
        for token in &tokens.0 {
            statuses.push(status(&server, &route, tokens.host(), token.as_deref()).await);
        }
        check_policy(&route, &statuses);
        let cells = statuses
            .iter()
            .map(|status| format!("{status:>11}"))
            .collect::<String>();
        writeln!(table, "{:49}{cells}", format!("{} {}", route.method, route.path)).unwrap();
    }
    assert!(
        table == REVIEWED,
        "tests/it/access.txt differs; the table is now\n{table}"
    );
}

/// The policy decides the first three digits before any operation is asked; the table shows what operations add.
fn check_policy(route: &Route, statuses: &[String]) {
    let refused = |column: usize| statuses[column] == "401" || statuses[column] == "403";
    let [none, expired, member, host, other, admin] = [0, 1, 2, 3, 4, 5];
    match route.policy {
        Policy::Open | Policy::EventsSecret => assert!(statuses.iter().all(|s| *s == statuses[0]), "{route:?}"),
        Policy::Public => assert!(!refused(none) && statuses[expired] == "401", "{route:?}"),
        Policy::SignedIn => {
            assert!(statuses[none] == "401" && statuses[expired] == "401", "{route:?}");
            assert!(
                [member, host, other, admin]
                    .iter()
                    .all(|column| statuses[*column] != "401"),
                "{route:?}"
            );
        }
        Policy::Role(_) | Policy::LoopbackOrAdmin => {
            assert!(statuses[none] == "401" && statuses[expired] == "401", "{route:?}");
            assert!(
                [member, host, other].iter().all(|column| statuses[*column] == "403"),
                "{route:?}"
            );
            assert!(!refused(admin), "{route:?}");
        }
    }
}

async fn status(server: &TestServer, route: &Route, host: &str, token: Option<&str>) -> String {
    let path = path(server, route, host).await;
    let call = server.call(route.method.clone(), &path);
    let call = if [Method::POST, Method::PUT, Method::PATCH].contains(&route.method) {
        call.json(&json!({}))
    } else {
        call
    };
    let call = match token {
        Some(token) => call.bearer(token),
        None => call,
    };
    // Only the status: the body of an event stream never ends.
    let status = call.open().await.status().as_u16();
    // The pages answer 503 until somebody builds the UI.
    if route.path.starts_with("/ui/") && (status == 200 || status == 503) {
        "page".into()
    } else {
        status.to_string()
    }
}

/// The route's path with an id of something that exists, fresh for each call.
async fn path(server: &TestServer, route: &Route, host: &str) -> String {
    let id = match route.path {
        path if path.starts_with("/api/auctions/{id}") => auction(server, host).await,
        path if path.starts_with("/sessions/{id}") => live_session(server, host).await,
        path if path.starts_with("/api/service-keys/{id}") => {
            let created = accounts::create_service_key(&server.system(), "till", vec![Role::Host])
                .await
                .unwrap();
            created.service_key.id
        }
        path if path.starts_with("/api/auth/sessions/{id}") => session(server).await,
        path if path.starts_with("/api/notifications/{id}") => notification(server).await,
        path if path.starts_with("/admin/channels/{id}/")
            || path.starts_with("/api/channels/{id}")
            || path.starts_with("/hosts/") =>
        {
            channel(server).await
        }
        path if path.starts_with("/dev/mail/{id}") => mail(server).await,
        "/admin/channels/{id}" => free_channel(server).await,
        path if path.starts_with("/admin/channel-requests/{id}") => channel_request(server).await,
        _ => String::new(),
    };
    let query = if route.path == "/api/events" {
        "?topic=auctions"
    } else {
        ""
    };
    if route.path == "/admin/users/lookup" {
        return "/admin/users/lookup?email=host@example.com".into();
    }
    let path = route
        .path
        .replace("{user_id}", &account(server, "host").await)
        .replace("{booking_id}", NO_PICTURE)
        .replace("{id}", &id)
        .replace("{bid_id}", &id)
        .replace("{*path}", "somewhere");
    let path = library(server, path).await;
    path.replace("{image_id}", NO_PICTURE).replace("{name}", "a.jpg") + query
}

/// A session that runs on a channel of the caller "host".
async fn live_session(server: &TestServer, host: &str) -> String {
    let running = server.get("/sessions?status=ACTIVE").bearer(host).send().await.json();
    if let Some(id) = running["sessions"][0]["sessionId"].as_str() {
        return id.to_owned();
    }
    channel(server).await;
    let show = json!({ "title": "Morning" });
    let show = server.post("/api/shows").bearer(host).json(&show).send().await.json();
    let session = json!({ "showId": show["id"] });
    let answer = server.post("/sessions").bearer(host).json(&session).send().await;
    let id = answer.json()["session"]["sessionId"].as_str().map(str::to_owned);
    id.unwrap_or_else(|| panic!("{answer:?}"))
}

/// The path with a group, a programme and a request of the caller "host", where it names such.
async fn library(server: &TestServer, mut path: String) -> String {
    let (ctx, owner) = (server.system(), account(server, "host").await);
    if path.contains("{group_id}") {
        path = path.replace("{group_id}", &group(server).await.id);
    }
    if path.contains("{program_id}") {
        let about = programs::About {
            title: "News".into(),
            ..Default::default()
        };
        let program = programs::create(&ctx, &owner, None, about).await.unwrap();
        path = path.replace("{program_id}", &program.id);
    }
    if path.contains("{request_id}") {
        path = path.replace("{request_id}", &channel_request(server).await);
    }
    path
}

/// A group of the caller "host".
async fn group(server: &TestServer) -> groups::Group {
    let about = groups::About {
        name: "Morning shows".into(),
        description: None,
        category: None,
        visibility: groups::Visibility::Private,
        tags: Vec::new(),
    };
    let owner = account(server, "host").await;
    groups::create(&server.system(), &owner, about).await.unwrap()
}

/// A pending request of the caller "host": the one there is, for nobody may ask for ever.
async fn channel_request(server: &TestServer) -> String {
    let ctx = server.system();
    let pending = channel_requests::list(&ctx, Some(Status::Pending), Part::default())
        .await
        .unwrap();
    if let Some(present) = pending.requests.first() {
        return present.id.clone();
    }
    let group = group(server).await;
    // The system asks for nobody: the host does.
    let host = accounts::find_by_email(&server.system(), "host@example.com")
        .await
        .unwrap()
        .account;
    let caller = Caller::Account {
        id: host.id,
        email: host.email,
        name: host.name,
        roles: host.roles,
    };
    let ctx = server.platform.context(caller);
    let new = NewRequest::default();
    channel_requests::submit(&ctx, &group.owner_id, &group.id, new)
        .await
        .unwrap()
        .id
}

/// A further session of the caller "host".
async fn session(server: &TestServer) -> String {
    let body = json!({ "email": "host@example.com", "password": PASSWORD });
    let answer = server.post("/api/auth/login").json(&body).send().await.json();
    let token = answer["access_token"].as_str().unwrap();
    accounts::session_of(&server.platform, token).unwrap()
}

async fn auction(server: &TestServer, host: &str) -> String {
    let body = json!({ "title": "Lamp", "duration": 300, "starting_bid": 1 });
    let answer = server.post("/api/auctions").bearer(host).json(&body).send().await;
    answer.json()["auction_id"]
        .as_str()
        .map(str::to_owned)
        .unwrap_or_else(|| panic!("{answer:?}"))
}

/// The id of the caller of that name.
async fn account(server: &TestServer, name: &str) -> String {
    let email = format!("{name}@example.com");
    let found = accounts::find_by_email(&server.system(), &email).await.unwrap();
    found.account.id
}

/// The channel of the caller "host".
async fn channel(server: &TestServer) -> String {
    let (ctx, host) = (server.system(), account(server, "host").await);
    if let Ok(present) = channels::host::channel(&ctx, &host).await {
        return present.channel.id;
    }
    let new = channels::NewChannel {
        name: "Main Stage".into(),
        recording_enabled: false,
    };
    let channel = channels::create(&ctx, new).await.unwrap();
    let to = channels::assignments::AssignTo::UserId(host);
    channels::assignments::assign(&ctx, &channel.id, &to).await.unwrap();
    channel.id
}

/// A channel that has no host.
async fn free_channel(server: &TestServer) -> String {
    let new = channels::NewChannel {
        name: "Side Stage".into(),
        recording_enabled: false,
    };
    channels::create(&server.system(), new).await.unwrap().id
}

/// A notification of the caller "host".
async fn notification(server: &TestServer) -> String {
    let caller = accounts::list_accounts(&server.system(), Page::default())
        .await
        .unwrap();
    let host = caller.into_iter().find(|account| account.name == "host").unwrap();
    let mut tx = server.platform.db().begin().await.unwrap();
    let new = notifications::NewNotification {
        account_id: host.id.clone(),
        kind: "outbid",
        subject_key: server.system().new_id(),
        title: "You were outbid".into(),
        text: "Somebody bid more.".into(),
        href: "/ui/auctions/1".into(),
    };
    notifications::notify(&mut tx, new).await.unwrap();
    tx.commit().await.unwrap();
    let caller = Caller::Account {
        id: host.id,
        email: host.email,
        name: host.name,
        roles: host.roles,
    };
    let list = notifications::list(&server.platform.context(caller), Page::default())
        .await
        .unwrap();
    list.notifications[0].id.clone()
}

/// A mail that the development server keeps.
async fn mail(server: &TestServer) -> String {
    let mut tx = server.platform.db().begin().await.unwrap();
    let message = mail::Message {
        to: "ann@example.com".into(),
        subject: "Hello".into(),
        text: "Hello".into(),
        html: "<p>Hello</p>".into(),
        key: "hello".into(),
    };
    mail::send(&mut tx, message).await.unwrap();
    tx.commit().await.unwrap();
    mail::kept(&server.system()).await.unwrap().unwrap()[0].id.clone()
}
