use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use super::*;
use crate::rtmp::message::{Kind, Message};

fn message(kind: Kind, timestamp: u32, payload: Vec<u8>) -> Message {
    Message {
        kind,
        stream_id: 1,
        timestamp,
        payload: payload.into(),
    }
}

/// All messages of `bytes`, fed in pieces of `split`.
fn read_all(reader: &mut Reader, bytes: &[u8], split: usize) -> Result<Vec<Message>, Error> {
    let mut messages = Vec::new();
    for mut piece in bytes.chunks(split) {
        while let Some(message) = reader.read(&mut piece)? {
            messages.push(message);
        }
        assert!(piece.is_empty());
    }
    Ok(messages)
}

fn check(bytes: &[u8], expected: &[(u32, &[u8])]) {
    for split in [1, 2, 3, 5, 7, 11, 64, bytes.len()] {
        let messages = read_all(&mut Reader::new(), bytes, split).unwrap();
        let found: Vec<(u32, &[u8])> = messages.iter().map(|m| (m.timestamp, &m.payload[..])).collect();
        assert_eq!(found, expected, "in pieces of {split}");
    }
}

#[test]
fn every_format_builds_on_the_one_before() {
    let mut bytes = vec![0x04, 0, 0, 100, 0, 0, 2, 8, 1, 0, 0, 0, b'a', b'b'];
    bytes.extend([0x44, 0, 0, 20, 0, 0, 3, 8, b'c', b'd', b'e']);
    bytes.extend([0x84, 0, 0, 30, b'f', b'g', b'h']);
    bytes.extend([0xc4, b'i', b'j', b'k']);
    check(&bytes, &[(100, b"ab"), (120, b"cde"), (150, b"fgh"), (180, b"ijk")]);
}

#[test]
fn chunk_streams_have_ids_of_one_two_and_three_bytes() {
    for chunk_stream in [2, 3, 63, 64, 319, 320, 65_599] {
        let mut bytes = BytesMut::new();
        let sent = message(Kind::Audio, 5, vec![7; 300]);
        Writer::new().write(chunk_stream, &sent, &mut bytes);
        assert_eq!(read_all(&mut Reader::new(), &bytes, 1).unwrap(), [sent]);
    }
}

#[test]
fn messages_interleave() {
    let mut bytes = vec![0x04, 0, 0, 0, 0, 0, 200, 9, 1, 0, 0, 0];
    bytes.extend([b'v'; 128]);
    bytes.extend([0x06, 0, 0, 0, 0, 0, 2, 8, 1, 0, 0, 0, b'a', b'a']);
    bytes.push(0xc4);
    bytes.extend([b'v'; 72]);
    check(&bytes, &[(0, b"aa"), (0, &[b'v'; 200])]);
}

#[test]
fn extended_timestamps_are_read_with_and_without_their_repetition() {
    let time = 0x0100_0000u32.to_be_bytes();
    let start = |bytes: &mut Vec<u8>| {
        bytes.extend([0x04, 0xff, 0xff, 0xff, 0, 0, 130, 9, 1, 0, 0, 0]);
        bytes.extend(time);
        bytes.extend([b'v'; 128]);
        bytes.push(0xc4);
    };
    let mut repeated = Vec::new();
    start(&mut repeated);
    repeated.extend(time);
    repeated.extend([b'v'; 2]);
    check(&repeated, &[(0x0100_0000, &[b'v'; 130])]);
    // Without it the reader has to look four bytes ahead, into the next header.
    let mut plain = Vec::new();
    start(&mut plain);
    plain.extend([b'v'; 2]);
    plain.extend([0x06, 0, 0, 7, 0, 0, 2, 8, 1, 0, 0, 0, b'a', b'a']);
    check(&plain, &[(0x0100_0000, &[b'v'; 130]), (7, b"aa")]);
}

#[test]
fn a_huge_chunk_size_costs_nothing() {
    let mut reader = Reader::new();
    reader.set_chunk_size(0x7fff_ffff).unwrap();
    assert_eq!(reader.set_chunk_size(0x8000_0000), Err(Error::ChunkSize(0x8000_0000)));
    assert_eq!(reader.set_chunk_size(0), Err(Error::ChunkSize(0)));
    let mut header = &[0x04, 0, 0, 0, 0, 0xff, 0xff, 9, 1, 0, 0, 0, 1][..];
    assert_eq!(reader.read(&mut header), Ok(None));
    assert!(reader.buffered_bytes() <= FIRST_RESERVE_BYTES + 8 * 1024);
}

#[test]
fn lengths_are_checked_before_anything_is_kept() {
    let mut reader = Reader::new();
    let mut long = &[0x04, 0, 0, 0, 1, 0, 1, 9, 1, 0, 0, 0][..];
    assert_eq!(
        reader.read(&mut long),
        Err(Error::MessageTooLong {
            length: 65_537,
            limit: MESSAGE_BYTES_MAX_BEFORE_PUBLISH
        })
    );
    let mut reader = Reader::new();
    reader.set_message_bytes_max(MESSAGE_BYTES_MAX);
    reader.set_chunk_size(1).unwrap();
    let mut tiny_chunks = &[0x04, 0, 0, 0, 2, 0, 1, 9, 1, 0, 0, 0][..];
    assert_eq!(
        reader.read(&mut tiny_chunks),
        Err(Error::ChunksTooSmall {
            length: 131_073,
            chunk_size: 1
        })
    );
}

