use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use proptest::prelude::*;

use super::*;
use crate::amf0::{Value, Writer as Amf};
use crate::rtmp::chunk;
use crate::rtmp::handshake::client_opening;
use crate::rtmp::{Metadata, command};
use crate::testing::publisher::{self, Publisher, Style};
use crate::testing::{Chunking, Link, sample};
use crate::{CodecConfig, TrackKind};

const SECOND: Duration = Duration::from_secs(1);
const EVERY_CHUNKING: [Chunking; 6] = [
    Chunking::Whole,
    Chunking::Every(1),
    Chunking::Every(7),
    Chunking::Every(1_460),
    Chunking::Cycle(&[1, 11, 127, 3, 4_096]),
    Chunking::Cycle(&[2, 1, 1, 129]),
];

fn session() -> Session {
    Session::new(Config::default(), [7; 1528])
}

fn publisher(style: Style, digest_scheme: Option<usize>) -> Publisher {
    Publisher::new(publisher::Config {
        app: "app".to_owned(),
        key: "sk_test_1?bandwidthtest=true".to_owned(),
        style,
        digest_scheme,
    })
}

fn link(style: Style, chunking: Chunking) -> Link {
    let mut link = Link::new(session(), publisher(style, None), chunking);
    link.run().unwrap();
    link
}

/// A broadcast of a second: metadata, configurations, 30 frames with audio between them, goodbye.
fn broadcast(link: &mut Link) {
    let metadata = [
        ("encoder", Value::String("Lavf60.16.100".to_owned())),
        ("width", Value::Number(640.0)),
    ];
    link.publish(publisher::Input::Metadata(&metadata)).unwrap();
    link.publish(publisher::Input::Config(&sample::aac_config().unwrap()))
        .unwrap();
    link.publish(publisher::Input::Config(&sample::h264_config().unwrap()))
        .unwrap();
    for index in 0..30 {
        link.publish(publisher::Input::Frame(&sample::video_frame(
            index * 33,
            index == 0,
            3_000,
        )))
        .unwrap();
        link.publish(publisher::Input::Frame(&sample::audio_frame(index * 33 + 5, 300)))
            .unwrap();
    }
    link.publish(publisher::Input::Unpublish).unwrap();
}

/// A session that has read a handshake and these messages, each whole and on a chunk stream of its own kind.
fn after(messages: &[Message]) -> (Session, Result<(), Error>) {
    let mut session = session();
    let mut bytes = BytesMut::from(&client_opening(None)[..]);
    for message in messages {
        Writer::new().write(3, message, &mut bytes);
    }
    let result = session.handle_input(SECOND, Input::Bytes(&bytes));
    (session, result)
}

fn connect() -> Message {
    let properties = [("app", Value::String("/app/?x=1".to_owned()))];
    command::message(0, Amf::new().string("connect").number(1.0).object(&properties).finish())
}

fn publish(key: &str, kind: &str) -> Message {
    command::message(
        1,
        Amf::new()
            .string("publish")
            .number(0.0)
            .null()
            .string(key)
            .string(kind)
            .finish(),
    )
}

fn outputs(session: &mut Session) -> Vec<Output> {
    std::iter::from_fn(|| session.poll_output()).collect()
}

/// Codes and descriptions of the `onStatus` messages among these outputs.
fn statuses(outputs: &[Output]) -> Vec<(String, String)> {
    let mut bytes: Vec<u8> = Vec::new();
    for output in outputs {
        if let Output::Send(sent) = output {
            bytes.extend_from_slice(sent);
        }
    }
    let mut rest = bytes.get(1 + 2 * 1_536..).unwrap_or(&bytes[..]);
    let mut reader = Reader::new();
    let mut found = Vec::new();
    while let Ok(Some(message)) = reader.read(&mut rest) {
        match message.kind {
            Kind::SetChunkSize => reader
                .set_chunk_size(message::read_number(&message.payload).unwrap())
                .unwrap(),
            Kind::Command { .. } => {
                let command = command::Command::read(&message.payload, false).unwrap();
                let text = |name| command.arguments.first()?.property(name)?.as_str().map(str::to_owned);
                if command.name == "onStatus" {
                    found.push((text("code").unwrap(), text("description").unwrap()));
                }
            }
            _ => {}
        }
    }
    found
}

