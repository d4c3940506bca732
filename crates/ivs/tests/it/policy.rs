//! What the engine is answered.

use engine::{PlaybackDenied, PlaybackRequest, PublishDenied, PublishRequest, StreamKey};

use crate::support::{Server, config};

fn request(key: &str, is_encrypted: bool) -> PublishRequest {
    let remote = "127.0.0.1:9".parse().unwrap();
    PublishRequest {
        app: "app".to_owned(),
        key: StreamKey(key.to_owned()),
        remote,
        is_encrypted,
    }
}

#[tokio::test]
async fn a_key_publishes_to_its_channel_until_it_is_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let (client, policy) = (server.client(), server.ivs.policy());
    let created = client.create_channel().send().await.unwrap();
    let (channel, key) = (created.channel().unwrap(), created.stream_key().unwrap());
    let value = key.value().unwrap();

    let grant = policy.authorize_publish(request(value, true)).await.unwrap();
    let id = channel.arn().unwrap().rsplit('/').next().unwrap();
    assert_eq!(grant.feed, format!("us-east-1.000000000000.channel.{id}"));
    assert!(grant.stream_id.len() == 26 && grant.stream_id.starts_with("st-"));

    let wrong_app = PublishRequest {
        app: "live".to_owned(),
        ..request(value, true)
    };
    assert_eq!(
        policy.authorize_publish(wrong_app).await,
        Err(PublishDenied::UnknownApp)
    );
    for wrong in ["", "sk_us-east-1_x", &"k".repeat(1_000_000)] {
        assert_eq!(
            policy.authorize_publish(request(wrong, true)).await,
            Err(PublishDenied::UnknownKey)
        );
    }
    client.delete_stream_key().arn(key.arn().unwrap()).send().await.unwrap();
    assert_eq!(
        policy.authorize_publish(request(value, true)).await,
        Err(PublishDenied::UnknownKey)
    );
}

#[tokio::test]
async fn plain_rtmp_needs_insecure_ingest() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let (client, policy) = (server.client(), server.ivs.policy());
    let created = client.create_channel().send().await.unwrap();
    let (arn, value) = (
        created.channel().unwrap().arn().unwrap(),
        created.stream_key().unwrap().value().unwrap(),
    );
    assert_eq!(
        policy.authorize_publish(request(value, false)).await,
        Err(PublishDenied::EncryptionRequired)
    );
    client
        .update_channel()
        .arn(arn)
        .insecure_ingest(true)
        .send()
        .await
        .unwrap();
    assert!(policy.authorize_publish(request(value, false)).await.is_ok());
    client.delete_channel().arn(arn).send().await.unwrap();
    assert_eq!(
        policy.authorize_publish(request(value, true)).await,
        Err(PublishDenied::UnknownKey)
    );
}

#[tokio::test]
async fn private_channels_refuse_players_and_unknown_feeds_do_not_exist() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let (client, policy) = (server.client(), server.ivs.policy());
    let created = client.create_channel().send().await.unwrap();
    let arn = created.channel().unwrap().arn().unwrap();
    let feed = format!("us-east-1.000000000000.channel.{}", arn.rsplit('/').next().unwrap());
    let play = |feed| {
        policy.authorize_playback(PlaybackRequest {
            feed,
            token: None,
            origin: None,
        })
    };
    assert_eq!(
        play("us-east-1.000000000000.channel.x"),
        Err(PlaybackDenied::UnknownFeed)
    );
    assert_eq!(play(&feed), Ok(()));
    client.update_channel().arn(arn).authorized(true).send().await.unwrap();
    assert_eq!(play(&feed), Err(PlaybackDenied::Forbidden));
}
