//! The AWS SDK for Rust against every operation.

use std::collections::HashMap;

use aws_sdk_ivs::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ivs::types::{ChannelLatencyMode, ChannelType, TranscodePreset};
use ivs::Quotas;

use crate::support::{Server, config};

/// HTTP status and error name of a refused call.
pub fn refusal<T: std::fmt::Debug, E: ProvideErrorMetadata>(
    result: Result<T, SdkError<E, aws_sdk_ivs::config::http::HttpResponse>>,
) -> (u16, String) {
    match result {
        Err(SdkError::ServiceError(error)) => {
            assert!(
                !error.err().message().unwrap_or_default().is_empty(),
                "the error has no message"
            );
            (
                error.raw().status().as_u16(),
                error.err().code().unwrap_or_default().to_owned(),
            )
        }
        other => panic!(
            "expected a refusal by the service, got {other:?}",
            other = other.map_err(|_| "another error")
        ),
    }
}

const NOWHERE: &str = "arn:aws:ivs:us-east-1:000000000000:channel/Nowhere00000";

#[tokio::test]
async fn a_channel_lives_from_create_to_delete() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let client = server.client();

    let created = client
        .create_channel()
        .name("auction_1")
        .insecure_ingest(true)
        .tags("owner", "me")
        .send()
        .await
        .unwrap();
    let channel = created.channel().unwrap();
    let arn = channel.arn().unwrap();
    let id = arn.strip_prefix("arn:aws:ivs:us-east-1:000000000000:channel/").unwrap();
    assert_eq!(id.len(), 12);
    assert_eq!(channel.name(), Some("auction_1"));
    assert_eq!(channel.r#type(), Some(&ChannelType::StandardChannelType));
    assert_eq!(channel.latency_mode(), Some(&ChannelLatencyMode::LowLatency));
    assert_eq!(channel.ingest_endpoint(), Some("localhost"));
    let playback_url = format!("http://localhost:8000/api/video/v1/us-east-1.000000000000.channel.{id}.m3u8");
    assert_eq!(channel.playback_url(), Some(playback_url.as_str()));
    let key = created.stream_key().unwrap();
    assert!(key.value().unwrap().starts_with("sk_us-east-1_"));
    assert_eq!(key.channel_arn(), Some(arn));

    let got = client.get_channel().arn(arn).send().await.unwrap();
    assert_eq!(got.channel(), Some(channel));

    let updated = client
        .update_channel()
        .arn(arn)
        .r#type(ChannelType::AdvancedHdChannelType)
        .name("two")
        .send()
        .await
        .unwrap();
    let updated = updated.channel().unwrap();
    assert_eq!(updated.preset(), Some(&TranscodePreset::HigherBandwidthTranscodePreset));
    assert_eq!((updated.name(), updated.insecure_ingest()), (Some("two"), true));

    client.delete_channel().arn(arn).send().await.unwrap();
    let expected = (404, "ResourceNotFoundException".to_owned());
    assert_eq!(refusal(client.get_channel().arn(arn).send().await), expected);
    assert_eq!(refusal(client.delete_channel().arn(arn).send().await), expected);
    assert_eq!(
        refusal(client.get_stream_key().arn(key.arn().unwrap()).send().await),
        expected
    );
}

