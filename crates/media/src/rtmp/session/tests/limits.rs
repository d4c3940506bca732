use super::*;

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
    // Bytes that come as late as the timer win.
    link.now = SECOND * 9 + idle_max;
    link.publish(publisher::Input::Frame(&sample::audio_frame(1, 1)))
        .unwrap();
    assert_eq!(link.session.handle_input(link.now, Input::Timeout), Ok(()));
    let late = link.session.handle_input(link.now + idle_max, Input::Timeout);
    assert_eq!(late, Err(Error::Idle(idle_max)));
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
