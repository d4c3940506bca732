//! When bids are taken, and what moves the end.

use super::*;
use Reason::*;
use Verdict::*;

#[test]
fn a_bid_at_the_end_is_too_late_and_leaves_no_trace() {
    let judged = run(
        &terms(),
        [
            at(END_MS - 1, bid("ann", 100, None)),
            at(END_MS + 30_000, bid("bob", 110, None)),
            at(END_MS + 29_999, bid("cid", 110, None)),
        ],
    );
    assert_eq!(verdicts(&judged), [Leading, Rejected(Closed), Leading]);
    assert_eq!(judged.entries.len(), 2);
    assert_eq!(judged.answers[1].seq, None);
}

#[test]
fn a_late_bid_extends_the_end_five_times() {
    let mut end = END_MS;
    let mut commands = Vec::new();
    for round in 0..7 {
        commands.push(at(
            end - 29_999,
            bid(if round % 2 == 0 { "ann" } else { "bob" }, 100 + 10 * round, None),
        ));
        end += if round < 5 { 30_000 } else { 0 };
    }
    let judged = run(&terms(), commands);
    assert_eq!(judged.lot.ends_at_ms, END_MS + 150_000);
    assert_eq!(judged.lot.anti_snipe_count, 5);
    let extensions: Vec<_> = judged.answers.iter().map(|answer| answer.late_extension_ms).collect();
    assert_eq!(extensions, [30_000, 30_000, 30_000, 30_000, 30_000, 0, 0]);
    assert!(judged.answers.iter().all(|answer| answer.verdict == Leading));
    assert_eq!(judged.effects.len(), 5);
}

#[test]
fn the_window_itself_does_not_extend() {
    let judged = run(&terms(), [at(END_MS - 30_000, bid("ann", 100, None))]);
    assert_eq!(judged.lot.ends_at_ms, END_MS);
    let off = Terms {
        anti_snipe: AntiSnipe {
            window_ms: 0,
            ..AntiSnipe::DEFAULT
        },
        ..terms()
    };
    let judged = run(&off, [at(END_MS - 1, bid("ann", 100, None))]);
    assert_eq!(judged.lot.ends_at_ms, END_MS);
}

#[test]
fn only_a_change_of_leader_or_price_extends() {
    let terms = Terms {
        reserve: Some(500),
        ..terms()
    };
    let late = END_MS - 1_000;
    let judged = run(
        &terms,
        [
            at(0, bid("ann", 100, None)),
            at(late, bid("bob", 100, None)),
            at(late, bid("bob", 105, None)),
            at(late, bid("seller", 200, None)),
            at(late, bid("ann", 100, Some(300))),
            at(late, bid("ann", 100, Some(600))),
        ],
    );
    assert_eq!(judged.lot.ends_at_ms, END_MS, "{:?}", verdicts(&judged));
    assert_eq!(judged.lot.price, Some(500));
    for extending in [bid("ann", 510, None), bid("bob", 510, None), bid("bob", 700, None)] {
        let judged = judge(&terms, judged.lot.clone(), &[], vec![at(late, extending)]);
        assert_eq!(judged.lot.ends_at_ms, END_MS + 30_000);
    }
}

#[test]
fn a_pause_freezes_the_remaining_time() {
    let judged = run(
        &terms(),
        [
            at(400_000, Command::Pause { by: seller() }),
            at(400_001, bid("ann", 100, None)),
            at(400_002, Command::Pause { by: seller() }),
            at(END_MS + 5, Command::Close { by: By::System }),
            at(2_000_000, Command::Resume { by: seller() }),
            at(2_000_001, Command::Resume { by: seller() }),
            at(2_599_999, bid("ann", 100, None)),
        ],
    );
    assert_eq!(
        verdicts(&judged),
        [
            Done,
            Rejected(Paused),
            Rejected(Paused),
            Rejected(NotDue),
            Done,
            Rejected(NotPaused),
            Leading
        ]
    );
    assert_eq!(judged.lot.ends_at_ms, 2_600_000 + 30_000);
    assert_eq!(judged.effects[..2], [Effect::Paused, Effect::Resumed]);
}

#[test]
fn the_seller_extends_a_running_and_a_paused_auction() {
    let extend = |by_ms| Command::Extend { by: seller(), by_ms };
    let judged = run(
        &terms(),
        [
            at(0, extend(60_000)),
            at(500_000, Command::Pause { by: seller() }),
            at(600_000, extend(40_000)),
            at(700_000, Command::Resume { by: seller() }),
            at(700_000, extend(0)),
            at(700_000, extend(i64::MAX)),
        ],
    );
    assert_eq!(judged.lot.ends_at_ms, 700_000 + 560_000 + 40_000);
    assert_eq!(judged.lot.anti_snipe_count, 0);
    assert_eq!(verdicts(&judged)[4..], [Rejected(BadExtension), Rejected(BadExtension)]);
}

#[test]
fn a_scheduled_auction_begins_by_itself_at_its_start() {
    let terms = Terms {
        starts_at_ms: Some(500_000),
        ..terms()
    };
    let judged = run(
        &terms,
        [
            at(499_999, bid("ann", 100, None)),
            at(499_999, Command::Open),
            at(499_999, Command::Pause { by: seller() }),
            at(500_000, bid("ann", 100, None)),
            at(500_001, Command::Open),
        ],
    );
    assert_eq!(
        verdicts(&judged),
        [
            Rejected(NotStarted),
            Rejected(NotDue),
            Rejected(NotStarted),
            Leading,
            Rejected(NotDue)
        ]
    );
    assert_eq!(judged.effects, [Effect::Opened]);
    let opened = run(&terms, [at(500_000, Command::Open)]);
    assert_eq!((opened.lot.phase, opened.effects), (Phase::Open, vec![Effect::Opened]));
}

#[test]
fn a_clock_that_jumps_back_never_reorders() {
    let judged = run(
        &terms(),
        [at(5_000, bid("ann", 100, None)), at(-80_000_000, bid("bob", 110, None))],
    );
    let times: Vec<_> = judged.entries.iter().map(|entry| entry.at_ms).collect();
    assert_eq!(times, [5_000, 5_000]);
}
