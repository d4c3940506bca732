//! Ending, buying, withdrawing, retracting.

use super::*;
use crate::auctions::EndReason;
use Reason::*;
use Verdict::*;

fn ended(judged: &Judged) -> (Phase, i64, EndReason, Option<(&str, i64)>) {
    let end = judged.lot.ended.as_ref().unwrap();
    let winner = end.winner.as_ref().map(|winner| (&*winner.bidder, winner.price));
    (judged.lot.phase, end.at_ms, end.reason, winner)
}

#[test]
fn an_auction_ends_once_by_its_deadline_or_by_somebody() {
    let close = |by| Command::Close { by };
    for (at_ms, by, outcome) in [
        (
            END_MS,
            By::System,
            (Phase::Sold, END_MS, EndReason::Time, Some(("ann", 100))),
        ),
        (
            9 * END_MS,
            By::System,
            (Phase::Sold, END_MS, EndReason::Time, Some(("ann", 100))),
        ),
        (
            9 * END_MS,
            seller(),
            (Phase::Sold, END_MS, EndReason::Time, Some(("ann", 100))),
        ),
        (500, seller(), (Phase::Sold, 500, EndReason::Host, Some(("ann", 100)))),
        (500, admin(), (Phase::Sold, 500, EndReason::Admin, Some(("ann", 100)))),
    ] {
        let judged = run(
            &terms(),
            [
                at(0, bid("ann", 100, Some(400))),
                at(at_ms, close(by)),
                at(1, close(seller())),
                at(1, bid("bob", 500, None)),
                at(1, Command::Extend { by: seller(), by_ms: 1 }),
            ],
        );
        assert_eq!(ended(&judged), outcome);
        assert_eq!(verdicts(&judged)[2..], [Rejected(Closed); 3]);
        assert_eq!(judged.entries.len(), 2);
    }
    let early = run(&terms(), [at(END_MS - 1, close(By::System))]);
    assert_eq!((verdicts(&early), early.entries.len()), (vec![Rejected(NotDue)], 0));
}

#[test]
fn without_a_bid_or_below_the_reserve_nobody_wins() {
    let close = || at(END_MS, Command::Close { by: By::System });
    let unsold = (Phase::Unsold, END_MS, EndReason::Time, None);
    assert_eq!(ended(&run(&terms(), [close()])), unsold);
    let terms = Terms {
        reserve: Some(300),
        ..terms()
    };
    assert_eq!(
        ended(&run(&terms, [at(0, bid("ann", 100, Some(299))), close()])),
        unsold
    );
    let sold = (Phase::Sold, END_MS, EndReason::Time, Some(("ann", 300)));
    assert_eq!(ended(&run(&terms, [at(0, bid("ann", 100, Some(300))), close()])), sold);
}

#[test]
fn buy_now_ends_it_until_somebody_bids() {
    let terms = Terms {
        buy_now: Some(900),
        ..terms()
    };
    let buy = |buyer: &str| at(50, Command::BuyNow { buyer: buyer.into() });
    let bought = run(&terms, [buy("seller"), buy("ann"), buy("bob")]);
    assert_eq!(verdicts(&bought), [Rejected(Seller), Done, Rejected(Closed)]);
    assert_eq!(ended(&bought), (Phase::Sold, 50, EndReason::BuyNow, Some(("ann", 900))));
    let late = run(&terms, [at(0, bid("bob", 100, None)), buy("ann")]);
    assert_eq!(verdicts(&late), [Leading, Rejected(NotOffered)]);
    let never = run(&super::terms(), [buy("ann")]);
    assert_eq!(verdicts(&never), [Rejected(NotOffered)]);
    let struck = Command::Retract {
        by: admin(),
        seq: 1,
        reason: "typing error".into(),
    };
    let again = run(&terms, [at(0, bid("bob", 100, None)), at(1, struck), buy("ann")]);
    assert_eq!(verdicts(&again), [Leading, Done, Done]);
}

#[test]
fn a_seller_withdraws_before_the_first_bid_and_an_admin_always() {
    let withdraw = |by| {
        at(
            10,
            Command::Withdraw {
                by,
                reason: "damaged".into(),
            },
        )
    };
    let outcome = (Phase::Withdrawn, 10, EndReason::Withdrawn, None);
    assert_eq!(ended(&run(&terms(), [withdraw(seller())])), outcome);
    let judged = run(
        &terms(),
        [at(0, bid("ann", 100, None)), withdraw(seller()), withdraw(admin())],
    );
    assert_eq!(verdicts(&judged), [Leading, Rejected(HasBids), Done]);
    assert_eq!(ended(&judged), outcome);
}

#[test]
fn a_retraction_recomputes_price_and_leader_and_leaves_the_clock() {
    let retract = |seq| Command::Retract {
        by: admin(),
        seq,
        reason: "wrong account".into(),
    };
    let late = END_MS - 10;
    let bids = [
        at(0, bid("ann", 100, Some(200))),
        at(0, bid("bob", 110, Some(300))),
        at(late, bid("cid", 400, None)),
    ];
    let step = |seq| run(&terms(), bids.clone().into_iter().chain([at(late, retract(seq))]));
    let facts = |judged: &Judged| {
        let leader = judged.lot.leader.as_ref().map(|leader| leader.bidder.to_string());
        (judged.lot.price, leader, judged.lot.bid_count)
    };
    assert_eq!(facts(&step(3)), (Some(210), Some("bob".into()), 2));
    assert_eq!(facts(&step(2)), (Some(400), Some("cid".into()), 2));
    assert_eq!(step(3).lot.ends_at_ms, END_MS + 30_000);
    assert_eq!(step(3).lot.top.len(), 2);
    let twice = run(
        &terms(),
        bids.clone()
            .into_iter()
            .chain([at(late, retract(3)), at(late, retract(3))]),
    );
    assert_eq!(verdicts(&twice)[3..], [Done, Rejected(UnknownBid)]);
    let all = run(
        &terms(),
        bids.into_iter().chain([1, 2, 3].map(|seq| at(late, retract(seq)))),
    );
    assert_eq!(facts(&all), (None, None, 0));
}

#[test]
fn a_retraction_finds_a_bid_of_its_own_batch() {
    let batch = vec![
        at(0, bid("ann", 100, None)),
        at(
            0,
            Command::Retract {
                by: admin(),
                seq: 1,
                reason: "x".into(),
            },
        ),
    ];
    let judged = judge(&terms(), Lot::new(&terms()), &[], batch);
    assert_eq!((judged.lot.price, judged.lot.bid_count), (None, 0));
}
