//! The conversation: connect, createStream, publish, and their ends.

use std::time::Duration;

use super::{CHUNK_STREAM_COMMAND, CHUNK_STREAM_CONTROL, MESSAGE_BYTES_MAX, Media, Session, State};
use crate::amf0::Value;
use crate::rtmp::command::{self, Command};
use crate::rtmp::message::{self, Kind, Message};
use crate::rtmp::{Error, Event};

/// Longest application name, bytes. Ours is `app`.
const APP_BYTES_MAX: usize = 128;
/// Longest stream key, bytes, its query string included. Keys of IVS have about 60.
const KEY_BYTES_MAX: usize = 1_024;
/// What we take, in the words of enhanced RTMP.
const FOUR_CCS: [&str; 2] = ["avc1", "mp4a"];

impl Session {
    pub(super) fn command(&mut self, now: Duration, message: &Message, is_amf3: bool) -> Result<(), Error> {
        let command = Command::read(&message.payload, is_amf3)?;
        match command.name.as_str() {
            "connect" => self.connect(&command),
            "releaseStream" | "FCPublish" => {
                self.answer_if_asked(&command);
                Ok(())
            }
            "createStream" => self.create_stream(&command),
            "publish" => self.publish(&command, message.stream_id),
            "FCUnpublish" | "deleteStream" | "closeStream" => {
                self.unpublish(now);
                Ok(())
            }
            "play" | "play2" => {
                let why = Error::Play;
                self.send_status(message.stream_id, "error", "NetStream.Play.Failed", &why.to_string());
                Err(why)
            }
            // Encoders also send _checkbw, getStreamLength and the like, and go on without an answer.
            _ => Ok(()),
        }
    }

    fn connect(&mut self, command: &Command) -> Result<(), Error> {
        if self.app.is_some() {
            return Err(Error::OutOfOrder("connect"));
        }
        let app = command
            .object
            .property("app")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let app = without_query(app).trim_matches('/');
        if app.len() > APP_BYTES_MAX {
            return Err(Error::Command {
                command: "connect",
                problem: "application name too long",
            });
        }
        self.app = Some(app.to_owned());
        let window = self.config.window_bytes;
        self.send(CHUNK_STREAM_CONTROL, &message::number(Kind::WindowAckSize, window));
        self.send(CHUNK_STREAM_CONTROL, &message::peer_bandwidth(window));
        let chunk_size = self.config.chunk_size.clamp(1, 0x7fff_ffff);
        self.send(CHUNK_STREAM_CONTROL, &message::number(Kind::SetChunkSize, chunk_size));
        self.writer.set_chunk_size(chunk_size);
        let names_four_ccs = ["fourCcList", "videoFourCcInfoMap", "audioFourCcInfoMap", "capsEx"]
            .iter()
            .any(|name| command.object.property(name).is_some());
        let four_ccs: &[&str] = if names_four_ccs { &FOUR_CCS } else { &[] };
        self.send(
            CHUNK_STREAM_COMMAND,
            &command::connect_result(command.transaction, four_ccs),
        );
        Ok(())
    }

    fn create_stream(&mut self, command: &Command) -> Result<(), Error> {
        if self.app.is_none() {
            return Err(Error::OutOfOrder("createStream"));
        }
        self.stream_ids = self.stream_ids.wrapping_add(1).max(1);
        self.send(
            CHUNK_STREAM_COMMAND,
            &command::create_stream_result(command.transaction, self.stream_ids),
        );
        Ok(())
    }

    fn publish(&mut self, command: &Command, stream_id: u32) -> Result<(), Error> {
        let (State::Open, Some(app)) = (self.state, self.app.clone()) else {
            self.send_status(
                stream_id,
                "error",
                "NetStream.Publish.BadName",
                "publish is out of order",
            );
            return Err(Error::OutOfOrder("publish"));
        };
        let name = command.text(0).unwrap_or_default();
        let key = without_query(name);
        let problem = match command.text(1) {
            _ if key.is_empty() => Some("the stream key is empty"),
            _ if name.len() > KEY_BYTES_MAX => Some("the stream key is too long"),
            Some("live") | None => None,
            Some(_) => Some("only the publish type live is offered"),
        };
        if let Some(problem) = problem {
            self.send_status(stream_id, "error", "NetStream.Publish.BadName", problem);
            return Err(Error::Command {
                command: "publish",
                problem,
            });
        }
        self.state = State::Undecided { stream_id };
        self.event(Event::PublishRequested {
            app,
            key: key.to_owned(),
        });
        Ok(())
    }

    /// Nothing happens unless a request is undecided.
    pub(super) fn accept_publish(&mut self, now: Duration) {
        if let State::Undecided { stream_id } = self.state {
            self.state = State::Publishing { stream_id };
            self.media = Media::default();
            self.reader.set_message_bytes_max(MESSAGE_BYTES_MAX);
            self.deadline.bytes_came(now);
            self.send(CHUNK_STREAM_CONTROL, &message::stream_begin(stream_id));
            self.send_status(stream_id, "status", "NetStream.Publish.Start", "publishing");
        }
    }

    /// Nothing happens unless a request is undecided.
    pub(super) fn reject_publish(&mut self, description: &str) {
        if let State::Undecided { stream_id } = self.state {
            self.send_status(stream_id, "error", "NetStream.Publish.BadName", description);
            self.close();
        }
    }

    fn unpublish(&mut self, now: Duration) {
        if let State::Publishing { stream_id } = self.state {
            self.state = State::Open;
            self.messages_before_publish = 0;
            self.deadline.restart(now);
            self.send_status(stream_id, "status", "NetStream.Unpublish.Success", "unpublished");
            self.event(Event::Unpublished);
        }
    }

    fn answer_if_asked(&mut self, command: &Command) {
        if command.transaction != 0.0 {
            self.send(CHUNK_STREAM_COMMAND, &command::empty_result(command.transaction));
        }
    }

    pub(super) fn send_status(&mut self, stream_id: u32, level: &str, code: &str, description: &str) {
        self.send(
            CHUNK_STREAM_COMMAND,
            &command::on_status(stream_id, level, code, description),
        );
    }
}

/// Encoders append settings of other services to the name: `key?bandwidthtest=true`.
fn without_query(name: &str) -> &str {
    name.split_once('?').map_or(name, |(name, _)| name)
}
