//! A publisher and a session joined in memory, in virtual time.

use std::time::Duration;

use bytes::Bytes;

use super::publisher::{self, Publisher};
use crate::rtmp::{Error, Event, Input, Output, Session};

/// How a byte stream is cut into reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunking {
    /// As it was written.
    Whole,
    /// Pieces of that many bytes; zero is taken as one.
    Every(usize),
    /// Pieces of these sizes in turn; zeros are taken as one.
    Cycle(&'static [usize]),
}

impl Chunking {
    /// The pieces of `bytes`, in order, together all of them.
    pub fn split(self, bytes: &[u8]) -> Vec<&[u8]> {
        let mut pieces = Vec::new();
        let (mut rest, mut index) = (bytes, 0);
        while !rest.is_empty() {
            let size = match self {
                Self::Whole => rest.len(),
                Self::Every(size) => size,
                Self::Cycle(sizes) => sizes.get(index % sizes.len().max(1)).copied().unwrap_or(1),
            };
            let (piece, tail) = rest.split_at(size.clamp(1, rest.len()));
            pieces.push(piece);
            (rest, index) = (tail, index + 1);
        }
        pieces
    }
}

/// Carries bytes between a [`Publisher`] and a [`Session`] and answers publish requests.
#[derive(Debug)]
pub struct Link {
    /// The server's end.
    pub session: Session,
    /// The encoder's end.
    pub publisher: Publisher,
    /// How the publisher's bytes arrive.
    pub chunking: Chunking,
    /// Virtual time; moves by `latency` with each exchange.
    pub now: Duration,
    /// Time one exchange takes.
    pub latency: Duration,
    /// Why publish requests are rejected; `None` accepts them.
    pub rejection: Option<String>,
    /// Everything the session reported so far.
    pub events: Vec<Event>,
    /// Everything the publisher reported so far.
    pub publisher_events: Vec<publisher::Event>,
    /// True once the session asked for the socket to be closed.
    pub is_closed: bool,
    /// The largest [`Session::buffered_bytes`] seen.
    pub buffered_bytes_max: usize,
}

impl Link {
    /// A link that accepts every publish request.
    pub fn new(session: Session, publisher: Publisher, chunking: Chunking) -> Self {
        Self {
            session,
            publisher,
            chunking,
            now: Duration::ZERO,
            latency: Duration::from_millis(1),
            rejection: None,
            events: Vec::new(),
            publisher_events: Vec::new(),
            is_closed: false,
            buffered_bytes_max: 0,
        }
    }

    /// Gives the publisher an input and carries bytes both ways until neither has more to say.
    ///
    /// # Errors
    /// The session's error; its last words have reached the publisher.
    pub fn publish(&mut self, input: publisher::Input<'_>) -> Result<(), Error> {
        self.publisher.handle_input(input);
        self.run()
    }

    /// Carries bytes both ways until neither side has more to say.
    ///
    /// # Errors
    /// As [`Link::publish`].
    pub fn run(&mut self) -> Result<(), Error> {
        loop {
            let sent = self.drain_publisher();
            if sent.is_empty() {
                return Ok(());
            }
            for bytes in sent {
                self.deliver(&bytes)?;
            }
            self.now += self.latency;
        }
    }

    /// Feeds raw bytes to the session in the link's chunking.
    ///
    /// # Errors
    /// As [`Link::publish`].
    pub fn deliver(&mut self, bytes: &[u8]) -> Result<(), Error> {
        for piece in self.chunking.split(bytes) {
            self.step(Input::Bytes(piece))?;
        }
        Ok(())
    }

    fn step(&mut self, input: Input<'_>) -> Result<(), Error> {
        let mut result = self.session.handle_input(self.now, input);
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Send(bytes) => self.publisher.handle_input(publisher::Input::Bytes(&bytes)),
                Output::Event(event) => {
                    let is_request = matches!(event, Event::PublishRequested { .. });
                    self.events.push(event);
                    if is_request {
                        let answer = match &self.rejection {
                            Some(description) => Input::RejectPublish { description },
                            None => Input::AcceptPublish,
                        };
                        result = result.and(self.session.handle_input(self.now, answer));
                    }
                }
                Output::WaitUntil(_) => {}
                Output::Close => self.is_closed = true,
            }
        }
        self.buffered_bytes_max = self.buffered_bytes_max.max(self.session.buffered_bytes());
        result
    }

    fn drain_publisher(&mut self) -> Vec<Bytes> {
        let mut sent = Vec::new();
        while let Some(output) = self.publisher.poll_output() {
            match output {
                publisher::Output::Send(bytes) => sent.push(bytes),
                publisher::Output::Event(event) => self.publisher_events.push(event),
            }
        }
        sent
    }
}
