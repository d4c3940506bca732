//! The history against the model: each entry must follow from those before it.

use super::model::{Model, State};
use super::reads::Names;
use super::{Act, Entry, Final, Findings, Phase, Record, Rule, Verdict};

/// Replays the history; returns the state before the first entry and after each one.
pub(super) fn replay(record: &Record, findings: &mut Findings<'_>) -> Vec<State> {
    let mut model = Model::new(&record.terms);
    let mut states = Vec::with_capacity(record.history.len() + 1);
    states.push(model.state());
    let mut previous: Option<&Entry> = None;
    for entry in &record.history {
        link(previous, entry, findings);
        let before = model.state();
        let verdict = model.step(entry.seq, entry.at_ms, &entry.act);
        let after = model.state();
        follows(entry, verdict, &before, &after, findings);
        states.push(after);
        previous = Some(entry);
    }
    states
}

fn link(previous: Option<&Entry>, entry: &Entry, findings: &mut Findings<'_>) {
    let expected = previous.map_or(1, |previous| previous.seq + 1);
    if entry.seq != expected {
        findings.add(Rule::Chain, format_args!("{entry} stands where {expected} belongs"));
    }
    let Some(previous) = previous else { return };
    if entry.previous_hash != previous.hash {
        findings.add(
            Rule::Chain,
            format_args!("{entry} does not continue the hash of {previous}"),
        );
    }
    if entry.at_ms < previous.at_ms {
        let (at_ms, before_ms) = (entry.at_ms, previous.at_ms);
        findings.add(
            Rule::Chain,
            format_args!("{entry} is stamped {at_ms}, before {before_ms} of {previous}"),
        );
    }
}

fn follows(entry: &Entry, verdict: Verdict, before: &State, after: &State, findings: &mut Findings<'_>) {
    let mut compare = |what: &str, found: &dyn std::fmt::Debug, expected: &dyn std::fmt::Debug| {
        let line = format_args!("{entry} says {what} {found:?}, the rules {expected:?}, after {before:?}");
        findings.add(Rule::Rules, line);
    };
    if entry.verdict != verdict {
        compare("verdict", &entry.verdict, &verdict);
    }
    if entry.price.is_some_and(|price| price != after.price) {
        compare("price", &entry.price, &after.price);
    }
    if entry.leader.as_ref().is_some_and(|leader| *leader != after.leader) {
        compare("leader", &entry.leader, &after.leader);
    }
    if entry
        .ends_at_ms
        .is_some_and(|ends_at_ms| ends_at_ms != after.ends_at_ms)
    {
        compare("end", &entry.ends_at_ms, &after.ends_at_ms);
    }
}

/// What was read at the end against what the whole history makes.
pub(super) fn ends(record: &Record, state: &State, names: &Names, findings: &mut Findings<'_>) {
    let Some(outcome) = &record.outcome else { return };
    let is_sold = state.phase == Phase::Sold;
    let expected = Final {
        phase: state.phase,
        winner: names.matching(outcome.winner.as_deref(), state.leader.as_deref().filter(|_| is_sold)),
        winning_bid: state.price.filter(|_| is_sold),
        bid_count: state.bid_count,
        announcements: u64::from(state.phase.is_end()),
    };
    if *outcome != expected {
        findings.add(
            Rule::Outcome,
            format_args!("it reads {outcome:?}, its history makes {expected:?}"),
        );
    }
    let is_end = |entry: &&Entry| {
        let takes_effect = entry.verdict == Verdict::Done;
        takes_effect && matches!(entry.act, Act::Close { .. } | Act::BuyNow { .. } | Act::Withdraw { .. })
    };
    let ends: Vec<_> = record.history.iter().filter(is_end).map(|entry| entry.seq).collect();
    if ends.len() != 1 {
        findings.add(Rule::Outcome, format_args!("it must end once and ended at {ends:?}"));
    }
}