#[tokio::test]
async fn channels_are_listed_in_pages_and_by_one_filter() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let client = server.client();
    let mut arns = Vec::new();
    for index in 0..5 {
        let created = client
            .create_channel()
            .name(format!("c{}", index % 2))
            .send()
            .await
            .unwrap();
        arns.push(created.channel().unwrap().arn().unwrap().to_owned());
    }
    let pages: Vec<_> = {
        let mut stream = client.list_channels().into_paginator().page_size(2).send();
        let mut pages = Vec::new();
        while let Some(page) = stream.next().await {
            pages.push(page.unwrap());
        }
        pages
    };
    assert_eq!(
        pages.iter().map(|page| page.channels().len()).collect::<Vec<_>>(),
        [2, 2, 1]
    );
    let listed: Vec<_> = pages
        .iter()
        .flat_map(|page| page.channels())
        .map(|c| c.arn().unwrap().to_owned())
        .collect();
    assert_eq!(listed, arns);

    let named = client.list_channels().filter_by_name("c1").send().await.unwrap();
    assert_eq!(
        named.channels().iter().map(|c| c.arn().unwrap()).collect::<Vec<_>>(),
        [&arns[1], &arns[3]]
    );
    let policy = "arn:aws:ivs:us-east-1:000000000000:playback-restriction-policy/x";
    let by_policy = client.list_channels().filter_by_playback_restriction_policy_arn(policy);
    assert!(by_policy.clone().send().await.unwrap().channels().is_empty());
    assert_eq!(
        refusal(by_policy.filter_by_name("c1").send().await),
        (409, "ConflictException".to_owned())
    );
    let bad = client.list_channels().next_token("bm9wZQ").send().await;
    assert_eq!(refusal(bad), (400, "ValidationException".to_owned()));

    let batch = client
        .batch_get_channel()
        .arns(&arns[2])
        .arns(NOWHERE)
        .arns(&arns[0])
        .send()
        .await
        .unwrap();
    let found: Vec<_> = batch.channels().iter().map(|c| c.arn().unwrap()).collect();
    assert_eq!(found, [&arns[2], &arns[0]]);
    assert_eq!(batch.errors()[0].arn(), Some(NOWHERE));
}

#[tokio::test]
async fn stream_keys_are_made_within_the_quota_and_rotated() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let client = server.client();
    let created = client.create_channel().send().await.unwrap();
    let arn = created.channel().unwrap().arn().unwrap();
    let first = created.stream_key().unwrap();

    let second = client.create_stream_key().channel_arn(arn).send().await;
    assert_eq!(refusal(second), (402, "ServiceQuotaExceededException".to_owned()));
    let got = client.get_stream_key().arn(first.arn().unwrap()).send().await.unwrap();
    assert_eq!(got.stream_key(), Some(first));
    let listed = client.list_stream_keys().channel_arn(arn).send().await.unwrap();
    assert_eq!(listed.stream_keys()[0].arn(), first.arn());

    client
        .delete_stream_key()
        .arn(first.arn().unwrap())
        .send()
        .await
        .unwrap();
    let rotated = client
        .create_stream_key()
        .channel_arn(arn)
        .tags("a", "b")
        .send()
        .await
        .unwrap();
    let rotated = rotated.stream_key().unwrap();
    assert_ne!(rotated.value(), first.value());
    let batch = client
        .batch_get_stream_key()
        .arns(rotated.arn().unwrap())
        .arns(first.arn().unwrap());
    let batch = batch.send().await.unwrap();
    assert_eq!(batch.stream_keys()[0].value(), rotated.value());
    assert_eq!(batch.errors()[0].arn(), first.arn());
    let nowhere = client.create_stream_key().channel_arn(NOWHERE).send().await;
    assert_eq!(refusal(nowhere), (404, "ResourceNotFoundException".to_owned()));
}

#[tokio::test]
async fn calls_at_the_same_time_do_not_exceed_the_quota() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let client = server.client();
    let created = client.create_channel().send().await.unwrap();
    let arn = created.channel().unwrap().arn().unwrap();
    client
        .delete_stream_key()
        .arn(created.stream_key().unwrap().arn().unwrap())
        .send()
        .await
        .unwrap();
    let calls = (0..8).map(|_| client.create_stream_key().channel_arn(arn).send());
    let answers = futures_util::future::join_all(calls).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
}

