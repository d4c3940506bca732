//! How much reading of pictures goes on at a time.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::raster::{self, MEGAPIXELS_MAX, Refusal, Rendered};
use crate::Error;

/// Files that are read or wait for it; each holds up to 12 MiB. **When full**: refused, come back in a moment.
const WAITING_MAX: usize = 32;
/// Seconds after which a refused upload may be tried again.
const RETRY_AFTER_S: u64 = 2;
/// What a small picture counts as, in megapixels: so many, and no more, keep the processors busy at a time.
const MEGAPIXELS_MIN: u32 = 10;

/// Bounds the memory and the processors that pictures take: the pixels being decoded at any time are those of the
/// largest picture that is taken, whether of one or of several.
pub(crate) struct Intake {
    waiting: Arc<Semaphore>,
    megapixels: Arc<Semaphore>,
}

impl Default for Intake {
    fn default() -> Self {
        Self {
            waiting: Arc::new(Semaphore::new(WAITING_MAX)),
            megapixels: Arc::new(Semaphore::new(usize::try_from(MEGAPIXELS_MAX).unwrap_or(1))),
        }
    }
}

impl Intake {
    /// Makes our two files of a file.
    ///
    /// *errors*: [`crate::ErrorKind::Unavailable`] when too many wait.
    pub(super) async fn render(&self, content: Bytes) -> Result<Result<Rendered, Refusal>, Error> {
        let waiting = self.waiting.clone().try_acquire_owned().map_err(|_| {
            let detail = format_args!("{WAITING_MAX} pictures are being read or wait for it");
            Error::unavailable(RETRY_AFTER_S, detail)
        })?;
        let megapixels = match raster::megapixels(&content) {
            Ok(megapixels) => megapixels.max(MEGAPIXELS_MIN),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let pixels = self
            .megapixels
            .clone()
            .acquire_many_owned(megapixels)
            .await
            .map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            // Held by the work, not by the request: a client that leaves does not make room before the work is done.
            let _held = (waiting, pixels);
            raster::render(&content)
        })
        .await
        .map_err(Error::internal)
    }
}
