//! FLV files as a source of frames to publish.

use bytes::Bytes;

use crate::rtmp::MessageKind;

/// One tag of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Audio, video or script data.
    pub kind: MessageKind,
    /// Milliseconds.
    pub timestamp: u32,
    /// The tag body, which is also the message's payload.
    pub body: Bytes,
}

/// The tags of an FLV file in order, up to the first that is cut short; empty when it is no FLV file.
pub fn read_flv(file: &Bytes) -> Vec<Tag> {
    const FILE_HEADER_BYTES: usize = 9;
    const BACK_POINTER_BYTES: usize = 4;
    let mut tags = Vec::new();
    if !file.starts_with(b"FLV") || file.len() < FILE_HEADER_BYTES + BACK_POINTER_BYTES {
        return tags;
    }
    let mut rest = file.slice(FILE_HEADER_BYTES + BACK_POINTER_BYTES..);
    while let Some([kind, l2, l1, l0, t2, t1, t0, t3, ..]) = rest.first_chunk::<11>().copied() {
        let body_bytes = usize::from(l2) << 16 | usize::from(l1) << 8 | usize::from(l0);
        if rest.len() < 11 + body_bytes {
            break;
        }
        let timestamp = u32::from_be_bytes([t3, t2, t1, t0]);
        tags.push(Tag {
            kind: MessageKind::from(kind),
            timestamp,
            body: rest.slice(11..11 + body_bytes),
        });
        rest = rest.slice((11 + body_bytes + BACK_POINTER_BYTES).min(rest.len())..);
    }
    tags
}
