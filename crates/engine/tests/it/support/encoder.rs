//! An encoder: `media::testing::Publisher` with a byte stream.

use std::net::SocketAddr;

use engine::Engine;
use media::amf0::Value;
use media::testing::publisher::{self, Event, Input, Output, Publisher, Style};
use media::testing::sample;
use media::{CodecConfig, Frame};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::within;

pub trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Bytes that may be on their way; more than an encoder sends at once in these tests.
const PIPE: usize = 1 << 20;

pub struct Encoder {
    pub io: Box<dyn Stream>,
    publisher: Publisher,
}

/// Which media to send: frames of `[from_ms, to_ms)` at 25 pictures a second.
#[derive(Clone, Copy)]
pub struct Media {
    pub from_ms: i64,
    pub to_ms: i64,
    pub keyframe_interval_ms: i64,
    pub frame_bytes: usize,
}

impl Media {
    pub fn seconds(from: i64, to: i64) -> Self {
        Self {
            from_ms: from * 1_000,
            to_ms: to * 1_000,
            keyframe_interval_ms: 1_000,
            frame_bytes: 2_000,
        }
    }
}

impl Encoder {
    pub fn new(io: impl Stream + 'static, app: &str, key: &str) -> Self {
        let config = publisher::Config {
            app: app.to_owned(),
            key: key.to_owned(),
            style: Style::Obs,
            digest_scheme: None,
        };
        Self {
            io: Box::new(io),
            publisher: Publisher::new(config),
        }
    }

    pub fn in_memory(engine: &Engine, key: &str) -> Self {
        let (ours, theirs) = tokio::io::duplex(PIPE);
        engine.accept_rtmp(theirs, "192.0.2.1:5000".parse().unwrap(), false);
        Self::new(ours, "app", key)
    }

    pub async fn connect(addr: SocketAddr, key: &str) -> Self {
        Self::new(TcpStream::connect(addr).await.unwrap(), "app", key)
    }

    /// Goes through the conversation up to the server's answer, then says what will be sent: pictures and sound.
    pub async fn publish(&mut self) -> Result<(), (String, String)> {
        self.admit().await?;
        let metadata = [
            ("encoder", Value::String("test encoder".into())),
            ("videodatarate", Value::Number(400.0)),
            ("audiodatarate", Value::Number(64.0)),
            ("framerate", Value::Number(25.0)),
        ];
        self.input(Input::Metadata(&metadata)).await;
        self.input(Input::Config(&sample::h264_config().unwrap())).await;
        self.input(Input::Config(&sample::aac_config().unwrap())).await;
        Ok(())
    }

    /// Goes through the conversation up to the server's answer.
    pub async fn admit(&mut self) -> Result<(), (String, String)> {
        match within(self.next_event()).await {
            Some(Event::Publishing) => Ok(()),
            Some(Event::Refused { code, description }) => Err((code, description)),
            other => Err(("closed".into(), format!("{other:?}"))),
        }
    }

    /// Sends frames as fast as they are taken.
    pub async fn send(&mut self, media: Media) {
        for dts in (media.from_ms..media.to_ms).step_by(40) {
            let is_keyframe = dts % media.keyframe_interval_ms == 0;
            self.input(Input::Frame(&sample::video_frame(dts, is_keyframe, media.frame_bytes)))
                .await;
            for audio in [dts, dts + 20] {
                self.input(Input::Frame(&sample::audio_frame(audio, 100))).await;
            }
        }
    }

    pub async fn frame(&mut self, frame: &Frame) {
        self.input(Input::Frame(frame)).await;
    }

    pub async fn config(&mut self, config: &CodecConfig) {
        self.input(Input::Config(config)).await;
    }

    pub async fn unpublish(&mut self) {
        self.input(Input::Unpublish).await;
    }

    /// Waits until the server closes.
    pub async fn closed(&mut self) {
        within(async { while self.next_event().await.is_some() {} }).await;
    }

    async fn input(&mut self, input: Input<'_>) {
        self.publisher.handle_input(input);
        while let Some(output) = self.publisher.poll_output() {
            if let Output::Send(bytes) = output {
                // The server may have closed; tests then see it by what they wait for.
                let _ = self.io.write_all(&bytes).await;
            }
        }
    }

    /// The next event, `None` when the server has closed.
    async fn next_event(&mut self) -> Option<Event> {
        loop {
            while let Some(output) = self.publisher.poll_output() {
                match output {
                    Output::Send(bytes) => self.io.write_all(&bytes).await.ok()?,
                    Output::Event(event) => return Some(event),
                }
            }
            let mut buffer = [0; 4096];
            let count = self.io.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
            self.publisher.handle_input(Input::Bytes(&buffer[..count]));
        }
    }
}
