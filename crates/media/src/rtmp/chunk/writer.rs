//! Cuts messages into chunks.

use bytes::{BufMut, BytesMut};

use super::CHUNK_SIZE_INITIAL;
use super::header::EXTENDED;
use crate::rtmp::message::Message;

/// The writing half of one connection. Every message gets a full header (format 0): answers are few and small, and a
/// reader needs no memory of earlier ones.
#[derive(Debug)]
pub struct Writer {
    chunk_size: usize,
}

impl Default for Writer {
    fn default() -> Self {
        Self::new()
    }
}

impl Writer {
    /// A writer at the initial chunk size.
    pub fn new() -> Self {
        Self {
            chunk_size: CHUNK_SIZE_INITIAL,
        }
    }

    /// Writes larger or smaller chunks from now on; the caller has told the peer. Zero is taken as one.
    pub fn set_chunk_size(&mut self, size: u32) {
        self.chunk_size = usize::try_from(size).unwrap_or(usize::MAX).max(1);
    }

    /// Appends `message` on `chunk_stream` (2 to 65 599) to `out`.
    pub fn write(&self, chunk_stream: u32, message: &Message, out: &mut BytesMut) {
        let extended = (message.timestamp >= EXTENDED).then_some(message.timestamp);
        basic_header(0, chunk_stream, out);
        out.put_uint(u64::from(message.timestamp.min(EXTENDED)), 3);
        out.put_uint(u64::try_from(message.payload.len()).unwrap_or(u64::MAX), 3);
        out.put_u8(message.kind.into());
        out.put_u32_le(message.stream_id);
        if let Some(time) = extended {
            out.put_u32(time);
        }
        for (index, piece) in message.payload.chunks(self.chunk_size).enumerate() {
            if index > 0 {
                basic_header(3, chunk_stream, out);
                if let Some(time) = extended {
                    out.put_u32(time);
                }
            }
            out.put_slice(piece);
        }
    }
}

/// One byte up to chunk stream 63, two up to 319, else three (§5.3.1.1).
fn basic_header(format: u8, chunk_stream: u32, out: &mut BytesMut) {
    let format = format << 6;
    match (
        u8::try_from(chunk_stream),
        u8::try_from(chunk_stream.saturating_sub(64)),
    ) {
        (Ok(low @ 2..=63), _) => out.put_u8(format | low),
        (_, Ok(offset)) => out.put_slice(&[format, offset]),
        _ => {
            let [low, high, ..] = chunk_stream.saturating_sub(64).to_le_bytes();
            out.put_slice(&[format | 1, low, high]);
        }
    }
}
