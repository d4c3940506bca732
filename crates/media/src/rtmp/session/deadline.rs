//! How long a peer may take.

use std::time::Duration;

use crate::rtmp::{Config, Error};

/// Two rules: a publish request comes within a fixed time, and afterwards bytes never stop for long.
#[derive(Debug, Default)]
pub(super) struct Deadline {
    /// When the wait for a publish request began.
    since: Option<Duration>,
    last_bytes: Duration,
    /// What the driver was last told to wait for.
    announced: Option<Duration>,
}

impl Deadline {
    pub(super) fn bytes_came(&mut self, now: Duration) {
        self.since.get_or_insert(now);
        self.last_bytes = now;
    }

    /// The wait for a publish request begins again.
    pub(super) fn restart(&mut self, now: Duration) {
        self.since = Some(now);
    }

    /// An error when the time is over at `now`.
    pub(super) fn check(&mut self, now: Duration, config: &Config, is_admitted: bool) -> Result<(), Error> {
        self.since.get_or_insert(now);
        if now < self.at(now, config, is_admitted) {
            return Ok(());
        }
        Err(if is_admitted {
            Error::Idle(config.idle_max)
        } else {
            Error::PublishDeadline(config.publish_within)
        })
    }

    /// The time to wait for, when the driver has to learn a new one. A deadline that moves away is announced only when
    /// the earlier one has passed, so that media does not reset the driver's timer with every read.
    pub(super) fn announce(&mut self, now: Duration, config: &Config, is_admitted: bool) -> Option<Duration> {
        let at = self.at(now, config, is_admitted);
        let is_known = self
            .announced
            .is_some_and(|announced| now < announced && announced <= at);
        if is_known {
            return None;
        }
        self.announced = Some(at);
        Some(at)
    }

    fn at(&self, now: Duration, config: &Config, is_admitted: bool) -> Duration {
        if is_admitted {
            self.last_bytes.saturating_add(config.idle_max)
        } else {
            self.since.unwrap_or(now).saturating_add(config.publish_within)
        }
    }
}
