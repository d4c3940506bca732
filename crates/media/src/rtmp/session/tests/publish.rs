use super::*;

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
fn printing_a_session_or_its_events_shows_no_key() {
    let (mut session, _) = after(&[connect(), publish("sk_secret_9", "live")]);
    let printed = format!("{session:?} {:?}", outputs(&mut session));
    assert!(
        printed.contains("PublishRequested") && !printed.contains("sk_secret_9"),
        "{printed}"
    );
}
