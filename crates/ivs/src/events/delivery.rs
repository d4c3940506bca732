//! Sends queued events: in order, each until it is taken or given up.
//!
//! A failed attempt is repeated after 0.2 s, doubling up to 30 s. An event that failed 500 times, which takes about four
//! hours, is parked: it leaves the line so that it does not hold up the others, and is kept for a week.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::error::Error;
use crate::shared::Shared;
use crate::store::outbox::{self, Queued};

use super::target::Target;

/// Wait after the first failure; a receiver that restarts is back in about a second.
const RETRY_FIRST: Duration = Duration::from_millis(200);
/// Longest wait: how late the first event can be after the receiver is back.
const RETRY_MAX: Duration = Duration::from_secs(30);
/// Attempts per event.
const ATTEMPTS_MAX: i64 = 500;
/// How long a receiver may take for one event.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends until `last_call`, then what still goes through at the first attempt.
pub async fn run(shared: Arc<Shared>, target: Target, last_call: CancellationToken) {
    let mut failures = 0u32;
    loop {
        let wait = match send_next(&shared, &target).await {
            Ok(Sent::Delivered | Sent::Parked) => {
                failures = 0;
                continue;
            }
            Ok(Sent::Nothing) => None,
            Ok(Sent::Refused(cause)) => {
                if failures == 0 {
                    tracing::warn!(%cause, "an event could not be delivered; it is tried again until it is taken");
                }
                Some(retry_after(failures))
            }
            Err(cause) => {
                tracing::error!(%cause, "the event queue could not be used");
                Some(retry_after(failures))
            }
        };
        if last_call.is_cancelled() {
            return;
        }
        match wait {
            None => tokio::select! {
                () = shared.outbox_bell.notified() => {}
                () = last_call.cancelled() => {}
            },
            Some(wait) => {
                failures = failures.saturating_add(1);
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    () = last_call.cancelled() => {}
                }
            }
        }
    }
}

enum Sent {
    Nothing,
    Delivered,
    Refused(String),
    Parked,
}

async fn send_next(shared: &Shared, target: &Target) -> Result<Sent, Error> {
    let head = outbox::head(&mut *shared.store.read().await?).await?;
    let Some(Queued { seq, body, attempts }) = head else {
        return Ok(Sent::Nothing);
    };
    let outcome = target.post(body, PATIENCE).await;
    let mut write = shared.store.write().await?;
    let sent = match outcome {
        Ok(()) => {
            outbox::delivered(write.connection(), seq).await?;
            Sent::Delivered
        }
        Err(cause) if attempts + 1 >= ATTEMPTS_MAX => {
            outbox::failed(write.connection(), seq, Some((shared.env.now_ms)())).await?;
            metrics::counter!("ivs_events_parked_total").increment(1);
            tracing::error!(%cause, event.seq = seq, attempts = attempts + 1, "an event was given up and parked");
            Sent::Parked
        }
        Err(cause) => {
            outbox::failed(write.connection(), seq, None).await?;
            Sent::Refused(cause)
        }
    };
    drop(write.commit().await?);
    Ok(sent)
}

fn retry_after(failures: u32) -> Duration {
    RETRY_FIRST
        .saturating_mul(1u32.checked_shl(failures).unwrap_or(u32::MAX))
        .min(RETRY_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest() {
        let waits: Vec<u128> = (0..4).map(|failures| retry_after(failures).as_millis()).collect();
        assert_eq!(waits, [200, 400, 800, 1600]);
        assert_eq!(retry_after(8), RETRY_MAX);
        assert_eq!(retry_after(u32::MAX), RETRY_MAX);
    }

    #[test]
    fn an_event_is_given_up_after_hours_not_minutes() {
        let total: Duration = (0..500).map(retry_after).sum();
        assert!(
            (Duration::from_secs(3 * 3600)..Duration::from_secs(6 * 3600)).contains(&total),
            "{total:?}"
        );
    }
}
