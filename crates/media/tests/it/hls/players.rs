//! ffmpeg, an implementation we share nothing with, reads what we write.

use std::path::Path;

use media::hls::{Naming, playlist};
use media::{Frame, TrackKind};

use super::origin::Origin;
use super::source::{encoded, run};

const PICTURE: [&str; 4] = ["-f", "lavfi", "-i", "testsrc=size=320x180:rate=30"];
const TONE: [&str; 4] = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];

fn check(inputs: &[&[&str]], encoding: &str) {
    let dir = tempfile::tempdir().unwrap();
    let encoding: Vec<&str> = encoding.split(' ').collect();
    let (configs, frames) = encoded(dir.path(), &inputs.concat(), &encoding);
    let origin = Origin::of(configs, frames.clone());
    assert_eq!(origin.inits.len(), 1);

    let file = dir.path().join("whole.mp4");
    std::fs::write(&file, origin.file(0)).unwrap();
    check_reads(&file, &frames);

    let folder = dir.path().join("s");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("0.init.mp4"), &origin.inits[0].bytes).unwrap();
    for segment in &origin.segments {
        std::fs::write(
            folder.join(format!("{}.m4s", segment.head.msn)),
            segment.fragments.concat(),
        )
        .unwrap();
    }
    let list = dir.path().join("media.m3u8");
    std::fs::write(&list, playlist::media(&origin.window, &Naming::new("s"), false)).unwrap();
    let listed_from = origin.window.first_msn();
    assert_eq!(listed_from, 0, "the test stream is shorter than the window");
    check_reads(&list, &frames);
}

/// ffmpeg decodes it without a word, and finds as many frames as were put in, at the same times.
fn check_reads(path: &Path, frames: &[Frame]) {
    let path = path.to_str().unwrap();
    let decoded = run("ffmpeg", &["-v", "warning", "-xerror", "-i", path, "-f", "null", "-"]);
    assert!(decoded.status.success());
    assert_eq!(String::from_utf8_lossy(&decoded.stderr), "");
    for (stream, track) in [("v", TrackKind::Video), ("a", TrackKind::Audio)] {
        let sent: Vec<&Frame> = frames.iter().filter(|frame| frame.track == track).collect();
        if sent.is_empty() {
            continue;
        }
        let args = [
            "-v",
            "error",
            "-select_streams",
            stream,
            "-show_entries",
            "packet=pts_time",
            "-of",
            "csv=p=0",
            path,
        ];
        let probe = run("ffprobe", &args);
        assert_eq!(String::from_utf8_lossy(&probe.stderr), "");
        let times: Vec<f64> = String::from_utf8_lossy(&probe.stdout)
            .lines()
            .map(|line| line.trim_end_matches(',').parse().unwrap())
            .collect();
        assert_eq!(times.len(), sent.len(), "packets of {stream} in {path}");
        // The hls demuxer starts at zero, whatever the first timestamp was; distances are what counts.
        for (index, (time, frame)) in times.iter().zip(&sent).enumerate() {
            let expected = (frame.pts.ticks - sent[0].pts.ticks) as f64 / 1_000.0;
            let error = time - times[0] - expected;
            assert!(
                error.abs() < 0.002,
                "{stream} packet {index} of {path} is off by {error} s"
            );
        }
    }
}

#[test]
fn ffmpeg_reads_pictures_and_sound() {
    check(
        &[&PICTURE, &TONE],
        "-t 7 -c:v libx264 -preset veryfast -g 60 -bf 0 -c:a aac",
    );
}

#[test]
fn ffmpeg_reads_reordered_pictures() {
    check(
        &[&PICTURE, &TONE],
        "-t 5 -c:v libx264 -preset veryfast -g 60 -bf 3 -c:a aac -ar 44100",
    );
}

#[test]
fn ffmpeg_reads_pictures_alone() {
    check(&[&PICTURE], "-t 5 -c:v libx264 -preset veryfast -g 50 -r 25");
}

#[test]
fn ffmpeg_reads_sound_alone() {
    check(&[&TONE], "-t 5 -c:a aac");
}
