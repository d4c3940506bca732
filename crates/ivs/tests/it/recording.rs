//! Recording configurations through Amazon's SDK: their life, their attachment to channels, their constraints.

use aws_sdk_ivs::types::{
    DestinationConfiguration, RecordingConfigurationState, RecordingMode, RenditionConfiguration,
    RenditionConfigurationRendition, RenditionConfigurationRenditionSelection, S3DestinationConfiguration,
    ThumbnailConfiguration, ThumbnailConfigurationStorage,
};
use http::StatusCode;
use ivs::{Config, Quotas};
use serde_json::json;

use crate::sdk::refusal;
use crate::signer::post;
use crate::support::{InProcess, Server, config};

const NOWHERE: &str = "arn:aws:ivs:us-east-1:000000000000:recording-configuration/Nowhere00000";

fn bucket(name: &str) -> DestinationConfiguration {
    let s3 = S3DestinationConfiguration::builder().bucket_name(name).build().unwrap();
    DestinationConfiguration::builder().s3(s3).build()
}

#[tokio::test]
async fn a_configuration_lives_from_create_to_delete_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let renditions = RenditionConfiguration::builder()
        .rendition_selection(RenditionConfigurationRenditionSelection::Custom)
        .renditions(RenditionConfigurationRendition::Hd)
        .build();
    let thumbnails = ThumbnailConfiguration::builder()
        .recording_mode(RecordingMode::Disabled)
        .build();
    let create = server.client().create_recording_configuration().name("shows");
    let created = create
        .destination_configuration(bucket("my-bucket.1"))
        .recording_reconnect_window_seconds(300)
        .rendition_configuration(renditions.clone())
        .thumbnail_configuration(thumbnails.clone())
        .tags("owner", "me")
        .send()
        .await
        .unwrap();
    let created = created.recording_configuration().unwrap();
    let prefix = "arn:aws:ivs:us-east-1:000000000000:recording-configuration/";
    assert_eq!(created.arn().strip_prefix(prefix).unwrap().len(), 12);
    assert_eq!(created.state(), &RecordingConfigurationState::Creating);
    drop(server);

    let server = Server::start(config(folder.path())).await;
    let client = server.client();
    let got = client
        .get_recording_configuration()
        .arn(created.arn())
        .send()
        .await
        .unwrap();
    let got = got.recording_configuration().unwrap();
    assert_eq!(got.state(), &RecordingConfigurationState::Active);
    assert_eq!(
        (got.name(), got.recording_reconnect_window_seconds()),
        (Some("shows"), 300)
    );
    assert_eq!(got.destination_configuration(), Some(&bucket("my-bucket.1")));
    assert_eq!(got.rendition_configuration(), Some(&renditions));
    assert_eq!(
        got.thumbnail_configuration().unwrap().recording_mode(),
        thumbnails.recording_mode()
    );
    assert_eq!(got.tags().unwrap()["owner"], "me");

    let delete = || client.delete_recording_configuration().arn(created.arn()).send();
    delete().await.unwrap();
    let gone = (404, "ResourceNotFoundException".to_owned());
    assert_eq!(refusal(delete().await), gone);
    let get = client.get_recording_configuration().arn(created.arn()).send().await;
    assert_eq!(refusal(get), gone);
}

#[tokio::test]
async fn defaults_are_those_amazon_documents() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let create = server.client().create_recording_configuration();
    let created = create.destination_configuration(bucket("abc")).send().await.unwrap();
    let created = created.recording_configuration().unwrap();
    assert_eq!(
        (created.name(), created.recording_reconnect_window_seconds()),
        (Some(""), 0)
    );
    let thumbnails = created.thumbnail_configuration().unwrap();
    assert_eq!(thumbnails.recording_mode(), Some(&RecordingMode::Interval));
    assert_eq!(thumbnails.target_interval_seconds(), Some(60));
    assert_eq!(thumbnails.storage(), [ThumbnailConfigurationStorage::Sequential]);
    let renditions = created.rendition_configuration().unwrap();
    assert_eq!(
        renditions.rendition_selection(),
        Some(&RenditionConfigurationRenditionSelection::All)
    );
}

