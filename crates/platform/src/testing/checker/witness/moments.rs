//! Real time against the order of the history, and against the servers' clock.

use super::super::{Got, Op, Record};
use super::Effect;

/// Where in the history a moment lies, by the operations around it.
pub(in super::super) struct Bounds<'a> {
    /// Ends of operations, ascending, with the last position among them and before.
    ended: Vec<(u64, usize, &'a Op)>,
    /// Beginnings of operations, ascending, with the first position among them and after.
    begun: Vec<(u64, usize)>,
}

impl<'a> Bounds<'a> {
    pub(in super::super) fn new(effects: &[Effect<'a>]) -> Self {
        let done = effects
            .iter()
            .filter_map(|effect| Some((effect.completed?, effect.position, effect.op)));
        let mut ended: Vec<_> = done.collect();
        ended.sort_unstable_by_key(|(completed, position, _)| (*completed, *position));
        for index in 1..ended.len() {
            let (_, last, op) = ended[index - 1];
            if ended[index].1 < last {
                (ended[index].1, ended[index].2) = (last, op);
            }
        }
        let mut begun: Vec<_> = effects.iter().map(|effect| (effect.invoked, effect.position)).collect();
        begun.sort_unstable();
        for index in (1..begun.len()).rev() {
            begun[index - 1].1 = begun[index - 1].1.min(begun[index].1);
        }
        Self { ended, begun }
    }

    /// The last position that had been answered before the moment; 0: none.
    pub(in super::super) fn last_before(&self, moment: u64) -> usize {
        self.latest_before(moment).map_or(0, |(position, _)| position)
    }

    pub(super) fn latest_before(&self, moment: u64) -> Option<(usize, &'a Op)> {
        let count = self.ended.partition_point(|(completed, ..)| *completed < moment);
        let (_, position, op) = self.ended.get(count.checked_sub(1)?)?;
        Some((*position, op))
    }

    /// The first position that was asked for after the moment; `usize::MAX`: none.
    pub(in super::super) fn first_after(&self, moment: u64) -> usize {
        let index = self.begun.partition_point(|(invoked, _)| *invoked <= moment);
        self.begun.get(index).map_or(usize::MAX, |(_, position)| *position)
    }
}

/// The highest of what clients learned, over real time.
pub(super) struct Latest<T> {
    /// Moments, ascending, with the highest value until then.
    highest: Vec<(u64, T)>,
}

impl<T: Copy + Ord> Latest<T> {
    pub(super) fn new(mut learned: Vec<(u64, T)>) -> Self {
        learned.sort_unstable();
        for index in 1..learned.len() {
            learned[index].1 = learned[index].1.max(learned[index - 1].1);
        }
        Self { highest: learned }
    }

    /// What had been learned before the moment.
    pub(super) fn before(&self, moment: u64) -> Option<T> {
        let count = self.highest.partition_point(|(learned, _)| *learned < moment);
        Some(self.highest.get(count.checked_sub(1)?)?.1)
    }
}

/// The servers' clock as the clients were told, where all servers read one clock.
pub(super) fn told(record: &Record) -> Latest<i64> {
    let ops = record.ops.iter().filter(|_| record.is_one_clock);
    let answers = ops.filter_map(|op| match &op.got {
        Got::Answer(answer) => Some((op.completed?, answer.server_time_ms?)),
        _ => None,
    });
    Latest::new(answers.collect())
}
