//! Finds the entry of each operation, and holds the order of the entries against real time.

mod effort;
mod moments;
mod waiting;

use std::collections::HashMap;
use std::ops::Range;

use super::model::State;
use super::{Act, Answer, Ask, Findings, Got, Op, Phase, Record, Refusal, Rule, Verdict};
use effort::{Effort, actor, efforts};
pub(super) use moments::Bounds;
use moments::Latest;
use waiting::Waiting;

/// An operation with its place in the history.
pub(super) struct Effect<'a> {
    op: &'a Op,
    invoked: u64,
    completed: Option<u64>,
    /// 1 for the first entry: the number of the state that it leads to.
    pub(super) position: usize,
}

/// Places every operation, tells what has no place, and checks the order.
pub(super) fn effects<'a>(record: &'a Record, states: &[State], findings: &mut Findings<'_>) -> Vec<Effect<'a>> {
    let efforts = efforts(record, findings);
    let (numbered, others): (Vec<_>, Vec<_>) = efforts
        .into_iter()
        .partition(|effort| effort.answer.is_some_and(|answer| answer.seq.is_some()));
    let mut claims = Claims {
        record,
        owners: vec![None; record.history.len()],
        effects: Vec::new(),
        told: moments::told(record),
    };
    claims.by_number(&numbered, states, findings);
    claims.by_content(&numbered, &others, states, findings);
    claims.leftovers(findings);
    order(&claims.effects, findings);
    stamps(record, &claims.effects, &claims.told, findings);
    claims.effects
}

struct Claims<'a> {
    record: &'a Record,
    /// Whose each entry is.
    owners: Vec<Option<&'a Op>>,
    effects: Vec<Effect<'a>>,
    told: Latest<i64>,
}

impl<'a> Claims<'a> {
    fn claim(&mut self, effort: &Effort<'a>, position: usize) {
        self.owners[position - 1] = Some(effort.op);
        self.effects.push(Effect {
            op: effort.op,
            invoked: effort.invoked,
            completed: effort.completed,
            position,
        });
    }

