//! People who talk to each other beside an auction, through a real room.

use std::time::Duration;

use platform::chat::{self, Line, Measure, Order};
use platform::video::Capability;
use platform::{Caller, Context, ErrorKind, Role, auctions};
use serde_json::json;

use crate::support::{Chatter, World, account, watch};

on_every_database! {
    what_is_said_is_kept_and_told_under_an_alias
    nobody_speaks_as_somebody_else
    a_latecomer_reads_fifty_lines_and_pages_back
    a_listener_that_died_is_replaced_and_nothing_is_kept_twice
    somebody_who_is_muted_reads_on_and_comes_back_when_it_ends
    somebody_who_is_banned_is_out_at_once
    a_token_from_before_a_mute_does_not_help
    only_the_seller_and_administrators_keep_order
    a_message_is_taken_back_everywhere
    an_ended_auction_has_no_chat
}

const PATIENCE: Duration = Duration::from_secs(20);

/// The auction's id.
async fn auction(world: &World) -> String {
    let long = auctions::NewAuction {
        duration_s: 86_400,
        ..watch()
    };
    auctions::create(&world.host(), long).await.unwrap().view.auction.id
}

async fn history(ctx: &Context, id: &str) -> Vec<Line> {
    chat::messages(ctx, id, None, None).await.unwrap()
}

