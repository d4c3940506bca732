//! One keyframe through a child process that is given little and trusted with nothing.

use std::ffi::OsString;
use std::fmt;
use std::io;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::time::timeout;

/// Where programs are; the child gets nothing else of our environment, which holds secrets.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin";
/// Longest life of the child. A playlist, a segment and a picture take it a second.
const TIME_MAX: Duration = Duration::from_secs(8);
/// Most it may answer: ten times what such a picture has.
const JPEG_BYTES_MAX: u64 = 512 * 1024;
/// Most that is read of its complaints.
const WORDS_BYTES_MAX: u64 = 2 * 1024;
/// Before the address. Only the protocols of a playback URL, no guessing for seconds, the newest segment, keyframes only.
const BEFORE: &str = "-v error -nostdin -protocol_whitelist http,https,tcp,tls,crypto -rw_timeout 5000000 \
                      -probesize 1000000 -analyzeduration 1000000 -live_start_index -1 -threads 1 -skip_frame nokey -i";
/// After it: one picture, at most 640 pixels wide, as JPEG, to us.
const AFTER: &str = "-map 0:v:0 -frames:v 1 -vf scale=min(640\\,iw):-2 -q:v 5 -threads 1 -f mjpeg pipe:1";

/// The program, and what comes before its own arguments.
#[derive(Debug, Clone)]
pub(super) struct Program {
    pub(super) name: OsString,
    pub(super) first: Vec<OsString>,
}

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The program is not there.
    Missing(String),
    /// It was still at it after [`TIME_MAX`].
    TooSlow,
    /// It answered more than [`JPEG_BYTES_MAX`].
    TooLarge,
    /// It gave up, and what it said.
    Refused(String),
}

impl Default for Program {
    fn default() -> Self {
        Self {
            name: "ffmpeg".into(),
            first: Vec::new(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(why) => write!(f, "ffmpeg cannot be run: {why}"),
            Self::TooSlow => write!(f, "ffmpeg took longer than {TIME_MAX:?}"),
            Self::TooLarge => write!(f, "ffmpeg gave more than {JPEG_BYTES_MAX} bytes"),
            Self::Refused(words) => write!(f, "ffmpeg gave no picture: {words}"),
        }
    }
}

impl Program {
    /// The newest keyframe at a playback URL, as JPEG.
    pub(super) async fn keyframe(&self, url: &str) -> Result<Bytes, Failure> {
        let mut command = self.command();
        command
            .args(BEFORE.split_whitespace())
            .arg(url)
            .args(AFTER.split_whitespace());
        // Too slow, it is killed as its handle is dropped.
        timeout(TIME_MAX, picture(command))
            .await
            .unwrap_or(Err(Failure::TooSlow))
    }

    /// What the program says of its version.
    pub(super) async fn version(&self) -> Result<String, Failure> {
        let mut command = self.command();
        command.arg("-version");
        let said = timeout(TIME_MAX, command.output())
            .await
            .map_err(|_| Failure::TooSlow)?;
        let said = said.map_err(|cause| Failure::Missing(cause.to_string()))?;
        let words = String::from_utf8_lossy(&said.stdout);
        match words.lines().next() {
            Some(first) if said.status.success() => Ok(first.to_owned()),
            _ => Err(Failure::Refused(said.status.to_string())),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.name);
        command
            .args(&self.first)
            .env_clear()
            .env("PATH", PATH)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }
}

async fn picture(mut command: Command) -> Result<Bytes, Failure> {
    let mut child = command.spawn().map_err(|cause| Failure::Missing(cause.to_string()))?;
    let broken = |cause: io::Error| Failure::Refused(cause.to_string());
    let (jpeg, words) = tokio::try_join!(
        read(child.stdout.take(), JPEG_BYTES_MAX + 1),
        read(child.stderr.take(), WORDS_BYTES_MAX)
    )
    .map_err(broken)?;
    if u64::try_from(jpeg.len()).unwrap_or(u64::MAX) > JPEG_BYTES_MAX {
        return Err(Failure::TooLarge);
    }
    let status = child.wait().await.map_err(broken)?;
    // The two marks that every JPEG begins and ends with (ITU T.81 B.1.1.3).
    let is_whole = jpeg.starts_with(&[0xff, 0xd8]) && jpeg.ends_with(&[0xff, 0xd9]);
    if status.success() && is_whole {
        return Ok(Bytes::from(jpeg));
    }
    let words = String::from_utf8_lossy(&words);
    Err(Failure::Refused(format!("{status}, {}", words.trim())))
}

/// Reads until the end or the limit. Beyond the limit the writer finds its pipe closed.
async fn read(pipe: Option<impl AsyncRead + Unpin>, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(limit).read_to_end(&mut bytes).await?;
    }
    Ok(bytes)
}
