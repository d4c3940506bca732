//! An RTMP client that publishes, sans-IO, in the manner of the encoder it is told to imitate.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use super::recording::Tag;
use crate::amf0::{Value, Writer as Amf};
use crate::flv::write;
use crate::rtmp::chunk::{MESSAGE_BYTES_MAX, Reader, Writer};
use crate::rtmp::command::{self, Command};
use crate::rtmp::handshake::{self, MESSAGE_BYTES};
use crate::rtmp::message::{self, Kind, Message};
use crate::time::MILLIS;
use crate::{CodecConfig, Frame, TrackKind};

/// Whose habits to follow. They differ in order, chunk streams and transaction ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Set Chunk Size 4096 before `connect`; all media on chunk stream 4.
    Obs,
    /// Set Chunk Size after `connect`; `publish` on chunk stream 8, video on 6, audio on 4.
    Ffmpeg,
    /// Window Acknowledgement Size first; transaction id 0; chunks stay at 128 bytes; `onMetaData` again and again.
    GStreamer,
}

/// Where and as whom to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// Application name.
    pub app: String,
    /// Stream key, with a query string if wanted.
    pub key: String,
    /// Whose habits to follow.
    pub style: Style,
    /// Sign the handshake: scheme 0 or 1; `None` is the plain one.
    pub digest_scheme: Option<usize>,
}

/// What a publisher is told.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// The server sent these bytes.
    Bytes(&'a [u8]),
    /// Send `onMetaData` with these properties.
    Metadata(&'a [(&'a str, Value)]),
    /// Send a decoder configuration.
    Config(&'a CodecConfig),
    /// Send a frame.
    Frame(&'a Frame),
    /// Send a tag of a recording, at its own time.
    Tag(&'a Tag),
    /// Say goodbye.
    Unpublish,
}

/// What a publisher wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Write these bytes to the socket.
    Send(Bytes),
    /// Something happened.
    Event(Event),
}

/// What a publisher reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The server let it in: media may be sent.
    Publishing,
    /// The server said no, before or after it let it in.
    Refused {
        /// Status code, for instance `NetStream.Publish.BadName`.
        code: String,
        /// The server's sentence.
        description: String,
    },
    /// The server acknowledged this many bytes, modulo 2^32.
    Acknowledged(u32),
    /// The server sent something that is no RTMP.
    Broken(String),
}

/// The publisher. Same two verbs as every engine of this crate; it needs no clock.
#[derive(Debug)]
pub struct Publisher {
    config: Config,
    /// Bytes of S0, S1 and S2 still to come.
    handshake_missing: usize,
    reader: Reader,
    writer: Writer,
    out: BytesMut,
    outputs: VecDeque<Output>,
    stream_id: u32,
}

impl Publisher {
    /// A publisher whose first output is its handshake.
    pub fn new(config: Config) -> Self {
        let opening = handshake::client_opening(config.digest_scheme);
        let mut reader = Reader::new();
        reader.set_message_bytes_max(MESSAGE_BYTES_MAX);
        Self {
            config,
            handshake_missing: 1 + 2 * MESSAGE_BYTES,
            reader,
            writer: Writer::new(),
            out: BytesMut::from(&opening[..]),
            outputs: VecDeque::new(),
            stream_id: 0,
        }
    }

    /// Tells the publisher what to send, or what came.
    pub fn handle_input(&mut self, input: Input<'_>) {
        match input {
            Input::Bytes(bytes) => self.read(bytes),
            Input::Metadata(properties) => self.send_metadata(properties),
            Input::Config(config) => self.send_media(config.track(), 0, write::config(config)),
            Input::Frame(frame) => {
                let [.., b3, b2, b1, b0] = frame.dts.rescale(MILLIS).ticks.to_be_bytes();
                self.send_media(frame.track, u32::from_be_bytes([b3, b2, b1, b0]), write::frame(frame));
            }
            Input::Tag(tag) => {
                let chunk_stream = self.media_chunk_stream(tag.kind);
                self.send(chunk_stream, tag.kind, self.stream_id, tag.timestamp, tag.body.clone());
            }
            Input::Unpublish => self.unpublish(),
        }
    }

    /// The next thing to do; `None` until the next input.
    pub fn poll_output(&mut self) -> Option<Output> {
        if !self.out.is_empty() {
            return Some(Output::Send(self.out.split().freeze()));
        }
        self.outputs.pop_front()
    }

    fn read(&mut self, mut bytes: &[u8]) {
        if self.handshake_missing > 0 {
            let taken = self.handshake_missing.min(bytes.len());
            bytes = bytes.get(taken..).unwrap_or_default();
            self.handshake_missing -= taken;
            if self.handshake_missing > 0 {
                return;
            }
            self.connect();
        }
        loop {
            match self.reader.read(&mut bytes) {
                Ok(Some(message)) => self.message(&message),
                Ok(None) => return,
                Err(error) => return self.outputs.push_back(Output::Event(Event::Broken(error.to_string()))),
            }
        }
    }

    fn connect(&mut self) {
        match self.config.style {
            Style::Obs => self.announce_chunk_size(4_096),
            Style::GStreamer => self.send_message(2, &message::number(Kind::WindowAckSize, 2_500_000)),
            Style::Ffmpeg => {}
        }
        let app = self.config.app.clone();
        let properties = [
            ("app", Value::String(app.clone())),
            ("type", Value::String("nonprivate".to_owned())),
            (
                "flashVer",
                Value::String("FMLE/3.0 (compatible; Rostrum test publisher)".to_owned()),
            ),
            ("tcUrl", Value::String(format!("rtmp://localhost/{app}"))),
        ];
        self.command(
            3,
            0,
            Amf::new().string("connect").number(1.0).object(&properties).finish(),
        );
        if self.config.style == Style::Ffmpeg {
            self.announce_chunk_size(4_096);
        }
    }

