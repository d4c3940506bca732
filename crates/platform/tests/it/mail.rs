//! Mail against a real mail server over a socket, on both databases.

use platform::mail::{self, Delivery, Letter, Listed, Message, Smtp, State};
use platform::testing::{Clock, Database, run_due_jobs};
use platform::{Caller, Context, ErrorKind, Page, Platform, Secret, on_both_databases};

use crate::support::mail_server::{MailServer, Manners, Received};

on_both_databases!(
    a_mail_arrives_once_and_is_forgotten,
    a_busy_server_is_asked_again,
    a_refused_mail_is_given_up_and_shown,
    a_mail_with_an_unknown_outcome_keeps_its_id,
    a_server_that_is_away_gets_everything_when_it_is_back,
    wrong_credentials_are_nobodys_refusal,
    what_is_rolled_back_is_not_sent,
    a_development_server_keeps_the_newest,
);

fn message(to: &str, key: &str) -> Message {
    let letter = Letter::new("You won: Kamera <Ⅱ>").paragraph("Código 123456");
    Message {
        to: to.into(),
        subject: "You won: Kamera <Ⅱ>\r\nBcc: evil@example.com".into(),
        text: letter.text(),
        html: letter.html(),
        key: key.into(),
    }
}

async fn platform(database: &Database, clock: &Clock, url: &str) -> Platform {
    let mut config = database.config();
    config.mail.delivery = Delivery::Smtp(Smtp::parse(&Secret::new(url)).unwrap());
    Platform::open(config, clock.environment()).await.unwrap()
}

async fn connected(database: &Database, clock: &Clock, server: &MailServer) -> Platform {
    platform(database, clock, &format!("smtp://{}", server.address)).await
}

async fn send(platform: &Platform, message: Message) {
    let mut tx = platform.db().begin().await.unwrap();
    mail::send(&mut tx, message).await.unwrap();
    tx.commit().await.unwrap();
}

async fn listed(platform: &Platform, state: State) -> Vec<Listed> {
    let ctx = platform.context(Caller::System);
    mail::list(&ctx, state, Page::default()).await.unwrap().0
}

fn header<'a>(mail: &'a Received, name: &str) -> &'a str {
    let start = format!("{name}: ");
    let mut lines = mail.data.lines().take_while(|line| !line.is_empty());
    let found = lines.find_map(|line| line.strip_prefix(&start));
    assert!(found.is_some(), "no {name} in {}", mail.data);
    found.unwrap()
}

async fn sealed_texts(platform: &Platform) -> Vec<Option<String>> {
    let rows: Vec<(Option<String>,)> = sqlx::query_as("select sealed from mails")
        .fetch_all(platform.db().read())
        .await
        .unwrap();
    rows.into_iter().map(|(sealed,)| sealed).collect()
}

