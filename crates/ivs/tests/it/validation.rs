//! Constraints of request members: each refusal is a ValidationException that names the member.

use http::StatusCode;

use crate::signer::post;
use crate::support::InProcess;

const CHANNEL: &str = "arn:aws:ivs:us-east-1:000000000000:channel/Nowhere00000";

#[tokio::test]
async fn a_member_that_breaks_its_constraint_is_named() {
    let server = InProcess::start().await;
    let long = "a".repeat(129);
    let tags: serde_json::Value = (0..51)
        .map(|n| (format!("k{n}"), "v".into()))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let cases = [
        ("CreateChannel", serde_json::json!({ "name": "has space" }), "name"),
        ("CreateChannel", serde_json::json!({ "name": long }), "name"),
        ("CreateChannel", serde_json::json!({ "name": 7 }), "name"),
        ("CreateChannel", serde_json::json!({ "type": "PRO" }), "type"),
        (
            "CreateChannel",
            serde_json::json!({ "type": { "BASIC": null } }),
            "type",
        ),
        (
            "CreateChannel",
            serde_json::json!({ "latencyMode": "ULTRA" }),
            "latencyMode",
        ),
        (
            "CreateChannel",
            serde_json::json!({ "authorized": "yes" }),
            "authorized",
        ),
        (
            "CreateChannel",
            serde_json::json!({ "insecureIngest": 1 }),
            "insecureIngest",
        ),
        (
            "CreateChannel",
            serde_json::json!({ "preset": "HIGHER_BANDWIDTH_DELIVERY" }),
            "preset",
        ),
        (
            "CreateChannel",
            serde_json::json!({ "containerFormat": "MKV" }),
            "containerFormat",
        ),
        (
            "CreateChannel",
            serde_json::json!({ "recordingConfigurationArn": "x" }),
            "recordingConfigurationArn",
        ),
        (
            "CreateChannel",
            serde_json::json!({ "multitrackInputConfiguration": [] }),
            "multitrackInputConfiguration",
        ),
        (
            "CreateChannel",
            serde_json::json!({ "multitrackInputConfiguration": { "enabled": true } }),
            "multitrackInputConfiguration",
        ),
        ("CreateChannel", serde_json::json!({ "tags": { "a": 1 } }), "tags"),
        ("CreateChannel", serde_json::json!({ "tags": { "": "x" } }), "tags"),
        (
            "CreateChannel",
            serde_json::json!({ "tags": { "a": "x".repeat(257) } }),
            "tags",
        ),
        ("CreateChannel", serde_json::json!({ "tags": { "a!": "x" } }), "tags"),
        ("CreateChannel", serde_json::json!({ "tags": tags }), "tags"),
        ("GetChannel", serde_json::json!({}), "arn"),
        ("GetChannel", serde_json::json!({ "arn": null }), "arn"),
        (
            "GetChannel",
            serde_json::json!({ "arn": "arn:aws:ivs:us-east-1:1:stream-key/x" }),
            "arn",
        ),
        ("BatchGetChannel", serde_json::json!({}), "arns"),
        ("BatchGetChannel", serde_json::json!({ "arns": [] }), "arns"),
        (
            "BatchGetChannel",
            serde_json::json!({ "arns": vec![CHANNEL; 51] }),
            "arns",
        ),
        ("BatchGetChannel", serde_json::json!({ "arns": [CHANNEL, 1] }), "arns"),
        ("ListChannels", serde_json::json!({ "maxResults": 0 }), "maxResults"),
        ("ListChannels", serde_json::json!({ "maxResults": 101 }), "maxResults"),
        ("ListChannels", serde_json::json!({ "maxResults": 1.5 }), "maxResults"),
        ("ListChannels", serde_json::json!({ "nextToken": "?" }), "nextToken"),
        (
            "ListChannels",
            serde_json::json!({ "nextToken": "a".repeat(1025) }),
            "nextToken",
        ),
        (
            "ListStreamKeys",
            serde_json::json!({ "channelArn": CHANNEL, "maxResults": 51 }),
            "maxResults",
        ),
        (
            "ListStreams",
            serde_json::json!({ "filterBy": { "health": "GOOD" } }),
            "health",
        ),
        (
            "GetStreamSession",
            serde_json::json!({ "channelArn": CHANNEL, "streamId": "st-1" }),
            "streamId",
        ),
        ("GetStream", serde_json::json!({ "channelArn": "x" }), "channelArn"),
    ];
    for (operation, body, member) in cases {
        let answer = server.send(post(operation, &body.to_string())).await;
        assert_eq!(
            answer.error(),
            (StatusCode::BAD_REQUEST, "ValidationException"),
            "{operation} {body}: {}",
            answer.text
        );
        assert!(
            answer.message().contains(&format!("'{member}'")),
            "{operation} {body}: {}",
            answer.text
        );
    }
}

#[tokio::test]
async fn bodies_that_are_no_object_are_refused_and_unknown_members_are_not() {
    let server = InProcess::start().await;
    for body in ["[]", "1", "{", "{\"a\":", &"[".repeat(100_000)] {
        let answer = server.send(post("CreateChannel", body)).await;
        assert_eq!(
            answer.error(),
            (StatusCode::BAD_REQUEST, "ValidationException"),
            "{body:.20}"
        );
    }
    let answer = server
        .send(post("CreateChannel", r#"{"future":{"x":[1]},"name":null}"#))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
    assert_eq!(answer.json()["channel"]["name"], "");
}

#[tokio::test]
async fn defaults_are_echoed() {
    let server = InProcess::start().await;
    let channel = server.send(post("CreateChannel", "")).await.json()["channel"].clone();
    for (member, value) in [
        ("latencyMode", "LOW"),
        ("type", "STANDARD"),
        ("preset", ""),
        ("containerFormat", "TS"),
        ("recordingConfigurationArn", ""),
        ("playbackRestrictionPolicyArn", ""),
    ] {
        assert_eq!(channel[member], value, "{member}");
    }
    assert_eq!(channel["tags"], serde_json::json!({}));
    assert_eq!(
        (&channel["authorized"], &channel["insecureIngest"]),
        (&false.into(), &false.into())
    );
    let body = r#"{"multitrackInputConfiguration":{"enabled":true,"policy":"ALLOW","maximumResolution":"FULL_HD"},
                   "containerFormat":"FRAGMENTED_MP4"}"#;
    let channel = server.send(post("CreateChannel", body)).await.json()["channel"].clone();
    assert_eq!(channel["multitrackInputConfiguration"]["maximumResolution"], "FULL_HD");
}

#[tokio::test]
async fn configurations_that_cannot_exist_are_not_found() {
    let server = InProcess::start().await;
    let body = r#"{"recordingConfigurationArn":"arn:aws:ivs:us-east-1:000000000000:recording-configuration/x"}"#;
    let answer = server.send(post("CreateChannel", body)).await;
    assert_eq!(answer.error(), (StatusCode::NOT_FOUND, "ResourceNotFoundException"));
    let answer = server
        .send(post("CreateChannel", r#"{"recordingConfigurationArn":""}"#))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}
