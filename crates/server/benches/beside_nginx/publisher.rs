//! One publisher: a task that sends the clip in real time, each picture stamped with the moment it is sent.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use bytes::{Bytes, BytesMut};
use media::rtmp::MessageKind;
use media::testing::publisher::{self, Config, Event, Input, Output, Style};
use media::testing::recording::Tag;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clip::{Clip, SECONDS};
use crate::stamp;

/// A running publisher.
pub struct Publisher {
    task: JoinHandle<anyhow::Result<()>>,
    stop: CancellationToken,
}

impl Publisher {
    /// Connects and starts to send; returns when the server let it in.
    pub async fn start(ingest: (SocketAddr, String, String), clip: Clip, index: usize) -> anyhow::Result<Self> {
        let (addr, app, key) = ingest;
        let mut socket = TcpStream::connect(addr).await?;
        socket.set_nodelay(true)?;
        let config = Config {
            app,
            key,
            style: Style::Ffmpeg,
            digest_scheme: None,
        };
        let mut session = publisher::Publisher::new(config);
        let mut buffer = vec![0; 64 * 1024];
        while !flush(&mut session, &mut socket).await? {
            let read = tokio::time::timeout(Duration::from_secs(10), socket.read(&mut buffer)).await??;
            anyhow::ensure!(read > 0, "the server closed the connection");
            session.handle_input(Input::Bytes(&buffer[..read]));
        }
        let stop = CancellationToken::new();
        // Spread over a frame's time, as independent encoders are.
        let offset = Duration::from_micros(331) * u32::try_from(index).unwrap_or(0);
        let task = tokio::spawn(replay(session, socket, clip, offset, stop.clone()));
        Ok(Self { task, stop })
    }

    /// Says goodbye. An error when the server had dropped it before.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.task.await.context("the publisher panicked")?
    }
}

async fn replay(
    mut session: publisher::Publisher,
    mut socket: TcpStream,
    clip: Clip,
    offset: Duration,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let start = Instant::now() + offset;
    let mut acknowledgements = vec![0; 4_096];
    for pass in 0.. {
        for tag in &clip.tags {
            let timestamp = tag.timestamp + pass * SECONDS * 1_000;
            let is_header = tag.timestamp == 0 && is_configuration(tag);
            if pass > 0 && (is_header || tag.kind == MessageKind::from(18)) {
                continue;
            }
            let due = start + Duration::from_millis(u64::from(timestamp));
            if stop.run_until_cancelled(tokio::time::sleep_until(due)).await.is_none() {
                session.handle_input(Input::Unpublish);
                flush(&mut session, &mut socket).await?;
                return Ok(socket.shutdown().await?);
            }
            let tag = Tag {
                kind: tag.kind,
                timestamp,
                body: stamped(tag),
            };
            session.handle_input(Input::Tag(&tag));
            flush(&mut session, &mut socket).await?;
            while let Ok(read) = socket.try_read(&mut acknowledgements) {
                anyhow::ensure!(read > 0, "the server closed the connection");
            }
        }
    }
    Ok(())
}

/// Sends what waits. True when the server has let us in.
async fn flush(session: &mut publisher::Publisher, socket: &mut TcpStream) -> anyhow::Result<bool> {
    let mut is_in = false;
    while let Some(output) = session.poll_output() {
        match output {
            Output::Send(bytes) => socket.write_all(&bytes).await?,
            Output::Event(Event::Publishing) => is_in = true,
            Output::Event(Event::Refused { code, description }) => anyhow::bail!("refused: {code} {description}"),
            Output::Event(Event::Broken(what)) => anyhow::bail!("no RTMP: {what}"),
            Output::Event(Event::Acknowledged(_)) => {}
        }
    }
    Ok(is_in)
}

/// FLV: AVC sequence headers have packet type 0; AAC headers too.
fn is_configuration(tag: &Tag) -> bool {
    matches!(
        (tag.kind, tag.body.first_chunk()),
        (MessageKind::Video | MessageKind::Audio, Some([_, 0]))
    )
}

/// A picture with our SEI message in front; anything else as it is.
fn stamped(tag: &Tag) -> Bytes {
    const AVC_HEADER_BYTES: usize = 5;
    if tag.kind != MessageKind::Video || is_configuration(tag) || tag.body.len() < AVC_HEADER_BYTES {
        return tag.body.clone();
    }
    let mut body = BytesMut::with_capacity(tag.body.len() + 64);
    body.extend_from_slice(&tag.body[..AVC_HEADER_BYTES]);
    body.extend_from_slice(&stamp::nal_unit());
    body.extend_from_slice(&tag.body[AVC_HEADER_BYTES..]);
    body.freeze()
}