async fn a_mail_arrives_once_and_is_forgotten(database: Database) {
    let (clock, server) = (Clock::new(), MailServer::start(Manners::default()).await);
    let platform = connected(&database, &clock, &server).await;
    assert!(mail::is_configured(&platform));
    send(&platform, message("ann@example.com", "k1")).await;
    send(&platform, message("ann@example.com", "k1")).await;
    let waiting = sealed_texts(&platform).await;
    assert!(
        waiting.len() == 1 && !waiting[0].as_ref().unwrap().contains("123456"),
        "{waiting:?}"
    );
    run_due_jobs(&platform).await.unwrap();
    send(&platform, message("ann@example.com", "k1")).await;
    run_due_jobs(&platform).await.unwrap();
    let received = server.received();
    assert_eq!(received.len(), 1, "the same key is the same mail");
    let mail = &received[0];
    assert_eq!(mail.to, "ann@example.com");
    assert_eq!(header(mail, "From"), "Rostrum <rostrum@live.example.com>");
    assert_eq!(header(mail, "To"), "ann@example.com");
    assert_eq!(header(mail, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(mail, "Date"), "Sat, 21 Nov 2026 08:00:00 +0000");
    assert!(header(mail, "Message-ID").ends_with("@live.example.com>"));
    assert!(header(mail, "Subject").contains("=?utf-8?"), "{}", mail.data);
    assert!(header(mail, "Content-Type").starts_with("multipart/alternative"));
    assert!(
        !mail.data.contains("\nBcc:"),
        "no header can be typed into a title: {}",
        mail.data
    );
    for part in ["text/plain; charset=utf-8", "text/html; charset=utf-8"] {
        assert!(mail.data.contains(part), "{}", mail.data);
    }
    assert_eq!(sealed_texts(&platform).await, [None], "the text is wiped");
    assert_eq!(listed(&platform, State::Sent).await.len(), 1);
    // A month later the row goes, too.
    clock.advance_ms(31 * 24 * 3600 * 1000);
    run_due_jobs(&platform).await.unwrap();
    assert!(sealed_texts(&platform).await.is_empty());
}

async fn a_busy_server_is_asked_again(database: Database) {
    let (clock, server) = (Clock::new(), MailServer::start(Manners::default()).await);
    let platform = connected(&database, &clock, &server).await;
    send(&platform, message("busy@example.com", "k1")).await;
    run_due_jobs(&platform).await.unwrap();
    let waiting = listed(&platform, State::Queued).await.remove(0);
    assert_eq!(waiting.attempts, 1);
    assert!(waiting.last_error.unwrap().contains("greylisted"));
    clock.advance_ms(14_999);
    run_due_jobs(&platform).await.unwrap();
    assert!(server.received().is_empty(), "not before the pause is over");
    clock.advance_ms(1);
    run_due_jobs(&platform).await.unwrap();
    assert_eq!(server.received().len(), 1);
    assert_eq!(listed(&platform, State::Sent).await[0].attempts, 2);
}

async fn a_refused_mail_is_given_up_and_shown(database: Database) {
    let (clock, server) = (Clock::new(), MailServer::start(Manners::default()).await);
    let platform = connected(&database, &clock, &server).await;
    for (to, key) in [
        ("nobody@example.com", "k1"),
        ("ann@example.com", "k2"),
        ("bob@example.com", "k3"),
    ] {
        send(&platform, message(to, key)).await;
    }
    run_due_jobs(&platform).await.unwrap();
    assert_eq!(server.received().len(), 2, "the others are not held up");
    let failed = listed(&platform, State::Failed).await.remove(0);
    assert_eq!((failed.to.as_str(), failed.attempts), ("nobody@example.com", 1));
    assert!(failed.last_error.unwrap().contains("unknown here"));
    assert_eq!(failed.settled_at_ms, Some(clock.now_ms()));
    assert!(sealed_texts(&platform).await.iter().all(Option::is_none));
    let stranger = platform.context(Caller::Anonymous);
    let refused = mail::list(&stranger, State::Failed, Page::default()).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unauthenticated);
}

async fn a_mail_with_an_unknown_outcome_keeps_its_id(database: Database) {
    let (clock, server) = (Clock::new(), MailServer::start(Manners::default()).await);
    let platform = connected(&database, &clock, &server).await;
    send(&platform, message("cut@example.com", "k1")).await;
    run_due_jobs(&platform).await.unwrap();
    assert_eq!(listed(&platform, State::Queued).await[0].attempts, 1);
    clock.advance_ms(15_000);
    run_due_jobs(&platform).await.unwrap();
    let received = server.received();
    assert_eq!(received.len(), 2);
    for name in ["Message-ID", "Date", "Subject"] {
        assert_eq!(header(&received[0], name), header(&received[1], name));
    }
    assert_eq!(listed(&platform, State::Sent).await.len(), 1);
}

async fn a_server_that_is_away_gets_everything_when_it_is_back(database: Database) {
    let clock = Clock::new();
    // Nothing listens on this port.
    let away = platform(&database, &clock, "smtp://127.0.0.1:9").await;
    for number in 0..10 {
        send(&away, message(&format!("p{number}@example.com"), &format!("k{number}"))).await;
    }
    run_due_jobs(&away).await.unwrap();
    let attempts: i64 = listed(&away, State::Queued)
        .await
        .iter()
        .map(|mail| mail.attempts)
        .sum();
    assert!(
        attempts <= mail::LANES,
        "{attempts}: one attempt of each lane tells that it is away"
    );
    clock.advance_ms(3600 * 1000);
    let server = MailServer::start(Manners::default()).await;
    away.db().close().await;
    drop(away);
    let back = connected(&database, &clock, &server).await;
    run_due_jobs(&back).await.unwrap();
    assert_eq!(server.received().len(), 10);
    assert!(server.connections() <= 4, "{} connections", server.connections());
    send(&back, message("late@example.com", "late")).await;
    back.db().close().await;
    drop(back);
    // A day without a server is too long.
    let away = platform(&database, &clock, "smtp://127.0.0.1:9").await;
    clock.advance_ms(mail::QUEUED_MS_MAX);
    run_due_jobs(&away).await.unwrap();
    assert_eq!(listed(&away, State::Failed).await[0].to, "late@example.com");
}

