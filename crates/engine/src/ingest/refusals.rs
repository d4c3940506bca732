//! Refused publishers in the log: every mistake shows, an attack does not fill the disk.

use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// One line per this; the next one counts what was left out.
const INTERVAL: Duration = Duration::from_secs(1);

/// When the last line was written, and how many were left out since.
#[derive(Default)]
pub(super) struct Refusals {
    /// Held for one comparison.
    told: Mutex<(Option<Instant>, u64)>,
}

impl Refusals {
    pub(super) fn report(&self, remote: SocketAddr, refusal: &str) {
        if let Some(left_out) = self.admit(Instant::now()) {
            tracing::info!(%remote, left_out, "a publisher was refused: {refusal}");
        }
    }

    /// How many lines were left out before this one; `None` when it is left out, too.
    fn admit(&self, now: Instant) -> Option<u64> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, left_out) = &mut *told;
        if at.is_some_and(|at| now.saturating_duration_since(at) < INTERVAL) {
            *left_out += 1;
            return None;
        }
        *at = Some(now);
        Some(std::mem::take(left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_second_says_how_many_were_left_out() {
        let (refusals, start) = (Refusals::default(), Instant::now());
        assert_eq!(refusals.admit(start), Some(0));
        assert_eq!(
            [1, 2, 999].map(|ms| refusals.admit(start + Duration::from_millis(ms))),
            [None; 3]
        );
        assert_eq!(refusals.admit(start + INTERVAL), Some(3));
        assert_eq!(refusals.admit(start + 2 * INTERVAL), Some(0));
    }
}
