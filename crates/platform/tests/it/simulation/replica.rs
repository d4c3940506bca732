//! One server process: a clock, a queue, and a worker that locks, judges, commits and then answers.

use std::collections::{HashMap, VecDeque};

use platform::auctions::rules::{Answer, By, Command, Effect, Lot, Stamped, Terms, judge};
use platform::testing::checker::{Got, convert};

use super::clients::{Clients, SELLER, seen, told};
use super::database::{Batch, Database, Key};
use super::fault::Fault;

/// Commands in one transaction at most.
const BATCH_MAX: usize = 5;

/// A command that arrived.
pub struct Asked {
    /// Whose answer; `None`: a job's.
    pub op: Option<usize>,
    pub key: Option<Key>,
    pub stamped: Stamped,
}

/// Where the worker is. A crash throws it away.
enum Work {
    Idle,
    Waiting(Vec<Asked>),
    Locked(Vec<Asked>),
    Judged(Box<Batch>, Vec<Due>),
    Committed(Vec<Due>),
}

/// An answer that waits to be given.
struct Due {
    op: Option<usize>,
    answer: Answer,
    /// What the command was judged by, at least.
    at_ms: i64,
}

pub struct Replica {
    pub is_alive: bool,
    /// How far its clock is off.
    pub offset_ms: i64,
    pub queue: VecDeque<Asked>,
    /// Reads that arrived.
    pub reads: VecDeque<usize>,
    work: Work,
    /// The lot as this replica last knew it.
    memory: Lot,
}

/// What a step did, for the trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It answered this read.
    Reads(usize),
    /// It took so many commands from its queue.
    Takes(usize),
    /// It has the row.
    Locks,
    /// It judged.
    Judges,
    /// It wrote up to this entry.
    Commits(i64),
    /// It gave so many answers.
    Answers(usize),
}

impl Replica {
    pub fn new(terms: &Terms) -> Self {
        Self {
            is_alive: true,
            offset_ms: 0,
            queue: VecDeque::new(),
            reads: VecDeque::new(),
            work: Work::Idle,
            memory: Lot::new(terms),
        }
    }

    pub fn is_idle(&self) -> bool {
        matches!(self.work, Work::Idle) && self.queue.is_empty() && self.reads.is_empty()
    }

    /// Goes one stage further, if it can.
    pub fn advance(
        &mut self,
        me: usize,
        now_ms: i64,
        (db, clients): (&mut Database, &mut Clients),
        fault: Option<Fault>,
    ) -> Option<Stage> {
        if let Some(op) = self.reads.pop_front() {
            let from_memory = fault == Some(Fault::ReadsFromMemory);
            clients.answer(op, Got::Seen(seen(if from_memory { &self.memory } else { &db.lot })));
            return Some(Stage::Reads(op));
        }
        let server_time_ms = now_ms + self.offset_ms;
        match std::mem::replace(&mut self.work, Work::Idle) {
            Work::Idle if self.queue.is_empty() => None,
            Work::Idle => {
                let count = self.queue.len().min(BATCH_MAX);
                self.work = Work::Waiting(self.queue.drain(..count).collect());
                db.waiting.push_back(me);
                Some(Stage::Takes(count))
            }
            Work::Waiting(batch) if db.waiting.front() != Some(&me) && fault != Some(Fault::TakesNoLock) => {
                self.work = Work::Waiting(batch);
                None
            }
            Work::Waiting(batch) => {
                self.work = Work::Locked(batch);
                Some(Stage::Locks)
            }
            Work::Locked(asked) => {
                let by_memory = fault == Some(Fault::JudgesByMemory);
                let base = if by_memory { self.memory.clone() } else { db.lot.clone() };
                let (batch, answers) = judged(asked, base, db, fault);
                if fault == Some(Fault::AnswersBeforeCommit) {
                    deliver(&answers, server_time_ms, clients, fault);
                }
                self.work = Work::Judged(Box::new(batch), answers);
                Some(Stage::Judges)
            }
            Work::Judged(batch, answers) => {
                db.commit(&batch);
                self.memory = batch.judged.lot;
                db.waiting.retain(|replica| *replica != me);
                self.work = Work::Committed(answers);
                Some(Stage::Commits(db.lot.seq))
            }
            Work::Committed(answers) => {
                deliver(&answers, server_time_ms, clients, fault);
                Some(Stage::Answers(answers.len()))
            }
        }
    }

