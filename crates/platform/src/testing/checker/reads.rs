//! Reads: each must show a state that stood at some moment between its start and its end, and never an older one than a
//! read that was over before.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

use super::model::State;
use super::witness::{Bounds, Effect};
use super::{Findings, Got, Op, Record, Rule, Seen};

/// Tells which reads have no place; answers the names that they taught.
pub(super) fn check(record: &Record, effects: &[Effect<'_>], states: &[State], findings: &mut Findings<'_>) -> Names {
    let (readings, names) = place(record, effects, states);
    for Reading {
        op,
        seen,
        window,
        place,
    } in &readings
    {
        if place.is_none() {
            let Range { start, end } = window;
            let line = format_args!("{op} saw {seen:?}, which no state from {start} to before {end} is");
            findings.add(Rule::Stale, line);
        }
    }
    names
}

/// The end of each read, with the first state that it can have seen as far as `effects` tell.
pub(super) fn earliest(record: &Record, effects: &[Effect<'_>], states: &[State]) -> Vec<(u64, usize)> {
    let (readings, _) = place(record, effects, states);
    let done = readings
        .iter()
        .filter_map(|reading| Some((reading.op.completed?, reading.place?)));
    done.collect()
}

/// A read, and where it stands in the history.
struct Reading<'a> {
    op: &'a Op,
    seen: &'a Seen,
    /// The states that real time allows.
    window: Range<usize>,
    /// The first of them that looks as it was seen.
    place: Option<usize>,
}

/// Places every read at the first state that it can have seen. Because each place only forbids earlier ones to later
/// reads, the first possible place is the best one.
fn place<'a>(record: &'a Record, effects: &[Effect<'_>], states: &[State]) -> (Vec<Reading<'a>>, Names) {
    let bounds = Bounds::new(effects);
    let mut index: HashMap<(Option<i64>, u64), Vec<usize>> = HashMap::new();
    for (position, state) in states.iter().enumerate() {
        index.entry((state.price, state.bid_count)).or_default().push(position);
    }
    let reading = |(op, seen): (&'a Op, &'a Seen)| Reading {
        op,
        seen,
        window: bounds.last_before(op.invoked)..bounds.first_after(end_of(op)).min(states.len()),
        place: None,
    };
    let mut readings: Vec<Reading<'a>> = record.ops.iter().filter_map(seen).map(reading).collect();
    readings.sort_by_key(|reading| reading.op.invoked);
    let mut names = Names::default();
    for Reading { seen, window, .. } in &readings {
        let places = candidates(&index, seen, window.clone()).map(|position| &states[position]);
        names.learn(seen, places.filter(|state| is_seen(seen, state)));
    }
    let mut running: BinaryHeap<Reverse<(u64, usize)>> = BinaryHeap::new();
    let mut over = 0;
    for reading in &mut readings {
        while let Some(Reverse((completed, position))) = running.peek().copied()
            && completed < reading.op.invoked
        {
            over = over.max(position);
            running.pop();
        }
        let (seen, window) = (reading.seen, &mut reading.window);
        window.start = window.start.max(over);
        reading.place = candidates(&index, seen, window.clone())
            .find(|position| is_seen(seen, &states[*position]) && names.fit(seen, &states[*position]));
        running.extend(reading.place.map(|position| Reverse((end_of(reading.op), position))));
    }
    (readings, names)
}

fn end_of(op: &Op) -> u64 {
    op.completed.unwrap_or(u64::MAX)
}

fn seen(op: &Op) -> Option<(&Op, &Seen)> {
    match &op.got {
        Got::Seen(seen) => Some((op, seen)),
        _ => None,
    }
}

/// Positions in `window` with the price and count that were seen.
fn candidates<'a>(
    index: &'a HashMap<(Option<i64>, u64), Vec<usize>>,
    seen: &Seen,
    window: Range<usize>,
) -> Box<dyn Iterator<Item = usize> + 'a> {
    let (Some(price), Some(bid_count)) = (seen.price, seen.bid_count) else {
        return Box::new(window);
    };
    let positions = index.get(&(price, bid_count)).map_or(&[][..], Vec::as_slice);
    let from = positions.partition_point(|position| *position < window.start);
    let rest = positions[from..].iter().copied();
    Box::new(rest.take_while(move |position| *position < window.end))
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
