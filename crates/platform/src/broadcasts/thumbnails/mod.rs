//! A picture of what is on air: the newest keyframe that a viewer could see, small, as JPEG.
//!
//! **Invariants**
//! - A picture is younger than [`KEPT`], or a newer one is being made while it is shown ([`SHOWN_MAX`] at most).
//! - At most [`TURNS`] are made at once, one of a stream at a time, whoever asks how often.
//! - They are kept by stream: a new broadcast never shows the last picture of the one before.

mod ffmpeg;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Mutex as Queue, OwnedMutexGuard, Semaphore};
use tokio::time::{Instant, timeout};

use crate::Error;
use ffmpeg::{Failure, Program};

/// How old a picture gets before a newer one is made.
const KEPT: Duration = Duration::from_secs(10);
/// How old a picture gets that is shown while a newer one is being made.
const SHOWN_MAX: Duration = Duration::from_secs(60);
/// How long a failure is believed before it is tried again.
const FAILURE_KEPT: Duration = Duration::from_secs(5);
/// Children at the same time: each decodes one picture and keeps a core busy for a moment.
const TURNS: usize = 2;
/// How long whoever has nothing to show yet waits, the turns of others included.
const PATIENCE: Duration = Duration::from_secs(15);
/// Streams remembered before those that are long over are forgotten; more than are ever on air at once.
const STREAMS_MAX: usize = 256;

/// What the platform keeps in memory of thumbnails; cheap to clone.
#[derive(Clone)]
pub(crate) struct Thumbnails(Arc<Inner>);

struct Inner {
    program: Program,
    turns: Semaphore,
    streams: Mutex<HashMap<String, Arc<Stream>>>,
}

/// One stream's newest picture.
#[derive(Default)]
struct Stream {
    newest: Mutex<Option<Made>>,
    /// Held while a picture is made.
    making: Arc<Queue<()>>,
}

#[derive(Clone)]
struct Made {
    at: Instant,
    result: Result<Bytes, Failure>,
}

impl Default for Thumbnails {
    fn default() -> Self {
        Self::of(Program::default())
    }
}

impl Thumbnails {
    fn of(program: Program) -> Self {
        Self(Arc::new(Inner {
            program,
            turns: Semaphore::new(TURNS),
            streams: Mutex::default(),
        }))
    }

    /// The first line that the program says of its version, or why it cannot be run.
    pub(crate) async fn program_version(&self) -> Result<String, String> {
        self.0.program.version().await.map_err(|failure| failure.to_string())
    }

    /// A JPEG of the stream that plays at `playback_url`, at most 640 pixels wide.
    ///
    /// *errors*: [`crate::ErrorKind::Unavailable`] when none can be made; the detail says why.
    pub(crate) async fn newest(&self, stream_id: &str, playback_url: &str) -> Result<Bytes, Error> {
        let stream = self.0.stream(stream_id);
        if let Some(made) = stream.made(KEPT, FAILURE_KEPT) {
            return made.into_answer();
        }
        let url = playback_url.to_owned();
        if let Some(shown) = stream.made(SHOWN_MAX, Duration::ZERO) {
            // Only one of those who see the old picture has a new one made, and nobody waits for it.
            if let Ok(turn) = stream.making.clone().try_lock_owned() {
                tokio::spawn(self.clone().make(stream, url, turn));
            }
            return shown.into_answer();
        }
        let thumbnails = self.clone();
        // A task of its own: it runs to its end when the reader hangs up.
        let making = tokio::spawn(async move {
            let turn = stream.making.clone().lock_owned().await;
            match stream.made(KEPT, FAILURE_KEPT) {
                Some(made) => made,
                None => thumbnails.make(stream, url, turn).await,
            }
        });
        match timeout(PATIENCE, making).await {
            Ok(Ok(made)) => made.into_answer(),
            Ok(Err(cause)) => Err(Error::internal(cause)),
            Err(_) => Err(unavailable("too many others are being made")),
        }
    }

    async fn make(self, stream: Arc<Stream>, url: String, _turn: OwnedMutexGuard<()>) -> Made {
        let result = match self.0.turns.acquire().await {
            Ok(_permit) => self.0.program.keyframe(&url).await,
            Err(_) => Err(Failure::Refused("shutting down".to_owned())),
        };
        if let Err(failure) = &result {
            tracing::warn!(%failure, url, "no thumbnail");
        }
        let made = Made {
            at: Instant::now(),
            result,
        };
        *stream.newest.lock().unwrap_or_else(PoisonError::into_inner) = Some(made.clone());
        made
    }
}

impl Inner {
    fn stream(&self, stream_id: &str) -> Arc<Stream> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stream) = streams.get(stream_id) {
            return stream.clone();
        }
        if streams.len() >= STREAMS_MAX {
            streams.retain(|_, stream| Arc::strong_count(stream) > 1 || stream.made(SHOWN_MAX, SHOWN_MAX).is_some());
        }
        streams.entry(stream_id.to_owned()).or_default().clone()
    }
}

impl Stream {
    /// What was made, unless it is older than that.
    fn made(&self, age_max: Duration, failure_age_max: Duration) -> Option<Made> {
        let newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let limit = if newest.result.is_ok() {
            age_max
        } else {
            failure_age_max
        };
        (newest.at.elapsed() < limit).then_some(newest)
    }
}

impl Made {
    fn into_answer(self) -> Result<Bytes, Error> {
        self.result.map_err(unavailable)
    }
}

fn unavailable(why: impl std::fmt::Display) -> Error {
    let mut error = Error::unavailable(FAILURE_KEPT.as_secs(), why);
    error.message = "No picture of this broadcast at the moment".into();
    error
}

#[cfg(test)]
mod tests;