/// Waits until what is kept is as expected.
async fn until_kept(world: &World, id: &str, expected: impl Fn(&[Line]) -> bool) -> Vec<Line> {
    let kept = async {
        loop {
            let lines = history(&world.anonymous(), id).await;
            if expected(&lines) {
                return lines;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, kept).await.unwrap()
}

fn order(user_id: &str, minutes: Option<i64>) -> Order {
    Order {
        user_id: user_id.to_owned(),
        minutes,
        reason: Some("Rude.".to_owned()),
    }
}

async fn what_is_said_is_kept_and_told_under_an_alias(world: World) {
    let _running = world.run();
    let id = auction(&world).await;
    let (ann_ctx, host_ctx) = (world.context(account("ann")), world.host());
    let mut ann = Chatter::enter(&ann_ctx, &id).await.unwrap();
    let mut host = Chatter::enter(&host_ctx, &id).await.unwrap();
    assert_eq!(ann.ticket.capabilities, [Capability::SendMessage]);
    assert_eq!(host.ticket.capabilities.len(), 3);
    let alias = auctions::alias(&world.platform, &id, "ann");
    assert_eq!(ann.ticket.username, format!("Bidder {alias}"));
    assert_eq!(ann.ticket.user_id, auctions::public_id(&world.platform, &id, "ann"));

    let said = ann.say("Does it tick? <b>\u{1F552}</b>").await;
    assert_eq!(host.next().await.unwrap(), said, "everybody hears the same");
    host.say("It does.").await;
    let lines = until_kept(&world, &id, |lines| lines.len() == 2).await;
    assert_eq!(lines[0].message, "Does it tick? <b>\u{1F552}</b>");
    assert_eq!(
        (lines[0].username.as_str(), lines[0].is_host),
        (ann.ticket.username.as_str(), false)
    );
    assert_eq!(
        (lines[1].username.as_str(), lines[1].user_id.as_str(), lines[1].is_host),
        ("Host", "host", true)
    );

    let events = world.events(&format!("auction:{id}")).await;
    let told: Vec<_> = events.iter().filter(|(kind, _)| kind == chat::NEWS).collect();
    let texts = told
        .iter()
        .flat_map(|(_, payload)| payload["messages"].as_array().unwrap());
    assert_eq!(
        texts.map(|line| line["message"].clone()).collect::<Vec<_>>(),
        ["Does it tick? <b>\u{1F552}</b>", "It does."]
    );
    let public = format!("{told:?} {lines:?} {said}");
    for secret in ["Name of ann", "ann@example.com", "\"ann\"", "Name of host"] {
        assert!(!public.contains(secret), "{secret} is told: {public}");
    }
    let state = auctions::snapshot(&world.anonymous(), &id).await.unwrap();
    assert_eq!(state.chat_lines, lines);
    assert!(state.view.chat_room_arn.unwrap().contains(":ivschat:"));
}

async fn nobody_speaks_as_somebody_else(world: World) {
    let _running = world.run();
    let id = auction(&world).await;
    let mut ann = Chatter::enter(&world.context(account("ann")), &id).await.unwrap();
    let spoof = json!({
        "Action": "SEND_MESSAGE", "Content": "I am the host.",
        "Attributes": {"username": "Host", "role": "host", "UserId": "host"},
        "Sender": {"UserId": "host", "Attributes": {"username": "Host"}},
    });
    let said = ann.ask(spoof).await;
    assert_eq!(said["Sender"]["UserId"], ann.ticket.user_id.as_str());
    let lines = until_kept(&world, &id, |lines| lines.len() == 1).await;
    assert_eq!(
        (lines[0].username.as_str(), lines[0].is_host),
        (ann.ticket.username.as_str(), false)
    );
    for action in ["DELETE_MESSAGE", "DISCONNECT_USER"] {
        let refused = ann
            .ask(json!({"Action": action, "Id": lines[0].message_id, "UserId": "host"}))
            .await;
        assert_eq!(refused["ErrorCode"], 403, "{refused}");
    }
}

async fn a_latecomer_reads_fifty_lines_and_pages_back(world: World) {
    let id = auction(&world).await;
    let mut tx = world.platform.db().begin().await.unwrap();
    for seq in 1..=120_i64 {
        sqlx::query(
            "insert into chat_messages (auction_id, seq, message_id, user_id, username, message, sent_at_ms)
             values ($1, $2, $3, 'u', 'Bidder K7QX', $4, $2)",
        )
        .bind(&id)
        .bind(seq)
        .bind(format!("m{seq}"))
        .bind(format!("line {seq}"))
        .execute(tx.conn())
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    let ctx = world.anonymous();
    let texts = |lines: &[Line]| {
        (
            lines[0].message.clone(),
            lines.last().unwrap().message.clone(),
            lines.len(),
        )
    };
    let newest = history(&ctx, &id).await;
    assert_eq!(texts(&newest), ("line 71".into(), "line 120".into(), 50));
    let before = chat::messages(&ctx, &id, Some(100), Some(&newest[0].message_id))
        .await
        .unwrap();
    assert_eq!(texts(&before), ("line 1".into(), "line 70".into(), 70));
    assert!(chat::messages(&ctx, &id, None, Some("m1")).await.unwrap().is_empty());
    for (limit, before, field) in [
        (Some(0), None, "limit"),
        (Some(101), None, "limit"),
        (None, Some("x"), "before"),
    ] {
        let error = chat::messages(&ctx, &id, limit, before).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Invalid { field: field.into() });
    }
    let unknown = chat::messages(&ctx, "018f0000-0000-7000-8000-000000000000", None, None).await;
    assert_eq!(unknown.unwrap_err().kind, ErrorKind::NotFound);
}

async fn a_listener_that_died_is_replaced_and_nothing_is_kept_twice(mut world: World) {
    let running = world.run();
    let id = auction(&world).await;
    let mut ann = Chatter::enter(&world.context(account("ann")), &id).await.unwrap();
    ann.say("Before.").await;
    until_kept(&world, &id, |lines| lines.len() == 1).await;
    // Dies without a goodbye: its lease stays behind.
    drop(running);
    ann.say("Meanwhile.").await;
    world.restart().await;
    world.clock.advance_ms(16_000);
    let running = world.run();
    // Whoever enters waits until somebody listens again.
    let mut bob = Chatter::enter(&world.context(account("bob")), &id).await.unwrap();
    bob.say("After.").await;
    let lines = until_kept(&world, &id, |lines| {
        lines.last().is_some_and(|line| line.message == "After.")
    })
    .await;
    let texts: Vec<&str> = lines.iter().map(|line| line.message.as_str()).collect();
    assert_eq!(
        texts,
        ["Before.", "After."],
        "what nobody heard is not kept, what was heard is kept once"
    );
    running.stop().await;
    assert_eq!(
        world
            .number("select count(*) from chat_rooms where lease_until_ms > 0")
            .await,
        0
    );
}

async fn somebody_who_is_muted_reads_on_and_comes_back_when_it_ends(world: World) {
    let _running = world.run();
    let id = auction(&world).await;
    let (ann_ctx, host_ctx) = (world.context(account("ann")), world.host());
    let ann = Chatter::enter(&ann_ctx, &id).await.unwrap();
    let user_id = ann.ticket.user_id.clone();
    chat::restrict(&host_ctx, &id, Measure::Mute, order(&user_id, Some(5)))
        .await
        .unwrap();
    ann.end().await;
    let mut ann = Chatter::enter(&world.context(account("ann")), &id).await.unwrap();
    assert!(ann.ticket.capabilities.is_empty());
    assert_eq!(ann.ticket.muted_until_ms, Some(host_ctx.now_ms + 5 * 60_000));
    let refused = ann.say("Let me!").await;
    assert_eq!(refused["ErrorCode"], 403);
    let mut host = Chatter::enter(&host_ctx, &id).await.unwrap();
    host.say("Calm down.").await;
    assert_eq!(
        ann.next().await.unwrap()["Content"],
        "Calm down.",
        "who is muted reads on"
    );
    let listed = chat::restrictions(&host_ctx, &id).await.unwrap();
    assert_eq!(
        (listed.len(), listed[0].user_id.as_str(), listed[0].banned_until_ms),
        (1, user_id.as_str(), None)
    );
    assert_eq!(listed[0].reason.as_deref(), Some("Rude."));

    world.clock.advance_ms(5 * 60_000);
    let later = world.context(account("ann"));
    assert_eq!(
        chat::enter(&later, &id).await.unwrap().capabilities,
        [Capability::SendMessage]
    );
    assert!(chat::restrictions(&world.host(), &id).await.unwrap().is_empty());
    // For good, and lifted: the client comes back at once.
    chat::restrict(&world.host(), &id, Measure::Mute, order(&user_id, None))
        .await
        .unwrap();
    let ann = Chatter::enter(&later, &id).await.unwrap();
    assert_eq!(ann.ticket.muted_until_ms, Some(i64::MAX));
    chat::lift(&world.host(), &id, Measure::Mute, &user_id).await.unwrap();
    ann.end().await;
    assert!(chat::enter(&later, &id).await.unwrap().muted_until_ms.is_none());
}

async fn somebody_who_is_banned_is_out_at_once(world: World) {
    let _running = world.run();
    let id = auction(&world).await;
    let ann_ctx = world.context(account("ann"));
    let ann = Chatter::enter(&ann_ctx, &id).await.unwrap();
    let user_id = ann.ticket.user_id.clone();
    chat::restrict(&world.host(), &id, Measure::Ban, order(&user_id, None))
        .await
        .unwrap();
    ann.end().await;
    assert_eq!(chat::enter(&ann_ctx, &id).await.unwrap_err().kind, ErrorKind::Forbidden);
    chat::lift(&world.host(), &id, Measure::Ban, &user_id).await.unwrap();
    chat::enter(&ann_ctx, &id).await.unwrap();
    let audited = "select count(*) from audit where action in ('chat.ban', 'chat.unban')";
    assert_eq!(world.number(audited).await, 2);
}

async fn a_token_from_before_a_mute_does_not_help(world: World) {
    let _running = world.run();
    let id = auction(&world).await;
    let first = chat::enter(&world.context(account("ann")), &id).await.unwrap();
    let mut host = Chatter::enter(&world.host(), &id).await.unwrap();
    chat::restrict(&world.host(), &id, Measure::Mute, order(&first.user_id, None))
        .await
        .unwrap();
    // As on Amazon, where disconnecting a user does not take unused tokens back.
    let state = auctions::snapshot(&world.anonymous(), &id).await.unwrap();
    let made = world
        .tower
        .chat_client()
        .create_chat_token()
        .room_identifier(state.view.chat_room_arn.unwrap())
        .user_id(&first.user_id)
        .capabilities("SEND_MESSAGE".into())
        .send()
        .await
        .unwrap();
    let token = platform::Secret::new(made.token.unwrap());
    let mut ann = Chatter::with(chat::Ticket { token, ..first }).await;
    ann.say("Ha!").await;
    ann.end().await;
    loop {
        let frame = host.next().await.unwrap();
        if frame["EventName"] == "aws:DELETE_MESSAGE" {
            break;
        }
    }
    assert!(history(&world.anonymous(), &id).await.is_empty());
}

async fn only_the_seller_and_administrators_keep_order(world: World) {
    let _running = world.run();
    let id = auction(&world).await;
    let (ann, bob, host) = (
        world.context(account("ann")),
        world.context(account("bob")),
        world.host(),
    );
    let (admin, second) = (world.admin(), {
        let roles = vec![Role::Admin];
        let (id, email, name) = ("second".to_owned(), "s@example.com".to_owned(), "Sam".to_owned());
        world.context(Caller::Account { id, email, name, roles })
    });
    let mut users = Vec::new();
    for ctx in [&ann, &host, &admin] {
        users.push(chat::enter(ctx, &id).await.unwrap().user_id);
    }
    let [ann_id, host_id, admin_id] = users.try_into().unwrap();
    assert!(admin_id.starts_with("moderator_"), "{admin_id}");
    for (ctx, target, expected) in [
        (&world.anonymous(), &ann_id, Some(ErrorKind::Unauthenticated)),
        (&bob, &ann_id, Some(ErrorKind::Forbidden)),
        (&ann, &host_id, Some(ErrorKind::Forbidden)),
        (&host, &ann_id, None),
        (&host, &admin_id, Some(ErrorKind::Forbidden)),
        (&host, &host_id, Some(ErrorKind::Forbidden)),
        (&host, &"nobody".to_owned(), Some(ErrorKind::NotFound)),
        (&admin, &ann_id, None),
        (&admin, &host_id, None),
        (
            &admin,
            &admin_id,
            Some(ErrorKind::Invalid {
                field: "user_id".into(),
            }),
        ),
        (&second, &admin_id, None),
    ] {
        let outcome = chat::restrict(ctx, &id, Measure::Mute, order(target, Some(1))).await;
        assert_eq!(
            outcome.err().map(|error| error.kind),
            expected,
            "{:?} {target}",
            ctx.caller
        );
    }
    assert_eq!(
        chat::restrictions(&bob, &id).await.unwrap_err().kind,
        ErrorKind::Forbidden
    );
    for minutes in [0, chat::MINUTES_MAX + 1] {
        let error = chat::restrict(&host, &id, Measure::Ban, order(&ann_id, Some(minutes)))
            .await
            .unwrap_err();
        assert_eq!(
            error.kind,
            ErrorKind::Invalid {
                field: "minutes".into()
            }
        );
    }
    let reason = Some("x".repeat(chat::REASON_CHARS_MAX + 1));
    let error = chat::restrict(
        &host,
        &id,
        Measure::Ban,
        Order {
            reason,
            ..order(&ann_id, None)
        },
    )
    .await;
    assert_eq!(error.unwrap_err().kind, ErrorKind::Invalid { field: "reason".into() });
}

async fn a_message_is_taken_back_everywhere(world: World) {
    let _running = world.run();
    let id = auction(&world).await;
    let mut ann = Chatter::enter(&world.context(account("ann")), &id).await.unwrap();
    ann.say("One.").await;
    ann.say("Two.").await;
    let lines = until_kept(&world, &id, |lines| lines.len() == 2).await;
    let first = &lines[0].message_id;
    let error = chat::delete_message(&world.context(account("ann")), &id, first, None)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden, "not even one's own");
    let error = chat::delete_message(&world.host(), &id, "AbCdEfGhIjKl", None)
        .await
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::NotFound);
    chat::delete_message(&world.host(), &id, first, Some("Off topic.".into()))
        .await
        .unwrap();
    let event = ann.next().await.unwrap();
    assert_eq!(
        (
            &event["EventName"],
            &event["Attributes"]["MessageID"],
            &event["Attributes"]["Reason"]
        ),
        (&json!("aws:DELETE_MESSAGE"), &json!(first), &json!("Off topic."))
    );
    // The host's own client may ask the room; we hear of it there.
    let mut host = Chatter::enter(&world.host(), &id).await.unwrap();
    host.ask(json!({"Action": "DELETE_MESSAGE", "Id": lines[1].message_id}))
        .await;
    let lines = until_kept(&world, &id, |lines| lines.iter().all(|line| line.is_deleted)).await;
    assert!(lines.iter().all(|line| line.message.is_empty()), "the text is gone");
    let events = world.events(&format!("auction:{id}")).await;
    let deleted = events.iter().filter_map(|(_, payload)| payload["deleted"].as_array());
    assert_eq!(deleted.flatten().count(), 2, "each is told once");
}

