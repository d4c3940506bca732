//! Frames to package: made up, or encoded by ffmpeg.

use std::path::Path;
use std::process::{Command, Output};

use bytes::Bytes;
use media::codec::{aac, h264};
use media::flv::{self, AudioReader, VideoReader};
use media::rtmp::MessageKind;
use media::testing::recording;
use media::{CodecConfig, Frame, Timestamp, TrackKind};

/// A `640x360` High profile configuration that no decoder is asked to use.
pub fn video_config(level_idc: u8) -> CodecConfig {
    let sps = [0x67, 0x64, 0x00, level_idc, 0xac, 0xd9];
    let pps = [0x68, 0xeb, 0xe3];
    let mut record = vec![1, 0x64, 0, level_idc, 0xff, 0xe1, 0, 6];
    record.extend_from_slice(&sps);
    record.extend_from_slice(&[1, 0, 3]);
    record.extend_from_slice(&pps);
    CodecConfig::H264(h264::Config {
        profile_idc: 100,
        constraint_flags: 0,
        level_idc,
        width: 640,
        height: 360,
        frame_rate_millihz: None,
        nal_length_size: 4,
        record: record.into(),
    })
}

/// AAC-LC, 48 kHz.
pub fn audio_config(channels: u8) -> CodecConfig {
    CodecConfig::Aac(aac::Config {
        object_type: 2,
        sample_rate_hz: 48_000,
        channels,
        record: Bytes::copy_from_slice(&[0x11, 0x80 | (channels << 3)]),
    })
}

/// A picture at a millisecond; `reorder_ms` is its composition offset.
pub fn picture(dts_ms: i64, reorder_ms: i64, is_keyframe: bool) -> Frame {
    frame(TrackKind::Video, dts_ms, reorder_ms, is_keyframe, 1_000)
}

/// An audio frame at a millisecond.
pub fn sound(dts_ms: i64) -> Frame {
    frame(TrackKind::Audio, dts_ms, 0, true, 300)
}

/// A frame of `size_bytes`, filled with its decode time so that no two are alike.
pub fn frame(track: TrackKind, dts_ms: i64, reorder_ms: i64, is_keyframe: bool, size_bytes: usize) -> Frame {
    Frame {
        track,
        dts: Timestamp::from_millis(dts_ms),
        pts: Timestamp::from_millis(dts_ms + reorder_ms),
        is_keyframe,
        payload: dts_ms.to_be_bytes().into_iter().cycle().take(size_bytes).collect(),
    }
}

/// `seconds` of video at a constant rate with millisecond timestamps, a keyframe every `gop` frames, and 48 kHz audio,
/// interleaved by decode time.
pub fn constant_rate(seconds: i64, frames_per_second: i64, gop: i64, with_audio: bool) -> Vec<Frame> {
    let pictures = (0..seconds * frames_per_second).map(|index| {
        picture(
            (index * 1_000 + frames_per_second / 2) / frames_per_second,
            0,
            index % gop == 0,
        )
    });
    let sounds = (0..seconds * 48_000 / 1_024)
        .filter(|_| with_audio)
        .map(|index| sound(index * 1_024 / 48));
    let mut frames: Vec<Frame> = pictures.chain(sounds).collect();
    frames.sort_by_key(|frame| frame.dts.ticks);
    frames
}

/// Runs a media tool to its end; they are what proves that others can read our output.
pub fn run(tool: &str, args: &[&str]) -> Output {
    Command::new(tool)
        .args(args)
        .output()
        .unwrap_or_else(|error| panic!("this test needs {tool}: {error}; install ffmpeg (`make tools`)"))
}

/// Encodes a test picture and a tone as an encoder would send them over RTMP: an FLV file's configurations and frames.
pub fn encoded(dir: &Path, inputs: &[&str], encoding: &[&str]) -> (Vec<CodecConfig>, Vec<Frame>) {
    let path = dir.join("source.flv");
    let mut args = vec!["-v", "error", "-y"];
    args.extend_from_slice(inputs);
    args.extend_from_slice(encoding);
    args.extend_from_slice(&["-f", "flv", path.to_str().unwrap()]);
    let output = run("ffmpeg", &args);
    assert!(
        output.status.success(),
        "ffmpeg: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    read_flv(std::fs::read(&path).unwrap().into())
}

fn read_flv(file: Bytes) -> (Vec<CodecConfig>, Vec<Frame>) {
    let (mut configs, mut frames) = (Vec::new(), Vec::new());
    let (mut video, mut audio) = (VideoReader::default(), AudioReader::default());
    for tag in recording::read_flv(&file) {
        let (track, content) = match tag.kind {
            MessageKind::Video => (TrackKind::Video, video.read(&tag.body).unwrap()),
            MessageKind::Audio => (TrackKind::Audio, audio.read(&tag.body).unwrap()),
            _ => continue,
        };
        let dts = Timestamp::from_millis(tag.timestamp.into());
        match content {
            flv::Tag::Config(config) => configs.push(config),
            flv::Tag::Frame(unit) => frames.push(Frame {
                track,
                dts,
                pts: Timestamp::from_millis(dts.ticks + i64::from(unit.composition_ms)),
                is_keyframe: unit.is_keyframe,
                payload: unit.payload,
            }),
            _ => {}
        }
    }
    (configs, frames)
}
