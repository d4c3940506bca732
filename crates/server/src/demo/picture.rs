//! A test picture with sound, made and published by ffmpeg.

use std::process::Stdio;

use anyhow::Context as _;
use tokio::process::{Child, Command};

/// Starts ffmpeg publishing to `rtmp_url`. It dies with the handle.
///
/// # Errors
/// ffmpeg is not installed.
pub fn publish(rtmp_url: &str) -> anyhow::Result<Child> {
    /// A moving test card with a counter, and a beep each second to judge lip-sync by.
    const INPUT: &[&str] = &[
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=1280x720:rate=30",
        "-f",
        "lavfi",
        "-i",
        "sine=frequency=220:beep_factor=4:sample_rate=48000",
    ];
    /// What any encoder should do for low delay: no look-ahead, a keyframe each second, constant bitrate.
    const ENCODE: &[&str] = &[
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-tune",
        "zerolatency",
        "-profile:v",
        "high",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "30",
        "-b:v",
        "2500k",
        "-maxrate",
        "2500k",
        "-bufsize",
        "2500k",
        "-c:a",
        "aac",
        "-b:a",
        "128k",
    ];
    Command::new("ffmpeg")
        .args(["-hide_banner", "-loglevel", "error", "-nostdin", "-re"])
        .args(INPUT)
        .args(ENCODE)
        .args(["-f", "flv", rtmp_url])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .context("ffmpeg cannot be started: install it (Debian: apt-get install ffmpeg)")
}
