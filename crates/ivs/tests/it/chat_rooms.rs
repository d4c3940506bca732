//! Rooms, tokens and tags of chat through Amazon's SDK, and the constraints of their members.

use aws_sdk_ivschat::error::ProvideErrorMetadata as _;
use aws_sdk_ivschat::types::{FallbackResult, MessageReviewHandler};
use http::StatusCode;
use ivs::{Config, Quotas};
use serde_json::json;

use crate::room::client;
use crate::sdk::refusal;
use crate::signer::{JSON, Signer};
use crate::support::{InProcess, Server, config};

const NOWHERE: &str = "arn:aws:ivschat:us-east-1:000000000000:room/Nowhere00000";
const LAMBDA: &str = "arn:aws:lambda:us-east-1:000000000000:function:review";

#[tokio::test]
async fn a_room_lives_from_create_to_delete_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let chat = client(server.address);
    let created = chat
        .create_room()
        .name("auction_1")
        .tags("owner", "me")
        .send()
        .await
        .unwrap();
    let arn = created.arn().unwrap();
    let id = arn
        .strip_prefix("arn:aws:ivschat:us-east-1:000000000000:room/")
        .unwrap();
    assert_eq!((id.len(), created.id()), (12, Some(id)));
    assert_eq!(created.name(), Some("auction_1"));
    let limits = (
        created.maximum_message_rate_per_second(),
        created.maximum_message_length(),
    );
    assert_eq!(limits, (Some(10), Some(500)));
    assert_eq!(created.create_time(), created.update_time());
    let review = created.message_review_handler().unwrap();
    assert_eq!(
        (review.uri(), review.fallback_result()),
        (Some(""), Some(&FallbackResult::Allow))
    );

    let reviewer = MessageReviewHandler::builder()
        .uri(LAMBDA)
        .fallback_result(FallbackResult::Deny)
        .build();
    let update = chat.update_room().identifier(arn).maximum_message_length(100);
    let updated = update.message_review_handler(reviewer).send().await.unwrap();
    assert_eq!(
        (updated.name(), updated.maximum_message_length()),
        (Some("auction_1"), Some(100))
    );
    assert!(updated.update_time() >= created.create_time());
    drop(server);

    let server = Server::start(config(folder.path())).await;
    let chat = client(server.address);
    let got = chat.get_room().identifier(arn).send().await.unwrap();
    assert_eq!(got.message_review_handler().unwrap().uri(), Some(LAMBDA));
    assert_eq!(
        (got.update_time(), got.maximum_message_length()),
        (updated.update_time(), Some(100))
    );
    assert_eq!(got.tags().unwrap()["owner"], "me");
    chat.create_chat_token()
        .room_identifier(arn)
        .user_id("u")
        .send()
        .await
        .unwrap();

    chat.delete_room().identifier(arn).send().await.unwrap();
    let gone = (404, "ResourceNotFoundException".to_owned());
    assert_eq!(refusal(chat.get_room().identifier(arn).send().await), gone);
    assert_eq!(refusal(chat.delete_room().identifier(arn).send().await), gone);
    assert_eq!(refusal(chat.update_room().identifier(arn).send().await), gone);
    assert_eq!(
        refusal(chat.send_event().room_identifier(arn).event_name("e").send().await),
        gone
    );
    let deleted = chat.delete_message().room_identifier(arn).id("abcdefghijkl");
    assert_eq!(refusal(deleted.send().await), gone);
    let disconnected = chat.disconnect_user().room_identifier(arn).user_id("u");
    assert_eq!(refusal(disconnected.send().await), gone);
}