async fn wrong_credentials_are_nobodys_refusal(database: Database) {
    // "\0user\0right" in base64.
    let manners = Manners {
        password: Some("AHVzZXIAcmlnaHQ="),
    };
    let (clock, server) = (Clock::new(), MailServer::start(manners).await);
    let wrong = platform(&database, &clock, &format!("smtp://user:wrong@{}", server.address)).await;
    send(&wrong, message("ann@example.com", "k1")).await;
    run_due_jobs(&wrong).await.unwrap();
    assert_eq!(
        listed(&wrong, State::Queued).await.len(),
        1,
        "the operator repairs it, then it is sent"
    );
    wrong.db().close().await;
    drop(wrong);
    clock.advance_ms(60_000);
    let encrypted = platform(
        &database,
        &clock,
        &format!("smtp://user:right@{}?tls=required", server.address),
    )
    .await;
    run_due_jobs(&encrypted).await.unwrap();
    assert!(
        server.received().is_empty(),
        "no STARTTLS is offered: neither password nor mail leaves"
    );
    encrypted.db().close().await;
    drop(encrypted);
    clock.advance_ms(60_000);
    let right = platform(&database, &clock, &format!("smtp://user:right@{}", server.address)).await;
    run_due_jobs(&right).await.unwrap();
    assert_eq!(server.received().len(), 1);
}

async fn what_is_rolled_back_is_not_sent(database: Database) {
    let (clock, server) = (Clock::new(), MailServer::start(Manners::default()).await);
    let platform = connected(&database, &clock, &server).await;
    let mut tx = platform.db().begin().await.unwrap();
    mail::send(&mut tx, message("ann@example.com", "k1")).await.unwrap();
    tx.rollback().await.unwrap();
    let mut tx = platform.db().begin().await.unwrap();
    for wrong in ["", "ann", "ann@example.com\r\nRCPT TO:<b@c>", "a b@example.com"] {
        let error = mail::send(&mut tx, message(wrong, "k2")).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid { field: "email".into() }, "{wrong}");
    }
    let endless = Message {
        text: "x".repeat(65 * 1024),
        ..message("ann@example.com", "k3")
    };
    assert_eq!(
        mail::send(&mut tx, endless).await.unwrap_err().kind,
        ErrorKind::Internal
    );
    tx.commit().await.unwrap();
    run_due_jobs(&platform).await.unwrap();
    assert!(server.received().is_empty());
}

async fn kept_subjects(ctx: &Context) -> Vec<String> {
    let kept = mail::kept(ctx).await.unwrap().unwrap();
    kept.into_iter().map(|mail| mail.to).collect()
}

async fn a_development_server_keeps_the_newest(database: Database) {
    let clock = Clock::new();
    let platform = database.platform(&clock).await;
    assert!(mail::is_configured(&platform));
    let ctx = platform.context(Caller::System);
    for number in 0..=mail::KEPT_MAX {
        clock.advance_ms(1);
        send(
            &platform,
            message(&format!("p{number}@example.com"), &format!("k{number}")),
        )
        .await;
    }
    run_due_jobs(&platform).await.unwrap();
    let kept = kept_subjects(&ctx).await;
    assert_eq!(i64::try_from(kept.len()).unwrap(), mail::KEPT_MAX);
    assert_eq!(
        (kept[0].as_str(), kept[199].as_str()),
        ("p200@example.com", "p1@example.com")
    );
    let id = mail::kept(&ctx).await.unwrap().unwrap()[0].id.clone();
    assert!(
        mail::kept_one(&ctx, &id)
            .await
            .unwrap()
            .unwrap()
            .text
            .contains("123456")
    );
    assert!(mail::kept_one(&ctx, "other").await.unwrap().is_none());
    platform.db().close().await;
    drop((ctx, platform));
    let mut config = database.config();
    config.mail.delivery = Delivery::Off;
    let off = Platform::open(config, clock.environment()).await.unwrap();
    assert!(!mail::is_configured(&off));
    send(&off, message("ann@example.com", "off")).await;
    let ctx = off.context(Caller::System);
    assert!(mail::kept(&ctx).await.unwrap().is_none() && mail::kept_one(&ctx, &id).await.unwrap().is_none());
    assert!(
        listed(&off, State::Queued).await.is_empty(),
        "nothing is written down for nobody"
    );
}