#[tokio::test]
async fn configurations_are_made_within_the_quota_and_listed_in_pages() {
    let folder = tempfile::tempdir().unwrap();
    let quotas = Quotas {
        recording_configurations: 3,
        ..Quotas::default()
    };
    let server = Server::start(Config {
        quotas,
        ..config(folder.path())
    })
    .await;
    let client = server.client();
    let create = || {
        client
            .create_recording_configuration()
            .destination_configuration(bucket("abc"))
            .send()
    };
    let answers = futures_util::future::join_all((0..5).map(|_| create())).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    assert_eq!(
        refusal(create().await),
        (402, "ServiceQuotaExceededException".to_owned())
    );
    let mut pages = client
        .list_recording_configurations()
        .into_paginator()
        .page_size(2)
        .send();
    let (mut sizes, mut listed) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        sizes.push(page.recording_configurations().len());
        for each in page.recording_configurations() {
            assert_eq!(each.state(), &RecordingConfigurationState::Active);
            assert_eq!(each.destination_configuration(), Some(&bucket("abc")));
            listed.push(each.arn().to_owned());
        }
    }
    assert_eq!(sizes, [2, 1]);
    let deleted = client.delete_recording_configuration().arn(&listed[0]).send().await;
    deleted.unwrap();
    create().await.unwrap();
    let other_list = client.list_channels().max_results(1).send().await.unwrap();
    assert_eq!(other_list.next_token(), None);
}

#[tokio::test]
async fn a_channel_has_one_that_exists_and_keeps_it_from_being_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let client = server.client();
    let mut arns = Vec::new();
    for _ in 0..2 {
        let create = client.create_recording_configuration();
        let created = create.destination_configuration(bucket("abc")).send().await.unwrap();
        arns.push(created.recording_configuration().unwrap().arn().to_owned());
    }
    let missing = (404, "ResourceNotFoundException".to_owned());
    let refused = client
        .create_channel()
        .recording_configuration_arn(NOWHERE)
        .send()
        .await;
    assert_eq!(refusal(refused), missing);
    let create = client.create_channel().recording_configuration_arn(&arns[0]);
    let created = create.send().await.unwrap();
    let channel = created.channel().unwrap();
    assert_eq!(channel.recording_configuration_arn(), Some(arns[0].as_str()));
    let channel_arn = channel.arn().unwrap();
    let plain = client.create_channel().send().await.unwrap();

    let refused = client.delete_recording_configuration().arn(&arns[0]).send().await;
    assert_eq!(refusal(refused), (409, "ConflictException".to_owned()));
    let having = async |arn: &str| {
        let listed = client.list_channels().filter_by_recording_configuration_arn(arn);
        let listed = listed.send().await.unwrap();
        let summary = |c: &aws_sdk_ivs::types::ChannelSummary| {
            assert_eq!(c.recording_configuration_arn(), Some(arn));
            c.arn().unwrap().to_owned()
        };
        listed.channels().iter().map(summary).collect::<Vec<_>>()
    };
    assert_eq!(having(&arns[0]).await, [channel_arn]);
    assert!(having(&arns[1]).await.is_empty() && having(NOWHERE).await.is_empty());
    let both = client.list_channels().filter_by_name("a");
    let both = both.filter_by_recording_configuration_arn(&arns[0]).send().await;
    assert_eq!(refusal(both), (409, "ConflictException".to_owned()));

    let update = |arn: &str| {
        client
            .update_channel()
            .arn(channel_arn)
            .recording_configuration_arn(arn)
            .send()
    };
    assert_eq!(refusal(update(NOWHERE).await), missing);
    update(&arns[1]).await.unwrap();
    // Members that are absent stay, tags change beside them.
    client
        .update_channel()
        .arn(channel_arn)
        .name("two")
        .send()
        .await
        .unwrap();
    let tagging = client.tag_resource().resource_arn(channel_arn).tags("a", "b");
    tagging.send().await.unwrap();
    assert_eq!(having(&arns[1]).await, [channel_arn]);
    let deleted = client.delete_recording_configuration().arn(&arns[0]).send().await;
    deleted.unwrap();

    let cleared = update("").await.unwrap();
    assert_eq!(cleared.channel().unwrap().recording_configuration_arn(), Some(""));
    update(&arns[1]).await.unwrap();
    client.delete_channel().arn(channel_arn).send().await.unwrap();
    let deleted = client.delete_recording_configuration().arn(&arns[1]).send().await;
    deleted.unwrap();
    assert_eq!(
        plain.channel().unwrap().recording_configuration_arn(),
        Some(""),
        "none is attached unasked"
    );
}

