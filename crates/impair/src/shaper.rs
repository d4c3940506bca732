//! When each packet arrives: pure, on the clock of its connection.

use std::time::Duration;

use crate::{Line, Rng};

/// Bytes of one packet: what an Ethernet frame carries of TCP with its usual options.
pub const PACKET_BYTES: usize = 1_448;

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// When it arrives if it is not lost, since the connection began.
    pub at: Duration,
    /// The line lost it.
    pub is_lost: bool,
}

/// One direction of a line.
#[derive(Debug, Clone)]
pub struct Shaper {
    rng: Rng,
    line: Line,
    /// Until when the packets before this one occupy the line.
    busy_until: Duration,
}

impl Shaper {
    /// A clean line.
    pub fn new(rng: Rng) -> Self {
        Self {
            rng,
            line: Line::default(),
            busy_until: Duration::ZERO,
        }
    }

    /// From the next packet on the line is like this.
    pub fn set_line(&mut self, line: Line) {
        self.line = line;
    }

    /// The fate of a packet handed over at `now`. Draws the same random numbers whatever the line is like, so that a
    /// changed line does not change what happens to later packets otherwise.
    pub fn judge(&mut self, now: Duration, bytes: usize) -> Fate {
        let jitter_us = u64::try_from(self.line.jitter.as_micros()).unwrap_or(u64::MAX);
        let jitter = Duration::from_micros(self.rng.below(jitter_us.saturating_add(1)));
        let is_lost = self.rng.chance(self.line.loss_per_mille);
        let sent_at = self.occupy(now, bytes);
        Fate {
            at: sent_at + self.line.delay + jitter,
            is_lost,
        }
    }

    /// Puts further bytes of a packet that was judged on the line; says when they have left.
    pub fn occupy(&mut self, now: Duration, bytes: usize) -> Duration {
        let sending = self.line.bytes_per_second.map_or(Duration::ZERO, |rate| {
            let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
            Duration::from_nanos(bytes.saturating_mul(1_000_000_000) / u64::from(rate.max(1)))
        });
        self.busy_until = self.busy_until.max(now) + sending;
        self.busy_until
    }

    /// What the line is like.
    pub fn line(&self) -> Line {
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaper(seed: u64, line: Line) -> Shaper {
        let mut shaper = Shaper::new(Rng::new(seed));
        shaper.set_line(line);
        shaper
    }

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn a_clean_line_takes_no_time() {
        let fate = shaper(1, Line::default()).judge(7 * MS, PACKET_BYTES);
        assert_eq!((fate.at, fate.is_lost), (7 * MS, false));
    }

    #[test]
    fn packets_are_late_by_the_delay_and_at_most_the_jitter() {
        let line = Line {
            delay: 20 * MS,
            jitter: 10 * MS,
            ..Line::default()
        };
        let mut shaper = shaper(2, line);
        let late: Vec<_> = (0..2_000).map(|_| shaper.judge(Duration::ZERO, 100).at).collect();
        assert!(late.iter().all(|at| (20 * MS..=30 * MS).contains(at)));
        let mean = late.iter().sum::<Duration>() / 2_000;
        assert!((24 * MS..26 * MS).contains(&mean), "evenly spread: {mean:?}");
    }

    #[test]
    fn packets_queue_for_a_slow_line_and_a_pause_is_not_saved_up() {
        let line = Line {
            bytes_per_second: Some(10_000),
            ..Line::default()
        };
        let mut shaper = shaper(3, line);
        assert_eq!(shaper.judge(Duration::ZERO, 1_000).at, 100 * MS);
        assert_eq!(shaper.judge(Duration::ZERO, 1_000).at, 200 * MS);
        assert_eq!(shaper.judge(1_000 * MS, 500).at, 1_050 * MS);
    }

    #[test]
    fn as_many_are_lost_as_the_line_says() {
        let line = Line {
            loss_per_mille: 50,
            ..Line::default()
        };
        let lost = |seed| {
            let mut shaper = shaper(seed, line);
            (0..20_000)
                .map(|_| shaper.judge(Duration::ZERO, 1).is_lost)
                .collect::<Vec<_>>()
        };
        let count = lost(4).iter().filter(|is_lost| **is_lost).count();
        assert!((900..1_100).contains(&count), "{count} of 20,000");
        assert_eq!(lost(4), lost(4), "one seed, one story");
        assert_ne!(lost(4), lost(5));
    }
}
