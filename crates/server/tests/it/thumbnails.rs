//! Pictures of what is on air, through real ffmpeg at both ends.

use http::StatusCode;

use crate::channel::{self, Channel};
use crate::first_broadcast::Encoder;
use crate::support::{Server, eventually};

#[tokio::test]
async fn a_channel_on_air_has_a_picture_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start("serve", folder.path(), &channel::ADMIN);
    let admin = channel::sign_in(&server).await;
    let channel = Channel::new(&server, &admin, 1).await;
    let path = format!("/api/channels/{}/thumbnail.jpg", channel.id);
    assert_eq!(server.fetch(&path).await.0, StatusCode::NOT_FOUND);
    let nowhere = server.fetch("/api/channels/nowhere/thumbnail.jpg").await;
    assert_eq!(nowhere.0, StatusCode::NOT_FOUND);

    let _encoder = Encoder::start(&format!("{}{}", server.rtmp, channel.key));
    let (kind, picture) = eventually("there is a picture", async || {
        let (status, kind, picture) = server.fetch(&path).await;
        let is_there = status == StatusCode::OK;
        let is_coming = [StatusCode::NOT_FOUND, StatusCode::SERVICE_UNAVAILABLE].contains(&status);
        assert!(is_there || is_coming, "{status}");
        is_there.then_some((kind, picture))
    })
    .await;
    assert_eq!(kind, "image/jpeg");
    // The encoder's picture is narrower than the limit, and is not blown up.
    assert_eq!(size(&picture), (320, 180));
    let again = server.fetch(&path).await.2;
    assert!(again == picture, "one picture serves everybody for a while");
}

/// Width and height in a JPEG's baseline frame header (ITU T.81 B.2.2).
fn size(jpeg: &[u8]) -> (u16, u16) {
    let at = jpeg.windows(2).position(|mark| mark == [0xff, 0xc0]).unwrap();
    let number = |offset: usize| u16::from_be_bytes([jpeg[at + offset], jpeg[at + offset + 1]]);
    (number(7), number(5))
}