#[test]
fn the_number_of_chunk_streams_and_unfinished_messages_is_bounded() {
    let header = |chunk_stream: u8, length: u8| [chunk_stream, 0, 0, 0, 0, 0, length, 8, 1, 0, 0, 0];
    let mut empty: Vec<u8> = (2..64).flat_map(|id| header(id, 0)).collect();
    empty.extend([
        0, 0, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0,
    ]);
    assert_eq!(
        read_all(&mut Reader::new(), &empty, 100).unwrap().len(),
        CHUNK_STREAMS_MAX
    );
    empty.extend([0, 2, 0, 0, 0, 0, 0, 0, 8, 1, 0, 0, 0]);
    assert_eq!(
        read_all(&mut Reader::new(), &empty, 100),
        Err(Error::TooManyChunkStreams)
    );

    let unfinished = |count: u8| -> Vec<u8> {
        (2..2 + count)
            .flat_map(|id| header(id, 200).into_iter().chain([1; 128]))
            .collect()
    };
    assert_eq!(read_all(&mut Reader::new(), &unfinished(8), 100), Ok(vec![]));
    assert_eq!(
        read_all(&mut Reader::new(), &unfinished(9), 100),
        Err(Error::TooManyPartialMessages)
    );
}

#[test]
fn headers_that_make_no_sense_are_refused() {
    assert_eq!(
        read_all(&mut Reader::new(), &[0xc4], 1),
        Err(Error::UnknownChunkStream(4))
    );
    assert_eq!(
        read_all(&mut Reader::new(), &[0x84, 0, 0, 1], 1),
        Err(Error::UnknownChunkStream(4))
    );
    let mut inside = vec![0x04, 0, 0, 0, 0, 0, 200, 9, 1, 0, 0, 0];
    inside.extend([1; 128]);
    inside.extend([0x04, 0, 0, 0, 0, 0, 2, 8, 1, 0, 0, 0]);
    assert_eq!(
        read_all(&mut Reader::new(), &inside, 1),
        Err(Error::MessageInsideMessage(4))
    );
}

#[test]
fn an_aborted_message_makes_room_for_the_next() {
    let mut reader = Reader::new();
    let mut bytes = vec![0x04, 0, 0, 0, 0, 0, 200, 9, 1, 0, 0, 0];
    bytes.extend([1; 128]);
    assert_eq!(read_all(&mut reader, &bytes, 50), Ok(vec![]));
    reader.abort(4);
    reader.abort(99);
    let next = [0x04, 0, 0, 9, 0, 0, 1, 8, 1, 0, 0, 0, b'x'];
    assert_eq!(
        read_all(&mut reader, &next, 50),
        Ok(vec![message(Kind::Audio, 9, vec![b'x'])])
    );
}

#[test]
fn a_message_in_one_piece_is_copied_once() {
    let mut reader = Reader::new();
    reader.set_chunk_size(65_536).unwrap();
    let mut bytes = BytesMut::new();
    let mut writer = Writer::new();
    writer.set_chunk_size(65_536);
    writer.write(4, &message(Kind::Video, 0, vec![1; 6_000]), &mut bytes);
    let mut input = &bytes[..];
    let payload = reader.read(&mut input).unwrap().unwrap().payload;
    let slice: Bytes = payload.slice(5..);
    assert_eq!(slice.as_ptr(), payload[5..].as_ptr());
}

proptest! {
    #[test]
    fn what_was_written_is_read_in_any_split(
        sizes in proptest::collection::vec((0usize..700, any::<u32>(), 2u32..70), 1..6),
        chunk_size in 1u32..300,
        split in 1usize..400,
    ) {
        let mut writer = Writer::new();
        writer.set_chunk_size(chunk_size);
        let mut reader = Reader::new();
        reader.set_chunk_size(chunk_size).unwrap();
        let mut bytes = BytesMut::new();
        let mut sent = Vec::new();
        for (size, timestamp, chunk_stream) in sizes {
            let message = message(Kind::Video, timestamp, vec![0xff; size]);
            writer.write(chunk_stream, &message, &mut bytes);
            sent.push(message);
        }
        prop_assert_eq!(read_all(&mut reader, &bytes, split), Ok(sent));
    }

    #[test]
    fn no_bytes_make_it_panic_or_hold_more_than_they_are(
        bytes in proptest::collection::vec(any::<u8>(), 0..2_000), split in 1usize..100,
    ) {
        let mut reader = Reader::new();
        let _ = read_all(&mut reader, &bytes, split);
        prop_assert!(reader.buffered_bytes() <= 2 * bytes.len() + PARTIAL_MESSAGES_MAX * FIRST_RESERVE_BYTES + 16 * 1024);
    }
}
