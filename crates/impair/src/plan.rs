//! What is to happen to connections, as data.

use std::time::Duration;

use crate::Rng;

/// One seed, and the life of each connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Decides jitter and loss.
    pub seed: u64,
    /// The steps of the first connection, of the second, and so on. Connections after the last have none: they are clean.
    pub connections: Vec<Vec<Step>>,
}

/// One change, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// When; a step waits for the one before it.
    pub when: When,
    /// What.
    pub change: Change,
}

/// A moment of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// So long after it was accepted.
    After(Duration),
    /// When exactly so many bytes were handed to the server: a cut in the middle of a message, at the same byte each time.
    Sent(u64),
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// From now on both directions are lines like this. Ends a silence; what waited then goes on.
    Line(Line),
    /// Nothing passes any more, and nobody is told: a black hole.
    Silence,
    /// Both ends are told that it is over, in good order (FIN). What is under way is lost.
    Finish,
    /// Both ends are told that it is over, rudely (RST).
    Reset,
    /// The client is told (RST), the server is not: it waits on a connection that nobody has.
    HalfOpen,
}

/// The quality of a line. [`Line::default`] is as good as loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Line {
    /// Each packet takes this long,
    pub delay: Duration,
    /// and up to this much longer, evenly spread.
    pub jitter: Duration,
    /// So many packets in a thousand are lost once.
    pub loss_per_mille: u16,
    /// How long the retransmission of a lost packet takes. Everything behind it waits, as TCP has it.
    pub retransmission: Duration,
    /// At most so many bytes a second; `None` is as many as there are.
    pub bytes_per_second: Option<u32>,
}

impl Plan {
    /// Every connection is clean.
    pub fn clean() -> Self {
        Self::default()
    }

    /// The steps of connection `number`, counted from 0.
    pub(crate) fn steps(&self, number: u64) -> Vec<Step> {
        let index = usize::try_from(number).unwrap_or(usize::MAX);
        self.connections.get(index).cloned().unwrap_or_default()
    }

    /// The random numbers of one direction of a connection.
    pub(crate) fn rng(&self, number: u64, is_upstream: bool) -> Rng {
        Rng::new(self.seed).lane(number).lane(u64::from(is_upstream))
    }
}
