//! Judges whether an auction's bids were linearizable, from what its clients saw and what its history says.
//!
//! A [`Record`] holds the operations as the clients logged them, on one monotonic clock, and the committed history.
//! The order of the history is the witness: [`check`] accepts the record if and only if that order explains every
//! answer. It takes O(n log n) and calls none of the application's rules; [`model`] states them a second time.
//!
//! | [`Rule`] | what is required |
//! |---|---|
//! | `Lost` | each answered operation has its entry |
//! | `Doubled` | one entry per operation, also when it was sent again with the same key |
//! | `Unasked` | each entry has an operation, but for what the clock does; a failed operation has none |
//! | `Answer` | the answer tells the facts of its entry; the same key gets the same answer |
//! | `Order` | what was answered before another was sent stands before it; stamps lie between the two moments |
//! | `Stale` | each read shows a state that stood at a moment between its start and its end |
//! | `Rules` | verdict, price, leader and end of each entry follow from the entries before it |
//! | `Chain` | numbers without gaps, stamps that never go back, each hash over the one before |
//! | `Outcome` | one end, one announcement, the recomputed winner and price |

mod acts;
pub mod convert;
pub mod model;
mod reads;
mod record;
mod replay;
mod witness;

use std::fmt;

pub use acts::{Act, By, Phase, Refusal, Terms, Verdict};
pub use record::{Answer, Ask, Entry, Final, Got, Op, Record, Seen};

/// Violations of one rule that are told of one auction; the first ones say what happened.
const TOLD_MAX: usize = 5;

/// What a violation is against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// An answered operation without an entry.
    Lost,
    /// Two entries for one operation, or one entry for two.
    Doubled,
    /// An entry that nobody asked for, or of an operation that failed.
    Unasked,
    /// An answer that differs from its entry, or from the answer to the same key.
    Answer,
    /// An order that contradicts real time.
    Order,
    /// A read of what no longer, or did not yet, stand.
    Stale,
    /// An entry that does not follow from those before.
    Rules,
    /// A history with gaps, or whose hashes do not fit.
    Chain,
    /// A wrong end, none, or more than one.
    Outcome,
}

/// One reason why a record is refused, in one line with the operations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// What it is against.
    pub rule: Rule,
    /// The auction, and what happened.
    pub line: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.line)
    }
}

/// The reasons to refuse the record, at most five of each rule; none: it is linearizable.
pub fn check(record: &Record) -> Vec<Violation> {
    let mut findings = Findings::new(&record.auction);
    let states = replay::replay(record, &mut findings);
    let effects = witness::effects(record, &states, &mut findings);
    let names = reads::check(record, &effects, &states, &mut findings);
    if let Some(last) = states.last() {
        replay::ends(record, last, &names, &mut findings);
    }
    findings.found
}

/// Collects violations of one auction.
struct Findings<'a> {
    auction: &'a str,
    found: Vec<Violation>,
}

impl<'a> Findings<'a> {
    fn new(auction: &'a str) -> Self {
        Self {
            auction,
            found: Vec::new(),
        }
    }

    fn add(&mut self, rule: Rule, what: impl fmt::Display) {
        let told = self.found.iter().filter(|violation| violation.rule == rule);
        if told.count() < TOLD_MAX {
            let line = format!("auction {}: {what}", self.auction);
            self.found.push(Violation { rule, line });
        }
    }
}
