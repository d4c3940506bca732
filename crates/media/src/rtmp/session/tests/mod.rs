//! A session against the test publisher, and against bytes no encoder would send.

mod limits;
mod media;
mod publish;

use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use proptest::prelude::*;

use super::*;
use crate::amf0::{Value, Writer as Amf};
use crate::rtmp::chunk;
use crate::rtmp::handshake::client_opening;
use crate::rtmp::{Metadata, command};
use crate::testing::publisher::{self, Publisher, Style};
use crate::testing::{Chunking, Link, sample};
use crate::{CodecConfig, TrackKind};

const SECOND: Duration = Duration::from_secs(1);
fn session() -> Session {
    Session::new(Config::default(), [7; 1528])
}

fn publisher(style: Style, digest_scheme: Option<usize>) -> Publisher {
    Publisher::new(publisher::Config {
        app: "app".to_owned(),
        key: "sk_test_1?bandwidthtest=true".to_owned(),
        style,
        digest_scheme,
    })
}

fn link(style: Style, chunking: Chunking) -> Link {
    let mut link = Link::new(session(), publisher(style, None), chunking);
    link.run().unwrap();
    link
}

/// A session that has read a handshake and these messages in one piece.
fn after(messages: &[Message]) -> (Session, Result<(), Error>) {
    let mut session = session();
    let mut bytes = BytesMut::from(&client_opening(None)[..]);
    for message in messages {
        Writer::new().write(3, message, &mut bytes);
    }
    let result = session.handle_input(SECOND, Input::Bytes(&bytes));
    (session, result)
}

fn connect() -> Message {
    let properties = [("app", Value::String("/app/?x=1".to_owned()))];
    command::message(0, Amf::new().string("connect").number(1.0).object(&properties).finish())
}

fn publish(key: &str, kind: &str) -> Message {
    command::message(
        1,
        Amf::new()
            .string("publish")
            .number(0.0)
            .null()
            .string(key)
            .string(kind)
            .finish(),
    )
}

fn outputs(session: &mut Session) -> Vec<Output> {
    std::iter::from_fn(|| session.poll_output()).collect()
}

/// Codes and descriptions of the `onStatus` messages among these outputs.
fn statuses(outputs: &[Output]) -> Vec<(String, String)> {
    let mut bytes: Vec<u8> = Vec::new();
    for output in outputs {
        if let Output::Send(sent) = output {
            bytes.extend_from_slice(sent);
        }
    }
    let mut rest = bytes.get(1 + 2 * 1_536..).unwrap_or(&bytes[..]);
    let mut reader = Reader::new();
    let mut found = Vec::new();
    while let Ok(Some(message)) = reader.read(&mut rest) {
        match message.kind {
            Kind::SetChunkSize => reader
                .set_chunk_size(message::read_number(&message.payload).unwrap())
                .unwrap(),
            Kind::Command { .. } => {
                let command = command::Command::read(&message.payload, false).unwrap();
                let text = |name| command.arguments.first()?.property(name)?.as_str().map(str::to_owned);
                if command.name == "onStatus" {
                    found.push((text("code").unwrap(), text("description").unwrap()));
                }
            }
            _ => {}
        }
    }
    found
}
