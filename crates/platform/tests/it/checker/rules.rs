//! The model's own table: each line is a command and what the auction is after it.

use platform::testing::checker::model::Model;
use platform::testing::checker::{Act, By, Phase, Refusal, Terms, Verdict};

use super::story::{START_MS, bid, close, terms};

const DONE: Verdict = Verdict::Done;
const BEATEN: Verdict = Verdict::Beaten;

fn refused(refusal: Refusal) -> Verdict {
    Verdict::Refused(refusal)
}

/// Each line: seconds since the start, the command, its verdict, and then price, leader and seconds to the end.
type Line = (i64, Act, Verdict, Option<i64>, &'static str, i64);

fn play(terms: Terms, lines: Vec<Line>) -> Model {
    let mut model = Model::new(&terms);
    for (seq, (second, act, verdict, price, leader, ends)) in (1..).zip(lines) {
        let found = model.step(seq, START_MS + second * 1000, &act);
        let state = model.state();
        let facts = (
            state.price,
            state.leader.as_deref().unwrap_or("-"),
            (state.ends_at_ms - START_MS) / 1000,
        );
        assert_eq!((found, facts), (verdict, (price, leader, ends)), "line {seq}: {act}");
    }
    model
}

#[test]
fn bids_and_maxima() {
    let lines = vec![
        (1, bid("ann", 99, None), refused(Refusal::TooLow), None, "-", 600),
        (
            1,
            bid("seller", 100, None),
            refused(Refusal::OwnAuction),
            None,
            "-",
            600,
        ),
        (1, bid("ann", 501, None), refused(Refusal::NotConfirmed), None, "-", 600),
        (1, bid("ann", 100, None), DONE, Some(100), "ann", 600),
        (
            2,
            bid("bob", 100, None),
            refused(Refusal::Outbid),
            Some(100),
            "ann",
            600,
        ),
        (
            2,
            bid("bob", 109, None),
            refused(Refusal::TooLow),
            Some(100),
            "ann",
            600,
        ),
        (2, bid("bob", 150, Some(300)), DONE, Some(150), "bob", 600),
        (3, bid("ann", 200, None), BEATEN, Some(210), "bob", 600),
        (3, bid("ann", 295, None), BEATEN, Some(300), "bob", 600),
        (4, bid("cat", 310, Some(400)), DONE, Some(310), "cat", 600),
        (5, bid("dan", 320, Some(400)), BEATEN, Some(400), "cat", 600),
        (6, bid("cat", 400, Some(500)), DONE, Some(400), "cat", 600),
        (
            6,
            bid("cat", 400, Some(500)),
            refused(Refusal::TooLow),
            Some(400),
            "cat",
            600,
        ),
        (7, bid("dan", 410, Some(505)), DONE, Some(505), "dan", 600),
        (8, bid("dan", 515, None), DONE, Some(515), "dan", 600),
        (
            600,
            bid("ann", 600, None),
            refused(Refusal::Ended),
            Some(515),
            "dan",
            600,
        ),
        (600, close(), DONE, Some(515), "dan", 600),
        (601, close(), refused(Refusal::Ended), Some(515), "dan", 600),
    ];
    assert_eq!(play(terms(), lines).state().phase, Phase::Sold);
}

#[test]
fn late_bids_that_move_something_extend_five_times() {
    let lines = vec![
        (570, bid("ann", 100, None), DONE, Some(100), "ann", 600),
        (
            571,
            bid("bob", 100, None),
            refused(Refusal::Outbid),
            Some(100),
            "ann",
            600,
        ),
        (571, bid("ann", 100, Some(200)), DONE, Some(100), "ann", 600),
        (571, bid("bob", 110, None), BEATEN, Some(120), "ann", 630),
        (629, bid("bob", 210, None), DONE, Some(210), "bob", 660),
        (659, bid("ann", 220, None), DONE, Some(220), "ann", 690),
        (689, bid("bob", 230, None), DONE, Some(230), "bob", 720),
        (719, bid("ann", 240, None), DONE, Some(240), "ann", 750),
        (749, bid("bob", 250, None), DONE, Some(250), "bob", 750),
        (749, close(), refused(Refusal::NotNow), Some(250), "bob", 750),
        (751, close(), DONE, Some(250), "bob", 750),
    ];
    play(terms(), lines);
}

#[test]
fn reserve_and_buy_now() {
    let with_reserve = Terms {
        reserve: Some(300),
        buy_now: Some(900),
        ..terms()
    };
    let lines = vec![
        (1, bid("ann", 100, Some(299)), DONE, Some(100), "ann", 600),
        (
            2,
            Act::BuyNow { buyer: "bob".into() },
            refused(Refusal::NotNow),
            Some(100),
            "ann",
            600,
        ),
        (3, Act::Close { by: By::Seller }, DONE, Some(100), "ann", 600),
    ];
    assert_eq!(play(with_reserve.clone(), lines).state().phase, Phase::Unsold);
    let lines = vec![
        (1, bid("ann", 100, Some(299)), DONE, Some(100), "ann", 600),
        (2, bid("ann", 100, Some(300)), DONE, Some(300), "ann", 600),
        (600, close(), DONE, Some(300), "ann", 600),
    ];
    assert_eq!(play(with_reserve.clone(), lines).state().phase, Phase::Sold);
    let lines = vec![
        (
            1,
            Act::BuyNow { buyer: "seller".into() },
            refused(Refusal::OwnAuction),
            None,
            "-",
            600,
        ),
        (1, Act::BuyNow { buyer: "bob".into() }, DONE, Some(900), "bob", 600),
        (2, bid("ann", 950, None), refused(Refusal::Ended), Some(900), "bob", 600),
    ];
    assert_eq!(play(with_reserve, lines).state().phase, Phase::Sold);
}

#[test]
fn the_clock_stands_while_paused() {
    let lines = vec![
        (100, Act::Pause, DONE, None, "-", 600),
        (200, bid("ann", 100, None), refused(Refusal::Paused), None, "-", 600),
        (300, Act::Pause, refused(Refusal::Paused), None, "-", 600),
        (700, Act::Resume, DONE, None, "-", 1200),
        (701, Act::Extend { by_ms: 60_000 }, DONE, None, "-", 1260),
        (702, bid("ann", 100, None), DONE, Some(100), "ann", 1260),
        (
            703,
            Act::Withdraw { by: By::Seller },
            refused(Refusal::NotNow),
            Some(100),
            "ann",
            1260,
        ),
        (704, Act::Withdraw { by: By::Admin }, DONE, Some(100), "ann", 1260),
    ];
    assert_eq!(play(terms(), lines).state().phase, Phase::Withdrawn);
}

#[test]
fn a_retracted_bid_was_never_made_but_for_the_clock() {
    let lines = vec![
        (1, bid("ann", 100, None), DONE, Some(100), "ann", 600),
        (2, bid("bob", 110, Some(200)), DONE, Some(110), "bob", 600),
        (580, bid("ann", 150, None), BEATEN, Some(160), "bob", 630),
        (581, Act::Retract { bid: 2 }, DONE, Some(150), "ann", 630),
        (
            582,
            Act::Retract { bid: 2 },
            refused(Refusal::NotNow),
            Some(150),
            "ann",
            630,
        ),
        (583, bid("bob", 160, None), DONE, Some(160), "bob", 630),
    ];
    assert_eq!(play(terms(), lines).state().bid_count, 3);
}

#[test]
fn nothing_happens_before_the_start() {
    let scheduled = Terms {
        starts_at_ms: Some(START_MS + 60_000),
        ..terms()
    };
    let lines = vec![
        (59, bid("ann", 100, None), refused(Refusal::NotStarted), None, "-", 600),
        (59, Act::Open, refused(Refusal::NotNow), None, "-", 600),
        (60, Act::Open, DONE, None, "-", 600),
        (61, bid("ann", 100, None), DONE, Some(100), "ann", 600),
    ];
    play(scheduled, lines);
}
