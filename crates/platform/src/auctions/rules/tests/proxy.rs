//! Who leads, and at what price.

use super::*;
use crate::money::MINOR_MAX;
use Reason::*;
use Verdict::*;

/// Bids as (bidder, amount, maximum, verdict, price, leader).
type Line = (&'static str, i64, Option<i64>, Verdict, i64, &'static str);

fn check(terms: &Terms, lines: &[Line]) -> Judged {
    let commands = lines
        .iter()
        .map(|(bidder, amount, max, ..)| at(1_000, bid(bidder, *amount, *max)));
    let judged = run(terms, commands);
    for ((line, answer), entry) in lines.iter().zip(&judged.answers).zip(&judged.entries) {
        assert_eq!(
            (answer.verdict, answer.price, entry.leader.as_deref()),
            (line.3, Some(line.4), Some(line.5)),
            "{line:?}"
        );
    }
    judged
}

#[test]
fn the_first_bid_sets_the_price_to_its_amount() {
    check(&terms(), &[("ann", 100, None, Leading, 100, "ann")]);
    check(&terms(), &[("ann", 120, Some(300), Leading, 120, "ann")]);
    let low = run(&terms(), [at(0, bid("ann", 99, Some(500)))]);
    assert_eq!(verdicts(&low), [Rejected(TooLow)]);
    assert_eq!((low.lot.price, low.lot.bid_count, low.lot.seq), (None, 0, 1));
}

#[test]
fn a_bid_is_outbid_at_the_price_and_too_low_below_the_next_minimum() {
    check(
        &terms(),
        &[
            ("ann", 100, None, Leading, 100, "ann"),
            ("bob", 90, None, Rejected(Outbid), 100, "ann"),
            ("bob", 100, None, Rejected(Outbid), 100, "ann"),
            ("bob", 109, None, Rejected(TooLow), 100, "ann"),
            ("bob", 110, None, Leading, 110, "bob"),
        ],
    );
}

#[test]
fn a_maximum_answers_for_its_bidder() {
    check(
        &terms(),
        &[
            ("ann", 100, Some(200), Leading, 100, "ann"),
            ("bob", 110, None, Beaten, 120, "ann"),
            ("bob", 130, Some(195), Beaten, 200, "ann"),
            ("cid", 210, None, Leading, 210, "cid"),
        ],
    );
}

#[test]
fn a_higher_maximum_leads_one_increment_above_the_other() {
    check(
        &terms(),
        &[
            ("ann", 100, Some(200), Leading, 100, "ann"),
            ("bob", 110, Some(300), Leading, 210, "bob"),
            ("ann", 220, Some(305), Leading, 305, "ann"),
        ],
    );
}

#[test]
fn of_two_equal_maxima_the_earlier_stays() {
    check(
        &terms(),
        &[
            ("ann", 100, Some(200), Leading, 100, "ann"),
            ("bob", 150, Some(200), Beaten, 200, "ann"),
            ("bob", 210, None, Leading, 210, "bob"),
        ],
    );
}

#[test]
fn the_leader_raises_in_view_or_in_secret() {
    let judged = check(
        &terms(),
        &[
            ("ann", 100, None, Leading, 100, "ann"),
            ("ann", 100, Some(300), Raised, 100, "ann"),
            ("ann", 100, Some(300), Rejected(TooLow), 100, "ann"),
            ("ann", 105, Some(400), Rejected(TooLow), 100, "ann"),
            ("ann", 120, None, Leading, 120, "ann"),
            ("bob", 290, None, Beaten, 300, "ann"),
        ],
    );
    assert_eq!(judged.answers[4].own_max, Some(300));
    assert_eq!(judged.answers[5].own_max, None);
}

#[test]
fn the_price_jumps_to_the_reserve_as_soon_as_a_maximum_reaches_it() {
    let terms = Terms {
        reserve: Some(250),
        ..terms()
    };
    let judged = check(
        &terms,
        &[
            ("ann", 100, Some(200), Leading, 100, "ann"),
            ("bob", 110, Some(240), Leading, 210, "bob"),
            ("bob", 110, Some(260), Raised, 250, "bob"),
        ],
    );
    assert_eq!(judged.lot.is_reserve_met(&terms), Some(true));
    assert_eq!(judged.lot.top[0].amount, 250);
}

#[test]
fn the_best_three_bidders_appear_once_each() {
    let judged = check(
        &terms(),
        &[
            ("ann", 100, None, Leading, 100, "ann"),
            ("bob", 110, None, Leading, 110, "bob"),
            ("cid", 120, None, Leading, 120, "cid"),
            ("dan", 130, Some(200), Leading, 130, "dan"),
            ("ann", 140, None, Beaten, 150, "dan"),
        ],
    );
    let top: Vec<_> = judged
        .lot
        .top
        .iter()
        .map(|standing| (&*standing.bidder, standing.amount))
        .collect();
    assert_eq!(top, [("dan", 150), ("ann", 140), ("cid", 120)]);
}

#[test]
fn slips_amounts_and_sellers_are_refused() {
    let unconfirmed = |bidder: &str, amount| {
        Command::Bid(Bid {
            bidder: bidder.into(),
            amount,
            max_amount: None,
            is_confirmed: false,
        })
    };
    let no_proxy = Terms {
        is_proxy_allowed: false,
        ..terms()
    };
    for (terms, command, verdict) in [
        (terms(), unconfirmed("ann", 500), Leading),
        (terms(), unconfirmed("ann", 501), Rejected(ConfirmationRequired)),
        (terms(), bid("ann", 501, None), Leading),
        (terms(), bid("seller", 100, None), Rejected(Seller)),
        (terms(), bid("ann", 0, None), Rejected(BadAmount)),
        (terms(), bid("ann", -5, None), Rejected(BadAmount)),
        (terms(), bid("ann", 200, Some(199)), Rejected(BadAmount)),
        (terms(), bid("ann", 200, Some(MINOR_MAX + 1)), Rejected(BadAmount)),
        (terms(), bid("ann", MINOR_MAX, None), Leading),
        (no_proxy.clone(), bid("ann", 100, Some(101)), Rejected(NoProxy)),
        (no_proxy, bid("ann", 100, Some(100)), Leading),
    ] {
        let judged = run(&terms, [at(0, command.clone())]);
        assert_eq!(verdicts(&judged), [verdict], "{command:?}");
        assert_eq!(judged.entries.len(), 1);
    }
}

#[test]
fn nobody_can_bid_beyond_the_largest_amount() {
    let judged = run(
        &terms(),
        [
            at(0, bid("ann", MINOR_MAX, None)),
            at(0, bid("bob", MINOR_MAX, None)),
            at(0, bid("ann", MINOR_MAX, Some(MINOR_MAX))),
        ],
    );
    assert_eq!(verdicts(&judged), [Leading, Rejected(Outbid), Rejected(TooLow)]);
    assert_eq!(judged.lot.price, Some(MINOR_MAX));
}
