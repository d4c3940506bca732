//! Puts messages together from chunks, in any split, with one copy of each payload byte.

use super::header::{self, Basic, Held};
use super::stream::ChunkStream;
use super::{
    CHUNK_SIZE_INITIAL, CHUNK_STREAMS_MAX, CHUNKS_PER_MESSAGE_MAX, Error, MESSAGE_BYTES_MAX,
    MESSAGE_BYTES_MAX_BEFORE_PUBLISH, PARTIAL_MESSAGES_MAX,
};
use crate::rtmp::message::Message;

/// The reading half of one connection.
#[derive(Debug)]
pub struct Reader {
    chunk_size: usize,
    message_bytes_max: usize,
    /// At most [`CHUNK_STREAMS_MAX`]; searched in order, the few that are in use come first.
    streams: Vec<ChunkStream>,
    /// Received bytes that wait for the rest of their header.
    held: Held,
    /// The chunk whose payload comes next.
    current: Option<Chunk>,
    partial_messages: usize,
    partial_bytes: usize,
}

#[derive(Debug, Clone, Copy)]
struct Chunk {
    /// Index into `streams`.
    stream: usize,
    missing: usize,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Reader {
    /// A reader with the limits of a peer that has not been let in.
    pub fn new() -> Self {
        Self {
            chunk_size: CHUNK_SIZE_INITIAL,
            message_bytes_max: MESSAGE_BYTES_MAX_BEFORE_PUBLISH,
            streams: Vec::new(),
            held: Held::default(),
            current: None,
            partial_messages: 0,
            partial_bytes: 0,
        }
    }

    /// Follows the peer's Set Chunk Size. The size only bounds how much of the input belongs to one chunk.
    ///
    /// # Errors
    /// [`Error::ChunkSize`] outside 1 to 2^31 - 1 (§5.4.1).
    pub fn set_chunk_size(&mut self, size: u32) -> Result<(), Error> {
        if size == 0 || size > 0x7fff_ffff {
            return Err(Error::ChunkSize(size));
        }
        self.chunk_size = usize::try_from(size).unwrap_or(usize::MAX).min(MESSAGE_BYTES_MAX);
        Ok(())
    }

    /// Changes the message limit: [`MESSAGE_BYTES_MAX`] once a publish was accepted.
    pub fn set_message_bytes_max(&mut self, limit: usize) {
        self.message_bytes_max = limit.min(MESSAGE_BYTES_MAX);
    }

    /// Follows the peer's Abort: the unfinished message of that chunk stream is dropped (§5.4.2).
    pub fn abort(&mut self, chunk_stream: u32) {
        if let Some(stream) = self
            .streams
            .iter_mut()
            .find(|stream| stream.id == chunk_stream && stream.is_partial)
        {
            stream.is_partial = false;
            self.partial_messages -= 1;
            self.partial_bytes -= stream.payload.len();
            drop(std::mem::take(&mut stream.payload));
        }
    }

    /// Bytes of memory held for unfinished messages and headers.
    pub fn buffered_bytes(&self) -> usize {
        let payloads: usize = self.streams.iter().map(|stream| stream.payload.capacity()).sum();
        payloads + self.streams.capacity() * size_of::<ChunkStream>()
    }

    /// Reads from the front of `input` up to the end of the next message; `None` when it is not complete yet.
    ///
    /// # Errors
    /// [`Error`]; nothing after it can be read.
    pub fn read(&mut self, input: &mut &[u8]) -> Result<Option<Message>, Error> {
        loop {
            if let Some(chunk) = self.current {
                if let Some(message) = self.read_payload(chunk, input)? {
                    return Ok(Some(message));
                }
                if self.current.is_some() {
                    return Ok(None);
                }
            } else if !self.read_header(input)? {
                return Ok(None);
            }
        }
    }

    /// True when a whole header was read and its chunk is current.
    fn read_header(&mut self, input: &mut &[u8]) -> Result<bool, Error> {
        if self.held.length == 0 {
            if let Some(used) = self.parse_header(input)? {
                *input = input.get(used..).unwrap_or_default();
                return Ok(true);
            }
            if input.is_empty() {
                return Ok(false);
            }
        }
        loop {
            let held = std::mem::take(&mut self.held);
            let parsed = self.parse_header(held.as_slice());
            self.held = held;
            if let Some(used) = parsed? {
                self.held.drop_front(used);
                return Ok(true);
            }
            if !self.held.take_from(input) {
                return Ok(false);
            }
        }
    }

    /// Parses a header at the front of `bytes` and makes its chunk current; `None` when bytes are missing.
    fn parse_header(&mut self, bytes: &[u8]) -> Result<Option<usize>, Error> {
        let Some(basic) = header::read_basic(bytes) else {
            return Ok(None);
        };
        let rest = bytes.get(basic.bytes..).unwrap_or_default();
        let known = self.streams.iter().position(|stream| stream.id == basic.chunk_stream);
        if basic.format == 3 {
            let stream = known.ok_or(Error::UnknownChunkStream(basic.chunk_stream))?;
            let Some(used) = self.streams[stream].repeated_time_bytes(rest) else {
                return Ok(None);
            };
            if !self.streams[stream].is_partial {
                self.streams[stream].advance_by_repeated_time();
                self.begin_message(stream)?;
            }
            self.continue_message(stream);
            return Ok(Some(basic.bytes + used));
        }
        let Some(fields) = header::read_fields(basic.format, rest) else {
            return Ok(None);
        };
        let stream = self.stream_for(basic, known)?;
        self.streams[stream].apply(&fields);
        self.begin_message(stream)?;
        self.continue_message(stream);
        Ok(Some(basic.bytes + fields.bytes))
    }

    /// The chunk stream of a header of format 0 to 2, made if it is new.
    fn stream_for(&mut self, basic: Basic, known: Option<usize>) -> Result<usize, Error> {
        match known {
            Some(stream) if self.streams[stream].is_partial => Err(Error::MessageInsideMessage(basic.chunk_stream)),
            Some(stream) => Ok(stream),
            None if self.streams.len() >= CHUNK_STREAMS_MAX => Err(Error::TooManyChunkStreams),
            // Format 1 lacks only the message stream, which librtmp leaves out of its first chunk.
            None if basic.format == 2 => Err(Error::UnknownChunkStream(basic.chunk_stream)),
            None => {
                self.streams.push(ChunkStream {
                    id: basic.chunk_stream,
                    ..ChunkStream::default()
                });
                Ok(self.streams.len() - 1)
            }
        }
    }

    /// Every limit on a message is checked here, before a byte of it is kept.
    fn begin_message(&mut self, stream: usize) -> Result<(), Error> {
        let length = self.streams[stream].length;
        if length > self.message_bytes_max {
            return Err(Error::MessageTooLong {
                length,
                limit: self.message_bytes_max,
            });
        }
        if length.div_ceil(self.chunk_size) > CHUNKS_PER_MESSAGE_MAX {
            return Err(Error::ChunksTooSmall {
                length,
                chunk_size: self.chunk_size,
            });
        }
        if self.partial_messages >= PARTIAL_MESSAGES_MAX {
            return Err(Error::TooManyPartialMessages);
        }
        self.partial_messages += 1;
        self.streams[stream].is_partial = true;
        Ok(())
    }

    fn continue_message(&mut self, stream: usize) {
        let missing = self.streams[stream].length - self.streams[stream].payload.len();
        self.current = Some(Chunk {
            stream,
            missing: missing.min(self.chunk_size),
        });
    }

    fn read_payload(&mut self, chunk: Chunk, input: &mut &[u8]) -> Result<Option<Message>, Error> {
        let stream = &mut self.streams[chunk.stream];
        // A header that could only be told apart by looking ahead may have left payload behind.
        let from_held = chunk.missing.min(self.held.length);
        stream.append(self.held.as_slice().get(..from_held).unwrap_or_default());
        self.held.drop_front(from_held);
        let from_input = (chunk.missing - from_held).min(input.len());
        let (payload, rest) = input.split_at(from_input);
        stream.append(payload);
        *input = rest;
        self.partial_bytes += from_held + from_input;
        // One largest message, and room for the small ones between its chunks.
        let partial_bytes_max = self.message_bytes_max + MESSAGE_BYTES_MAX_BEFORE_PUBLISH;
        if self.partial_bytes > partial_bytes_max {
            return Err(Error::TooManyPartialBytes(partial_bytes_max));
        }
        let missing = chunk.missing - from_held - from_input;
        self.current = (missing > 0).then_some(Chunk { missing, ..chunk });
        if stream.payload.len() < stream.length {
            return Ok(None);
        }
        self.partial_messages -= 1;
        self.partial_bytes -= stream.length;
        Ok(Some(stream.finish()))
    }
}
