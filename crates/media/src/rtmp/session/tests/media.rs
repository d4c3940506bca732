use super::*;

const EVERY_CHUNKING: [Chunking; 6] = [
    Chunking::Whole,
    Chunking::Every(1),
    Chunking::Every(7),
    Chunking::Every(1_460),
    Chunking::Cycle(&[1, 11, 127, 3, 4_096]),
    Chunking::Cycle(&[2, 1, 1, 129]),
];

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

/// An aggregate of sound at these times, in chunks of 4,096 bytes.
fn aggregate(times: impl IntoIterator<Item = u32>) -> BytesMut {
    let mut payload = BytesMut::new();
    for time in times {
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
    bytes
}

#[test]
fn aggregates_are_taken_apart_with_their_own_times() {
    let mut link = link(Style::Obs, Chunking::Whole);
    link.publish(publisher::Input::Config(&sample::aac_config().unwrap()))
        .unwrap();
    link.deliver(&aggregate([700, 721])).unwrap();
    let expected = [5_000, 5_021].map(|time| Event::Frame(sample::audio_frame(time, 4)));
    assert_eq!(link.events[link.events.len() - 2..], expected);
}

#[test]
fn an_aggregate_cannot_become_a_flood_of_events() {
    let mut link = link(Style::Obs, Chunking::Whole);
    link.publish(publisher::Input::Config(&sample::aac_config().unwrap()))
        .unwrap();
    link.deliver(&aggregate(0..1_024)).unwrap();
    assert_eq!(link.deliver(&aggregate(0..1_025)), Err(Error::TooManyTags(1_024)));
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