#[test]
fn a_broadcast_reads_the_same_in_every_style_and_split() {
    let mut first: Option<Vec<Event>> = None;
    for style in [Style::Obs, Style::Ffmpeg, Style::GStreamer] {
        for chunking in EVERY_CHUNKING {
            let mut link = link(style, chunking);
            broadcast(&mut link);
            assert!(
                link.publisher_events.contains(&publisher::Event::Publishing),
                "{style:?} {chunking:?}"
            );
            let expected = first.get_or_insert_with(|| link.events.clone());
            assert_eq!(&link.events, expected, "{style:?} {chunking:?}");
        }
    }
    let events = first.unwrap();
    assert_eq!(
        events[0],
        Event::PublishRequested {
            app: "app".into(),
            key: "sk_test_1".into()
        }
    );
    let metadata = Metadata {
        encoder: Some("Lavf60.16.100".into()),
        width: Some(640),
        ..Metadata::default()
    };
    assert_eq!(events[1], Event::Metadata(metadata));
    assert_eq!(events[2], Event::Config(sample::aac_config().unwrap()));
    assert_eq!(events[3], Event::Config(sample::h264_config().unwrap()));
    assert_eq!(events[4], Event::Frame(sample::video_frame(0, true, 3_000)));
    assert_eq!(events[5], Event::Frame(sample::audio_frame(5, 300)));
    assert_eq!(events.len(), 4 + 60 + 1);
    assert_eq!(events.last(), Some(&Event::Unpublished));
}

#[test]
fn signed_handshakes_lead_to_a_publish_too() {
    for scheme in [0, 1] {
        let mut link = Link::new(session(), publisher(Style::Ffmpeg, Some(scheme)), Chunking::Every(100));
        link.run().unwrap();
        assert_eq!(link.publisher_events, [publisher::Event::Publishing]);
    }
}

#[test]
fn a_rejected_publisher_hears_why_and_is_closed() {
    let mut link = Link::new(session(), publisher(Style::Obs, None), Chunking::Whole);
    link.rejection = Some("unknown stream key".to_owned());
    link.run().unwrap();
    let refused = publisher::Event::Refused {
        code: "NetStream.Publish.BadName".to_owned(),
        description: "unknown stream key".to_owned(),
    };
    assert_eq!((link.publisher_events, link.is_closed), (vec![refused], true));
    assert_eq!(link.session.handle_input(SECOND, Input::Bytes(&[0xff; 100])), Ok(()));
    assert_eq!(link.session.poll_output(), None);
}

#[test]
fn media_of_a_publisher_that_does_not_wait_is_kept_until_the_decision() {
    let video = crate::flv::write::config(&sample::h264_config().unwrap());
    let media = Message {
        kind: Kind::Video,
        stream_id: 1,
        timestamp: 0,
        payload: video,
    };
    let (mut session, result) = after(&[connect(), publish("k", "live"), media]);
    assert_eq!(result, Ok(()));
    let before = outputs(&mut session);
    assert!(before.contains(&Output::Event(Event::PublishRequested {
        app: "app".into(),
        key: "k".into()
    })));
    assert!(
        !before
            .iter()
            .any(|output| matches!(output, Output::Event(Event::Config(_))))
    );
    session.handle_input(SECOND, Input::AcceptPublish).unwrap();
    let config = sample::h264_config().unwrap();
    assert!(outputs(&mut session).contains(&Output::Event(Event::Config(config))));
}

#[test]
fn too_much_before_the_decision_is_an_error() {
    let (mut session, _) = after(&[connect(), publish("k", "live")]);
    let result = session.handle_input(SECOND, Input::Bytes(&vec![0; UNDECIDED_BYTES_MAX + 1]));
    assert_eq!(result, Err(Error::TooEager(UNDECIDED_BYTES_MAX)));
    assert_eq!(outputs(&mut session).last(), Some(&Output::Close));
}

