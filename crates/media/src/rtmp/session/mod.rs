//! One connection, seen from the server.
//!
//! | state | begins with | ends with |
//! |---|---|---|
//! | `Open` | the first byte, or the end of a stream | `publish` |
//! | `Undecided` | [`Event::PublishRequested`] | the driver's answer |
//! | `Publishing` | [`Input::AcceptPublish`] | FCUnpublish, deleteStream, closeStream |
//! | `Closed` | a rejection or any error | |

mod deadline;
mod media;
mod publish;

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use bytes::BytesMut;

pub use media::Counters;

use super::chunk::{
    FIRST_RESERVE_BYTES, MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX_BEFORE_PUBLISH, PARTIAL_MESSAGES_MAX, Reader, Writer,
};
use super::handshake::Handshake;
use super::message::{self, Kind, Message, UserControl};
use super::{Config, Error, Event, Input, Output};
use deadline::Deadline;
use media::Media;

/// Received bytes kept while a publish request is undecided: one large read of a driver, and a little more.
pub const UNDECIDED_BYTES_MAX: usize = 256 * 1024;
/// Most memory [`Session::buffered_bytes`] reports before a publish was accepted: unfinished messages of two limits'
/// worth, undecided bytes, either in a buffer of up to twice its content, and 128 KiB of headers and answers.
pub const BUFFERED_BYTES_MAX_BEFORE_PUBLISH: usize = 2 * (2 * MESSAGE_BYTES_MAX_BEFORE_PUBLISH + UNDECIDED_BYTES_MAX)
    + PARTIAL_MESSAGES_MAX * FIRST_RESERVE_BYTES
    + 128 * 1024;
/// The same after a publish was accepted, when one unfinished message may have the largest length there is.
pub const BUFFERED_BYTES_MAX: usize = BUFFERED_BYTES_MAX_BEFORE_PUBLISH + 2 * MESSAGE_BYTES_MAX;
/// Messages before a publish request. OBS sends 5, GStreamer 7.
const MESSAGES_MAX_BEFORE_PUBLISH: u32 = 256;
/// A smaller acknowledgement window would make every read of ours cost a write.
const ACK_WINDOW_BYTES_MIN: u64 = 4_096;

/// Chunk streams we write on, the customary ones.
const CHUNK_STREAM_CONTROL: u32 = 2;
const CHUNK_STREAM_COMMAND: u32 = 3;

/// The server's side of one RTMP connection. [`crate::rtmp`] explains the calling contract.
///
/// Printing one shows its state only: its buffers may hold a stream key.
pub struct Session {
    config: Config,
    state: State,
    handshake: Handshake,
    reader: Reader,
    writer: Writer,
    /// Bytes to send; every poll takes all of them.
    out: BytesMut,
    outputs: VecDeque<Output>,
    /// Received while undecided, unread.
    undecided: Vec<u8>,
    /// Set by `connect`.
    app: Option<String>,
    stream_ids: u32,
    messages_before_publish: u32,
    received_bytes: u64,
    acknowledged_bytes: u64,
    ack_window_bytes: u64,
    deadline: Deadline,
    media: Media,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Undecided { stream_id: u32 },
    Publishing { stream_id: u32 },
    Closed,
}

impl Session {
    /// A session before its first byte. `random` fills our half of the handshake and need not be secret.
    pub fn new(config: Config, random: [u8; 1528]) -> Self {
        let ack_window_bytes = u64::from(config.window_bytes).max(ACK_WINDOW_BYTES_MIN);
        Self {
            config,
            state: State::Open,
            handshake: Handshake::new(random),
            reader: Reader::new(),
            writer: Writer::new(),
            out: BytesMut::new(),
            outputs: VecDeque::new(),
            undecided: Vec::new(),
            app: None,
            stream_ids: 0,
            messages_before_publish: 0,
            received_bytes: 0,
            acknowledged_bytes: 0,
            ack_window_bytes,
            deadline: Deadline::default(),
            media: Media::default(),
        }
    }

    /// Tells the session what happened. `now` is a duration since an arbitrary start and never goes back.
    ///
    /// # Errors
    /// [`Error`] when the peer broke the protocol or a limit. The encoder has been told where RTMP has words for it:
    /// drain [`Session::poll_output`], then close the socket.
    pub fn handle_input(&mut self, now: Duration, input: Input<'_>) -> Result<(), Error> {
        if self.state == State::Closed {
            return Ok(());
        }
        let result = self.step(now, input);
        if result.is_err() {
            self.close();
        }
        if self.state != State::Closed
            && let Some(at) = self.deadline.announce(now, &self.config, self.is_admitted())
        {
            self.outputs.push_back(Output::WaitUntil(at));
        }
        result
    }

    /// The next thing to do; `None` until the next input.
    pub fn poll_output(&mut self) -> Option<Output> {
        if !self.out.is_empty() {
            return Some(Output::Send(self.out.split().freeze()));
        }
        self.outputs.pop_front()
    }

