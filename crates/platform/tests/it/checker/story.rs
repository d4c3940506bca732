//! Writes a record of operations that follow one another, as a right server answers them.

use platform::testing::checker::model::{Model, State};
use platform::testing::checker::{
    Act, Answer, Ask, By, Entry, Final, Got, Op, Phase, Record, Refusal, Seen, Terms, Verdict,
};

/// The clock at the beginning.
pub const START_MS: i64 = 1_000_000;

/// Starting bid 100, increment 10, ten minutes, late bids extend by 30 s at most five times.
pub fn terms() -> Terms {
    Terms {
        seller: "seller".into(),
        starting_bid: 100,
        increment: 10,
        reserve: None,
        buy_now: None,
        is_proxy_allowed: true,
        window_ms: 30_000,
        extension_ms: 30_000,
        extensions_max: 5,
        starts_at_ms: None,
        ends_at_ms: START_MS + 600_000,
    }
}

pub struct Story {
    pub record: Record,
    model: Model,
    clock: u64,
}

pub fn bid(bidder: &str, amount: i64, max_amount: Option<i64>) -> Act {
    Act::Bid {
        bidder: bidder.into(),
        amount,
        max_amount,
        is_confirmed: false,
    }
}

pub fn close() -> Act {
    Act::Close { by: By::Deadline }
}

impl Story {
    pub fn new(terms: Terms) -> Self {
        Self {
            model: Model::new(&terms),
            clock: 0,
            record: Record {
                auction: "a".into(),
                terms,
                ops: Vec::new(),
                history: Vec::new(),
                outcome: None,
                is_one_clock: true,
            },
        }
    }

    pub fn state(&self) -> State {
        self.model.state()
    }

    pub fn tick(&mut self) -> u64 {
        self.clock += 10;
        self.clock
    }

    /// Commits one command; returns the answer to it.
    pub fn commit(&mut self, at_ms: i64, act: &Act) -> Answer {
        let extensions = self.model.state().extensions;
        let seq = self.record.history.len() as u64 + 1;
        let verdict = self.model.step(seq, at_ms, act);
        let makes_entry = match verdict {
            Verdict::Refused(Refusal::Ended) => false,
            Verdict::Refused(_) => !act.is_of_the_clock(),
            _ => true,
        };
        if makes_entry {
            self.enter(seq, at_ms, act, verdict);
        }
        let state = self.model.state();
        // The answers to some refusals say nothing more.
        let is_terse = matches!(verdict, Verdict::Refused(refusal) if refusal != Refusal::Outbid);
        let unless_terse = |fact: Option<i64>| fact.filter(|_| !is_terse);
        Answer {
            verdict,
            seq: (!is_terse).then_some(seq),
            price: unless_terse(state.price),
            bid_count: (!is_terse).then_some(state.bid_count),
            ends_at_ms: unless_terse(Some(state.ends_at_ms)),
            is_extending: (!is_terse).then_some(state.extensions > extensions),
            server_time_ms: Some(at_ms),
        }
    }

    fn enter(&mut self, seq: u64, at_ms: i64, act: &Act, verdict: Verdict) {
        let state = self.model.state();
        let previous = self.record.history.last();
        let previous_hash = previous.map_or_else(|| "genesis".to_owned(), |entry| entry.hash.clone());
        self.record.history.push(Entry {
            seq,
            at_ms,
            act: act.clone(),
            verdict,
            price: Some(state.price),
            leader: Some(state.leader),
            ends_at_ms: Some(state.ends_at_ms),
            hash: format!("{previous_hash}/{seq}").chars().rev().take(40).collect(),
            previous_hash,
        });
    }

    /// One command, from its sending to its answer.
    pub fn act(&mut self, at_ms: i64, act: Act) -> Verdict {
        let invoked = self.tick();
        let answer = self.commit(at_ms, &act);
        let verdict = answer.verdict;
        if !act.is_of_the_clock() {
            let key = format!("key-{}", self.record.ops.len());
            let completed = Some(self.tick());
            self.log(invoked, completed, Some(key), Ask::Do(act), Got::Answer(answer));
        }
        verdict
    }

    /// One read.
    pub fn read(&mut self) {
        let (invoked, seen, completed) = (self.tick(), self.seen(), self.tick());
        self.log(invoked, Some(completed), None, Ask::Read, Got::Seen(seen));
    }

    /// What a read would see now.
    pub fn seen(&self) -> Seen {
        let state = self.model.state();
        Seen {
            price: Some(state.price),
            bid_count: Some(state.bid_count),
            leader: Some(state.leader.map(|leader| format!("bidder_{leader}"))),
            ends_at_ms: Some(state.ends_at_ms),
            extensions: Some(state.extensions),
            phase: Some(state.phase),
        }
    }

    pub fn log(&mut self, invoked: u64, completed: Option<u64>, key: Option<String>, ask: Ask, got: Got) {
        let id = self.record.ops.len() as u64 + 1;
        self.record.ops.push(Op {
            id,
            invoked,
            completed,
            key,
            ask,
            got,
        });
    }

    /// The record, with the end as it is read.
    pub fn finish(mut self) -> Record {
        let state = self.model.state();
        let is_sold = state.phase == Phase::Sold;
        self.record.outcome = Some(Final {
            phase: state.phase,
            winner: state
                .leader
                .filter(|_| is_sold)
                .map(|leader| format!("bidder_{leader}")),
            winning_bid: state.price.filter(|_| is_sold),
            bid_count: state.bid_count,
            announcements: 1,
        });
        self.record
    }
}
