//! Sellers and the administrator: they pause, extend, retract, bid where they must not, and close.

use std::sync::atomic::Ordering;
use std::time::Duration;

use platform::testing::Dice;
use platform::testing::checker::{Act, Ask, By, Got};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::arena::{Account, Arena, Lot, count, locked};
use crate::words;

/// Interferes until the arena is over. Of the auctions that have no end in sight, those after the first eight are closed
/// once `target` is near.
pub async fn interfere(arena: &Arena, seed: u64, target: u64, every: Duration) {
    let mut dice = Dice::new(seed);
    while !arena.has_ended() {
        sleep(every).await;
        let open: Vec<&Lot> = arena
            .lots
            .iter()
            .filter(|lot| !lot.is_over.load(Ordering::Relaxed))
            .collect();
        if open.is_empty() {
            return;
        }
        let lot = open[dice.index(open.len())];
        count(&arena.counts.controls);
        match dice.below(10) {
            0..3 => pause_a_moment(arena, lot, &mut dice).await,
            3..5 => {
                let by_s = dice.between(1, 4);
                let act = Act::Extend { by_ms: by_s * 1000 };
                command(
                    arena,
                    lot,
                    &lot.seller,
                    act,
                    "extend",
                    &json!({ "seconds": by_s }),
                    &mut dice,
                )
                .await;
            }
            5..8 => retract(arena, lot, &mut dice).await,
            _ => own_bid(arena, lot, &mut dice).await,
        }
        let sent = arena.counts.sent.load(Ordering::Relaxed);
        if sent * 100 > target * 85 && open.len() > 8 {
            close(arena, open[open.len() - 1], &mut dice).await;
        }
    }
}

/// Ends an auction in one of the ways that people have.
pub async fn close(arena: &Arena, lot: &Lot, dice: &mut Dice) -> Got {
    let none = json!({});
    match dice.below(8) {
        0 => {
            let reason = json!({ "reason": "It broke." });
            command(
                arena,
                lot,
                &arena.admin,
                Act::Withdraw { by: By::Admin },
                "withdraw",
                &reason,
                dice,
            )
            .await
        }
        1 => {
            command(
                arena,
                lot,
                &arena.admin,
                Act::Close { by: By::Admin },
                "close",
                &none,
                dice,
            )
            .await
        }
        _ => {
            command(
                arena,
                lot,
                &lot.seller,
                Act::Close { by: By::Seller },
                "close",
                &none,
                dice,
            )
            .await
        }
    }
}

/// Lets a paused auction go on.
pub async fn resume(arena: &Arena, lot: &Lot, dice: &mut Dice) -> Got {
    command(arena, lot, &lot.seller, Act::Resume, "resume", &json!({}), dice).await
}

async fn pause_a_moment(arena: &Arena, lot: &Lot, dice: &mut Dice) {
    command(arena, lot, &lot.seller, Act::Pause, "pause", &json!({}), dice).await;
    sleep(Duration::from_millis(dice.below(500))).await;
    // Whether the pause was carried out may be unknown; a resume that is answered settles it.
    for _ in 0..100 {
        if matches!(resume(arena, lot, dice).await, Got::Answer(_)) {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
}

async fn retract(arena: &Arena, lot: &Lot, dice: &mut Dice) {
    let chosen = {
        let led = locked(&lot.led);
        // Mostly a recent one: that changes the price.
        let recent = led.len().saturating_sub(5);
        (!led.is_empty()).then(|| led[recent + dice.index(led.len() - recent)].clone())
    };
    if let Some((bid, id)) = chosen {
        let what = format!("bids/{id}/retract");
        let reason = json!({ "reason": "A slip of the finger." });
        command(arena, lot, &arena.admin, Act::Retract { bid }, &what, &reason, dice).await;
    }
}

async fn own_bid(arena: &Arena, lot: &Lot, dice: &mut Dice) {
    let amount = lot.price.load(Ordering::Relaxed) + dice.between(100, 100_000);
    let act = Act::Bid {
        bidder: lot.seller.id.clone(),
        amount,
        max_amount: None,
        is_confirmed: true,
    };
    let body = json!({ "auction_id": lot.id, "amount": words::dollars(amount), "confirm": true });
    let url = format!("{}/api/bids", arena.base(dice));
    let reply = arena.client.post(&url, Some(&lot.seller.token), None, &body);
    arena.exchange(lot, None, Ask::Do(act), reply).await;
}

async fn command(arena: &Arena, lot: &Lot, who: &Account, act: Act, what: &str, body: &Value, dice: &mut Dice) -> Got {
    let url = format!("{}/api/auctions/{}/{what}", arena.base(dice), lot.id);
    let reply = arena.client.post(&url, Some(&who.token), None, body);
    arena.exchange(lot, None, Ask::Do(act), reply).await
}
