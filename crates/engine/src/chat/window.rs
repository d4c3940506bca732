//! How often something happened within the last second.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);

/// Admits up to a number of happenings in any second, not only in those of the clock.
#[derive(Debug, Default)]
pub struct Window {
    /// Never longer than the largest limit it was asked for.
    admitted: VecDeque<Instant>,
}

impl Window {
    /// Whether one more may happen now; if so it is counted.
    pub fn admit(&mut self, now: Instant, max: usize) -> bool {
        while self
            .admitted
            .front()
            .is_some_and(|first| now.saturating_duration_since(*first) >= SECOND)
        {
            self.admitted.pop_front();
        }
        let is_admitted = self.admitted.len() < max;
        if is_admitted {
            self.admitted.push_back(now);
        }
        is_admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_holds_more_than_the_limit() {
        let (start, mut window) = (Instant::now(), Window::default());
        let mut at = |ms: u64| window.admit(start + Duration::from_millis(ms), 2);
        assert_eq!([at(0), at(900), at(950)], [true, true, false]);
        assert_eq!(
            [at(1000), at(1001)],
            [true, false],
            "900 and 1000 are within one second"
        );
        assert_eq!([at(1900), at(1999), at(2000)], [true, false, true]);
    }
}
