//! Right records of many concurrent clients, with lost answers and repetitions, are accepted.

use platform::testing::Dice;
use platform::testing::checker::{Act, Answer, Ask, By, Got, Record, Seen, check};

use super::accept;
use super::story::{START_MS, Story, bid, close, terms};

/// Clients at the same time at most.
const PENDING_MAX: usize = 8;
const BIDDERS: [&str; 5] = ["ann", "bob", "cat", "dan", "eve"];

/// An operation between its sending and its answer.
struct Pending {
    invoked: u64,
    key: Option<String>,
    ask: Ask,
    got: Option<Got>,
}

/// A right server under `steps` random events: sendings, moments of taking effect, answers, losses.
pub fn record(seed: u64, steps: usize) -> Record {
    let mut dice = Dice::new(seed);
    let mut story = Story::new(terms());
    let mut pending: Vec<Pending> = Vec::new();
    let mut now_ms = START_MS;
    for step in 0..steps {
        now_ms += dice.below(200).cast_signed();
        if pending.len() < PENDING_MAX && dice.below(3) == 0 {
            let invoked = story.tick();
            let ask = ask(&mut dice, &story);
            let key = matches!(ask, Ask::Do(_)).then(|| format!("key-{step}"));
            pending.push(Pending {
                invoked,
                key,
                ask,
                got: None,
            });
        } else if !pending.is_empty() {
            let index = dice.index(pending.len());
            advance(&mut story, &mut pending, index, now_ms, &mut dice);
        }
    }
    for rest in pending {
        story.log(rest.invoked, None, rest.key, rest.ask, Got::Unknown);
    }
    let end_ms = story.state().ends_at_ms.max(now_ms);
    story.act(end_ms, close());
    story.finish()
}

fn ask(dice: &mut Dice, story: &Story) -> Ask {
    let price = story.state().price.unwrap_or(90);
    let amount = price + dice.below(40).cast_signed();
    let max = (dice.below(3) == 0).then(|| amount + dice.below(100).cast_signed());
    let bidder = BIDDERS[dice.index(BIDDERS.len())];
    match dice.below(20) {
        0..6 => Ask::Read,
        6 => Ask::Do(Act::Extend { by_ms: 1_000 }),
        7 => Ask::Do(Act::Retract {
            bid: 1 + dice.below(story.record.history.len() as u64 + 1),
        }),
        8 => Ask::Do(bid("seller", amount, None)),
        _ => Ask::Do(bid(bidder, amount, max)),
    }
}

/// Takes effect, or is answered, or its answer is lost, or it is lost altogether.
fn advance(story: &mut Story, pending: &mut Vec<Pending>, index: usize, now_ms: i64, dice: &mut Dice) {
    let chance = dice.below(20);
    let one = &mut pending[index];
    let Some(got) = one.got.take() else {
        if chance == 0 {
            let lost = pending.swap_remove(index);
            story.log(lost.invoked, None, lost.key, lost.ask, Got::Unknown);
        } else {
            one.got = Some(match &one.ask {
                Ask::Do(act) => Got::Answer(story.commit(now_ms, act)),
                Ask::Read => Got::Seen(story.seen()),
            });
        }
        return;
    };
    let completed = story.tick();
    if chance > 2 {
        let done = pending.swap_remove(index);
        story.log(done.invoked, Some(completed), done.key, done.ask, got);
        return;
    }
    // The answer is lost. Whoever has a key may send it again and is told the same.
    let (invoked, key, ask) = (one.invoked, one.key.clone(), one.ask.clone());
    story.log(invoked, None, key, ask, Got::Unknown);
    if chance == 0 || one.key.is_none() {
        pending.swap_remove(index);
    } else {
        one.invoked = completed;
        one.got = Some(got);
    }
}

#[test]
fn right_records_are_accepted() {
    for seed in 0..300 {
        let record = record(seed, 400);
        let violations = check(&record);
        assert!(violations.is_empty(), "seed {seed}: {violations:#?}");
        assert!(record.history.len() > 50, "seed {seed} does too little");
    }
}

#[test]
fn a_record_survives_json() {
    let record = record(7, 400);
    let line = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
}

#[test]
fn large_records_are_judged_quickly() {
    let record = record(1, 100_000);
    let began = tokio::time::Instant::now();
    accept(&record);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

/// Any one answer or read of a right record, made to tell one thing else, is refused.
#[test]
fn every_single_lie_is_found() {
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let mut record = record(seed, 300);
        let telling: Vec<usize> = (0..record.ops.len())
            .filter(|index| match &record.ops[*index].got {
                Got::Answer(answer) => answer.price.is_some(),
                Got::Seen(_) => true,
                _ => false,
            })
            .collect();
        let index = telling[dice.index(telling.len())];
        match &mut record.ops[index].got {
            Got::Answer(answer) => lie_in_answer(answer, dice.below(4)),
            Got::Seen(seen) => lie_in_read(seen, dice.below(3)),
            _ => unreachable!(),
        }
        assert_ne!(check(&record), [], "seed {seed}: {}", record.ops[index]);
    }
}

fn lie_in_answer(answer: &mut Answer, which: u64) {
    match which {
        0 => answer.price = answer.price.map(|price| price + 1),
        1 => answer.bid_count = answer.bid_count.map(|count| count + 1),
        2 => answer.ends_at_ms = answer.ends_at_ms.map(|end| end + 30_000),
        _ => answer.seq = answer.seq.map(|seq| seq + 1),
    }
}

fn lie_in_read(seen: &mut Seen, which: u64) {
    match which {
        0 => seen.price = Some(Some(seen.price.flatten().unwrap_or(0) + 1_000_000)),
        1 => seen.ends_at_ms = seen.ends_at_ms.map(|end| end + 1),
        _ => seen.bid_count = Some(1_000_000),
    }
}

#[test]
fn a_seller_may_close_early() {
    let mut story = Story::new(terms());
    story.act(START_MS, bid("ann", 100, None));
    story.act(START_MS + 1, Act::Close { by: By::Seller });
    story.read();
    accept(&story.finish());
}