    /// Memory held for unfinished input and unsent answers. At most [`BUFFERED_BYTES_MAX_BEFORE_PUBLISH`] before a
    /// publish was accepted and [`BUFFERED_BYTES_MAX`] after, once outputs have been drained.
    pub fn buffered_bytes(&self) -> usize {
        let buffers = self.out.capacity() + self.undecided.capacity();
        self.handshake.buffered_bytes() + self.reader.buffered_bytes() + buffers
    }

    /// Bytes received in all.
    pub fn received_bytes(&self) -> u64 {
        self.received_bytes
    }

    /// What was dropped or moved in the stream that is being published.
    pub fn counters(&self) -> Counters {
        self.media.counters()
    }

    fn step(&mut self, now: Duration, input: Input<'_>) -> Result<(), Error> {
        match input {
            Input::Bytes(bytes) => {
                // Bytes prove that an admitted peer is not idle; one that was not admitted gains no time by them.
                if !self.is_admitted() {
                    self.deadline.check(now, &self.config, false)?;
                }
                self.deadline.bytes_came(now);
                self.received_bytes += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
                self.read(now, bytes)?;
                self.acknowledge();
            }
            Input::AcceptPublish => {
                self.accept_publish(now);
                let undecided = std::mem::take(&mut self.undecided);
                self.read(now, &undecided)?;
            }
            Input::RejectPublish { description } => self.reject_publish(description),
            Input::Timeout => self.deadline.check(now, &self.config, self.is_admitted())?,
        }
        Ok(())
    }

    fn read(&mut self, now: Duration, mut input: &[u8]) -> Result<(), Error> {
        if !self.handshake.is_done() {
            self.handshake.read(&mut input, &mut self.out)?;
        }
        while self.handshake.is_done() && !matches!(self.state, State::Undecided { .. } | State::Closed) {
            let Some(message) = self.reader.read(&mut input)? else {
                return Ok(());
            };
            self.message(now, &message)?;
        }
        if matches!(self.state, State::Undecided { .. }) {
            if self.undecided.len() + input.len() > UNDECIDED_BYTES_MAX {
                return Err(Error::TooEager(UNDECIDED_BYTES_MAX));
            }
            self.undecided.extend_from_slice(input);
        }
        Ok(())
    }

    fn message(&mut self, now: Duration, message: &Message) -> Result<(), Error> {
        if self.state == State::Open {
            self.messages_before_publish += 1;
            if self.messages_before_publish > MESSAGES_MAX_BEFORE_PUBLISH {
                return Err(Error::TooManyMessages(MESSAGES_MAX_BEFORE_PUBLISH));
            }
        }
        let number = |name| message::read_number(&message.payload).ok_or(Error::Control(name));
        match message.kind {
            Kind::SetChunkSize => self.reader.set_chunk_size(number("set chunk size")?)?,
            Kind::Abort => self.reader.abort(number("abort")?),
            Kind::WindowAckSize => {
                self.ack_window_bytes = u64::from(number("window acknowledgement size")?).max(ACK_WINDOW_BYTES_MIN);
            }
            Kind::UserControl => match UserControl::read(&message.payload) {
                Some(UserControl::PingRequest(time)) => self.send(CHUNK_STREAM_CONTROL, &message::pong(time)),
                Some(UserControl::Other) => {}
                None => return Err(Error::Control("user control")),
            },
            Kind::Command { is_amf3 } => self.command(now, message, is_amf3)?,
            Kind::Data { .. } | Kind::Audio | Kind::Video | Kind::Aggregate => self.media(message)?,
            Kind::Acknowledgement | Kind::SetPeerBandwidth | Kind::Other(_) => {}
        }
        Ok(())
    }

    fn media(&mut self, message: &Message) -> Result<(), Error> {
        let State::Publishing { stream_id } = self.state else {
            self.media.count_before_publish();
            return Ok(());
        };
        let outputs = &mut self.outputs;
        let result = self
            .media
            .read(message, &mut |event| outputs.push_back(Output::Event(event)));
        if let Err(Error::Media(error)) = &result {
            self.send_status(stream_id, "error", "NetStream.Publish.Failed", &error.to_string());
        }
        result
    }

    /// Tells how much was received, once per window and at most once per input (§5.4.3).
    fn acknowledge(&mut self) {
        let is_due = self.received_bytes - self.acknowledged_bytes >= self.ack_window_bytes;
        if is_due && self.handshake.is_done() && self.state != State::Closed {
            self.acknowledged_bytes = self.received_bytes;
            let [.., b3, b2, b1, b0] = self.received_bytes.to_be_bytes();
            let sequence = u32::from_be_bytes([b3, b2, b1, b0]);
            self.send(CHUNK_STREAM_CONTROL, &message::number(Kind::Acknowledgement, sequence));
        }
    }

    fn is_admitted(&self) -> bool {
        matches!(self.state, State::Undecided { .. } | State::Publishing { .. })
    }

    fn send(&mut self, chunk_stream: u32, message: &Message) {
        self.writer.write(chunk_stream, message, &mut self.out);
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    /// From here on nothing is read and nothing more is said.
    fn close(&mut self) {
        self.state = State::Closed;
        self.reader = Reader::new();
        self.undecided = Vec::new();
        self.outputs.push_back(Output::Close);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("state", &self.state)
            .field("app", &self.app)
            .field("received_bytes", &self.received_bytes)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
