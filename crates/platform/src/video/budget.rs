//! The provider allows so many calls per second and operation; this is where callers wait for their turn.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Longest wait for a turn. Beyond it a person has given up and a job does better to come back later.
pub const WAIT_MAX: Duration = Duration::from_secs(10);

const WINDOW: Duration = Duration::from_secs(1);

/// At most N calls of an operation within any second, in order of arrival.
///
/// The queue is a reservation of the next free moment, so it needs no memory per waiter, and it is bounded by
/// [`WAIT_MAX`]: whoever would wait longer is turned away at once.
#[derive(Debug)]
pub struct Budget {
    calls_per_second: Option<usize>,
    // The moments of the last N calls of each operation, the future included. Held for a few instructions.
    turns: Mutex<HashMap<&'static str, VecDeque<Instant>>>,
}

/// The queue of an operation is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full {
    /// When a turn will be free.
    pub retry_after: Duration,
}

impl Budget {
    /// A budget of that many calls per second and operation; `None` never waits.
    pub fn new(calls_per_second: Option<u32>) -> Self {
        let calls_per_second = calls_per_second.map(|calls| usize::try_from(calls.max(1)).unwrap_or(usize::MAX));
        Self {
            calls_per_second,
            turns: Mutex::default(),
        }
    }

    /// Waits for the turn of one call. A caller that goes away leaves its turn unused.
    ///
    /// *errors*: [`Full`] at once, when the wait would exceed [`WAIT_MAX`].
    pub async fn turn(&self, operation: &'static str) -> Result<(), Full> {
        let Some(calls) = self.calls_per_second else {
            return Ok(());
        };
        let calls = calls.saturating_mul(allowance(operation));
        let at = self.reserve(operation, calls, Instant::now())?;
        tokio::time::sleep_until(at).await;
        Ok(())
    }

    fn reserve(&self, operation: &'static str, calls: usize, now: Instant) -> Result<Instant, Full> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = turns.entry(operation).or_default();
        while taken.front().is_some_and(|first| *first + WINDOW <= now) {
            taken.pop_front();
        }
        // The call before which exactly `calls - 1` others lie within a second decides when the next may go.
        let at = match taken.len().checked_sub(calls) {
            Some(index) => taken.get(index).map_or(now, |turn| *turn + WINDOW).max(now),
            None => now,
        };
        if at - now > WAIT_MAX {
            return Err(Full {
                retry_after: at - now - WAIT_MAX,
            });
        }
        taken.push_back(at);
        Ok(at)
    }
}

/// How many times the usual rate an operation may be called. Amazon takes 5 a second of most; of chat tokens, which every
/// participant needs, 200, and of what moderators do 100.
fn allowance(operation: &str) -> usize {
    match operation {
        "CreateChatToken" => 40,
        "DeleteMessage" | "DisconnectUser" => 20,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_ever_holds_more_than_the_allowed_calls() {
        let budget = Budget::new(Some(5));
        let start = Instant::now();
        let turns: Vec<Duration> = (0..17)
            .map(|_| budget.reserve("CreateChannel", 5, start).unwrap() - start)
            .collect();
        for window in turns.windows(6) {
            assert!(window[5] - window[0] >= WINDOW, "six calls within a second: {window:?}");
        }
        assert_eq!(turns[16], 3 * WINDOW, "the queue is as short as the rate allows");
        let later = start + Duration::from_millis(3_500);
        assert_eq!(
            budget.reserve("CreateChannel", 5, later).unwrap(),
            later,
            "two calls within the last second leave room"
        );
    }

    #[tokio::test]
    async fn a_crowd_gets_its_chat_tokens_at_once() {
        let budget = Budget::new(Some(5));
        let crowd = async {
            for _ in 0..200 {
                budget.turn("CreateChatToken").await.unwrap();
            }
        };
        tokio::time::timeout(WINDOW / 2, crowd).await.unwrap();
    }

    #[test]
    fn operations_have_their_own_budgets() {
        let budget = Budget::new(Some(1));
        let now = Instant::now();
        assert_eq!(budget.reserve("CreateChannel", 1, now).unwrap(), now);
        assert_eq!(budget.reserve("DeleteChannel", 1, now).unwrap(), now);
        assert_eq!(budget.reserve("CreateChannel", 1, now).unwrap(), now + WINDOW);
    }

    #[tokio::test]
    async fn a_full_queue_turns_callers_away_at_once() {
        let budget = Budget::new(Some(5));
        let now = Instant::now();
        let accepted = (0..200)
            .filter(|_| budget.reserve("CreateChannel", 5, now).is_ok())
            .count();
        assert_eq!(
            accepted, 55,
            "five now and five in each of the ten seconds one may wait"
        );
        let full = tokio::time::timeout(WAIT_MAX / 2, budget.turn("CreateChannel"))
            .await
            .unwrap()
            .unwrap_err();
        assert!(full.retry_after <= WINDOW);
        budget.turn("DeleteChannel").await.unwrap();
        Budget::new(None).turn("CreateChannel").await.unwrap();
    }
}
