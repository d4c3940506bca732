//! One function per target: takes any bytes, must not panic, and asserts what holds for all of them.

use std::time::Duration;

use bytes::Bytes;
use media::codec::{aac, h264};
use media::flv::{AudioReader, Tag, VideoReader};
use media::rtmp::{BUFFERED_BYTES_MAX, BUFFERED_BYTES_MAX_BEFORE_PUBLISH, Config, Event, Input, Output, Session};
use media::{Frame, TrackKind, amf0, fmp4};

/// C0, C1 and C2 of the simplest client.
const HANDSHAKE_BYTES: usize = 1 + 2 * 1_536;

/// One connection. The first byte chooses: bit 0 puts a handshake before the rest, bit 1 accepts publish requests, the
/// other bits are the size of the reads.
pub fn rtmp_session(data: &[u8]) {
    let Some((choice, rest)) = data.split_first() else {
        return;
    };
    let mut bytes = Vec::new();
    if choice & 1 != 0 {
        bytes.resize(HANDSHAKE_BYTES, 0);
        bytes[0] = 3;
    }
    bytes.extend_from_slice(rest);
    let read_bytes = match usize::from(choice >> 2) {
        0 => bytes.len().max(1),
        size => size,
    };
    let mut session = Session::new(Config::default(), [0; 1528]);
    let mut driver = Driver {
        accepts: choice & 2 != 0,
        ..Driver::default()
    };
    for piece in bytes.chunks(read_bytes) {
        if !driver.feed(&mut session, piece) {
            break;
        }
    }
    assert!(
        driver.payload_bytes <= bytes.len() * 4,
        "frames hold more than was sent"
    );
}

#[derive(Default)]
struct Driver {
    accepts: bool,
    is_accepted: bool,
    payload_bytes: usize,
    dts_ms: [Option<i64>; 2],
}

impl Driver {
    /// False once the session is over.
    fn feed(&mut self, session: &mut Session, piece: &[u8]) -> bool {
        let mut result = session.handle_input(Duration::ZERO, Input::Bytes(piece));
        let mut is_open = true;
        while let Some(output) = session.poll_output() {
            match output {
                Output::Event(Event::PublishRequested { .. }) if self.accepts => {
                    self.is_accepted = true;
                    result = result.and(session.handle_input(Duration::ZERO, Input::AcceptPublish));
                }
                Output::Event(Event::Unpublished) => self.dts_ms = [None; 2],
                Output::Event(Event::Frame(frame)) => self.check(&frame),
                Output::Close => is_open = false,
                Output::Event(_) | Output::Send(_) | Output::WaitUntil(_) => {}
            }
        }
        let limit = if self.is_accepted {
            BUFFERED_BYTES_MAX
        } else {
            BUFFERED_BYTES_MAX_BEFORE_PUBLISH
        };
        assert!(
            session.buffered_bytes() <= limit,
            "holds {} bytes",
            session.buffered_bytes()
        );
        assert!(!(result.is_err() && is_open), "an error closes");
        is_open
    }

    fn check(&mut self, frame: &Frame) {
        assert!(self.is_accepted, "media before a publish was accepted");
        self.payload_bytes += frame.payload.len();
        let last = &mut self.dts_ms[usize::from(frame.track == TrackKind::Audio)];
        assert!(last.is_none_or(|last| last < frame.dts.ticks), "decode times grow");
        assert!(frame.pts.ticks >= frame.dts.ticks);
        *last = Some(frame.dts.ticks);
    }
}

/// One AMF0 message. What can be read can be written and read again.
pub fn amf0(data: &[u8]) {
    let Ok(values) = amf0::Reader::new(data).and_then(|mut reader| reader.read_all()) else {
        return;
    };
    let written = values.iter().fold(amf0::Writer::new(), amf0::Writer::value).finish();
    let again = amf0::Reader::new(&written).and_then(|mut reader| reader.read_all());
    // Invalid UTF-8 is replaced by longer characters, so the copy may pass the length limit; nothing else may fail it.
    match again {
        Ok(again) => assert_eq!(format!("{again:?}"), format!("{values:?}")),
        Err(error) => assert!(written.len() > data.len(), "{error}"),
    }
}

/// A run of tags, each behind one byte: bit 7 chooses audio, the rest is its length.
pub fn flv(data: &[u8]) {
    let (mut video, mut audio) = (VideoReader::default(), AudioReader::default());
    let mut rest = Bytes::copy_from_slice(data);
    while !rest.is_empty() {
        let choice = rest.split_to(1)[0];
        let body = rest.split_to(usize::from(choice & 0x7f).min(rest.len()));
        let tag = if choice & 0x80 == 0 {
            video.read(&body)
        } else {
            audio.read(&body)
        };
        if let Ok(Tag::Frame(unit)) = tag {
            // One-byte NAL unit lengths grow by three bytes each.
            assert!(unit.payload.len() <= body.len() * 4);
        }
    }
}

/// One `AVCDecoderConfigurationRecord`.
pub fn h264_config(data: &[u8]) {
    let Ok(config) = h264::Config::from_record(&Bytes::copy_from_slice(data)) else {
        return;
    };
    assert!(config.width > 0 && config.height > 0 && config.nal_length_size == 4);
    assert_eq!(config.codec_string().len(), "avc1.64001f".len());
    assert!(!config.profile_name().is_empty() && !config.level_name().is_empty());
    fmp4::init_section(Some(&config), None).expect("what was accepted can be packaged");
    let again = h264::Config::from_record(&config.record);
    assert_eq!(again, Ok(config), "a normalised record reads the same");
}

/// One `AudioSpecificConfig`.
pub fn aac_config(data: &[u8]) {
    let Ok(config) = aac::Config::from_record(&Bytes::copy_from_slice(data)) else {
        return;
    };
    assert!((1..=8).contains(&config.channels) && config.sample_rate_hz > 0);
    assert!(config.codec_string().starts_with("mp4a.40.") && config.samples_per_frame() >= 1_024);
    fmp4::init_section(None, Some(&config)).expect("what was accepted can be packaged");
}
