//! What the clients tried: the sendings of each operation put together.

use std::collections::HashMap;

use super::super::{Act, Answer, Ask, Findings, Got, Op, Record, Rule};

/// One operation: every sending of one key, or a single one without.
pub(super) struct Effort<'a> {
    pub(super) act: &'a Act,
    /// The first sending, to name it.
    pub(super) op: &'a Op,
    /// When it may have begun to take effect.
    pub(super) invoked: u64,
    /// When it had surely taken effect; `None`: nobody knows.
    pub(super) completed: Option<u64>,
    pub(super) answer: Option<&'a Answer>,
}

/// Puts the sendings of each key together. Failed ones drop out: they must have no entry.
pub(super) fn efforts<'a>(record: &'a Record, findings: &mut Findings<'_>) -> Vec<Effort<'a>> {
    let mut efforts: Vec<Effort<'a>> = Vec::new();
    let mut keys: HashMap<(Option<&str>, &str), usize> = HashMap::new();
    for op in &record.ops {
        let (Ask::Do(act), Some(answer)) = (&op.ask, possible_answer(&op.got)) else {
            continue;
        };
        let effort = Effort {
            act,
            op,
            invoked: op.invoked,
            completed: answer.and(op.completed),
            answer,
        };
        let known = op.key.as_deref().map(|key| (actor(act), key));
        let next = efforts.len();
        match known.map(|key| *keys.entry(key).or_insert(next)) {
            Some(index) if index < next => efforts[index].join(effort, findings),
            _ => efforts.push(effort),
        }
    }
    efforts
}

/// `None`: it surely did nothing; `Some(None)`: nobody knows.
fn possible_answer(got: &Got) -> Option<Option<&Answer>> {
    match got {
        Got::Answer(answer) => Some(Some(answer)),
        Got::Unknown => Some(None),
        Got::Failed | Got::Seen(_) => None,
    }
}

pub(super) fn actor(act: &Act) -> Option<&str> {
    match act {
        Act::Bid { bidder, .. } => Some(bidder),
        Act::BuyNow { buyer } => Some(buyer),
        _ => None,
    }
}

impl<'a> Effort<'a> {
    fn join(&mut self, other: Self, findings: &mut Findings<'_>) {
        let (first, second) = (self.op, other.op);
        if self.act != other.act {
            findings.add(
                Rule::Answer,
                format_args!("{first} and {second} have one key and two contents"),
            );
        }
        match (self.answer, other.answer) {
            (Some(one), Some(two)) if !one.is_same(two) => {
                findings.add(
                    Rule::Answer,
                    format_args!("{first} was told {one:?}, and sent again {two:?}"),
                );
            }
            _ => {}
        }
        self.invoked = self.invoked.min(other.invoked);
        let answered = [self.completed, other.completed].into_iter().flatten();
        self.completed = answered.min();
        self.answer = self.answer.or(other.answer);
    }
}
