//! Messages: their kinds, and the protocol control messages (RTMP 1.0 §5.4, §6.2, §7.1).

use bytes::{BufMut, Bytes, BytesMut};

/// What a message is, by its type id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// 1: the peer writes chunks of this size from now on.
    SetChunkSize,
    /// 2: the rest of a message will not come.
    Abort,
    /// 3: bytes received so far.
    Acknowledgement,
    /// 4: stream begins, ping, pong, buffer length.
    UserControl,
    /// 5: send an acknowledgement after this many bytes.
    WindowAckSize,
    /// 6: do not send faster.
    SetPeerBandwidth,
    /// 8: an FLV audio tag body.
    Audio,
    /// 9: an FLV video tag body.
    Video,
    /// 15 and 18: script data; `is_amf3` has a zero byte before AMF0 values.
    Data {
        /// Type id 15.
        is_amf3: bool,
    },
    /// 17 and 20: a command; `is_amf3` has a zero byte before AMF0 values.
    Command {
        /// Type id 17.
        is_amf3: bool,
    },
    /// 22: several FLV tags in one message.
    Aggregate,
    /// Anything else: shared objects and what nobody defined. Ignored.
    Other(u8),
}

impl From<u8> for Kind {
    fn from(id: u8) -> Self {
        match id {
            1 => Self::SetChunkSize,
            2 => Self::Abort,
            3 => Self::Acknowledgement,
            4 => Self::UserControl,
            5 => Self::WindowAckSize,
            6 => Self::SetPeerBandwidth,
            8 => Self::Audio,
            9 => Self::Video,
            15 => Self::Data { is_amf3: true },
            17 => Self::Command { is_amf3: true },
            18 => Self::Data { is_amf3: false },
            20 => Self::Command { is_amf3: false },
            22 => Self::Aggregate,
            other => Self::Other(other),
        }
    }
}

impl From<Kind> for u8 {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::SetChunkSize => 1,
            Kind::Abort => 2,
            Kind::Acknowledgement => 3,
            Kind::UserControl => 4,
            Kind::WindowAckSize => 5,
            Kind::SetPeerBandwidth => 6,
            Kind::Audio => 8,
            Kind::Video => 9,
            Kind::Data { is_amf3: true } => 15,
            Kind::Command { is_amf3: true } => 17,
            Kind::Data { is_amf3: false } => 18,
            Kind::Command { is_amf3: false } => 20,
            Kind::Aggregate => 22,
            Kind::Other(other) => other,
        }
    }
}

/// One message as it came out of its chunks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// Message stream: 0 for the connection, else what `createStream` gave.
    pub stream_id: u32,
    /// Milliseconds, modulo 2^32.
    pub timestamp: u32,
    /// Its body.
    pub payload: Bytes,
}

/// The events of a user control message that matter to a server (§7.1.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UserControl {
    /// Event 6: answer with the same four bytes.
    PingRequest([u8; 4]),
    /// Anything else.
    Other,
}

impl UserControl {
    /// Reads a payload; `None` when it is too short for what it says it is.
    pub(crate) fn read(payload: &[u8]) -> Option<Self> {
        match payload {
            [0, 6, time @ ..] => time.first_chunk().copied().map(Self::PingRequest),
            [_, _, ..] => Some(Self::Other),
            _ => None,
        }
    }
}

/// The four-byte number of messages 1, 2, 3 and 5; `None` when the length is wrong.
pub(crate) fn read_number(payload: &[u8]) -> Option<u32> {
    <[u8; 4]>::try_from(payload).ok().map(u32::from_be_bytes)
}

/// A message of the connection itself.
pub(crate) fn control(kind: Kind, payload: Bytes) -> Message {
    Message {
        kind,
        stream_id: 0,
        timestamp: 0,
        payload,
    }
}

/// Messages 1, 2, 3 and 5.
pub(crate) fn number(kind: Kind, number: u32) -> Message {
    control(kind, Bytes::copy_from_slice(&number.to_be_bytes()))
}

/// Message 6; limit type 2 is "dynamic".
pub(crate) fn peer_bandwidth(bytes: u32) -> Message {
    let mut payload = BytesMut::with_capacity(5);
    payload.put_u32(bytes);
    payload.put_u8(2);
    control(Kind::SetPeerBandwidth, payload.freeze())
}

/// User control event 0: the stream can be used.
pub(crate) fn stream_begin(stream_id: u32) -> Message {
    user_control(0, stream_id.to_be_bytes())
}

/// User control event 7.
pub(crate) fn pong(time: [u8; 4]) -> Message {
    user_control(7, time)
}

fn user_control(event: u16, data: [u8; 4]) -> Message {
    let mut payload = BytesMut::with_capacity(6);
    payload.put_u16(event);
    payload.put_slice(&data);
    control(Kind::UserControl, payload.freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_id_survives_the_round_trip() {
        for id in 0..=u8::MAX {
            assert_eq!(u8::from(Kind::from(id)), id);
        }
    }

    #[test]
    fn control_payloads_of_the_wrong_length_are_not_read() {
        assert_eq!(read_number(&[0, 0, 16, 0]), Some(4_096));
        assert_eq!(read_number(&[0, 16, 0]), None);
        assert_eq!(read_number(&[0, 0, 16, 0, 0]), None);
        assert_eq!(
            UserControl::read(&[0, 6, 1, 2, 3, 4]),
            Some(UserControl::PingRequest([1, 2, 3, 4]))
        );
        assert_eq!(UserControl::read(&[0, 6, 1]), None);
        assert_eq!(
            UserControl::read(&[0, 3, 0, 0, 0, 1, 0, 0, 0, 9]),
            Some(UserControl::Other)
        );
        assert_eq!(UserControl::read(&[0]), None);
    }
}