#[tokio::test]
async fn rooms_are_listed_in_pages_and_by_filters() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let chat = client(server.address);
    let mut arns = Vec::new();
    for index in 0..5 {
        let mut call = chat.create_room().name(format!("r{}", index % 2));
        if index == 3 {
            call = call.message_review_handler(MessageReviewHandler::builder().uri(LAMBDA).build());
        }
        arns.push(call.send().await.unwrap().arn().unwrap().to_owned());
    }
    let (mut token, mut listed, mut sizes) = (None, Vec::new(), Vec::new());
    loop {
        let page = chat
            .list_rooms()
            .max_results(2)
            .set_next_token(token)
            .send()
            .await
            .unwrap();
        sizes.push(page.rooms().len());
        listed.extend(page.rooms().iter().map(|room| room.arn().unwrap().to_owned()));
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!((sizes, listed), (vec![2, 2, 1], arns.clone()));
    let only = |page: aws_sdk_ivschat::operation::list_rooms::ListRoomsOutput| {
        let arns = page.rooms().iter().map(|room| room.arn().unwrap().to_owned());
        arns.collect::<Vec<_>>()
    };
    let named = chat.list_rooms().name("r1").send().await.unwrap();
    assert_eq!(only(named), [arns[1].clone(), arns[3].clone()]);
    let reviewed = chat.list_rooms().message_review_handler_uri(LAMBDA);
    assert_eq!(only(reviewed.clone().send().await.unwrap()), [arns[3].clone()]);
    assert_eq!(only(reviewed.name("r0").send().await.unwrap()), [""; 0]);
    let logging = "arn:aws:ivschat:us-east-1:000000000000:logging-configuration/AbC";
    let logged = chat.list_rooms().logging_configuration_identifier(logging);
    assert_eq!(only(logged.send().await.unwrap()), [""; 0]);
}

#[tokio::test]
async fn tags_of_a_room_are_added_listed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let chat = client(server.address);
    let created = chat.create_room().tags("a", "1").send().await.unwrap();
    let arn = created.arn().unwrap();
    chat.tag_resource()
        .resource_arn(arn)
        .tags("k 2=/+", "ü")
        .send()
        .await
        .unwrap();
    let tags = chat.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!((tags.tags()["a"].as_str(), tags.tags()["k 2=/+"].as_str()), ("1", "ü"));
    chat.untag_resource()
        .resource_arn(arn)
        .tag_keys("k 2=/+")
        .send()
        .await
        .unwrap();
    let got = chat.get_room().identifier(arn).send().await.unwrap();
    assert_eq!(got.tags().unwrap().len(), 1);
    assert_eq!(
        got.update_time(),
        created.update_time(),
        "tags are no change of the room"
    );
    let nowhere = chat.list_tags_for_resource().resource_arn(NOWHERE).send().await;
    assert_eq!(refusal(nowhere), (404, "ResourceNotFoundException".to_owned()));
}

#[tokio::test]
async fn a_refusal_says_what_it_is_about() {
    let folder = tempfile::tempdir().unwrap();
    let quotas = Quotas {
        rooms: 1,
        ..Quotas::default()
    };
    let server = Server::start(Config {
        quotas,
        ..config(folder.path())
    })
    .await;
    let chat = client(server.address);
    chat.create_room().send().await.unwrap();
    let full = chat.create_room().send().await.unwrap_err().into_service_error();
    let full = match full {
        aws_sdk_ivschat::operation::create_room::CreateRoomError::ServiceQuotaExceededException(full) => full,
        other => panic!("{other:?}"),
    };
    assert_eq!((full.limit(), full.resource_type().as_str()), (1, "ROOM"));
    let missing = chat
        .get_room()
        .identifier(NOWHERE)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert_eq!(missing.code(), Some("ResourceNotFoundException"));
    assert!(missing.is_resource_not_found_exception());
    let wrong = chat
        .create_room()
        .name("has space")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let wrong = match wrong {
        aws_sdk_ivschat::operation::create_room::CreateRoomError::ValidationException(wrong) => wrong,
        other => panic!("{other:?}"),
    };
    assert_eq!(wrong.reason().as_str(), "FIELD_VALIDATION_FAILED");
    assert_eq!(wrong.field_list()[0].name(), "name");
}