#[test]
fn the_publish_request_has_one_deadline_whatever_is_sent() {
    let opening = client_opening(None);
    let mut session = session();
    for (second, byte) in (0..10).zip(opening.iter()) {
        assert_eq!(session.handle_input(SECOND * second, Input::Bytes(&[*byte])), Ok(()));
        let wait = outputs(&mut session);
        assert_eq!(
            wait,
            if second == 0 {
                vec![Output::WaitUntil(SECOND * 10)]
            } else {
                vec![]
            }
        );
    }
    let error = session.handle_input(SECOND * 10, Input::Bytes(&[0])).unwrap_err();
    assert_eq!(error, Error::PublishDeadline(SECOND * 10));
    assert_eq!(outputs(&mut session), [Output::Close]);
}

#[test]
fn a_silent_connection_times_out() {
    let mut session = session();
    assert_eq!(session.handle_input(SECOND, Input::Timeout), Ok(()));
    assert_eq!(outputs(&mut session), [Output::WaitUntil(SECOND * 11)]);
    assert_eq!(
        session.handle_input(SECOND * 11, Input::Timeout),
        Err(Error::PublishDeadline(SECOND * 10))
    );
}

#[test]
fn a_publisher_may_be_silent_for_a_while_only() {
    let mut link = link(Style::Ffmpeg, Chunking::Whole);
    let idle_max = Config::default().idle_max;
    link.now = SECOND * 9;
    link.publish(publisher::Input::Frame(&sample::audio_frame(0, 1)))
        .unwrap();
    // The time announced for the publish request comes; only now a later one is needed.
    assert_eq!(link.session.handle_input(SECOND * 10, Input::Timeout), Ok(()));
    assert_eq!(outputs(&mut link.session), [Output::WaitUntil(SECOND * 9 + idle_max)]);
    let late = link.session.handle_input(SECOND * 9 + idle_max, Input::Timeout);
    assert_eq!(late, Err(Error::Idle(idle_max)));
}

#[test]
fn an_encoder_may_publish_again_on_its_connection() {
    let (mut session, _) = after(&[connect(), publish("k", "live")]);
    session.handle_input(SECOND, Input::AcceptPublish).unwrap();
    let mut bytes = BytesMut::new();
    let goodbye = Amf::new()
        .string("deleteStream")
        .number(7.0)
        .null()
        .number(1.0)
        .finish();
    Writer::new().write(3, &command::message(0, goodbye.clone()), &mut bytes);
    Writer::new().write(3, &command::message(0, goodbye), &mut bytes);
    Writer::new().write(3, &publish("k2", "live"), &mut bytes);
    session.handle_input(SECOND, Input::Bytes(&bytes)).unwrap();
    let events: Vec<Output> = outputs(&mut session)
        .into_iter()
        .filter(|output| matches!(output, Output::Event(_)))
        .skip(1)
        .collect();
    let again = Event::PublishRequested {
        app: "app".into(),
        key: "k2".into(),
    };
    assert_eq!(events, [Output::Event(Event::Unpublished), Output::Event(again)]);
}

#[test]
fn what_cannot_be_published_is_refused_with_a_status() {
    for (messages, code, description) in [
        (
            vec![connect(), publish("", "live")],
            "NetStream.Publish.BadName",
            "the stream key is empty",
        ),
        (
            vec![connect(), publish("?a", "live")],
            "NetStream.Publish.BadName",
            "the stream key is empty",
        ),
        (
            vec![connect(), publish(&"k".repeat(1_025), "live")],
            "NetStream.Publish.BadName",
            "the stream key is too long",
        ),
        (
            vec![connect(), publish("k", "record")],
            "NetStream.Publish.BadName",
            "only the publish type live is offered",
        ),
        (
            vec![publish("k", "live")],
            "NetStream.Publish.BadName",
            "publish is out of order",
        ),
        (
            vec![
                connect(),
                command::message(1, Amf::new().string("play").number(0.0).null().string("k").finish()),
            ],
            "NetStream.Play.Failed",
            "rtmp play is not offered: watch over hls",
        ),
    ] {
        let (mut session, result) = after(&messages);
        assert!(result.is_err());
        let outputs = outputs(&mut session);
        assert_eq!(outputs.last(), Some(&Output::Close));
        assert_eq!(statuses(&outputs), [(code.to_owned(), description.to_owned())]);
    }
}

