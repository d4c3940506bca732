//! The auction core under simulated replicas, crashes and clocks: thousands of seeds, each a life that can be repeated.
//!
//! Several replicas with queues share one database whose row lock orders them; clients lose answers and send again;
//! replicas die at every stage and their clocks jump. The rules are the real ones; time is a number. Each life is judged
//! by its invariants after every commit, by the replay of its hashes, and by the checker at its end.
//!
//! `ROSTRUM_SIM_SEEDS=100000` runs more lives, `ROSTRUM_SIM_SEED=17` runs one and prints what happened in it.

mod clients;
mod database;
mod fault;
mod replica;
mod world;

use fault::Fault;
use world::{Life, live};

/// Lives in an ordinary run.
const SEEDS: u64 = 2_000;
/// Lives within which each planted fault must be found.
const SEEDS_TO_FIND_A_FAULT: u64 = 150;

/// What must happen often in an ordinary run.
const KINDS: [&str; 24] = [
    "beaten",
    "buy_now",
    "clock jumps",
    "close",
    "confirmation_required",
    "crashes",
    "extend",
    "extensions",
    "has_bids",
    "leading",
    "not_started",
    "open",
    "outbid",
    "pause",
    "paused",
    "raised",
    "resume",
    "retract",
    "seller",
    "sent again",
    "sold",
    "too_low",
    "unsold",
    "withdrawn",
];

fn setting(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "chooses lives to repeat, in tests only")]
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap())
}

fn check(life: &Life, seed: u64) {
    let found = &life.violations;
    assert!(found.is_empty(), "ROSTRUM_SIM_SEED={seed} repeats this: {found:#?}");
}

#[test]
fn every_life_of_an_auction_is_linearizable() {
    if let Some(seed) = setting("ROSTRUM_SIM_SEED") {
        let life = live(seed, None);
        for (at_ms, event) in &life.trace {
            println!("{at_ms} {event:?}");
        }
        check(&life, seed);
        return;
    }
    let mut seen = Life::default();
    for seed in 0..setting("ROSTRUM_SIM_SEEDS").unwrap_or(SEEDS) {
        let life = live(seed, None);
        check(&life, seed);
        seen.add(&life);
    }
    // A simulation in which little happens would find little.
    let rare: Vec<_> = KINDS
        .iter()
        .filter(|kind| seen.counts.get(*kind).is_none_or(|count| *count < 20))
        .collect();
    assert!(rare.is_empty(), "{rare:?} are too rare in {:?}", seen.counts);
}

#[test]
fn the_same_seed_is_the_same_life() {
    for seed in 0..50 {
        let (one, two) = (live(seed, None), live(seed, None));
        assert_eq!(one.trace, two.trace, "seed {seed}");
        assert_eq!(one.last_hash, two.last_hash, "seed {seed}");
    }
    assert_ne!(live(1, None).trace, live(2, None).trace);
}

#[test]
fn every_planted_fault_is_found() {
    for fault in Fault::ALL {
        let found = (0..SEEDS_TO_FIND_A_FAULT).find(|seed| !live(*seed, Some(fault)).violations.is_empty());
        assert!(
            found.is_some(),
            "{fault:?} was not found in {SEEDS_TO_FIND_A_FAULT} lives"
        );
    }
}