    /// Answers that name their entry.
    fn by_number(&mut self, efforts: &[Effort<'a>], states: &[State], findings: &mut Findings<'_>) {
        let entries = self.record.history.iter().zip(1..);
        let positions: HashMap<_, usize> = entries.map(|(entry, position)| (entry.seq, position)).collect();
        for effort in efforts {
            let Some((answer, seq)) = effort.answer.and_then(|answer| Some((answer, answer.seq?))) else {
                continue;
            };
            let op = effort.op;
            let Some(&position) = positions.get(&seq) else {
                findings.add(
                    Rule::Lost,
                    format_args!("{op} was told it is entry {seq}, which does not exist"),
                );
                continue;
            };
            let entry = &self.record.history[position - 1];
            if entry.act != *effort.act {
                findings.add(
                    Rule::Lost,
                    format_args!("{op} was told it is entry {seq}, which is {entry}"),
                );
            } else if let Some(owner) = self.owners[position - 1] {
                findings.add(Rule::Doubled, format_args!("{op} and {owner} are both {entry}"));
            } else {
                self.claim(effort, position);
                facts(op, answer, position, self.record, states, findings);
            }
        }
    }

    /// Answers that name no entry, and operations without an answer. An entry that is still free goes to one that asked
    /// for the same, was not sent after the answer to something that comes later, and was done first.
    fn by_content(
        &mut self,
        numbered: &[Effort<'a>],
        efforts: &[Effort<'a>],
        states: &[State],
        findings: &mut Findings<'_>,
    ) {
        let mut waiting = Waiting::new(numbered, efforts, self);
        let seen = Latest::new(super::reads::earliest(self.record, &self.effects, states));
        for position in 1..=self.record.history.len() {
            let entry = &self.record.history[position - 1];
            if let Some(owner) = self.owners[position - 1] {
                waiting.placed.insert(owner.id);
            } else if let Some(effort) = waiting.take(entry, position, (&self.told, &seen)) {
                self.claim(effort, position);
                if let Some(answer) = effort.answer {
                    facts(effort.op, answer, position, self.record, states, findings);
                }
            }
        }
        let bounds = Bounds::new(&self.effects);
        for effort in waiting.efforts.into_values().flatten() {
            let Some(answer) = effort.answer else { continue };
            let window = bounds.last_before(effort.invoked)..bounds.first_after(effort.completed.unwrap_or(u64::MAX));
            if !is_justified(effort.act, answer, window, self.record, states) {
                let (op, verdict) = (effort.op, answer.verdict);
                findings.add(Rule::Lost, format_args!("{op} was told {verdict:?} and has no entry"));
            }
        }
    }

    /// Entries that nobody claimed.
    fn leftovers(&self, findings: &mut Findings<'_>) {
        let mut told: Option<HashMap<&Act, &Op>> = None;
        for (entry, owner) in self.record.history.iter().zip(&self.owners) {
            if owner.is_some() || entry.act.is_of_the_clock() {
                continue;
            }
            let asked = told.get_or_insert_with(|| {
                let commands = self.record.ops.iter().filter_map(|op| match &op.ask {
                    Ask::Do(act) => Some((act, op)),
                    Ask::Read => None,
                });
                commands.collect()
            });
            match asked.get(&entry.act) {
                Some(op) if op.got == Got::Failed => {
                    findings.add(Rule::Unasked, format_args!("{entry} is of {op}, which failed"));
                }
                Some(op) => findings.add(Rule::Doubled, format_args!("{entry} repeats {op}")),
                None => findings.add(Rule::Unasked, format_args!("nobody asked for {entry}")),
            }
        }
    }
}

/// The answer against the state that its entry leads to.
fn facts(op: &Op, answer: &Answer, position: usize, record: &Record, states: &[State], findings: &mut Findings<'_>) {
    let (entry, before, after) = (&record.history[position - 1], &states[position - 1], &states[position]);
    let is_extending = after.extensions > before.extensions;
    let is_true = answer.verdict.looks_like(entry.verdict)
        && answer.price.is_none_or(|price| Some(price) == after.price)
        && answer.bid_count.is_none_or(|count| count == after.bid_count)
        && answer
            .ends_at_ms
            .is_none_or(|ends_at_ms| ends_at_ms == after.ends_at_ms)
        && answer.is_extending.is_none_or(|told| told == is_extending);
    if !is_true {
        findings.add(
            Rule::Answer,
            format_args!("{op} was told {answer:?}, but {entry} leads to {after:?}"),
        );
    }
}

/// A refusal may do without an entry when the auction was at some moment of `window` in a phase that explains it.
fn is_justified(act: &Act, answer: &Answer, window: Range<usize>, record: &Record, states: &[State]) -> bool {
    let Verdict::Refused(refusal) = answer.verdict else {
        return false;
    };
    let is_own = matches!(actor(act), Some(bidder) if bidder == record.terms.seller);
    let is_late = |state: &State| {
        let is_after = answer.server_time_ms.is_some_and(|now_ms| now_ms >= state.ends_at_ms);
        state.phase.is_end() || (is_after && state.phase != Phase::Paused)
    };
    let explains = |state: &State| match refusal {
        Refusal::OwnAuction => is_own,
        Refusal::Ended => is_late(state),
        Refusal::NotStarted => state.phase == Phase::Scheduled,
        Refusal::Paused => state.phase == Phase::Paused,
        _ => false,
    };
    let end = window.end.min(states.len());
    states
        .get(window.start..end)
        .is_some_and(|states| states.iter().any(explains))
}

/// Nothing that was sent after another's answer may stand before it.
fn order(effects: &[Effect<'_>], findings: &mut Findings<'_>) {
    let bounds = Bounds::new(effects);
    for later in effects {
        let Some((position, earlier)) = bounds.latest_before(later.invoked) else {
            continue;
        };
        if position >= later.position {
            let (op, place) = (later.op, later.position);
            let line = format_args!("{earlier} was answered as entry {position} before {op}, entry {place}, was sent");
            findings.add(Rule::Order, line);
        }
    }
}

/// On one clock, what was sent after an answer is stamped no earlier than that answer.
fn stamps(record: &Record, effects: &[Effect<'_>], told: &Latest<i64>, findings: &mut Findings<'_>) {
    for effect in effects {
        let at_ms = record.history[effect.position - 1].at_ms;
        if let Some(told_ms) = told.before(effect.invoked).filter(|told_ms| at_ms < *told_ms) {
            let op = effect.op;
            let line = format_args!("{op} was sent after an answer of {told_ms} and stamped {at_ms}");
            findings.add(Rule::Order, line);
        }
    }
}
