//! Finds who made an entry that no answer numbers.

use std::collections::{HashMap, HashSet};

use super::super::{Act, Entry, Verdict};
use super::Claims;
use super::effort::Effort;
use super::moments::Latest;

/// Operations that have no place yet while the history is read from its beginning.
pub(super) struct Waiting<'a, 'e> {
    /// Those whose answer does not number them.
    pub(super) efforts: HashMap<&'a Act, Vec<&'e Effort<'a>>>,
    /// Answers to those that surely have a place, the latest first.
    answered: Vec<(u64, u64)>,
    /// Ids of those whose place was passed.
    pub(super) placed: HashSet<u64>,
}

impl<'a, 'e> Waiting<'a, 'e> {
    /// Where `claims` has been told which operations are numbered.
    pub(super) fn new(numbered: &'e [Effort<'a>], others: &'e [Effort<'a>], claims: &Claims<'a>) -> Self {
        let mut efforts: HashMap<&Act, Vec<&Effort<'a>>> = HashMap::new();
        for effort in others {
            efforts.entry(effort.act).or_default().push(effort);
        }
        // Where entries are fewer than answers, some refusals have none, and nothing need wait for those.
        let mut surplus: HashMap<(&Act, Verdict), isize> = HashMap::new();
        for (entry, owner) in claims.record.history.iter().zip(&claims.owners) {
            *surplus.entry((&entry.act, entry.verdict.as_told())).or_default() += isize::from(owner.is_none());
        }
        for (effort, answer) in others.iter().filter_map(|effort| Some((effort, effort.answer?))) {
            *surplus.entry((effort.act, answer.verdict.as_told())).or_default() -= 1;
        }
        let has_place = |effort: &&Effort<'a>| {
            let class = effort.answer.map(|answer| (effort.act, answer.verdict.as_told()));
            class.is_some_and(|class| surplus.get(&class).is_some_and(|surplus| *surplus >= 0))
        };
        let owners: HashSet<u64> = claims.owners.iter().flatten().map(|op| op.id).collect();
        let is_claimed = |effort: &&Effort<'a>| owners.contains(&effort.op.id);
        let sure = numbered
            .iter()
            .filter(is_claimed)
            .chain(others.iter().filter(has_place));
        let mut answered: Vec<_> = sure
            .filter_map(|effort| Some((effort.completed?, effort.op.id)))
            .collect();
        answered.sort_unstable_by(|one, two| two.cmp(one));
        Self {
            efforts,
            answered,
            placed: HashSet::new(),
        }
    }

    /// The one that made the entry at this position, if any can have: it asked for that and was told so, and it was not
    /// sent after somebody had seen that state, or had been told a later time.
    pub(super) fn take(
        &mut self,
        entry: &Entry,
        position: usize,
        (told, seen): (&Latest<i64>, &Latest<usize>),
    ) -> Option<&'e Effort<'a>> {
        while self.answered.last().is_some_and(|(_, id)| self.placed.contains(id)) {
            self.answered.pop();
        }
        let next_answer = self.answered.last().map_or(u64::MAX, |(completed, _)| *completed);
        let same = self.efforts.get_mut(&entry.act)?;
        let fits = |effort: &Effort<'a>| {
            let is_told = effort
                .answer
                .is_none_or(|answer| answer.verdict.looks_like(entry.verdict));
            let is_stamped = told.before(effort.invoked).is_none_or(|told_ms| told_ms <= entry.at_ms);
            let is_new = seen.before(effort.invoked).is_none_or(|seen| seen < position);
            is_told && is_stamped && is_new && effort.invoked <= next_answer
        };
        let fitting = same.iter().enumerate().filter(|(_, effort)| fits(effort));
        let done = |effort: &Effort<'a>| (effort.completed.unwrap_or(u64::MAX), effort.invoked);
        let (index, _) = fitting.min_by_key(|(_, effort)| done(effort))?;
        let effort = same.remove(index);
        self.placed.insert(effort.op.id);
        Some(effort)
    }
}
