//! One chunk stream: the newest header, which later ones build on, and the message being put together.

use bytes::BytesMut;

use super::FIRST_RESERVE_BYTES;
use super::header::{self, Fields};
use crate::rtmp::message::{Kind, Message};

/// The newest header of a chunk stream and the message it carries.
#[derive(Debug, Default)]
pub(super) struct ChunkStream {
    pub(super) id: u32,
    pub(super) timestamp: u32,
    /// The time field as sent: what a format 3 header repeats.
    pub(super) time_field: u32,
    pub(super) is_extended: bool,
    pub(super) length: usize,
    pub(super) kind: u8,
    pub(super) stream_id: u32,
    pub(super) is_partial: bool,
    pub(super) payload: BytesMut,
}

impl ChunkStream {
    pub(super) fn apply(&mut self, fields: &Fields) {
        if let Some((length, kind)) = fields.length_and_kind {
            (self.length, self.kind) = (length, kind);
        }
        if let Some(time) = fields.time {
            self.time_field = time;
            self.timestamp = if fields.stream_id.is_some() {
                time
            } else {
                self.timestamp.wrapping_add(time)
            };
        }
        if let Some(stream_id) = fields.stream_id {
            self.stream_id = stream_id;
        }
        self.is_extended = fields.is_extended;
    }

    /// Bytes of the extended timestamp behind a format 3 header; `None` when too few bytes are there to tell.
    ///
    /// §5.3.1.3 repeats it, old encoders do not: only bytes that equal what was sent before can be it.
    pub(super) fn repeated_time_bytes(&self, rest: &[u8]) -> Option<usize> {
        if !self.is_extended {
            return Some(0);
        }
        let seen = header::read_u32(rest)?;
        let is_repeated = seen == self.time_field || (self.is_partial && seen == self.timestamp);
        Some(if is_repeated { 4 } else { 0 })
    }

    /// A message that begins with format 3 is as far from the last one as that was from the one before (§5.3.1.2.4).
    pub(super) fn advance_by_repeated_time(&mut self) {
        self.timestamp = self.timestamp.wrapping_add(self.time_field);
    }

    pub(super) fn append(&mut self, payload: &[u8]) {
        let wanted = self.payload.len() + payload.len();
        if wanted > self.payload.capacity() {
            let room = (2 * self.payload.capacity())
                .max(FIRST_RESERVE_BYTES)
                .max(wanted)
                .min(self.length);
            self.payload.reserve(room - self.payload.len());
        }
        self.payload.extend_from_slice(payload);
    }

    pub(super) fn finish(&mut self) -> Message {
        self.is_partial = false;
        Message {
            kind: Kind::from(self.kind),
            stream_id: self.stream_id,
            timestamp: self.timestamp,
            payload: std::mem::take(&mut self.payload).freeze(),
        }
    }
}