    fn message(&mut self, message: &Message) {
        match message.kind {
            Kind::SetChunkSize => {
                let size = message::read_number(&message.payload).unwrap_or(0);
                if let Err(error) = self.reader.set_chunk_size(size) {
                    self.outputs.push_back(Output::Event(Event::Broken(error.to_string())));
                }
            }
            Kind::Acknowledgement => {
                let bytes = message::read_number(&message.payload).unwrap_or(0);
                self.outputs.push_back(Output::Event(Event::Acknowledged(bytes)));
            }
            Kind::Command { is_amf3 } => match Command::read(&message.payload, is_amf3) {
                Ok(command) => self.answer(&command),
                Err(error) => self.outputs.push_back(Output::Event(Event::Broken(error.to_string()))),
            },
            _ => {}
        }
    }

    fn answer(&mut self, command: &Command) {
        match command.name.as_str() {
            "_result" if command.transaction == 1.0 => self.create_stream(),
            "_result" => {
                // The answers to releaseStream and FCPublish carry no number; createStream's is the stream.
                if let Some(id) = command.arguments.first().and_then(Value::as_number) {
                    self.stream_id = small_number(id);
                    self.publish();
                }
            }
            "onStatus" | "_error" => {
                let information = command.arguments.first().unwrap_or(&Value::Null);
                let text = |name| {
                    information
                        .property(name)
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned()
                };
                let event = match (text("code"), text("description")) {
                    (code, _) if code == "NetStream.Publish.Start" => Event::Publishing,
                    (code, _) if code == "NetStream.Unpublish.Success" => return,
                    (code, description) => Event::Refused { code, description },
                };
                self.outputs.push_back(Output::Event(event));
            }
            _ => {}
        }
    }

    fn create_stream(&mut self) {
        let key = self.config.key.clone();
        let [release, prepare] = match self.config.style {
            Style::GStreamer => [0.0, 0.0],
            Style::Obs | Style::Ffmpeg => [2.0, 3.0],
        };
        self.command(
            3,
            0,
            Amf::new()
                .string("releaseStream")
                .number(release)
                .null()
                .string(&key)
                .finish(),
        );
        self.command(
            3,
            0,
            Amf::new()
                .string("FCPublish")
                .number(prepare)
                .null()
                .string(&key)
                .finish(),
        );
        self.command(3, 0, Amf::new().string("createStream").number(4.0).null().finish());
    }

    fn publish(&mut self) {
        let (chunk_stream, transaction) = match self.config.style {
            Style::Obs => (4, 5.0),
            Style::Ffmpeg => (8, 5.0),
            Style::GStreamer => (3, 0.0),
        };
        let key = self.config.key.clone();
        let payload = Amf::new()
            .string("publish")
            .number(transaction)
            .null()
            .string(&key)
            .string("live")
            .finish();
        self.command(chunk_stream, self.stream_id, payload);
    }

    fn unpublish(&mut self) {
        let key = self.config.key.clone();
        self.command(
            3,
            0,
            Amf::new()
                .string("FCUnpublish")
                .number(6.0)
                .null()
                .string(&key)
                .finish(),
        );
        let stream_id = f64::from(self.stream_id);
        self.command(
            3,
            0,
            Amf::new()
                .string("deleteStream")
                .number(7.0)
                .null()
                .number(stream_id)
                .finish(),
        );
    }

    fn send_metadata(&mut self, properties: &[(&str, Value)]) {
        let payload = Amf::new()
            .string("@setDataFrame")
            .string("onMetaData")
            .ecma_array(properties)
            .finish();
        let repetitions = if self.config.style == Style::GStreamer { 3 } else { 1 };
        for _ in 0..repetitions {
            self.send(4, Kind::Data { is_amf3: false }, self.stream_id, 0, payload.clone());
        }
    }

    fn send_media(&mut self, track: TrackKind, timestamp: u32, body: Bytes) {
        let kind = match track {
            TrackKind::Video => Kind::Video,
            TrackKind::Audio => Kind::Audio,
        };
        self.send(self.media_chunk_stream(kind), kind, self.stream_id, timestamp, body);
    }

    fn media_chunk_stream(&self, kind: Kind) -> u32 {
        match (self.config.style, kind) {
            (Style::Ffmpeg, Kind::Video) => 6,
            (Style::GStreamer, Kind::Video) => 5,
            _ => 4,
        }
    }

    fn announce_chunk_size(&mut self, size: u32) {
        self.send_message(2, &message::number(Kind::SetChunkSize, size));
        self.writer.set_chunk_size(size);
    }

    fn command(&mut self, chunk_stream: u32, stream_id: u32, payload: Bytes) {
        self.send_message(chunk_stream, &command::message(stream_id, payload));
    }

    fn send(&mut self, chunk_stream: u32, kind: Kind, stream_id: u32, timestamp: u32, payload: Bytes) {
        self.send_message(
            chunk_stream,
            &Message {
                kind,
                stream_id,
                timestamp,
                payload,
            },
        );
    }

    fn send_message(&mut self, chunk_stream: u32, message: &Message) {
        self.writer.write(chunk_stream, message, &mut self.out);
    }
}

/// Stream ids are small whole numbers that travel as floating point.
fn small_number(number: f64) -> u32 {
    (0..=u32::from(u16::MAX))
        .find(|id| f64::from(*id) == number)
        .unwrap_or(0)
}
