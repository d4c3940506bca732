//! Chunk headers: basic header of 1 to 3 bytes, message header of 0, 3, 7 or 11, extended timestamp of 0 or 4.

/// 3 + 11 + 4.
const HEADER_BYTES_MAX: usize = 18;
/// The 24-bit value that means "see the extended timestamp".
pub(super) const EXTENDED: u32 = 0xff_ffff;

/// The first part: format and chunk stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Basic {
    pub format: u8,
    pub chunk_stream: u32,
    /// Bytes it took.
    pub bytes: usize,
}

/// What follows it; each format has the fields of the next one and more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Fields {
    /// Formats 0 (absolute), 1 and 2 (difference): 24 bits or the extended timestamp.
    pub time: Option<u32>,
    /// Formats 0 and 1: message length and type id.
    pub length_and_kind: Option<(usize, u8)>,
    /// Format 0.
    pub stream_id: Option<u32>,
    /// True when the time came from an extended timestamp.
    pub is_extended: bool,
    /// Bytes it took.
    pub bytes: usize,
}

/// Reads the basic header (§5.3.1.1); `None` when bytes are missing.
pub(super) fn read_basic(bytes: &[u8]) -> Option<Basic> {
    let first = *bytes.first()?;
    let format = first >> 6;
    let (chunk_stream, length) = match first & 0x3f {
        0 => (64 + u32::from(*bytes.get(1)?), 2),
        1 => (64 + u32::from(*bytes.get(1)?) + 256 * u32::from(*bytes.get(2)?), 3),
        low => (u32::from(low), 1),
    };
    Some(Basic {
        format,
        chunk_stream,
        bytes: length,
    })
}

/// Reads the message header of formats 0 to 2 (§5.3.1.2) and its extended timestamp; `None` when bytes are missing.
pub(super) fn read_fields(format: u8, bytes: &[u8]) -> Option<Fields> {
    let mut fields = Fields {
        bytes: [11, 7, 3].get(usize::from(format)).copied()?,
        ..Fields::default()
    };
    let header = bytes.get(..fields.bytes)?;
    let mut time = read_u24(header)?;
    if let Some(rest) = header.get(3..7) {
        fields.length_and_kind = Some((usize::try_from(read_u24(rest)?).ok()?, rest[3]));
    }
    if let Some(rest) = header.get(7..) {
        fields.stream_id = rest.first_chunk().copied().map(u32::from_le_bytes);
    }
    if time == EXTENDED {
        fields.is_extended = true;
        time = read_u32(bytes.get(fields.bytes..)?)?;
        fields.bytes += 4;
    }
    fields.time = Some(time);
    Some(fields)
}

pub(super) fn read_u32(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().copied().map(u32::from_be_bytes)
}

fn read_u24(bytes: &[u8]) -> Option<u32> {
    let [high, middle, low] = *bytes.first_chunk()?;
    Some(u32::from_be_bytes([0, high, middle, low]))
}

/// Up to one header, received in pieces.
#[derive(Debug, Default)]
pub(super) struct Held {
    bytes: [u8; HEADER_BYTES_MAX],
    pub(super) length: usize,
}

impl Held {
    pub(super) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// Moves one byte here; false when there is none, or no room.
    pub(super) fn take_from(&mut self, input: &mut &[u8]) -> bool {
        let (Some((byte, rest)), Some(place)) = (input.split_first(), self.bytes.get_mut(self.length)) else {
            return false;
        };
        *place = *byte;
        self.length += 1;
        *input = rest;
        true
    }

    pub(super) fn drop_front(&mut self, count: usize) {
        self.bytes.copy_within(count..self.length, 0);
        self.length -= count;
    }
}
