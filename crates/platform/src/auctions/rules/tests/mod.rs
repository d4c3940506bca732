//! The rules as tables, and as properties of random auctions.

mod clock;
mod commands;
mod properties;
mod proxy;

use super::*;
use crate::Currency;

/// Where the auctions of these tests end.
const END_MS: i64 = 1_000_000;

fn terms() -> Terms {
    Terms {
        auction_id: "auction".into(),
        seller_id: "seller".into(),
        currency: Currency::new("USD").unwrap(),
        starting_bid: 100,
        increment: 10,
        reserve: None,
        buy_now: None,
        is_proxy_allowed: true,
        anti_snipe: AntiSnipe::DEFAULT,
        starts_at_ms: None,
        scheduled_end_ms: END_MS,
    }
}

fn bid(bidder: &str, amount: i64, max_amount: Option<i64>) -> Command {
    Command::Bid(Bid {
        bidder: bidder.into(),
        amount,
        max_amount,
        is_confirmed: true,
    })
}

fn at(at_ms: i64, command: Command) -> Stamped {
    Stamped { at_ms, command }
}

fn seller() -> By {
    By::Seller("seller".into())
}

fn admin() -> By {
    By::Admin("admin".into())
}

/// Judges `commands` one batch each and checks that the history verifies.
fn run(terms: &Terms, commands: impl IntoIterator<Item = Stamped>) -> Judged {
    let mut whole = judge(terms, Lot::new(terms), &[], Vec::new());
    for command in commands {
        let past = past(&whole.entries);
        let step = judge(terms, whole.lot, &past, vec![command]);
        whole.lot = step.lot;
        whole.entries.extend(step.entries);
        whole.answers.extend(step.answers);
        whole.effects.extend(step.effects);
    }
    assert_eq!(verify(terms, &whole.entries), Ok(whole.lot.clone()));
    whole
}

/// The accepted bids of a history that were not retracted.
fn past(entries: &[Entry]) -> Vec<PastBid> {
    let struck = |seq| {
        entries.iter().any(|entry| {
            matches!(&entry.command, Command::Retract { seq: of, .. } if *of == seq && entry.verdict == Verdict::Done)
        })
    };
    let bids = entries.iter().filter_map(Entry::accepted_bid);
    bids.filter(|bid| !struck(bid.seq)).collect()
}

fn verdicts(judged: &Judged) -> Vec<Verdict> {
    judged.answers.iter().map(|answer| answer.verdict).collect()
}