#[tokio::test]
async fn list_stream_keys_gives_one_key_a_page_by_default() {
    let folder = tempfile::tempdir().unwrap();
    let quotas = Quotas {
        stream_keys_per_channel: 3,
        channels: 1,
        ..Quotas::default()
    };
    let server = Server::start(ivs::Config {
        quotas,
        ..config(folder.path())
    })
    .await;
    let client = server.client();
    let created = client.create_channel().send().await.unwrap();
    let arn = created.channel().unwrap().arn().unwrap();
    assert_eq!(refusal(client.create_channel().send().await).0, 402);
    for _ in 0..2 {
        client.create_stream_key().channel_arn(arn).send().await.unwrap();
    }
    let first = client.list_stream_keys().channel_arn(arn).send().await.unwrap();
    assert_eq!(first.stream_keys().len(), 1);
    let rest = client
        .list_stream_keys()
        .channel_arn(arn)
        .max_results(50)
        .next_token(first.next_token().unwrap())
        .send()
        .await;
    let rest = rest.unwrap();
    assert_eq!((rest.stream_keys().len(), rest.next_token()), (2, None));
}

#[tokio::test]
async fn tags_are_added_listed_and_removed() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let client = server.client();
    let created = client.create_channel().tags("owner", "me").send().await.unwrap();
    for arn in [
        created.channel().unwrap().arn().unwrap(),
        created.stream_key().unwrap().arn().unwrap(),
    ] {
        client
            .tag_resource()
            .resource_arn(arn)
            .tags("owner", "you")
            .tags("k 2=/", "ü")
            .send()
            .await
            .unwrap();
        let tags = client.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
        let expected = HashMap::from([("owner".into(), "you".into()), ("k 2=/".into(), "ü".into())]);
        assert_eq!(tags.tags(), &expected);
        client
            .untag_resource()
            .resource_arn(arn)
            .tag_keys("k 2=/")
            .tag_keys("owner")
            .send()
            .await
            .unwrap();
        assert!(
            client
                .list_tags_for_resource()
                .resource_arn(arn)
                .send()
                .await
                .unwrap()
                .tags()
                .is_empty()
        );
    }
    let expected = (404, "ResourceNotFoundException".to_owned());
    assert_eq!(
        refusal(client.list_tags_for_resource().resource_arn(NOWHERE).send().await),
        expected
    );
    let stage = NOWHERE.replace("channel", "stage");
    assert_eq!(
        refusal(client.tag_resource().resource_arn(stage).tags("a", "b").send().await),
        expected
    );
    let arn = created.channel().unwrap().arn().unwrap();
    let reserved = client.tag_resource().resource_arn(arn).tags("aws:x", "b").send().await;
    assert_eq!(refusal(reserved), (400, "ValidationException".to_owned()));
}

#[tokio::test]
async fn an_offline_channel_is_not_broadcasting() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let client = server.client();
    let created = client.create_channel().send().await.unwrap();
    let arn = created.channel().unwrap().arn().unwrap();
    let offline = (404, "ChannelNotBroadcasting".to_owned());
    let absent = (404, "ResourceNotFoundException".to_owned());
    assert_eq!(refusal(client.get_stream().channel_arn(arn).send().await), offline);
    assert_eq!(refusal(client.stop_stream().channel_arn(arn).send().await), offline);
    assert_eq!(refusal(client.get_stream().channel_arn(NOWHERE).send().await), absent);
    assert_eq!(refusal(client.stop_stream().channel_arn(NOWHERE).send().await), absent);
    assert_eq!(
        refusal(client.get_stream_session().channel_arn(arn).send().await),
        absent
    );
    assert!(client.list_streams().send().await.unwrap().streams().is_empty());
    assert!(
        client
            .list_stream_sessions()
            .channel_arn(arn)
            .send()
            .await
            .unwrap()
            .stream_sessions()
            .is_empty()
    );
}

#[tokio::test]
async fn operations_that_do_not_exist_here_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let client = server.client();
    let result = client.put_metadata().channel_arn(NOWHERE).metadata("x").send().await;
    let Err(SdkError::ServiceError(error)) = &result else {
        panic!("{result:?}")
    };
    assert_eq!(
        error.err().message(),
        Some("PutMetadata is not available on this server")
    );
    assert_eq!(refusal(result), (501, "UnsupportedOperationException".to_owned()));
}

#[tokio::test]
async fn a_wrong_secret_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let refused = refusal(server.client_with("wrong").list_channels().send().await);
    assert_eq!(refused, (403, "InvalidSignatureException".to_owned()));
}
