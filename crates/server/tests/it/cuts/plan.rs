//! What is to happen to the encoders, from one seed.

use std::time::Duration;

use impair::{Change, Line, Plan, Rng, Step, When};

/// One cut, and the encoder's return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    pub change: Change,
    pub resume: Resume,
    /// How long the encoder is on air before.
    pub dwell: Duration,
}

/// When the encoder comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resume {
    /// At once: the broadcast goes on.
    Within,
    /// When the application says that the channel is off air: another broadcast.
    After,
}

/// The cuts of one channel. With `is_long` one of them is silent for so long that the server gives the connection up.
pub fn cuts(rng: &mut Rng, count: u64, is_long: bool) -> Vec<Cut> {
    let slow = rng.below(count);
    let cut = |number| {
        let change = *rng.pick(&CHANGES).unwrap();
        // A server that is not told waits half a minute before it gives a connection up.
        let is_told = matches!(change, Change::Finish | Change::Reset);
        let resume = if (is_told && rng.chance(400)) || (is_long && number == slow) {
            Resume::After
        } else {
            Resume::Within
        };
        Cut {
            change,
            resume,
            dwell: DWELL_MIN + Duration::from_millis(rng.below(600)),
        }
    };
    (0..count).map(cut).collect()
}

/// So long at least, so that media of each connection arrives: the pages may still show what was before it.
pub const DWELL_MIN: Duration = Duration::from_millis(300);
const CHANGES: [Change; 4] = [Change::Finish, Change::Reset, Change::HalfOpen, Change::Silence];

/// Each connection has a line of its own: somewhat late, somewhat uneven, and losing one packet in two hundred at most.
pub fn lines(rng: &mut Rng, connections: u64) -> Plan {
    let line = |_| {
        let line = Line {
            delay: Duration::from_millis(rng.below(30)),
            jitter: Duration::from_millis(rng.below(20)),
            loss_per_mille: u16::try_from(rng.below(6)).unwrap(),
            retransmission: Duration::from_millis(200),
            bytes_per_second: None,
        };
        vec![Step {
            when: When::After(Duration::ZERO),
            change: Change::Line(line),
        }]
    };
    Plan {
        connections: (0..connections).map(line).collect(),
        seed: rng.draw(),
    }
}