    /// Dies: whatever was not committed is gone, and the lock with it.
    pub fn crash(&mut self, me: usize, db: &mut Database, fault: Option<Fault>) {
        if let (Work::Judged(batch, _), Some(Fault::CommitsHalf)) = (&self.work, fault) {
            db.write_row(batch);
        }
        db.waiting.retain(|replica| *replica != me);
        self.is_alive = false;
        self.work = Work::Idle;
        self.queue.clear();
        self.reads.clear();
        self.memory = Lot::new(&db.terms);
    }
}

/// Where the answer to an operation comes from.
enum Source {
    /// Its key was answered in an earlier transaction.
    Known(Answer, i64),
    /// The command of this number of the batch.
    Judged(usize, i64),
}

/// Judges a batch; operations whose key is known already get the answer that the key got.
fn judged(asked: Vec<Asked>, base: Lot, db: &Database, fault: Option<Fault>) -> (Batch, Vec<Due>) {
    let mut commands = Vec::new();
    let mut sources = Vec::new();
    let mut firsts: HashMap<Key, (usize, i64)> = HashMap::new();
    for Asked { op, key, mut stamped } in asked {
        let key = key.filter(|_| fault != Some(Fault::ForgetsKeys));
        let known = key.as_ref().and_then(|key| db.keys.get(key));
        let first = key.as_ref().and_then(|key| firsts.get(key));
        let source = match (known, first) {
            (Some((answer, at_ms)), _) => Source::Known(answer.clone(), *at_ms),
            (None, Some((first, at_ms))) => Source::Judged(*first, *at_ms),
            (None, None) => {
                bend(&mut stamped, &base, fault);
                let place = (commands.len(), stamped.at_ms);
                firsts.extend(key.map(|key| (key, place)));
                commands.push(stamped);
                Source::Judged(place.0, place.1)
            }
        };
        sources.push((op, source));
    }
    let terms = bent_terms(&db.terms, fault);
    let is_striking = |stamped: &Stamped| matches!(stamped.command, Command::Retract { .. });
    let past = if commands.iter().any(is_striking) {
        db.past()
    } else {
        Vec::new()
    };
    let mut judged = judge(&terms, base.clone(), &past, commands);
    if fault == Some(Fault::IgnoresRetractions) && judged.effects.iter().any(is_retraction) {
        judged.lot.price = base.price;
        judged.lot.leader = base.leader.clone();
        judged.lot.bid_count = base.bid_count;
    }
    let due = |(op, source): (Option<usize>, Source)| {
        let (answer, at_ms) = match source {
            Source::Known(answer, at_ms) if fault == Some(Fault::AnswersAnew) => {
                let (price, bid_count) = (judged.lot.price, judged.lot.bid_count);
                (
                    Answer {
                        price,
                        bid_count,
                        ..answer
                    },
                    at_ms,
                )
            }
            Source::Known(answer, at_ms) => (answer, at_ms),
            Source::Judged(index, at_ms) => (judged.answers[index].clone(), at_ms.max(judged.lot.at_ms)),
        };
        Due { op, answer, at_ms }
    };
    let answers = sources.into_iter().map(due).collect();
    let stored = |(key, (index, at_ms)): (Key, (usize, i64))| {
        (key, (judged.answers[index].clone(), at_ms.max(judged.lot.at_ms)))
    };
    let keys = firsts.into_iter().map(stored).collect();
    (Batch { judged, keys, base }, answers)
}

fn is_retraction(effect: &Effect) -> bool {
    matches!(effect, Effect::Retracted { .. })
}

/// What a fault does to a command.
fn bend(stamped: &mut Stamped, lot: &Lot, fault: Option<Fault>) {
    let is_close = matches!(stamped.command, Command::Close { .. });
    match fault {
        Some(Fault::StopsTheClock) if !is_close => stamped.at_ms = lot.at_ms,
        Some(Fault::ClosesEarly) if is_close => {
            stamped.command = Command::Close {
                by: By::Seller(SELLER.into()),
            };
        }
        _ => {}
    }
}

/// What a fault does to the terms.
fn bent_terms(terms: &Terms, fault: Option<Fault>) -> Terms {
    let mut terms = terms.clone();
    match fault {
        Some(Fault::ExtendsOnceMore) => terms.anti_snipe.extensions_max += 1,
        Some(Fault::TakesHalfTheIncrement) => terms.increment /= 2,
        _ => {}
    }
    terms
}

fn deliver(answers: &[Due], clock_ms: i64, clients: &mut Clients, fault: Option<Fault>) {
    for (index, due) in answers.iter().enumerate() {
        let answer = match fault {
            Some(Fault::MixesAnswers) => &answers[(index + 1) % answers.len()].answer,
            _ => &due.answer,
        };
        if let Some(op) = due.op {
            clients.answer(op, told(convert::answer(answer, clock_ms.max(due.at_ms))));
        }
    }
}
