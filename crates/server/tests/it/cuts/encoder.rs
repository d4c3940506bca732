//! An encoder that notices when its connection is over, and is told when to stop.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use media::testing::publisher::{Config, Event, Input, Output, Publisher, Style};
use media::testing::sample;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

use crate::support::PATIENCE;

const FRAME_MS: i64 = 40;
const VIDEO_BYTES: usize = 2_000;
const AUDIO_BYTES: usize = 100;

/// A connection that publishes.
pub struct Encoder {
    socket: TcpStream,
    publisher: Publisher,
    ticks: Interval,
    at_ms: i64,
}

impl Encoder {
    /// Connects and waits until it may publish. `Err` is what the server said, or how the connection broke.
    pub async fn publish(address: SocketAddr, key: &str) -> Result<Self, String> {
        let config = Config {
            app: "app".into(),
            key: key.to_owned(),
            style: Style::Ffmpeg,
            digest_scheme: None,
        };
        let mut ticks = interval(Duration::from_millis(FRAME_MS.unsigned_abs()));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut encoder = Self {
            socket: TcpStream::connect(address).await.map_err(|cause| cause.to_string())?,
            publisher: Publisher::new(config),
            ticks,
            at_ms: 0,
        };
        timeout(PATIENCE, encoder.open())
            .await
            .map_err(|_| "no answer".to_owned())?
            .map_err(|cause| cause.to_string())?;
        Ok(encoder)
    }

    async fn open(&mut self) -> io::Result<()> {
        while !self.hear(None).await? {
            let mut buffer = [0; 4_096];
            let count = self.socket.read(&mut buffer).await?;
            if count == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.publisher.handle_input(Input::Bytes(&buffer[..count]));
        }
        self.say(Input::Config(&sample::h264_config().unwrap())).await?;
        self.say(Input::Config(&sample::aac_config().unwrap())).await
    }

    /// Sends media until `done`, whose answer it gives, or until the connection is over: how.
    pub async fn run<T>(&mut self, done: impl Future<Output = T>) -> Result<T, io::Error> {
        tokio::select! {
            answer = done => Ok(answer),
            end = self.send() => Err(end),
        }
    }

    /// Waits until it is told that the connection is over.
    pub async fn notice(mut self) {
        let told = timeout(PATIENCE, self.send()).await;
        assert!(told.is_ok(), "the encoder was not told that its connection is over");
    }

    /// Sends media until the connection is over.
    async fn send(&mut self) -> io::Error {
        let mut buffer = [0; 4_096];
        loop {
            let done = tokio::select! {
                _ = self.ticks.tick() => self.frame().await,
                read = self.socket.read(&mut buffer) => match read {
                    Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
                    Ok(count) => self.hear(buffer.get(..count)).await.map(drop),
                    Err(cause) => Err(cause),
                },
            };
            if let Err(cause) = done {
                return cause;
            }
        }
    }

    async fn frame(&mut self) -> io::Result<()> {
        let at_ms = self.at_ms;
        self.at_ms += FRAME_MS;
        let is_keyframe = at_ms % 1_000 == 0;
        self.say(Input::Frame(&sample::video_frame(at_ms, is_keyframe, VIDEO_BYTES)))
            .await?;
        self.say(Input::Frame(&sample::audio_frame(at_ms, AUDIO_BYTES))).await
    }

    /// Sends the first half of a picture, which nobody will finish.
    pub async fn half_a_frame(&mut self) {
        self.publisher
            .handle_input(Input::Frame(&sample::video_frame(self.at_ms, false, VIDEO_BYTES)));
        while let Some(output) = self.publisher.poll_output() {
            let Output::Send(bytes) = output else { continue };
            // The line may be gone already; then there is nothing to halve.
            let _ = self.socket.write_all(&bytes[..bytes.len() / 2]).await;
        }
    }

    /// Says goodbye, as an encoder that was told to stop.
    pub async fn goodbye(mut self) {
        self.say(Input::Unpublish).await.unwrap();
        self.notice().await;
    }

    async fn say(&mut self, input: Input<'_>) -> io::Result<()> {
        self.publisher.handle_input(input);
        self.hear(None).await.map(drop)
    }

    /// Takes in bytes, and writes what the publisher answers. True when it may publish.
    async fn hear(&mut self, bytes: Option<&[u8]>) -> io::Result<bool> {
        if let Some(bytes) = bytes {
            self.publisher.handle_input(Input::Bytes(bytes));
        }
        let mut is_let_in = false;
        while let Some(output) = self.publisher.poll_output() {
            match output {
                Output::Send(bytes) => self.socket.write_all(&bytes).await?,
                Output::Event(Event::Publishing) => is_let_in = true,
                Output::Event(Event::Refused { description, .. }) => return Err(io::Error::other(description)),
                Output::Event(Event::Broken(words)) => return Err(io::Error::other(words)),
                Output::Event(Event::Acknowledged(_)) => {}
            }
        }
        Ok(is_let_in)
    }
}
