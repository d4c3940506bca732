//! An encoder that goes on until it is told to stop or thrown out.

use std::net::SocketAddr;
use std::time::Duration;

use media::testing::publisher::{Config, Event, Input, Output, Publisher, Style};
use media::testing::sample;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

const FRAME_MS: i64 = 40;

pub struct Encoder {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Encoder {
    /// Publishes with a key; `Err` is the server's refusal.
    pub async fn start(address: SocketAddr, key: &str) -> Result<Self, String> {
        let config = Config {
            app: "app".into(),
            key: key.to_owned(),
            style: Style::Ffmpeg,
            digest_scheme: None,
        };
        let mut connection = Connection {
            socket: TcpStream::connect(address).await.unwrap(),
            publisher: Publisher::new(config),
        };
        loop {
            match connection.next_event().await {
                Some(Event::Publishing) => break,
                Some(Event::Refused { description, .. }) => return Err(description),
                Some(_) => {}
                None => return Err("closed".into()),
            }
        }
        connection.send(Input::Config(&sample::h264_config().unwrap())).await;
        connection.send(Input::Config(&sample::aac_config().unwrap())).await;
        let stop = CancellationToken::new();
        let task = tokio::spawn(connection.publish(stop.clone()));
        Ok(Self { stop, task })
    }

    /// Says goodbye.
    pub async fn stop(self) {
        self.stop.cancel();
        self.thrown_out().await;
    }

    /// Waits until the connection is over.
    pub async fn thrown_out(self) {
        tokio::time::timeout(Duration::from_secs(20), self.task)
            .await
            .unwrap()
            .unwrap();
    }
}

struct Connection {
    socket: TcpStream,
    publisher: Publisher,
}

impl Connection {
    async fn publish(mut self, stop: CancellationToken) {
        let mut tick = tokio::time::interval(Duration::from_millis(40));
        let mut at_ms = 0;
        while !stop.is_cancelled() {
            tokio::select! {
                _ = tick.tick() => {
                    let is_keyframe = at_ms % 1_000 == 0;
                    let is_open = self.send(Input::Frame(&sample::video_frame(at_ms, is_keyframe, 2_000))).await
                        && self.send(Input::Frame(&sample::audio_frame(at_ms, 100))).await;
                    if !is_open {
                        return;
                    }
                    at_ms += FRAME_MS;
                }
                event = self.next_event() => if event.is_none() { return },
            }
        }
        self.send(Input::Unpublish).await;
    }

    async fn send(&mut self, input: Input<'_>) -> bool {
        self.publisher.handle_input(input);
        while let Some(output) = self.publisher.poll_output() {
            let Output::Send(bytes) = output else { continue };
            if self.socket.write_all(&bytes).await.is_err() {
                return false;
            }
        }
        true
    }

    async fn next_event(&mut self) -> Option<Event> {
        loop {
            while let Some(output) = self.publisher.poll_output() {
                match output {
                    Output::Send(bytes) => self.socket.write_all(&bytes).await.ok()?,
                    Output::Event(event) => return Some(event),
                }
            }
            let mut buffer = [0; 4096];
            let count = self.socket.read(&mut buffer).await.ok().filter(|count| *count > 0)?;
            self.publisher.handle_input(Input::Bytes(&buffer[..count]));
        }
    }
}
