//! Whether what the application stands on answers.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::Context;
use crate::video::ProviderErrorKind;

/// What answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// The database answers; its tables are current since [`crate::Platform::open`] succeeded.
    pub is_database_up: bool,
    /// The video provider took a call lately.
    pub is_video_up: bool,
}

/// The latest probe of the video provider. Anybody may ask for our health, so the provider is not asked each time.
#[derive(Default)]
pub(crate) struct Probe {
    /// When (epoch ms) and whether it answered. Held across the call, so that those who ask meanwhile share it.
    latest: Mutex<Option<(i64, bool)>>,
}

/// How old a probe may be.
const PROBE_EVERY_MS: i64 = 10_000;
/// How long a probe may take; whoever asks for our health does not wait long either.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);
/// No channel has this name: the answer is one empty page.
const PROBE_NAME: &str = "rostrum-probe";

/// Asks the database now, and the video provider if it was not asked within ten seconds.
pub async fn check(ctx: &Context) -> Health {
    let (database, is_video_up) = tokio::join!(ctx.db().ping(), is_video_up(ctx));
    Health {
        is_database_up: database.is_ok(),
        is_video_up,
    }
}

async fn is_video_up(ctx: &Context) -> bool {
    let mut latest = ctx.platform.probe().latest.lock().await;
    if let Some((at_ms, is_up)) = *latest
        && (0..PROBE_EVERY_MS).contains(&(ctx.now_ms - at_ms))
    {
        return is_up;
    }
    let is_up = match timeout(PROBE_TIMEOUT, ctx.platform.video().list_channels(Some(PROBE_NAME))).await {
        Ok(Ok(_)) => true,
        // It answered: that we call too often is not its failure.
        Ok(Err(error)) => matches!(error.kind, ProviderErrorKind::Throttled | ProviderErrorKind::Busy),
        Err(_) => false,
    };
    *latest = Some((ctx.now_ms, is_up));
    is_up
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Clock, Database};
    use crate::{Caller, Platform};

    #[tokio::test]
    async fn a_provider_is_asked_again_after_ten_seconds() {
        let (clock, database) = (Clock::new(), Database::sqlite());
        let platform = Platform::open(database.config(), clock.environment()).await.unwrap();
        let ctx = || platform.context(Caller::Anonymous);
        let down = Health {
            is_database_up: true,
            is_video_up: false,
        };
        assert_eq!(check(&ctx()).await, down, "nothing listens there");
        *platform.probe().latest.lock().await = Some((clock.now_ms(), true));
        clock.advance_ms(PROBE_EVERY_MS - 1);
        assert!(check(&ctx()).await.is_video_up, "as known");
        clock.advance_ms(1);
        assert_eq!(check(&ctx()).await, down);
        platform.db().close().await;
        assert!(!check(&ctx()).await.is_database_up);
    }
}