#[test]
fn an_unsupported_codec_is_named_to_the_encoder() {
    let (mut session, _) = after(&[connect(), publish("k", "live")]);
    session.handle_input(SECOND, Input::AcceptPublish).unwrap();
    let mut bytes = BytesMut::new();
    let payload = Bytes::from_static(b"\x90hvc1\x01\x02");
    Writer::new().write(
        6,
        &Message {
            kind: Kind::Video,
            stream_id: 1,
            timestamp: 0,
            payload,
        },
        &mut bytes,
    );
    let error = session.handle_input(SECOND, Input::Bytes(&bytes)).unwrap_err();
    let sentence = "HEVC (hvc1) is not supported yet: set the encoder to H.264";
    assert_eq!(error.to_string(), sentence);
    let outputs = outputs(&mut session);
    assert_eq!(outputs.last(), Some(&Output::Close));
    let told = ("NetStream.Publish.Failed".to_owned(), sentence.to_owned());
    assert_eq!(statuses(&outputs).last(), Some(&told));
}

#[test]
fn answers_come_at_the_peers_chunk_size_and_within_the_known_order() {
    let (mut session, result) = after(&[connect()]);
    assert_eq!(result, Ok(()));
    let Some(Output::Send(sent)) = session.poll_output() else {
        panic!("no answer")
    };
    let mut rest = &sent[1 + 2 * 1_536..];
    let mut reader = Reader::new();
    let mut kinds = Vec::new();
    while let Some(message) = reader.read(&mut rest).unwrap() {
        if message.kind == Kind::SetChunkSize {
            reader
                .set_chunk_size(message::read_number(&message.payload).unwrap())
                .unwrap();
        }
        kinds.push(message.kind);
    }
    let command = Kind::Command { is_amf3: false };
    assert_eq!(
        kinds,
        [Kind::WindowAckSize, Kind::SetPeerBandwidth, Kind::SetChunkSize, command]
    );
}

#[test]
fn four_ccs_are_named_to_clients_that_name_theirs() {
    let properties = [
        ("app", Value::String("app".into())),
        ("fourCcList", Value::Array(vec![Value::String("hvc1".into())])),
    ];
    let enhanced = command::message(0, Amf::new().string("connect").number(1.0).object(&properties).finish());
    for (message, is_named) in [(connect(), false), (enhanced, true)] {
        let (mut session, _) = after(&[message]);
        let Some(Output::Send(sent)) = session.poll_output() else {
            panic!("no answer")
        };
        assert_eq!(sent.windows(10).any(|window| window == b"fourCcList"), is_named);
    }
}

#[test]
fn pings_are_answered_and_windows_acknowledged() {
    let mut link = link(Style::Obs, Chunking::Whole);
    let mut bytes = BytesMut::new();
    Writer::new().write(2, &message::number(Kind::WindowAckSize, 5_000), &mut bytes);
    let ping = message::control(Kind::UserControl, Bytes::from_static(&[0, 6, 1, 2, 3, 4]));
    Writer::new().write(2, &ping, &mut bytes);
    link.session.handle_input(SECOND, Input::Bytes(&bytes)).unwrap();
    let Some(Output::Send(sent)) = link.session.poll_output() else {
        panic!("no pong")
    };
    assert!(sent.ends_with(&[0, 7, 1, 2, 3, 4]));

    link.publish(publisher::Input::Config(&sample::h264_config().unwrap()))
        .unwrap();
    link.publish(publisher::Input::Frame(&sample::video_frame(0, true, 6_000)))
        .unwrap();
    let received = u32::try_from(link.session.received_bytes()).unwrap();
    assert_eq!(
        link.publisher_events.last(),
        Some(&publisher::Event::Acknowledged(received))
    );
}

#[test]
fn commands_in_amf3_messages_are_read_behind_their_zero_byte() {
    let mut message = connect();
    message.kind = Kind::Command { is_amf3: true };
    message.payload = [&[0][..], &message.payload].concat().into();
    let (session, result) = after(&[message]);
    assert_eq!((result, session.app.as_deref()), (Ok(()), Some("app")));
}

