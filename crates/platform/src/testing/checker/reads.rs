//! Reads: each must show a state that stood at some moment between its start and its end, and never an older one than a
//! read that was over before.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::model::State;
use super::witness::{Bounds, Effect};
use super::{Findings, Got, Op, Record, Rule, Seen};

/// Places every read at the first state that it can have seen. Because each place only forbids earlier ones to later
/// reads, the first possible place is the best one.
pub(super) fn check(record: &Record, effects: &[Effect<'_>], states: &[State], findings: &mut Findings<'_>) -> Names {
    let bounds = Bounds::new(effects);
    let mut index: HashMap<(Option<i64>, u64), Vec<usize>> = HashMap::new();
    for (position, state) in states.iter().enumerate() {
        index.entry((state.price, state.bid_count)).or_default().push(position);
    }
    let mut reads: Vec<(&Op, &Seen)> = record.ops.iter().filter_map(seen).collect();
    reads.sort_by_key(|(op, _)| op.invoked);
    let mut names = Names::default();
    for (op, seen) in &reads {
        let window =
            bounds.last_before(op.invoked)..bounds.first_after(op.completed.unwrap_or(u64::MAX)).min(states.len());
        let places = candidates(&index, seen, window.start, window.end).map(|position| &states[position]);
        names.learn(seen, places.filter(|state| is_seen(seen, state)));
    }
    let mut running: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    let mut over = 0;
    for (op, seen) in reads {
        while let Some(Reverse((completed, position))) = running.peek().copied()
            && completed < op.invoked
        {
            over = over.max(position);
            running.pop();
        }
        let completed = op.completed.unwrap_or(u64::MAX);
        let first = over.max(bounds.last_before(op.invoked));
        let end = bounds.first_after(completed).min(states.len());
        let place = candidates(&index, seen, first, end)
            .find(|position| is_seen(seen, &states[*position]) && names.fit(seen, &states[*position]));
        match place {
            Some(position) => running.push(Reverse((completed, position))),
            None => {
                let line = format_args!("{op} saw {seen:?}, which no state from {first} to before {end} is");
                findings.add(Rule::Stale, line);
            }
        }
    }
    names
}

fn seen(op: &Op) -> Option<(&Op, &Seen)> {
    match &op.got {
        Got::Seen(seen) => Some((op, seen)),
        _ => None,
    }
}

/// Positions from `first` to before `end` with the price and count that were seen.
fn candidates<'a>(
    index: &'a HashMap<(Option<i64>, u64), Vec<usize>>,
    seen: &Seen,
    first: usize,
    end: usize,
) -> Box<dyn Iterator<Item = usize> + 'a> {
    let (Some(price), Some(bid_count)) = (seen.price, seen.bid_count) else {
        return Box::new(first..end);
    };
    let positions = index.get(&(price, bid_count)).map_or(&[][..], Vec::as_slice);
    let from = positions.partition_point(|position| *position < first);
    let rest = positions[from..].iter().copied();
    Box::new(rest.take_while(move |position| *position < end))
}

fn is_seen(seen: &Seen, state: &State) -> bool {
    seen.price.is_none_or(|price| price == state.price)
        && seen.bid_count.is_none_or(|count| count == state.bid_count)
        && seen.ends_at_ms.is_none_or(|ends_at_ms| ends_at_ms == state.ends_at_ms)
        && seen.extensions.is_none_or(|extensions| extensions == state.extensions)
        && seen.phase.is_none_or(|phase| phase == state.phase)
}

/// What stands for each account: one name each, in one auction.
#[derive(Default)]
pub(super) struct Names {
    of_account: HashMap<String, String>,
    of_name: HashMap<String, String>,
}

impl Names {
    fn fit(&self, seen: &Seen, state: &State) -> bool {
        match (&seen.leader, &state.leader) {
            (None, _) | (Some(None), None) => true,
            (Some(Some(name)), Some(account)) => {
                self.of_account.get(account).is_none_or(|known| known == name)
                    && self.of_name.get(name).is_none_or(|known| known == account)
            }
            _ => false,
        }
    }

    /// Takes in a name where all states that it can have been seen in have one leader.
    fn learn<'a>(&mut self, seen: &Seen, states: impl Iterator<Item = &'a State>) {
        let Some(Some(name)) = &seen.leader else { return };
        let mut leaders = states.map(|state| state.leader.as_ref());
        let Some(Some(account)) = leaders.next() else { return };
        if leaders.all(|leader| leader == Some(account)) {
            let known = self.of_name.entry(name.clone()).or_insert_with(|| account.clone());
            if known == account {
                self.of_account.entry(account.clone()).or_insert_with(|| name.clone());
            }
        }
    }

    /// `name` if it may stand for the account, else what does.
    pub(super) fn matching(&self, name: Option<&str>, account: Option<&str>) -> Option<String> {
        let account = account?;
        let known = self.of_account.get(account).map(String::as_str);
        let may_be_new = |name: &&str| known.is_none() && !self.of_name.contains_key(*name);
        Some(known.or(name.filter(may_be_new)).unwrap_or(account).to_owned())
    }
}
