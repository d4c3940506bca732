//! What is on disk: everything that was answered, and no stream key.

use ivs::{Config, Error, Ivs, SealingKey};

use crate::support::{Server, config, environment};

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let client = server.client();
    let created = client
        .create_channel()
        .name("kept")
        .tags("a", "b")
        .send()
        .await
        .unwrap();
    let gone = client.create_channel().name("gone").send().await.unwrap();
    client
        .delete_channel()
        .arn(gone.channel().unwrap().arn().unwrap())
        .send()
        .await
        .unwrap();
    drop(server);

    let server = Server::start(config(folder.path())).await;
    let client = server.client();
    let channel = created.channel().unwrap();
    let got = client.get_channel().arn(channel.arn().unwrap()).send().await.unwrap();
    assert_eq!(got.channel(), Some(channel));
    let key = created.stream_key().unwrap();
    let got = client.get_stream_key().arn(key.arn().unwrap()).send().await.unwrap();
    assert_eq!(got.stream_key(), Some(key));
    assert_eq!(client.list_channels().send().await.unwrap().channels().len(), 1);
}

#[tokio::test]
async fn another_sealing_key_does_not_open_the_file() {
    let folder = tempfile::tempdir().unwrap();
    drop(Ivs::open(config(folder.path()), environment()).await.unwrap());
    let other = Config {
        sealing_key: SealingKey::new([8; 32]),
        ..config(folder.path())
    };
    let refused = Ivs::open(other, environment()).await;
    assert!(matches!(refused, Err(Error::WrongSealingKey)));
}

#[tokio::test]
async fn a_file_that_is_open_is_not_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = Ivs::open(config(folder.path()), environment()).await.unwrap();
    let second = Ivs::open(config(folder.path()), environment()).await;
    let Err(refused @ Error::InUse { .. }) = second else {
        panic!("two towers share one data file")
    };
    assert!(refused.to_string().contains("ivs.sqlite3 is in use"), "{refused}");
    drop(first);
    assert!(Ivs::open(config(folder.path()), environment()).await.is_ok());
}

#[tokio::test]
async fn a_changed_region_names_new_resources_only() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let old = server.client().create_channel().send().await.unwrap();
    drop(server);
    let server = Server::start(Config {
        region: "eu-central-1".to_owned(),
        ..config(folder.path())
    })
    .await;
    let client = server.client();
    let new = client.create_channel().send().await.unwrap();
    assert!(
        new.channel()
            .unwrap()
            .arn()
            .unwrap()
            .starts_with("arn:aws:ivs:eu-central-1:")
    );
    let old_arn = old.channel().unwrap().arn().unwrap();
    assert_eq!(
        client.get_channel().arn(old_arn).send().await.unwrap().channel(),
        old.channel()
    );
}

#[tokio::test]
async fn no_file_holds_a_stream_key() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(config(folder.path())).await;
    let client = server.client();
    let created = client.create_channel().name("needle-in-the-file").send().await.unwrap();
    let key = created.stream_key().unwrap();
    client
        .tag_resource()
        .resource_arn(key.arn().unwrap())
        .tags("a", "b")
        .send()
        .await
        .unwrap();
    assert!(
        !format!(
            "{:?}",
            server
                .ivs
                .policy()
                .authorize_publish(request(key.value().unwrap()))
                .await
        )
        .contains(key.value().unwrap())
    );
    let secret_part = key.value().unwrap().rsplit('_').next().unwrap().as_bytes();
    let mut has_name = false;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        has_name |= contains(&bytes, b"needle-in-the-file");
        assert!(!contains(&bytes, secret_part), "a stream key is on disk");
    }
    assert!(has_name, "the search finds what is there");
}

fn request(key: &str) -> engine::PublishRequest {
    engine::PublishRequest {
        app: "app".to_owned(),
        key: engine::StreamKey(key.to_owned()),
        remote: "127.0.0.1:9".parse().unwrap(),
        is_encrypted: true,
    }
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