#[tokio::test]
async fn a_member_that_breaks_its_constraint_is_named() {
    let server = InProcess::start().await;
    let long = "a".repeat(129);
    let token = |more: serde_json::Value| {
        let mut body = json!({ "roomIdentifier": NOWHERE, "userId": "u" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let cases = [
        ("CreateRoom", json!({ "name": "has space" }), "name"),
        (
            "CreateRoom",
            json!({ "maximumMessageRatePerSecond": 101 }),
            "maximumMessageRatePerSecond",
        ),
        (
            "CreateRoom",
            json!({ "maximumMessageLength": 501 }),
            "maximumMessageLength",
        ),
        (
            "CreateRoom",
            json!({ "maximumMessageLength": 0 }),
            "maximumMessageLength",
        ),
        (
            "CreateRoom",
            json!({ "messageReviewHandler": "x" }),
            "messageReviewHandler",
        ),
        (
            "CreateRoom",
            json!({ "messageReviewHandler": { "uri": "https://example.com" } }),
            "uri",
        ),
        (
            "CreateRoom",
            json!({ "messageReviewHandler": { "uri": format!("{LAMBDA}{long}") } }),
            "uri",
        ),
        (
            "CreateRoom",
            json!({ "messageReviewHandler": { "fallbackResult": "MAYBE" } }),
            "fallbackResult",
        ),
        (
            "CreateRoom",
            json!({ "loggingConfigurationIdentifiers": ["x"] }),
            "loggingConfigurationIdentifiers",
        ),
        (
            "CreateRoom",
            json!({ "loggingConfigurationIdentifiers": [1, 2, 3, 4] }),
            "loggingConfigurationIdentifiers",
        ),
        ("CreateRoom", json!({ "tags": { "aws:x": "y" } }), "tags"),
        ("GetRoom", json!({}), "identifier"),
        (
            "GetRoom",
            json!({ "identifier": "arn:aws:ivs:us-east-1:1:channel/A" }),
            "identifier",
        ),
        (
            "GetRoom",
            json!({ "identifier": "arn:aws:ivs:us-east-1:1:room/A" }),
            "identifier",
        ),
        ("ListRooms", json!({ "maxResults": 51 }), "maxResults"),
        (
            "ListRooms",
            json!({ "messageReviewHandlerUri": "x" }),
            "messageReviewHandlerUri",
        ),
        ("CreateChatToken", json!({ "roomIdentifier": NOWHERE }), "userId"),
        ("CreateChatToken", token(json!({ "userId": "" })), "userId"),
        ("CreateChatToken", token(json!({ "userId": long })), "userId"),
        (
            "CreateChatToken",
            token(json!({ "capabilities": ["FLY"] })),
            "capabilities",
        ),
        (
            "CreateChatToken",
            token(json!({ "capabilities": "SEND_MESSAGE" })),
            "capabilities",
        ),
        (
            "CreateChatToken",
            token(json!({ "sessionDurationInMinutes": 181 })),
            "sessionDurationInMinutes",
        ),
        (
            "CreateChatToken",
            token(json!({ "attributes": { "a": 1 } })),
            "attributes",
        ),
        (
            "CreateChatToken",
            token(json!({ "attributes": { "a": "x".repeat(1024) } })),
            "attributes",
        ),
        (
            "SendEvent",
            json!({ "roomIdentifier": NOWHERE, "eventName": "a".repeat(101) }),
            "eventName",
        ),
        (
            "DeleteMessage",
            json!({ "roomIdentifier": NOWHERE, "id": "short" }),
            "id",
        ),
        (
            "DeleteMessage",
            json!({ "roomIdentifier": NOWHERE, "id": "abcdefghijk!" }),
            "id",
        ),
        (
            "DisconnectUser",
            json!({ "roomIdentifier": NOWHERE, "userId": "u", "reason": "" }),
            "reason",
        ),
    ];
    for (operation, body, member) in cases {
        let answer = send(&server, operation, &body).await;
        let expected = (StatusCode::BAD_REQUEST, "ValidationException");
        assert_eq!(answer.error(), expected, "{operation} {body}: {}", answer.text);
        assert_eq!(
            answer.json()["fieldList"][0]["name"],
            member,
            "{operation} {body}: {}",
            answer.text
        );
        assert!(answer.message().contains(&format!("'{member}'")), "{}", answer.text);
    }
    let logging = "arn:aws:ivschat:us-east-1:000000000000:logging-configuration/AbC";
    let answer = send(
        &server,
        "CreateRoom",
        &json!({ "loggingConfigurationIdentifiers": [logging] }),
    )
    .await;
    assert_eq!(answer.error(), (StatusCode::NOT_FOUND, "ResourceNotFoundException"));
    let body =
        json!({ "message": format!("Resource: {logging} not found"), "resourceId": "AbC", "resourceType": "ROOM" });
    assert_eq!(answer.json(), body);
}

async fn send(server: &InProcess, operation: &str, body: &serde_json::Value) -> crate::support::Answer {
    let signer = Signer {
        service: "ivschat",
        ..Signer::default()
    };
    let request = signer.sign("POST", &format!("/{operation}"), &[JSON], &body.to_string());
    server.send(request).await
}