async fn an_ended_auction_has_no_chat(world: World) {
    let running = world.run();
    let id = auction(&world).await;
    let ann_ctx = world.context(account("ann"));
    let mut ann = Chatter::enter(&ann_ctx, &id).await.unwrap();
    let user_id = ann.ticket.user_id.clone();
    ann.say("Going once?").await;
    let lines = until_kept(&world, &id, |lines| lines.len() == 1).await;
    auctions::close(&world.host(), &id).await.unwrap();
    ann.end().await;
    let error = chat::enter(&ann_ctx, &id).await.unwrap_err();
    assert_eq!(
        (error.kind, error.message.as_ref()),
        (ErrorKind::Conflict, "Chat is locked: the auction has ended")
    );
    let muted = chat::restrict(&world.host(), &id, Measure::Mute, order(&user_id, None)).await;
    assert_eq!(muted.unwrap_err().kind, ErrorKind::Conflict);
    // What was said stays to be read, and to be taken back.
    chat::delete_message(&world.host(), &id, &lines[0].message_id, None)
        .await
        .unwrap();
    assert!(history(&world.anonymous(), &id).await[0].is_deleted);
    running.stop().await;
    world.run_jobs().await;
    assert_eq!(
        (world.tower.room_names().await.len(), world.open_resources().await),
        (0, 0)
    );
}