#[test]
fn aggregates_are_taken_apart_with_their_own_times() {
    let mut link = link(Style::Obs, Chunking::Whole);
    link.publish(publisher::Input::Config(&sample::aac_config().unwrap()))
        .unwrap();
    let mut payload = BytesMut::new();
    for time in [700u32, 721] {
        let body = crate::flv::write::frame(&sample::audio_frame(0, 4));
        payload.put_u8(8);
        payload.put_uint(body.len() as u64, 3);
        payload.put_uint(u64::from(time), 3);
        payload.put_u32(0);
        payload.put_slice(&body);
        payload.put_uint(body.len() as u64 + 11, 4);
    }
    let mut bytes = BytesMut::new();
    let message = Message {
        kind: Kind::Aggregate,
        stream_id: 1,
        timestamp: 5_000,
        payload: payload.freeze(),
    };
    let mut writer = Writer::new();
    writer.set_chunk_size(4_096);
    writer.write(9, &message, &mut bytes);
    link.deliver(&bytes).unwrap();
    let expected = [5_000, 5_021].map(|time| Event::Frame(sample::audio_frame(time, 4)));
    assert_eq!(link.events[link.events.len() - 2..], expected);
}

#[test]
fn unchanged_configurations_and_metadata_are_told_once() {
    let mut link = link(Style::GStreamer, Chunking::Whole);
    for _ in 0..3 {
        link.publish(publisher::Input::Metadata(&[("width", Value::Number(640.0))]))
            .unwrap();
        link.publish(publisher::Input::Config(&sample::h264_config().unwrap()))
            .unwrap();
    }
    assert_eq!(link.events.len(), 3);
    link.publish(publisher::Input::Metadata(&[("width", Value::Number(1_280.0))]))
        .unwrap();
    assert_eq!(link.events.len(), 4);
}

#[test]
fn frames_before_their_configuration_are_counted() {
    let mut link = link(Style::Ffmpeg, Chunking::Whole);
    link.publish(publisher::Input::Frame(&sample::video_frame(0, true, 10)))
        .unwrap();
    link.publish(publisher::Input::Frame(&sample::audio_frame(0, 10)))
        .unwrap();
    assert_eq!(link.session.counters().frames_before_config, 2);
    assert_eq!(link.events.len(), 1);
}

#[test]
fn a_stream_of_broken_frames_ends() {
    let mut link = link(Style::Ffmpeg, Chunking::Whole);
    link.publish(publisher::Input::Config(&sample::h264_config().unwrap()))
        .unwrap();
    let mut broken = sample::video_frame(0, true, 10);
    broken.payload = broken.payload.slice(..8);
    for _ in 0..100 {
        link.publish(publisher::Input::Frame(&broken)).unwrap();
    }
    let error = link.publish(publisher::Input::Frame(&broken)).unwrap_err();
    assert_eq!(
        error,
        Error::TooManyBadTags {
            limit: 100,
            last: crate::flv::Error::NalLengths
        }
    );
}

#[test]
fn bombs_before_publish_end_the_session() {
    let nested = [3, 0, 1, b'a'].repeat(10_000);
    let bomb = command::message(0, nested.into());
    assert_eq!(after(&[bomb]).1, Err(Error::Amf0(crate::amf0::Error::TooDeep)));
    let huge = Message {
        payload: vec![5; 65_537].into(),
        ..connect()
    };
    let limit = MESSAGE_BYTES_MAX_BEFORE_PUBLISH;
    assert_eq!(
        after(&[huge]).1,
        Err(Error::Chunk(chunk::Error::MessageTooLong { length: 65_537, limit }))
    );
    let chatter = vec![command::message(0, Amf::new().string("x").finish()); 257];
    assert_eq!(after(&chatter).1, Err(Error::TooManyMessages(256)));
    assert_eq!(after(&[connect(), connect()]).1, Err(Error::OutOfOrder("connect")));
    assert_eq!(
        after(&[message::number(Kind::SetChunkSize, 0)]).1,
        Err(Error::Chunk(chunk::Error::ChunkSize(0)))
    );
    let short = message::control(Kind::SetChunkSize, Bytes::from_static(&[1]));
    assert_eq!(after(&[short]).1, Err(Error::Control("set chunk size")));
    assert_eq!(after(&[message::number(Kind::SetChunkSize, 0x7fff_ffff)]).1, Ok(()));
}

