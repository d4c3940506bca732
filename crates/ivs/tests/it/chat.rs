//! Chat through Amazon's SDK and real sockets.

use std::time::Duration;

use aws_sdk_ivschat::types::ChatTokenCapability::{DeleteMessage, DisconnectUser, SendMessage};
use serde_json::json;

use crate::room::{Guest, House};
use crate::sdk::refusal;

#[tokio::test]
async fn everyone_in_the_room_reads_what_somebody_says() {
    let house = House::start().await;
    let mut ann = house.enter("ann", &[SendMessage]).await;
    let mut bob = house.enter("bob", &[]).await;
    ann.send(json!({
        "Action": "SEND_MESSAGE", "RequestId": "r1", "Content": "Grüße 🎉 <b>", "Attributes": { "UserId": "eve" },
        "Sender": { "UserId": "eve" },
    }))
    .await;
    let (to_ann, to_bob) = (ann.read().await, bob.read().await);
    assert_eq!(to_ann, to_bob);
    let id = to_ann["Id"].as_str().unwrap();
    assert!(id.len() == 12 && id.bytes().all(|c| c.is_ascii_alphanumeric()), "{id}");
    let time = to_ann["SendTime"].as_str().unwrap();
    assert!(time.ends_with('Z') && time.contains('T'), "{time}");
    let expected = json!({
        "Type": "MESSAGE", "Id": id, "RequestId": "r1", "Content": "Grüße 🎉 <b>", "SendTime": time,
        "Attributes": { "UserId": "eve" },
        "Sender": { "UserId": "ann", "Attributes": { "username": "The ann" } },
    });
    assert_eq!(to_ann, expected, "identity is the token's alone");
}

