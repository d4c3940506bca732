//! The clip that every publisher replays.

use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use bytes::Bytes;
use media::testing::recording::{Tag, read_flv};

/// Length of the clip; publishers repeat it.
pub const SECONDS: u32 = 20;
/// Video and audio together.
pub const BITRATE_KBPS: u32 = 1_400;
const AUDIO_KBPS: u32 = 96;

/// Tags of an FLV file, shared by all publishers.
#[derive(Clone)]
pub struct Clip {
    /// In file order, decoder configurations first.
    pub tags: Vec<Tag>,
    /// Bytes of one pass.
    pub bytes: usize,
}

impl Clip {
    /// Encodes a test card with ffmpeg: H.264 High at 30 frames a second, a keyframe every 2 s, AAC.
    pub fn make(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("clip.flv");
        let video = format!("{}k", BITRATE_KBPS - AUDIO_KBPS);
        let status = Command::new("ffmpeg")
            .args([
                "-v",
                "error",
                "-nostdin",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=1280x720:rate=30",
            ])
            .args([
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=440:sample_rate=48000",
                "-t",
                &SECONDS.to_string(),
            ])
            .args([
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-tune",
                "zerolatency",
                "-g",
                "60",
                "-pix_fmt",
                "yuv420p",
            ])
            .args([
                "-b:v", &video, "-minrate", &video, "-maxrate", &video, "-bufsize", &video, "-nal-hrd", "cbr",
            ])
            .args(["-c:a", "aac", "-b:a", &format!("{AUDIO_KBPS}k")])
            .arg(&path)
            .status()
            .context("ffmpeg is missing")?;
        anyhow::ensure!(status.success(), "ffmpeg ended with {status}");
        let file = Bytes::from(std::fs::read(&path)?);
        let tags = read_flv(&file);
        anyhow::ensure!(tags.len() > 100, "the clip has only {} tags", tags.len());
        Ok(Self {
            bytes: tags.iter().map(|tag| tag.body.len()).sum(),
            tags,
        })
    }
}