#[test]
fn a_clock_that_wraps_goes_on() {
    let mut link = link(Style::Ffmpeg, Chunking::Every(13));
    link.publish(publisher::Input::Config(&sample::h264_config().unwrap()))
        .unwrap();
    let start = i64::from(u32::MAX) - 40;
    for index in 0..4 {
        // The publisher sends the low 32 bits; times above 2^24 travel as extended timestamps.
        link.publish(publisher::Input::Frame(&sample::video_frame(
            start + index * 33,
            index == 0,
            5_000,
        )))
        .unwrap();
    }
    let times: Vec<i64> = link
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Frame(frame) => Some(frame.dts.ticks),
            _ => None,
        })
        .collect();
    assert_eq!(times, [start, start + 33, start + 66, start + 99]);
}

#[test]
fn a_large_frame_needs_about_its_own_size() {
    let mut link = link(Style::Obs, Chunking::Every(16_384));
    link.publish(publisher::Input::Config(&sample::h264_config().unwrap()))
        .unwrap();
    let frame = sample::video_frame(0, true, 3_000_000);
    link.publish(publisher::Input::Frame(&frame)).unwrap();
    assert_eq!(link.events.last(), Some(&Event::Frame(frame)));
    assert!(link.buffered_bytes_max < 6_100_000, "{}", link.buffered_bytes_max);
}

/// Bytes that look like RTMP often enough to get somewhere.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let message = (
        0u32..70,
        0u8..25,
        any::<u32>(),
        proptest::collection::vec(any::<u8>(), 0..300),
    )
        .prop_map(|(chunk_stream, kind, timestamp, payload)| {
            let mut bytes = BytesMut::new();
            let message = Message {
                kind: kind.into(),
                stream_id: 1,
                timestamp,
                payload: payload.into(),
            };
            Writer::new().write(chunk_stream.max(2), &message, &mut bytes);
            bytes.to_vec()
        });
    let piece = prop_oneof![4 => message, 1 => proptest::collection::vec(any::<u8>(), 0..40)];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_peer_makes_it_panic_or_hold_too_much(bytes in hostile(), split in 1usize..600, is_published in any::<bool>()) {
        let (mut session, _) = after(&[connect()]);
        if is_published {
            let mut request = BytesMut::new();
            Writer::new().write(3, &publish("k", "live"), &mut request);
            session.handle_input(SECOND, Input::Bytes(&request)).unwrap();
            session.handle_input(SECOND, Input::AcceptPublish).unwrap();
        }
        for piece in bytes.chunks(split) {
            let result = session.handle_input(SECOND, Input::Bytes(piece));
            let outputs = outputs(&mut session);
            prop_assert_eq!(result.is_err(), outputs.last() == Some(&Output::Close));
            prop_assert!(session.buffered_bytes() <= BUFFERED_BYTES_MAX_BEFORE_PUBLISH);
            if result.is_err() {
                break;
            }
        }
    }

    #[test]
    fn every_frame_comes_out_as_it_went_in(
        sizes in proptest::collection::vec((0usize..9_000, any::<bool>()), 1..20), split in 1usize..5_000,
    ) {
        let mut link = link(Style::Ffmpeg, Chunking::Every(split));
        link.publish(publisher::Input::Config(&sample::h264_config().unwrap())).unwrap();
        let mut sent = vec![];
        for (index, (size, is_keyframe)) in (0..).zip(sizes) {
            let frame = sample::video_frame(index * 33, is_keyframe, size);
            link.publish(publisher::Input::Frame(&frame)).unwrap();
            sent.push(Event::Frame(frame));
        }
        prop_assert_eq!(&link.events[2..], &sent[..]);
        let tracks_are_video = sent.iter().all(|event| matches!(event, Event::Frame(frame) if frame.track == TrackKind::Video));
        prop_assert!(tracks_are_video && matches!(link.events[1], Event::Config(CodecConfig::H264(_))));
    }
}