#[tokio::test]
async fn a_token_opens_one_connection() {
    let house = House::start().await;
    let token = house.token("ann", &[]).await;
    let _first = Guest::connect(&house, &token).await.unwrap();
    for bad in [token.as_str(), "unknown", "with,comma", ""] {
        assert_eq!(Guest::connect(&house, bad).await.err(), Some(401), "{bad}");
    }
    house.delete().await;
    let room = house.client.create_room().send().await.unwrap();
    let token = house.token_for(room.arn().unwrap(), "ann", &[]).await;
    house
        .client
        .delete_room()
        .identifier(room.arn().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(Guest::connect(&house, &token).await.err(), Some(404));
    let plain = house.get("/chat").await;
    assert_eq!(plain, 426);
}

#[tokio::test]
async fn a_token_is_gone_after_a_minute_and_a_session_at_its_time() {
    let house = House::start().await;
    let late = house.token("late", &[]).await;
    let in_time = house.token_for_minutes("in time", 1).await;
    house.clock.advance_ms(59_700);
    let mut guest = Guest::connect(&house, &in_time).await.unwrap();
    let close = guest.closed().await;
    assert_eq!(close, (1000, "The session has expired".to_owned()));
    house.clock.advance_ms(300);
    assert_eq!(Guest::connect(&house, &late).await.err(), Some(401));
}

#[tokio::test]
async fn what_a_token_does_not_allow_is_refused_by_number() {
    let house = House::start().await;
    let mut viewer = house.enter("viewer", &[]).await;
    for frame in [
        json!({ "Action": "SEND_MESSAGE", "Content": "x" }),
        json!({ "Action": "DELETE_MESSAGE", "Id": "abcdefghijkl" }),
        json!({ "Action": "DISCONNECT_USER", "UserId": "ann" }),
    ] {
        assert_eq!(viewer.refused(frame.clone()).await, 403, "{frame}");
    }
    let mut member = house
        .enter("member", &[SendMessage, DeleteMessage, DisconnectUser])
        .await;
    let long = "ä".repeat(501);
    let cases = [
        (json!([]), 400),
        (json!({ "Action": "WAVE" }), 400),
        (json!({ "Content": "x" }), 400),
        (json!({ "Action": "SEND_MESSAGE" }), 400),
        (json!({ "Action": "SEND_MESSAGE", "Content": "" }), 400),
        (json!({ "Action": "SEND_MESSAGE", "Content": 5 }), 400),
        (
            json!({ "Action": "SEND_MESSAGE", "Content": "x", "Attributes": [] }),
            400,
        ),
        (
            json!({ "Action": "SEND_MESSAGE", "Content": "x", "Attributes": { "a": 1 } }),
            400,
        ),
        (
            json!({ "Action": "SEND_MESSAGE", "Content": "x", "Attributes": { "a": "x".repeat(1024) } }),
            413,
        ),
        (json!({ "Action": "SEND_MESSAGE", "Content": long }), 413),
        (json!({ "Action": "SEND_MESSAGE", "Content": "x".repeat(20_000) }), 413),
        (
            json!({ "Action": "SEND_MESSAGE", "RequestId": "x".repeat(129), "Content": "x" }),
            400,
        ),
        (json!({ "Action": "DELETE_MESSAGE", "Id": "short" }), 400),
        (
            json!({ "Action": "DELETE_MESSAGE", "Id": "abcdefghijkl", "Reason": "x".repeat(257) }),
            400,
        ),
        (json!({ "Action": "DISCONNECT_USER" }), 400),
        (json!({ "Action": "DISCONNECT_USER", "UserId": "x".repeat(129) }), 400),
    ];
    for (frame, code) in cases {
        // The rate of a connection would refuse the rest.
        member = if member.requests == 9 {
            house
                .enter("member", &[SendMessage, DeleteMessage, DisconnectUser])
                .await
        } else {
            member
        };
        assert_eq!(member.refused(frame.clone()).await, code, "{frame:.80}");
    }
    member.send_text("no json").await;
    assert_eq!(member.read().await["ErrorCode"], 400);
    member
        .send(json!({ "Action": "SEND_MESSAGE", "Content": "ä".repeat(500), "Attributes": null }))
        .await;
    assert_eq!(
        member.read().await["Type"],
        "MESSAGE",
        "the connection is as good as before"
    );
}

#[tokio::test]
async fn a_moderator_takes_a_message_back_and_shows_somebody_out() {
    let house = House::start().await;
    let mut host = house.enter("host", &[SendMessage, DeleteMessage, DisconnectUser]).await;
    let mut eve = house.enter("eve", &[SendMessage]).await;
    eve.say("spam").await;
    let id = eve.read().await["Id"].as_str().unwrap().to_owned();
    host.read().await;
    host.send(json!({ "Action": "DELETE_MESSAGE", "RequestId": "d", "Id": id, "Reason": "spam" }))
        .await;
    for event in [host.read().await, eve.read().await] {
        assert_eq!(
            (&event["Type"], &event["EventName"]),
            (&json!("EVENT"), &json!("aws:DELETE_MESSAGE"))
        );
        assert_eq!(event["RequestId"], "d");
        assert_eq!(
            event["Attributes"],
            json!({ "MessageID": id, "MessageId": id, "Reason": "spam" })
        );
    }
    let unused = house.token("eve", &[SendMessage]).await;
    host.send(json!({ "Action": "DISCONNECT_USER", "RequestId": "x", "UserId": "eve" }))
        .await;
    for event in [host.read().await, eve.read().await] {
        assert_eq!(event["EventName"], "aws:DISCONNECT_USER");
        assert_eq!(event["Attributes"], json!({ "UserId": "eve" }));
    }
    assert_eq!(eve.closed().await.0, 1000);
    assert_eq!(
        Guest::connect(&house, &unused).await.err(),
        Some(401),
        "no token is left"
    );
    house.enter("eve", &[]).await.is_open().await;
}

#[tokio::test]
async fn the_backend_speaks_deletes_and_disconnects() {
    let house = House::start().await;
    let mut ann = house.enter("ann", &[]).await;
    let room = &house.room;
    let sent = house
        .client
        .send_event()
        .room_identifier(room)
        .event_name("auction:sold")
        .attributes("price", "125.50")
        .send()
        .await
        .unwrap();
    let event = ann.read().await;
    let expected = json!({
        "Type": "EVENT", "Id": sent.id(), "RequestId": "", "EventName": "auction:sold",
        "Attributes": { "price": "125.50" }, "SendTime": event["SendTime"],
    });
    assert_eq!(event, expected);
    let deleted = house
        .client
        .delete_message()
        .room_identifier(room)
        .id("abcdefghijkl")
        .reason("rude");
    let deleted = deleted.send().await.unwrap();
    let event = ann.read().await;
    assert_eq!(
        (event["Id"].as_str(), &event["Attributes"]["Reason"]),
        (deleted.id(), &json!("rude"))
    );
    house
        .client
        .disconnect_user()
        .room_identifier(room)
        .user_id("ann")
        .send()
        .await
        .unwrap();
    assert_eq!(ann.read().await["EventName"], "aws:DISCONNECT_USER");
    assert_eq!(ann.closed().await, (1000, "Disconnected by a moderator".to_owned()));
}

#[tokio::test]
async fn a_deleted_room_ends_its_connections() {
    let house = House::start().await;
    let mut ann = house.enter("ann", &[SendMessage]).await;
    house.delete().await;
    assert_eq!(ann.closed().await, (1000, "The room is closed".to_owned()));
    let gone = house
        .client
        .create_chat_token()
        .room_identifier(&house.room)
        .user_id("ann")
        .send()
        .await;
    assert_eq!(refusal(gone), (404, "ResourceNotFoundException".to_owned()));
}

#[tokio::test]
async fn a_room_keeps_the_rate_and_the_length_it_is_given() {
    let house = House::start().await;
    let mut ann = house.enter("ann", &[SendMessage]).await;
    let mut bob = house.enter("bob", &[SendMessage]).await;
    let update = house.client.update_room().identifier(&house.room);
    update
        .maximum_message_rate_per_second(1)
        .maximum_message_length(3)
        .send()
        .await
        .unwrap();
    assert_eq!(
        ann.refused(json!({ "Action": "SEND_MESSAGE", "Content": "four" }))
            .await,
        413
    );
    ann.say("one").await;
    assert_eq!(
        (&ann.read().await["Type"], &bob.read().await["Type"]),
        (&json!("MESSAGE"), &json!("MESSAGE"))
    );
    let too_fast = bob.refused(json!({ "Action": "SEND_MESSAGE", "Content": "two" })).await;
    assert_eq!(too_fast, 429, "the room's second is everyone's");
    let lambda = "arn:aws:lambda:us-east-1:000000000000:function:review";
    let review = |fallback| {
        aws_sdk_ivschat::types::MessageReviewHandler::builder()
            .uri(lambda)
            .fallback_result(fallback)
            .build()
    };
    let deny = review(aws_sdk_ivschat::types::FallbackResult::Deny);
    house
        .client
        .update_room()
        .identifier(&house.room)
        .message_review_handler(deny)
        .send()
        .await
        .unwrap();
    assert_eq!(
        ann.refused(json!({ "Action": "SEND_MESSAGE", "Content": "x" })).await,
        406
    );
}

#[tokio::test]
async fn one_connection_may_ask_ten_times_a_second_and_is_cut_off_when_it_floods() {
    let house = House::start().await;
    let update = house
        .client
        .update_room()
        .identifier(&house.room)
        .maximum_message_rate_per_second(100);
    update.send().await.unwrap();
    let mut ann = house.enter("ann", &[SendMessage]).await;
    for _ in 0..11 {
        ann.say("x").await;
    }
    let mut codes = Vec::new();
    for _ in 0..11 {
        codes.push(ann.read().await["ErrorCode"].as_u64());
    }
    assert_eq!((codes.iter().flatten().count(), codes[10]), (1, Some(429)), "{codes:?}");
    for _ in 0..150 {
        if !ann.try_send_text("{}").await {
            break;
        }
    }
    assert_eq!(ann.closed().await, (1008, "Too many frames".to_owned()));
    let mut bob = house.enter("bob", &[SendMessage]).await;
    bob.try_send_text(&"x".repeat(70_000)).await;
    assert_eq!(bob.closed().await.0, 1002);
}

#[tokio::test]
async fn whoever_does_not_read_is_cut_off_and_the_others_read_on() {
    let house = House::start().await;
    let mut reader = house.enter("reader", &[]).await;
    let token = house.token("stuck", &[]).await;
    let _stuck = Guest::connect_narrow(&house, &token).await.unwrap();
    assert_eq!(house.server.ivs.chat_connections(), 2);
    let filler = "x".repeat(1_000);
    let mut read = 0;
    // Its queue and the system's buffers hold a few hundred of these, which take a second or two.
    while house.server.ivs.chat_connections() == 2 {
        let event = house.client.send_event().room_identifier(&house.room).event_name("e");
        event.attributes("a", &filler).send().await.unwrap();
        reader.read().await;
        read += 1;
        assert!(read < 10_000, "nobody was cut off");
    }
    assert!(read > 256, "cut off after {read} frames");
    reader.is_open().await;
}

#[tokio::test]
async fn who_answers_no_ping_is_gone_and_who_does_may_be_silent() {
    let period = Duration::from_millis(100);
    let house = House::start_with(|ivs| ivs.chat_pinging(period)).await;
    let mut silent = house.enter("silent", &[]).await;
    // A client answers pings while it reads.
    let _dead = house.enter("dead", &[]).await;
    let until_gone = async {
        while house.server.ivs.chat_connections() == 2 {
            assert!(silent.hears_nothing_for(period / 4).await);
        }
    };
    tokio::time::timeout(Duration::from_secs(10), until_gone).await.unwrap();
    silent.is_open().await;
}

#[tokio::test]
async fn a_stopping_server_says_goodbye() {
    let house = House::start().await;
    let mut ann = house.enter("ann", &[]).await;
    let token = house.token("bob", &[]).await;
    tokio::time::timeout(Duration::from_secs(5), house.server.ivs.drain_chat())
        .await
        .unwrap();
    assert_eq!(ann.closed().await, (1001, "The server is stopping".to_owned()));
    assert_eq!(Guest::connect(&house, &token).await.err(), Some(503));
}
