//! Chunks: messages cut into pieces so that a large one does not block a small one (RTMP 1.0 §5.3).

mod header;
mod reader;
mod stream;
mod writer;

pub use reader::Reader;
pub use writer::Writer;

/// Chunk size both sides start with (§5.4.1).
pub const CHUNK_SIZE_INITIAL: usize = 128;
/// The largest message there is: its length has 24 bits. A larger announced chunk size means the same as this one.
pub const MESSAGE_BYTES_MAX: usize = 0xff_ffff;
/// Largest message of a peer that has not been let in: a `connect` is under 1 KiB.
pub const MESSAGE_BYTES_MAX_BEFORE_PUBLISH: usize = 64 * 1024;
/// Chunk streams a peer may use. OBS uses 2, FFmpeg 5; each costs a header of a few dozen bytes.
pub const CHUNK_STREAMS_MAX: usize = 64;
/// Messages a peer may have begun and not finished. Encoders interleave audio, video and control.
pub const PARTIAL_MESSAGES_MAX: usize = 8;
/// Chunks of one message. At the specification's smallest advised size of 128 bytes the largest message fits; with
/// 1-byte chunks only messages up to 128 KiB do, so headers cannot be made to cost more than their media.
pub const CHUNKS_PER_MESSAGE_MAX: usize = 128 * 1024;
/// Room made for a message when its first byte is there; further room follows the bytes.
pub const FIRST_RESERVE_BYTES: usize = 16 * 1024;

/// Why chunks cannot be read. The position in the stream is lost for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A header that refers to an earlier one, on a chunk stream without one.
    #[error("rtmp chunk stream {0} starts without a full header")]
    UnknownChunkStream(u32),
    /// A new message begins where the rest of another must come.
    #[error("rtmp chunk stream {0} begins a message inside another")]
    MessageInsideMessage(u32),
    /// More than [`CHUNK_STREAMS_MAX`].
    #[error("more than {CHUNK_STREAMS_MAX} rtmp chunk streams")]
    TooManyChunkStreams,
    /// More than [`PARTIAL_MESSAGES_MAX`].
    #[error("more than {PARTIAL_MESSAGES_MAX} unfinished rtmp messages")]
    TooManyPartialMessages,
    /// More unfinished bytes than one largest message.
    #[error("unfinished rtmp messages hold more than {0} bytes")]
    TooManyPartialBytes(usize),
    /// Longer than allowed now.
    #[error("rtmp message of {length} bytes: the limit is {limit}")]
    MessageTooLong {
        /// Announced.
        length: usize,
        /// [`MESSAGE_BYTES_MAX`] or [`MESSAGE_BYTES_MAX_BEFORE_PUBLISH`].
        limit: usize,
    },
    /// More than [`CHUNKS_PER_MESSAGE_MAX`].
    #[error("rtmp message of {length} bytes in chunks of {chunk_size}")]
    ChunksTooSmall {
        /// Announced.
        length: usize,
        /// Announced.
        chunk_size: usize,
    },
    /// Zero, or with the reserved top bit.
    #[error("rtmp chunk size {0} is outside 1 to 2147483647")]
    ChunkSize(u32),
}

#[cfg(test)]
mod tests;
