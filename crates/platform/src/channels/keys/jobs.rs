//! Finishes a change of a stream key that the request which ordered it could not finish.

use serde::{Deserialize, Serialize};

use super::{Hold, replace, store};
use crate::jobs::{Job, JobError, Outcome};
use crate::{ErrorKind, Platform};

/// Replaces the stream key of a channel, if that is still ordered.
#[derive(Serialize, Deserialize)]
pub(crate) struct RotateKey {
    pub(crate) channel_id: String,
}

/// How long the job holds a change: longer than [`crate::jobs::TIMEOUT`], so that nobody else is at it meanwhile.
const HELD_MS: i64 = 65_000;

impl Job for RotateKey {
    const NAME: &'static str = "channels.rotate_key";

    fn key(&self) -> String {
        self.channel_id.clone()
    }

    async fn run(&self, platform: &Platform) -> Result<Outcome, JobError> {
        let now_ms = platform.environment().now_ms();
        let hold = Hold {
            channel_id: self.channel_id.clone(),
            holder: platform.new_id(now_ms),
        };
        let mut tx = platform.db().begin().await?;
        let is_ours = store::take(tx.conn(), &hold.channel_id, &hold.holder, now_ms, now_ms + HELD_MS).await?;
        tx.commit().await?;
        if !is_ours {
            return Ok(match store::ordered(platform.db().read(), &hold.channel_id).await? {
                None => Outcome::Done,
                Some(held_until_ms) => Outcome::Again {
                    run_at_ms: held_until_ms.unwrap_or(now_ms),
                },
            });
        }
        let Err(error) = replace(platform, &hold).await else {
            return Ok(Outcome::Done);
        };
        let mut tx = platform.db().begin().await?;
        // A channel that is gone took its keys along.
        let is_gone = error.kind == ErrorKind::NotFound;
        if is_gone {
            store::forget(tx.conn(), &hold.channel_id).await?;
        } else {
            store::let_go(tx.conn(), &hold.channel_id, &hold.holder).await?;
        }
        tx.commit().await?;
        if is_gone {
            Ok(Outcome::Done)
        } else {
            Err(JobError::Retry(error))
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_change_is_held_longer_than_the_job_may_run() {
        assert!(i128::from(super::HELD_MS) > crate::jobs::TIMEOUT.as_millis().cast_signed());
    }
}
