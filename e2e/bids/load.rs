//! Bidders: each sends one bid after the other, sends again what got no answer, and reads now and then.

use std::sync::atomic::Ordering;
use std::time::Duration;

use platform::testing::Dice;
use platform::testing::checker::{Act, Ask, Got, Verdict};
use serde_json::json;
use tokio::time::sleep;

use crate::arena::{Arena, Lot, count};
use crate::words;

/// A bid is sent at most so often.
const SENDINGS_MAX: u32 = 8;
/// Auctions that most bids go to.
const HOT: usize = 4;

/// Bids until `target` bids were sent by all together, or the arena is over.
pub async fn bid(arena: &Arena, number: u64, seed: u64, target: u64) {
    let mut dice = Dice::new(seed ^ number.wrapping_mul(0x9e37_79b9));
    while !arena.has_ended() {
        let Some(lot) = choose(arena, &mut dice) else { return };
        if dice.once_in(12) {
            read(arena, lot, &mut dice).await;
            continue;
        }
        let order = count(&arena.counts.sent);
        if order >= target {
            arena.counts.sent.fetch_sub(1, Ordering::Relaxed);
            return;
        }
        one_bid(arena, lot, &format!("bid-{order}"), &mut dice).await;
    }
}

fn choose<'a>(arena: &'a Arena, dice: &mut Dice) -> Option<&'a Lot> {
    let open: Vec<&Lot> = arena
        .lots
        .iter()
        .filter(|lot| !lot.is_over.load(Ordering::Relaxed))
        .collect();
    if open.is_empty() {
        return None;
    }
    let among = if dice.once_in(3) {
        open.len().min(HOT)
    } else {
        open.len()
    };
    Some(open[dice.index(among)])
}

async fn one_bid(arena: &Arena, lot: &Lot, key: &str, dice: &mut Dice) {
    let (bidder, amount, max_amount) = loop {
        let bidder = dice.index(arena.bidders.len());
        let amount = lot.price.load(Ordering::Relaxed) + dice.between(80, 600);
        if arena.is_new(lot, bidder, amount) {
            break (bidder, amount, dice.once_in(4).then(|| amount + dice.between(0, 2_000)));
        }
    };
    let account = &arena.bidders[bidder];
    let mut body = json!({ "auction_id": lot.id, "amount": words::dollars(amount) });
    if let Some(max) = max_amount {
        body["max_amount"] = words::dollars(max);
    }
    let act = Act::Bid {
        bidder: account.id.clone(),
        amount,
        max_amount,
        is_confirmed: false,
    };
    let mut is_answered = false;
    for _ in 0..SENDINGS_MAX {
        let url = format!("{}/api/bids", arena.base(dice));
        let reply = arena.client.post(&url, Some(&account.token), Some(key), &body);
        let got = arena.exchange(lot, Some(key), Ask::Do(act.clone()), reply).await;
        // Some send an answered bid again, and some never learn what became of theirs.
        let (is_enough, pause_ms) = match &got {
            Got::Answer(answer) => {
                tell(arena, answer.verdict, &mut is_answered);
                (!dice.once_in(50), 0)
            }
            Got::Unknown => {
                count(&arena.counts.unknown);
                (dice.once_in(6), 100)
            }
            Got::Failed | Got::Seen(_) => {
                count(&arena.counts.failed);
                (false, 100)
            }
        };
        if is_enough {
            return;
        }
        sleep(Duration::from_millis(pause_ms + dice.below(pause_ms + 1))).await;
    }
}

fn tell(arena: &Arena, verdict: Verdict, is_answered: &mut bool) {
    let counts = &arena.counts;
    if std::mem::replace(is_answered, true) {
        count(&counts.repeated);
        return;
    }
    count(&counts.acknowledged);
    count(match verdict {
        Verdict::Done => &counts.led,
        _ => &counts.refused,
    });
}

async fn read(arena: &Arena, lot: &Lot, dice: &mut Dice) {
    count(&arena.counts.reads);
    let url = format!("{}/api/auctions/{}", arena.base(dice), lot.id);
    let reply = arena.client.get(&url, None);
    arena.exchange(lot, None, Ask::Read, reply).await;
}