#[tokio::test]
async fn configurations_have_tags() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let client = server.client();
    let create = client.create_recording_configuration().tags("a", "b");
    let created = create.destination_configuration(bucket("abc")).send().await.unwrap();
    let arn = created.recording_configuration().unwrap().arn();
    let tagging = client.tag_resource().resource_arn(arn).tags("c", "d");
    tagging.send().await.unwrap();
    let untagging = client.untag_resource().resource_arn(arn).tag_keys("a");
    untagging.send().await.unwrap();
    let listed = client.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(listed.tags(), &[("c".into(), "d".into())].into());
    let got = client.get_recording_configuration().arn(arn).send().await.unwrap();
    assert_eq!(got.recording_configuration().unwrap().tags(), Some(listed.tags()));
    let nowhere = client.list_tags_for_resource().resource_arn(NOWHERE).send().await;
    assert_eq!(refusal(nowhere), (404, "ResourceNotFoundException".to_owned()));
}

#[tokio::test]
async fn a_member_that_breaks_its_constraint_is_named() {
    let server = InProcess::start().await;
    let s3 = |name: serde_json::Value| json!({ "s3": { "bucketName": name } });
    let cases = [
        ("destinationConfiguration", json!(null), "destinationConfiguration"),
        ("destinationConfiguration", json!({}), "destinationConfiguration"),
        ("destinationConfiguration", json!("abc"), "destinationConfiguration"),
        ("destinationConfiguration", json!({ "s3": {} }), "bucketName"),
        ("destinationConfiguration", s3(json!("ab")), "bucketName"),
        ("destinationConfiguration", s3(json!("a".repeat(64))), "bucketName"),
        ("destinationConfiguration", s3(json!("My-Bucket")), "bucketName"),
        ("destinationConfiguration", s3(json!(7)), "bucketName"),
        ("name", json!("has space"), "name"),
        (
            "recordingReconnectWindowSeconds",
            json!(301),
            "recordingReconnectWindowSeconds",
        ),
        (
            "recordingReconnectWindowSeconds",
            json!(-1),
            "recordingReconnectWindowSeconds",
        ),
        (
            "thumbnailConfiguration",
            json!({ "recordingMode": "OFTEN" }),
            "recordingMode",
        ),
        (
            "thumbnailConfiguration",
            json!({ "targetIntervalSeconds": 0 }),
            "targetIntervalSeconds",
        ),
        (
            "thumbnailConfiguration",
            json!({ "targetIntervalSeconds": 61 }),
            "targetIntervalSeconds",
        ),
        ("thumbnailConfiguration", json!({ "resolution": "4K" }), "resolution"),
        ("thumbnailConfiguration", json!({ "storage": ["LAST"] }), "storage"),
        (
            "thumbnailConfiguration",
            json!({ "storage": vec!["LATEST"; 9] }),
            "storage",
        ),
        (
            "renditionConfiguration",
            json!({ "renditionSelection": "SOME" }),
            "renditionSelection",
        ),
        (
            "renditionConfiguration",
            json!({ "renditionSelection": "CUSTOM" }),
            "renditions",
        ),
        ("renditionConfiguration", json!({ "renditions": ["UHD"] }), "renditions"),
        ("tags", json!({ "aws:x": "y" }), "tags"),
    ];
    for (member, value, named) in cases {
        let mut body = json!({ "destinationConfiguration": { "s3": { "bucketName": "abc" } } });
        body[member] = value;
        let answer = server
            .send(post("CreateRecordingConfiguration", &body.to_string()))
            .await;
        assert_eq!(
            answer.error(),
            (StatusCode::BAD_REQUEST, "ValidationException"),
            "{body}: {}",
            answer.text
        );
        assert!(
            answer.message().contains(&format!("'{named}'")),
            "{body}: {}",
            answer.text
        );
    }
    for (operation, body) in [
        ("GetRecordingConfiguration", json!({})),
        (
            "GetRecordingConfiguration",
            json!({ "arn": NOWHERE.replace("recording-configuration", "channel") }),
        ),
        ("DeleteRecordingConfiguration", json!({ "arn": "" })),
        ("ListRecordingConfigurations", json!({ "maxResults": 101 })),
        ("ListRecordingConfigurations", json!({ "nextToken": "?" })),
    ] {
        let answer = server.send(post(operation, &body.to_string())).await;
        assert_eq!(answer.error_name(), "ValidationException", "{operation} {body}");
    }
}
